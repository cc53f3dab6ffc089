// All heads of all layers at once, each small, and one of them open beside them. A press on a small one opens it, and so do
// the sliders, which the arrow keys move. It takes the place of the still that lessons.plots.model_lines drew, with the same
// weights, in hundredths. Where the model can run here, the reader can write another sentence.

import { element, slider, stepper } from "./elements.js";
import { headGrid } from "./head-grid.js";
import { headArcs } from "./head-map.js";
import { kit, startFigures } from "./kit.js";
import { fractions, lookOf } from "./maps.js";
import { sentenceField } from "./sentence-field.js";

function start(figure) {
  const { layer, head, model, reads, ...still } = JSON.parse(figure.dataset.figure);
  let read = { ...still, maps: fractions(still.weights) };
  figure.replaceChildren();
  figure.classList.add("live");

  const field = reads && sentenceField(figure, reads, (answer) => { read = answer; update(); changed(); });
  const count = () => read.queries.length + 1; // what lines may come from: all tokens, or one
  const pair = element("div", { class: "live-pair" }, figure);
  const draw = headGrid(element("div", {}, pair), open);
  const join = headArcs(element("div", {}, pair), (query) => from.set(from.at(count()) === query + 1 ? 0 : query + 1));
  const controls = element("div", { class: "live-controls" }, figure);
  const layers = slider(controls, "Layer", { min: 0, max: read.maps.length - 1, step: 1 });
  const heads = slider(controls, "Head", { min: 0, max: read.maps[0].length - 1, step: 1 });
  const from = stepper(controls, "Lines from");
  const told = element("p", { class: "live-told", role: "status" }, controls);

  const chosen = () => [Number(layers.input.value), Number(heads.input.value)];
  const mapOf = ([row, column]) => read.maps[row][column];
  const nameOf = ([row, column]) => `${model}, layer ${row}, head ${column}`;

  /** Open a head: the sliders follow, for a link keeps what they say. */
  function open(row, column) {
    layers.input.value = row;
    heads.input.value = column;
    heads.input.dispatchEvent(new Event("input"));
  }

  function update() {
    const { queries, keys, maps } = read;
    const [place, map, query] = [chosen(), mapOf(chosen()), from.at(count()) - 1];
    from.show(count(), queries[query] ?? "all");
    layers.say(layers.input.value);
    heads.say(heads.input.value);
    draw({ maps, name: model }, place);
    join({ maps: [map], queries, keys, name: nameOf(place) }, query < 0 ? null : query);
    told.textContent = `${nameOf(place)}.${query < 0 ? "" : ` ${lookOf(map[query], queries[query], keys)}`}`;
  }

  layers.input.value = layer;
  heads.input.value = head;
  for (const input of [layers.input, heads.input, from.kept]) input.addEventListener("input", update);
  update();
  const changed = kit(figure, { text: field?.input, layer: layers.input, head: heads.input, from: from.kept }, {
    table: () => ({
      caption: `Weights of ${nameOf(chosen())}: a row for each query, a column for each key`,
      head: ["query", ...read.keys],
      rows: mapOf(chosen()).map((line, i) => [read.queries[i], ...line.map((weight) => weight.toFixed(2))]),
    }),
  });
}

startFigures("model-lines", start);
