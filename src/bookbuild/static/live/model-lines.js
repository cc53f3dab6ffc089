// All heads of all layers at once, each small, and one of them open beside them. The small ones are the still that
// lessons.plots.model_lines drew; a press on one opens it, and so do the sliders.

import { element, slider, stepper } from "./elements.js";
import { headArcs } from "./head-map.js";
import { kit } from "./kit.js";
import { lookOf } from "./maps.js";

function start(figure) {
  const { weights, queries, keys, layer, head, model } = JSON.parse(figure.dataset.figure);
  const still = figure.querySelector("svg");
  figure.replaceChildren();
  figure.classList.add("live");

  const pair = element("div", { class: "live-pair" }, figure);
  element("div", {}, pair).append(still);
  const join = headArcs(element("div", {}, pair), (query) => from.set(from.at(queries.length + 1) === query + 1 ? 0 : query + 1));
  const controls = element("div", { class: "live-controls" }, figure);
  const layers = slider(controls, "Layer", { min: 0, max: weights.length - 1, step: 1 });
  const heads = slider(controls, "Head", { min: 0, max: weights[0].length - 1, step: 1 });
  const from = stepper(controls, "Lines from");
  const told = element("p", { class: "live-told", role: "status" }, controls);

  const panels = [...still.querySelectorAll('[id*="-panel-"]')].map((panel) => {
    const place = panel.id.split("-").slice(-2).map(Number);
    panel.classList.add("live-panel");
    panel.addEventListener("click", () => open(...place));
    return { panel, place };
  });

  const chosen = () => [Number(layers.input.value), Number(heads.input.value)];
  const mapOf = ([row, column]) => weights[row][column].map((line) => line.map((weight) => weight / 100));
  const nameOf = ([row, column]) => `${model}, layer ${row}, head ${column}`;

  /** Open the head of a panel: the sliders follow, for a link keeps what they say. */
  function open(row, column) {
    layers.input.value = row;
    heads.input.value = column;
    heads.input.dispatchEvent(new Event("input"));
  }

  function update() {
    const [place, map, query] = [chosen(), mapOf(chosen()), from.at(queries.length + 1) - 1];
    from.show(queries.length + 1, queries[query] ?? "all");
    layers.say(layers.input.value);
    heads.say(heads.input.value);
    for (const one of panels) one.panel.classList.toggle("live-open", one.place.join() === place.join());
    join({ maps: [map], queries, keys, name: nameOf(place) }, query < 0 ? null : query);
    told.textContent = `${nameOf(place)}.${query < 0 ? "" : ` ${lookOf(map[query], queries[query], keys)}`}`;
  }

  layers.input.value = layer;
  heads.input.value = head;
  for (const input of [layers.input, heads.input, from.kept]) input.addEventListener("input", update);
  update();
  kit(figure, { layer: layers.input, head: heads.input, from: from.kept }, {
    table: () => ({
      caption: `Weights of ${nameOf(chosen())}: a row for each query, a column for each key`,
      head: ["query", ...keys],
      rows: mapOf(chosen()).map((line, i) => [queries[i], ...line.map((weight) => weight.toFixed(2))]),
    }),
  });
}

document.querySelectorAll('[data-live="model-lines"]').forEach(start);
