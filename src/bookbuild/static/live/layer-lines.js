// All heads of a layer on one sentence, as lines from the queries to the keys: choose the layer, the heads, and a token
// whose lines are seen alone. It takes the place of the still that lessons.plots.layer_lines drew, with the same weights,
// in hundredths. Where the model can run here, the reader can write another sentence.

import { button, checkbox, element, slider, stepper, SVG } from "./elements.js";
import { CURVES, headArcs } from "./head-map.js";
import { kit, startFigures } from "./kit.js";
import { fractions, lookOf } from "./maps.js";
import { sentenceField } from "./sentence-field.js";

function start(figure) {
  const { layer, model, reads, ...still } = JSON.parse(figure.dataset.figure);
  let read = { ...still, maps: fractions(still.weights) };
  figure.replaceChildren();
  figure.classList.add("live");

  const field = reads && sentenceField(figure, reads, (answer) => { read = answer; update(); changed(); });
  const count = () => read.queries.length + 1; // what lines may come from: all tokens, or one
  const join = headArcs(element("div", {}, figure), (query) => from.set(from.at(count()) === query + 1 ? 0 : query + 1));
  const group = element("fieldset", { class: "live-heads" }, figure); // in print it says which lines are whose
  const title = element("legend", {}, group);
  const boxes = read.maps[0].map((_, head) => {
    const box = checkbox(group, String(head));
    const sample = element("svg", { viewBox: "0 0 28 8", class: "live-sample live-arcs", "aria-hidden": "true" }, box.parentNode, SVG);
    element("path", { d: "M0 4H28", class: CURVES[head % CURVES.length], style: "--weight: 1" }, sample, SVG);
    box.checked = true;
    return box;
  });
  const [all, none] = [button(group, "All heads"), button(group, "No head")];
  const controls = element("div", { class: "live-controls" }, figure);
  const layers = slider(controls, "Layer", { min: 0, max: read.maps.length - 1, step: 1 });
  const from = stepper(controls, "Lines from");
  const told = element("p", { class: "live-told", role: "status" }, controls);

  /** Return the heads that are seen, and the name of what is. */
  function seen() {
    const heads = boxes.flatMap((box, head) => (box.checked ? [head] : []));
    const name = `${model}, layer ${layers.input.value}, ${heads.length === 1 ? "head" : "heads"} ${heads.join(", ") || "none"}`;
    return { heads, name, query: from.at(count()) - 1, map: (head) => read.maps[Number(layers.input.value)][head] };
  }

  function update() {
    const { heads, name, query, map } = seen();
    const { queries, keys } = read;
    const word = queries[query] ?? "all";
    from.show(count(), word);
    layers.say(layers.input.value);
    title.textContent = `${model}, layer ${layers.input.value}: heads`;
    join({ maps: boxes.map((box, head) => (box.checked ? map(head) : null)), queries, keys, name }, query < 0 ? null : query);
    const looks = query < 0 ? [] : heads.map((head) => `Head ${head}: ${lookOf(map(head)[query], word, keys)}`);
    told.textContent = [`${name}.`, ...looks].join(" ");
  }

  function table() {
    const { heads, name, query, map } = seen();
    const { queries, keys } = read;
    const rows = heads.flatMap((head) => queries.map((word, i) => [`${head}: ${word}`, ...map(head)[i].map((weight) => weight.toFixed(2))]));
    return {
      caption: `Weights of ${name}: a row for each head and query, a column for each key`,
      head: ["head: query", ...keys],
      rows: query < 0 ? rows : rows.filter((_, i) => i % queries.length === query),
    };
  }

  function tick(checked) {
    for (const box of boxes) {
      box.checked = checked;
      box.dispatchEvent(new Event("change"));
    }
  }

  layers.input.value = layer;
  for (const input of [layers.input, from.kept]) input.addEventListener("input", update);
  for (const box of boxes) box.addEventListener("change", update);
  all.addEventListener("click", () => tick(true));
  none.addEventListener("click", () => tick(false));
  update();
  const named = Object.fromEntries(boxes.map((box, head) => [`head${head}`, box]));
  const changed = kit(figure, { text: field?.input, layer: layers.input, ...named, from: from.kept }, { table });
}

startFigures("layer-lines", start);
