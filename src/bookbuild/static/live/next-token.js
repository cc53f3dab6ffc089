// The next token that a reader can choose: move temperature, top-k and top-p, and watch what is left to draw from.
// It takes the place of the still figure that lessons.plots.next_token_figure drew, with the same logits.

import { softmax } from "./attention.js";
import { element, slider, SVG } from "./elements.js";
import { filtered } from "./sampling.js";

const ROW = 20; // all lengths are in the units of the drawing, which is as wide as a phone
const NAMES = 84;
const WIDTH = 360;
const LARGEST_K = 30; // the slider's next place, its last, switches top-k off

function start(figure) {
  const { tokens, logits, shown, settings } = JSON.parse(figure.dataset.figure);
  figure.replaceChildren();
  figure.classList.add("live");

  const others = tokens.length - shown;
  const names = [...tokens.slice(0, shown), `${others} others`];
  const gather = (shares) => [...shares.slice(0, shown), shares.slice(shown).reduce((a, b) => a + b, 0)];
  const model = gather(softmax(logits));

  const height = ROW * names.length;
  const box = { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", style: "--width: 30rem", class: "live-still" };
  const drawing = element("svg", box, figure, SVG);
  const shape = (name, attributes) => element(name, attributes, drawing, SVG);
  const rows = names.map((name, i) => {
    const y = i * ROW;
    shape("text", { x: NAMES - 6, y: y + 14, class: "live-text live-name" }).textContent = name;
    const bar = shape("rect", { x: NAMES, y: y + 3, height: ROW - 6, class: "live-bar" });
    const outline = shape("rect", { x: NAMES, y: y + 3, height: ROW - 6, class: "live-outline" });
    return { bar, outline, share: shape("text", { y: y + 14, class: "live-text" }) };
  });

  const controls = element("div", { class: "live-controls" }, figure);
  const temperature = slider(controls, "Temperature", { min: 0.1, max: 3, step: 0.05 });
  const k = slider(controls, "Top-k", { min: 1, max: LARGEST_K + 1, step: 1 });
  const p = slider(controls, "Top-p", { min: 0.01, max: 1, step: 0.01 });
  const told = element("p", { class: "live-told", role: "status" }, controls);

  function update() {
    const off = Number(k.input.value) > LARGEST_K;
    const chosen = {
      temperature: Number(temperature.input.value),
      k: off ? tokens.length : Number(k.input.value),
      p: Number(p.input.value),
    };
    temperature.say(chosen.temperature.toFixed(2));
    k.say(off ? "off" : String(chosen.k));
    p.say(chosen.p.toFixed(2));
    const all = filtered(logits, chosen);
    const shares = gather(all);
    const scale = (WIDTH - NAMES - 40) / Math.max(...shares, ...model);
    rows.forEach(({ bar, outline, share }, i) => {
      bar.setAttribute("width", shares[i] * scale);
      outline.setAttribute("width", model[i] * scale);
      share.setAttribute("x", NAMES + Math.max(shares[i], model[i]) * scale + 5);
      share.textContent = shares[i].toFixed(2);
    });
    const left = all.filter((share) => share > 0).length;
    const first = names.slice(0, Math.min(3, left)).map((name, i) => `${name} ${shares[i].toFixed(2)}`).join(", ");
    told.textContent = `${left} of ${tokens.length} tokens can be drawn: ${first}${left > 3 ? `, and ${left - 3} more` : ""}.`;
    const list = names.map((name, i) => `${name} ${shares[i].toFixed(2)} (${model[i].toFixed(2)})`).join(", ");
    drawing.setAttribute("aria-label", `Next token, filtered (the model): ${list}.`);
  }

  temperature.input.value = settings.temperature;
  k.input.value = Math.min(settings.k, LARGEST_K + 1);
  p.input.value = settings.p;
  for (const { input } of [temperature, k, p]) input.addEventListener("input", update);
  update();
}

document.querySelectorAll('[data-live="next-token"]').forEach(start);
