// All heads of a model on one sentence: choose a layer and a head, or the mean of a layer's heads, and see the map.
// It takes the place of the still map that lessons.plots.head_chooser drew, with the same weights, in hundredths. Where
// the model is one of the book's own, the reader can write another sentence, and the model reads it here.

import { checkbox, element, slider } from "./elements.js";
import { headMap } from "./head-map.js";
import { mean } from "./maps.js";
import { sentenceField } from "./sentence-field.js";

function start(figure) {
  const { weights, queries, keys, layer, head, model, reads, usual } = JSON.parse(figure.dataset.figure);
  figure.replaceChildren();
  figure.classList.add("live");
  let seen = { queries, keys, maps: weights.map((heads) => heads.map((map) => map.map((row) => row.map((w) => w / 100)))) };

  const field = reads && sentenceField(figure, reads, (answer) => { seen = answer; update(); });
  const show = headMap(figure);
  const controls = element("div", { class: "live-controls" }, figure);
  const layers = slider(controls, "Layer", { min: 0, max: weights.length - 1, step: 1 });
  const heads = slider(controls, "Head", { min: 0, max: weights[0].length, step: 1 });
  const silence = usual && checkbox(controls, "Silence this head: it writes what it writes on average");
  const told = element("p", { class: "live-told", role: "status" }, controls);

  /** Let the chosen head be silent, or none; what is silent changes what the model reads. */
  function choose() {
    const [row, column] = [Number(layers.input.value), Number(heads.input.value)];
    silence.disabled = column === usual[row].length;
    const silenced = silence.checked && !silence.disabled ? { layer: row, head: column, answer: usual[row][column] } : null;
    field.ask({ silenced });
  }

  function update() {
    const [row, column] = [Number(layers.input.value), Number(heads.input.value)];
    const all = column === seen.maps[row].length;
    layers.say(String(row));
    heads.say(all ? "mean" : String(column));
    const name = `${model}, layer ${row}, ${all ? "mean of the heads" : `head ${column}`}`;
    show({ ...seen, weights: all ? mean(seen.maps[row]) : seen.maps[row][column], name });
    told.textContent = `${name}.`;
  }

  layers.input.value = layer;
  heads.input.value = head;
  for (const { input } of [layers, heads]) input.addEventListener("input", update);
  if (usual) {
    silence.addEventListener("change", choose);
    for (const { input } of [layers, heads]) input.addEventListener("input", () => silence.checked && choose());
  }
  update();
}

document.querySelectorAll('[data-live="head-chooser"]').forEach(start);
