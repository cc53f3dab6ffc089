// The soft lookup that a reader can touch: turn and stretch a query, and watch the weights and their mixture.
// It takes the place of the still figure that lessons.plots.soft_lookup_figure drew, with the same keys.

import { softLookup } from "./attention.js";
import { element, SVG } from "./elements.js";

const DRAWN = 0.25; // the query is drawn at a quarter of its length, as in the still figure
const LONGEST = 6;

function slider(parent, label, max, step) {
  const row = element("label", { class: "live-slider" }, parent);
  element("span", {}, row).textContent = label;
  return element("input", { type: "range", min: 0, max, step }, row);
}

function start(figure) {
  const { query, keys } = JSON.parse(figure.dataset.figure);
  figure.replaceChildren();
  figure.classList.add("live");

  const drawing = element("svg", { viewBox: "-1.7 -1.4 3.4 2.2", role: "img", style: "--width: 26rem" }, figure, SVG);
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
  const direction = slider(controls, "Direction of the query (degrees)", 360, 1);
  const length = slider(controls, "Length of the query", LONGEST, 0.05);
  const told = element("p", { class: "live-told", role: "status" }, controls);

  function update(vector) {
    direction.value = (360 + (Math.atan2(vector[1], vector[0]) * 180) / Math.PI) % 360;
    length.value = Math.hypot(...vector);
    const { mixed, weights } = softLookup(vector, keys, corners);
    weights.forEach((weight, i) => {
      discs[i].setAttribute("r", 0.03 + 0.14 * weight);
      labels[i].textContent = `key ${i + 1}: ${weight.toFixed(2)}`;
    });
    const [x, y] = [vector[0] * DRAWN, -vector[1] * DRAWN];
    arrow.setAttribute("x2", x);
    arrow.setAttribute("y2", y);
    tip.setAttribute("cx", x);
    tip.setAttribute("cy", y);
    answer.setAttribute("cx", mixed[0]);
    answer.setAttribute("cy", mixed[1]);
    const list = weights.map((weight, i) => `key ${i + 1} ${weight.toFixed(2)}`).join(", ");
    told.textContent = `Weights: ${list}.`;
    drawing.setAttribute("aria-label", `A query among three keys. Weights: ${list}.`);
  }

  function drag(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    const shrink = Math.min(1, LONGEST / (Math.hypot(at.x, at.y) / DRAWN || 1));
    update([(at.x / DRAWN) * shrink, (-at.y / DRAWN) * shrink]);
  }

  function slide() {
    const angle = (direction.value * Math.PI) / 180;
    update([Math.cos(angle) * length.value, Math.sin(angle) * length.value]);
  }

  drawing.addEventListener("pointerdown", (event) => {
    drawing.setPointerCapture(event.pointerId);
    drag(event);
  });
  drawing.addEventListener("pointermove", (event) => event.buttons && drag(event));
  direction.addEventListener("input", slide);
  length.addEventListener("input", slide);
  update(query);
}

document.querySelectorAll('[data-live="soft-lookup"]').forEach(start);
