// All heads of a model on one sentence: choose a layer and a head, or the mean of a layer's heads, and see the map.
// It takes the place of the still map that lessons.plots.every_head drew, with the same weights, in hundredths.

import { element, slider, SVG } from "./elements.js";
import { mean, strongest } from "./maps.js";

const CELL = 22; // all lengths are in the units of the drawing
const LABEL = 7.2; // a character of a token

function start(figure) {
  const { weights, queries, keys, layer, head, model } = JSON.parse(figure.dataset.figure);
  figure.replaceChildren();
  figure.classList.add("live");

  const left = 12 + LABEL * Math.max(...queries.map((token) => token.length));
  const top = 12 + LABEL * Math.max(...keys.map((token) => token.length));
  const [width, height] = [left + CELL * keys.length, top + CELL * queries.length];
  const box = { viewBox: `0 0 ${width} ${height}`, role: "img", style: "--width: 26rem", class: "live-still" };
  const drawing = element("svg", box, figure, SVG);
  const shape = (name, attributes, parent = drawing) => element(name, attributes, parent, SVG);
  shape("text", { x: 2, y: top - 22, class: "live-text" }).textContent = "key →";
  shape("text", { x: 2, y: top - 6, class: "live-text" }).textContent = "query ↓";
  queries.forEach((token, i) => {
    const place = { x: left - 6, y: top + CELL * i + 15, class: "live-text live-name" };
    shape("text", place).textContent = token;
  });
  keys.forEach((token, j) => {
    const [x, y] = [left + CELL * j + 15, top - 6];
    shape("text", { x, y, class: "live-text", transform: `rotate(-90 ${x} ${y})` }).textContent = token;
  });
  const cells = queries.map((query, i) =>
    keys.map((key, j) => {
      const cell = shape("rect", { x: left + CELL * j, y: top + CELL * i, width: CELL, height: CELL, class: "live-cell" });
      return { cell, title: shape("title", {}, cell) };
    }));

  const controls = element("div", { class: "live-controls" }, figure);
  const layers = slider(controls, "Layer", { min: 0, max: weights.length - 1, step: 1 });
  const heads = slider(controls, "Head", { min: 0, max: weights[0].length, step: 1 });
  const told = element("p", { class: "live-told", role: "status" }, controls);

  function update() {
    const [row, column] = [Number(layers.input.value), Number(heads.input.value)];
    const all = column === weights[row].length;
    layers.say(String(row));
    heads.say(all ? "mean" : String(column));
    const map = all ? mean(weights[row]) : weights[row][column];
    cells.forEach((line, i) => line.forEach(({ cell, title }, j) => {
      cell.style.setProperty("--weight", `${Math.min(100, map[i][j])}%`);
      title.textContent = `${queries[i]} → ${keys[j]}: ${(map[i][j] / 100).toFixed(2)}`;
    }));
    const name = `${model}, layer ${row}, ${all ? "mean of the heads" : `head ${column}`}`;
    const peaks = strongest(map).map(([j, weight], i) => `${queries[i]} to ${keys[j]} ${(weight / 100).toFixed(2)}`);
    told.textContent = `${name}.`;
    drawing.setAttribute("aria-label", `Attention map, ${name}. Strongest key of each query: ${peaks.join(", ")}.`);
  }

  layers.input.value = layer;
  heads.input.value = head;
  for (const { input } of [layers, heads]) input.addEventListener("input", update);
  update();
}

document.querySelectorAll('[data-live="head-chooser"]').forEach(start);
