// All heads of a model on one sentence: choose a layer and a head, or the mean of a layer's heads, and see the map, and
// the same weights as arcs.
// It takes the place of the still map that lessons.plots.head_chooser drew, with the same weights, in hundredths. Where
// the model is one of the book's own, the reader can write another sentence, and the model reads it here. Beside the map
// stands how often the chosen head is right where the truth is known, and how often the best simple rule.

import { checkbox, element, slider, stepper } from "./elements.js";
import { headArcs, headMap } from "./head-map.js";
import { kit, startFigures } from "./kit.js";
import { fractions, lookOf, mean, truthTold } from "./maps.js";
import { sentenceField } from "./sentence-field.js";

/** Return what shows the records of a head: a line for each question, with a bar for it and a mark for the rule. */
function recordsOf(parent, records) {
  if (!records) return () => {};
  const box = element("div", { class: "live-records" }, parent);
  const title = element("p", {}, box);
  const lines = records.map(({ what, rule, ruled }) => {
    const line = element("p", {}, box);
    const told = element("span", {}, line);
    const bar = element("span", { class: "live-share", "aria-hidden": "true" }, line);
    bar.style.setProperty("--rule", `${100 * ruled}%`);
    return (rate) => {
      bar.style.setProperty("--rate", `${100 * rate}%`);
      told.textContent = `${what}: ${rate.toFixed(2)}; best simple rule (${rule}): ${ruled.toFixed(2)}`;
    };
  });
  return (name, layer, head, whole) => {
    box.hidden = head === records[0].rates[layer].length; // the mean of the heads was asked nothing
    if (box.hidden) return;
    const trials = [...new Set(records.map((one) => one.trials))].join(" and ");
    const when = whole ? "" : ", with no head silent";
    title.textContent = `How often ${name} is right${when}, on held-out sentences (${trials} each):`;
    lines.forEach((show, i) => show(records[i].rates[layer][head]));
  };
}

/** Return the heads in a list such as "0.0,1.1", without those that the model does not have. */
function headsIn(list, usual) {
  const heads = list.split(",").map((one) => one.split(".").map(Number));
  return heads.filter(([layer, head]) => usual[layer]?.[head]).map(([layer, head]) => `${layer}.${head}`);
}

function start(figure) {
  const { weights, queries, keys, layer, head, model, reads, usual, records, known, asks } = JSON.parse(figure.dataset.figure);
  figure.replaceChildren();
  figure.classList.add("live");
  let seen = { queries, keys, maps: fractions(weights) };
  let follows = Boolean(asks);
  let silent = []; // heads, such as "1.2"

  const field = reads && sentenceField(figure, reads, (answer) => { seen = answer; follow(); update(); changed(); });
  if (known) field.choose("Another sentence with known truth", nextKnown);
  const pair = element("div", { class: "live-pair" }, figure);
  const show = headMap(element("div", {}, pair));
  const join = headArcs(element("div", {}, pair), (query) => from.set(from.at(seen.queries.length + 1) === query + 1 ? 0 : query + 1));
  const controls = element("div", { class: "live-controls" }, figure);
  const layers = slider(controls, "Layer", { min: 0, max: weights.length - 1, step: 1 });
  const heads = slider(controls, "Head", { min: 0, max: weights[0].length, step: 1 });
  const first = queries.indexOf(asks) + 1; // 0: all, also where nobody is to ask
  const from = stepper(controls, "Arcs from", first);
  const silence = usual && checkbox(controls, "Silence this head: it writes what it writes on average");
  const list = usual && element("input", { type: "hidden" }, controls);
  const told = element("p", { class: "live-told", role: "status" }, controls);
  const showRecords = recordsOf(controls, records);

  const chosen = () => [Number(layers.input.value), Number(heads.input.value)];
  const isMean = (row, column) => column === seen.maps[row].length;
  const nameOf = (row, column) => `layer ${row}, ${isMean(row, column) ? "mean of the heads" : `head ${column}`}`;
  const shownMap = (row, column) => (isMean(row, column) ? mean(seen.maps[row]) : seen.maps[row][column]);

  /** In another sentence, let the same word ask, as long as the reader has chosen none. */
  function follow() {
    if (!follows) return;
    from.set(seen.queries.indexOf(asks) + 1);
    follows = true;
  }

  /** Let these heads be silent; what is silent changes what the model reads. */
  function hush() {
    silent = [...new Set(headsIn(list.value, usual))];
    const silenced = silent.map((one) => {
      const [row, column] = one.split(".").map(Number);
      return { layer: row, head: column, answer: usual[row][column] };
    });
    field.ask({ silenced });
    update();
  }

  /** Return the sentence behind this one among those whose truth is known. */
  function nextKnown(text) {
    const place = known.findIndex((one) => one.text === text.trim());
    return known[(place + 1) % known.length].text;
  }

  /** Return the cells that are known to be right, and what is told of them. */
  function truthOf(weights) {
    const read = seen.keys.slice(0, -1).join(" "); // the last one is the end's mark
    const one = known?.find(({ text }) => text === read);
    if (!one) return { marked: [], said: known ? " Of this sentence the truth is not known." : "" };
    if (one.written.some((word, i) => seen.queries[i] !== word)) {
      return { marked: [], said: ` The known truth is of another translation: ${one.written.join(" ")}.` };
    }
    return { marked: one.links, said: ` ${truthTold(weights, one.links, seen.queries, seen.keys)}` };
  }

  function update() {
    const [row, column] = chosen();
    const place = from.at(seen.queries.length + 1);
    from.show(seen.queries.length + 1, place ? seen.queries[place - 1] : "all");
    layers.say(String(row));
    heads.say(isMean(row, column) ? "mean" : String(column));
    const name = `${model}, ${nameOf(row, column)}`;
    const { marked, said } = truthOf(shownMap(row, column));
    show({ ...seen, weights: shownMap(row, column), name, marked, asking: place - 1 });
    join({ ...seen, maps: [shownMap(row, column)] }, place ? place - 1 : null);
    const look = place ? ` ${lookOf(shownMap(row, column)[place - 1], seen.queries[place - 1], seen.keys)}` : "";
    const hushed = silent.length ? ` Silent: ${silent.join(", ")}.` : "";
    told.textContent = `${name}.${hushed}${look}${said}`;
    showRecords(nameOf(row, column), row, column, !silent.length);
    if (!usual) return;
    silence.disabled = isMean(row, column);
    silence.checked = silent.includes(`${row}.${column}`);
  }

  function table() {
    const [row, column] = chosen();
    const map = shownMap(row, column);
    return {
      caption: `Weights of ${model}, ${nameOf(row, column)}: a row for each query, a column for each key`,
      head: ["query", ...seen.keys],
      rows: map.map((line, i) => [seen.queries[i], ...line.map((weight) => weight.toFixed(2))]),
    };
  }

  layers.input.value = layer;
  heads.input.value = head;
  for (const input of [layers.input, heads.input, from.kept]) input.addEventListener("input", update);
  if (usual) {
    silence.addEventListener("change", () => {
      const one = chosen().join(".");
      list.value = (silence.checked ? [...silent, one] : silent.filter((other) => other !== one)).join(",");
      list.dispatchEvent(new Event("input"));
    });
    list.addEventListener("input", () => list.value !== silent.join(",") && hush());
  }
  from.kept.addEventListener("input", () => { follows = Boolean(asks) && Number(from.kept.value) === first; });
  update();
  const changed = kit(figure, { text: field?.input, layer: layers.input, head: heads.input, silent: list, from: from.kept }, { table });
}

startFigures("head-chooser", start);
