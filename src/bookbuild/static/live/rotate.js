// Rotary positions that a reader can touch: move a query and a key along the text, and watch their score.
// It takes the place of the still figure that lessons.plots.rotary_figure drew, with the same vectors.

import { rotaryScore } from "./rotary.js";

const SVG = "http://www.w3.org/2000/svg";

function element(name, attributes, parent, namespace = null) {
  const made = namespace ? document.createElementNS(namespace, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

function slider(parent, label, max, value) {
  const row = element("label", { class: "live-slider" }, parent);
  const name = element("span", {}, row);
  name.textContent = label;
  const input = element("input", { type: "range", min: 0, max, step: 1 }, row);
  input.value = value;
  return input;
}

function start(figure) {
  const { query, key, frequency, positions, last } = JSON.parse(figure.dataset.figure);
  figure.replaceChildren();
  figure.classList.add("live");

  const drawing = element("svg", { viewBox: "-1.5 -1.3 3 2.6", role: "img", style: "--width: 22rem" }, figure, SVG);
  const shape = (name, attributes) => element(name, attributes, drawing, SVG);
  shape("circle", { r: 1, class: "live-circle" });
  const hands = ["live-query", "live-turned-key"].map((name) => shape("line", { x1: 0, y1: 0, class: name }));
  const names = ["query", "key"].map((text) => {
    const label = shape("text", { class: "live-label" });
    label.textContent = text;
    return label;
  });

  const controls = element("div", { class: "live-controls" }, figure);
  const inputs = ["Position of the query", "Position of the key"].map((label, i) =>
    slider(controls, label, last, positions[i]));
  const both = slider(controls, "Move both by", last, 0);
  const told = element("p", { class: "live-told", role: "status" }, controls);
  let moved = 0;

  function update() {
    const [i, j] = inputs.map((input) => Number(input.value));
    const found = rotaryScore(query, key, frequency, i, j);
    [found.query, found.key].forEach(([x, y], which) => {
      hands[which].setAttribute("x2", x);
      hands[which].setAttribute("y2", -y);
      const far = (which ? 1.18 : 1.28) / Math.hypot(x, y);
      names[which].setAttribute("x", x * far);
      names[which].setAttribute("y", -y * far + 0.05);
    });
    const text = `query at ${i}, key at ${j}, offset ${j - i}: score ${found.score.toFixed(2)}`;
    told.textContent = `${text[0].toUpperCase()}${text.slice(1)}.`;
    drawing.setAttribute("aria-label", `A turned query and key. With the ${text}.`);
  }

  // Moves as far as both sliders can, so that the offset stays what it is.
  function move() {
    const values = inputs.map((input) => Number(input.value) - moved);
    const step = Math.min(Number(both.value), last - Math.max(...values));
    inputs.forEach((input, i) => (input.value = values[i] + step));
    both.value = moved = step;
    update();
  }

  inputs.forEach((input) =>
    input.addEventListener("input", () => {
      both.value = moved = 0;
      update();
    }));
  both.addEventListener("input", move);
  update();
}

document.querySelectorAll('[data-live="rotate"]').forEach(start);
