// The soft lookup that a reader can touch: turn and stretch a query, and watch the weights and their mixture.
// It takes the place of the still figure that lessons.plots.soft_lookup_figure drew, with the same keys.

import { softLookup } from "./attention.js";
import { element, slider, SVG } from "./elements.js";
import { kit, startFigures } from "./kit.js";

const DRAWN = 0.25; // the query is drawn at a quarter of its length, as in the still figure
const LONGEST = 6;

function start(figure) {
  const { query, keys } = JSON.parse(figure.dataset.figure);
  figure.replaceChildren();
  figure.classList.add("live");

  const box = { viewBox: "-1.7 -1.4 3.4 2.2", role: "img", style: "--width: 26rem", class: "live-drag" };
  const drawing = element("svg", box, figure, SVG);
  const shape = (name, attributes) => element(name, attributes, drawing, SVG);
  const corners = keys.map(([x, y]) => [x, -y]);
  shape("polygon", { points: corners.join(" "), class: "live-triangle" });
  const discs = corners.map(([cx, cy]) => shape("circle", { cx, cy, class: "live-key" }));
  const labels = corners.map(([x, y]) =>
    shape("text", { x: x * 1.25, y: y * 1.25 + 0.05, class: "live-label" }));
  const arrow = shape("line", { x1: 0, y1: 0, class: "live-query" });
  const tip = shape("circle", { r: 0.05, class: "live-tip" });
  const answer = shape("circle", { r: 0.07, class: "live-answer" });

  const controls = element("div", { class: "live-controls" }, figure);
  const direction = slider(controls, "Direction of the query", { min: 0, max: 360, step: 1 });
  const length = slider(controls, "Length of the query", { min: 0, max: LONGEST, step: 0.05 });
  const told = element("p", { class: "live-told", role: "status" }, controls);
  let seen = { mixed: [0, 0], weights: keys.map(() => 0) };

  /** Show a query; one of length 0 keeps its direction. */
  function show(angle, size) {
    const vector = [Math.cos(angle) * size, Math.sin(angle) * size];
    direction.input.value = (360 + (angle * 180) / Math.PI) % 360;
    length.input.value = size;
    direction.say(`${direction.input.value}°`);
    length.say(Number(length.input.value).toFixed(2));
    seen = softLookup(vector, keys, corners);
    seen.weights.forEach((weight, i) => {
      discs[i].setAttribute("r", 0.03 + 0.14 * weight);
      labels[i].textContent = `key ${i + 1}: ${weight.toFixed(2)}`;
    });
    const [x, y] = [vector[0] * DRAWN, -vector[1] * DRAWN];
    arrow.setAttribute("x2", x);
    arrow.setAttribute("y2", y);
    tip.setAttribute("cx", x);
    tip.setAttribute("cy", y);
    answer.setAttribute("cx", seen.mixed[0]);
    answer.setAttribute("cy", seen.mixed[1]);
    const list = seen.weights.map((weight, i) => `key ${i + 1} ${weight.toFixed(2)}`).join(", ");
    told.textContent = size === 0 ? `Weights: ${list}: a query of length 0 asks for nothing.` : `Weights: ${list}.`;
    drawing.setAttribute("aria-label", `A query among three keys. Weights: ${list}.`);
  }

  function drag(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    show(Math.atan2(-at.y, at.x), Math.min(LONGEST, Math.hypot(at.x, at.y) / DRAWN));
    changed();
  }

  drawing.addEventListener("pointerdown", (event) => {
    drawing.setPointerCapture(event.pointerId);
    drag(event);
  });
  drawing.addEventListener("pointermove", (event) => event.buttons && drag(event));
  for (const { input } of [direction, length]) {
    input.addEventListener("input", () => show((direction.input.value * Math.PI) / 180, Number(length.input.value)));
  }
  const first = () => show(Math.atan2(query[1], query[0]), Math.hypot(...query));
  first();
  const table = () => ({
    caption: "What the query reads",
    head: ["key", "at", "weight"],
    rows: keys.map((key, i) => [`key ${i + 1}`, `(${key.map((x) => x.toFixed(2)).join(", ")})`, seen.weights[i].toFixed(3)]),
  });
  const changed = kit(figure, { direction: direction.input, length: length.input }, { table, first });
}

startFigures("soft-lookup", start);
