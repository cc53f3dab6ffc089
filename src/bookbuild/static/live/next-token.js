// The next token that a reader can choose: move temperature, top-k and top-p, and watch what is left to draw from.
// It takes the place of the still figure that lessons.plots.next_token_figure drew, with the same logits. Where these are
// the book's decoder's, the reader can write another beginning, and let the text grow by drawing from what is left.

import { softmax } from "./attention.js";
import { element, slider, SVG } from "./elements.js";
import { kit, startFigures } from "./kit.js";
import { drawn, filtered } from "./sampling.js";
import { sentenceField } from "./sentence-field.js";

const ROW = 20; // all lengths are in the units of the drawing, which is as wide as a phone
const NAMES = 84;
const WIDTH = 360;
const LARGEST_K = 30; // the slider's next place, its last, switches top-k off

function start(figure) {
  const { tokens, logits, shown, settings, reads } = JSON.parse(figure.dataset.figure);
  figure.replaceChildren();
  figure.classList.add("live");

  let offer = { tokens, logits };
  let seen = []; // a row for each bar
  const field = reads && sentenceField(figure, reads, ({ next }) => {
    offer = { tokens: next.map(({ word }) => word), logits: next.map(({ logit }) => logit) };
    update();
    changed();
  });
  const gather = (shares) => [...shares.slice(0, shown), shares.slice(shown).reduce((a, b) => a + b, 0)];

  const height = ROW * (shown + 1);
  const box = { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", style: "--width: 30rem" };
  const drawing = element("svg", box, figure, SVG);
  const shape = (name, attributes) => element(name, attributes, drawing, SVG);
  const rows = Array.from({ length: shown + 1 }, (_, i) => {
    const y = i * ROW;
    const name = shape("text", { x: NAMES - 6, y: y + 14, class: "live-text live-name" });
    const bar = shape("rect", { x: NAMES, y: y + 3, height: ROW - 6, class: "live-bar" });
    const outline = shape("rect", { x: NAMES, y: y + 3, height: ROW - 6, class: "live-outline" });
    return { name, bar, outline, share: shape("text", { y: y + 14, class: "live-text" }) };
  });

  const controls = element("div", { class: "live-controls" }, figure);
  const temperature = slider(controls, "Temperature", { min: 0.1, max: 3, step: 0.05 });
  const k = slider(controls, "Top-k", { min: 1, max: LARGEST_K + 1, step: 1 });
  const p = slider(controls, "Top-p", { min: 0.01, max: 1, step: 0.01 });
  const told = element("p", { class: "live-told", role: "status" }, controls);

  function update() {
    const count = offer.tokens.length;
    const names = [...offer.tokens.slice(0, shown), `${count - shown} others`];
    const model = gather(softmax(offer.logits));
    const off = Number(k.input.value) > LARGEST_K;
    const chosen = {
      temperature: Number(temperature.input.value),
      k: off ? count : Number(k.input.value),
      p: Number(p.input.value),
    };
    temperature.say(chosen.temperature.toFixed(2));
    k.say(off ? "off" : String(chosen.k));
    p.say(chosen.p.toFixed(2));
    const all = filtered(offer.logits, chosen);
    const shares = gather(all);
    const scale = (WIDTH - NAMES - 40) / Math.max(...shares, ...model);
    rows.forEach(({ name, bar, outline, share }, i) => {
      name.textContent = names[i];
      bar.setAttribute("width", shares[i] * scale);
      outline.setAttribute("width", model[i] * scale);
      share.setAttribute("x", NAMES + Math.max(shares[i], model[i]) * scale + 5);
      share.textContent = shares[i].toFixed(2);
    });
    const left = all.filter((share) => share > 0).length;
    const first = names.slice(0, Math.min(3, left)).map((name, i) => `${name} ${shares[i].toFixed(2)}`).join(", ");
    told.textContent = `${left} of ${count} tokens can be drawn: ${first}${left > 3 ? `, and ${left - 3} more` : ""}.`;
    seen = names.map((name, i) => [name, model[i].toFixed(3), shares[i].toFixed(3)]);
    const list = names.map((name, i) => `${name} ${shares[i].toFixed(2)} (${model[i].toFixed(2)})`).join(", ");
    drawing.setAttribute("aria-label", `Next token, filtered (the model): ${list}.`);
    return all;
  }

  temperature.input.value = settings.temperature;
  k.input.value = Math.min(settings.k, LARGEST_K + 1);
  p.input.value = settings.p;
  for (const { input } of [temperature, k, p]) input.addEventListener("input", update);
  update();
  const changed = kit(
    figure,
    { text: field?.input, temperature: temperature.input, k: k.input, p: p.input },
    { table: () => ({ caption: "The next token", head: ["token", "the model", "after the filters"], rows: seen }) },
  );
  if (field) field.offer("Draw a token", () => offer.tokens[drawn(update(), Math.random())]);
}

startFigures("next-token", start);
