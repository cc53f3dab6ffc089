// Rotary positions that a reader can touch: move a query and a key along the text, and watch their score.
// It takes the place of the still figure that lessons.plots.rotary_figure drew, with the same vectors.

import { element, slider, SVG } from "./elements.js";
import { kit, startFigures } from "./kit.js";
import { namePlaces, rotaryScore } from "./rotary.js";

function start(figure) {
  const { query, key, frequency, positions, last } = JSON.parse(figure.dataset.figure);
  figure.replaceChildren();
  figure.classList.add("live");

  const drawing = element("svg", { viewBox: "-1.5 -1.4 3 2.8", role: "img", style: "--width: 22rem" }, figure, SVG);
  const shape = (name, attributes) => element(name, attributes, drawing, SVG);
  shape("circle", { r: 1, class: "live-circle" });
  const hands = ["live-query", "live-turned-key"].map((name) => shape("line", { x1: 0, y1: 0, class: name }));
  const names = ["query", "key"].map((text) => {
    const label = shape("text", { class: "live-label" });
    label.textContent = text;
    return label;
  });

  const controls = element("div", { class: "live-controls" }, figure);
  const limits = { min: 0, max: last, step: 1 };
  const sliders = ["Position of the query", "Position of the key"].map((label) => slider(controls, label, limits));
  const inputs = sliders.map(({ input }) => input);
  const both = slider(controls, "Move both by", limits);
  const told = element("p", { class: "live-told", role: "status" }, controls);
  let moved = 0;
  let found = null;

  function update() {
    const [i, j] = inputs.map((input) => Number(input.value));
    sliders.forEach(({ input, say }) => say(input.value));
    const end = Math.max(i, j) === last;
    both.say(String(moved));
    found = rotaryScore(query, key, frequency, i, j);
    namePlaces(found.query, found.key).forEach(([x, y], which) => {
      const [toX, toY] = which ? found.key : found.query;
      hands[which].setAttribute("x2", toX);
      hands[which].setAttribute("y2", -toY);
      names[which].setAttribute("x", x);
      names[which].setAttribute("y", 0.05 - y);
    });
    const text = `query at ${i}, key at ${j}, offset ${j - i}: score ${found.score.toFixed(2)}`;
    const stop = moved && end ? ` Both stop here: ${last} is the last position.` : "";
    told.textContent = `${text[0].toUpperCase()}${text.slice(1)}.${stop}`;
    drawing.setAttribute("aria-label", `A turned query and key. With the ${text}.`);
  }

  // Moves as far as both sliders can, so that the offset stays what it is.
  function move() {
    const values = inputs.map((input) => Number(input.value) - moved);
    const step = Math.min(Number(both.input.value), last - Math.max(...values));
    inputs.forEach((input, i) => (input.value = values[i] + step));
    both.input.value = moved = step;
    update();
  }

  inputs.forEach((input, i) => {
    input.value = positions[i];
    input.addEventListener("input", () => {
      both.input.value = moved = 0;
      update();
    });
  });
  both.input.value = 0;
  both.input.addEventListener("input", move);
  update();
  const table = () => ({
    caption: `The turned vectors, whose product is the score ${found.score.toFixed(3)}`,
    head: ["vector", "position", "first number", "second number"],
    rows: ["query", "key"].map((name, i) => [name, inputs[i].value, ...found[name].map((x) => x.toFixed(3))]),
  });
  const changed = kit(figure, { query: inputs[0], key: inputs[1] }, { table });
  both.input.addEventListener("input", changed);
}

startFigures("rotate", start);
