// A text that grows with a cache, step by step: which rows of the map are computed, what is kept, and how many operations
// are saved. It takes the place of the still map that lessons.plots.cache_figure drew, with the same counts. The reader
// can write another beginning, which the book's decoder goes on with here.

import { button, element, slider } from "./elements.js";
import { headMap } from "./head-map.js";
import { kit, startFigures } from "./kit.js";
import { sentenceField } from "./sentence-field.js";

const whole = (number) => number.toLocaleString("en-US");
const plural = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Return what each step costs: how many tokens there are, and the operations with the cache and without. */
export function ledger(tokens, given, costs) {
  let [saved, full] = [0, 0];
  return Array.from({ length: tokens - given + 1 }, (_, step) => {
    const seen = given + step;
    const [one, all] = costs[seen - 1];
    const computed = step === 0 ? all : one;
    saved += computed;
    full += all;
    return { step, seen, computed, all, saved, full };
  });
}

function start(figure) {
  const { tokens, given, maps, layer, head, text, costs, bytes, model } = JSON.parse(figure.dataset.figure);
  figure.replaceChildren();
  figure.classList.add("live");
  let seen = { tokens, given, maps: maps.map((heads) => heads.map((map) => map.map((row) => row.map((w) => w / 100)))) };
  const field = sentenceField(figure, { kind: "decoder", text }, (answer) => {
    seen = answer;
    update();
    changed();
  }, { how: "grown" });
  const show = headMap(figure);
  const controls = element("div", { class: "live-controls" }, figure);
  const [back, next] = ["Back", "Next"].map((label) => button(controls, label));
  const kept = element("input", { type: "hidden", value: tokens.length - given }, controls); // what a link says
  const steps = slider(controls, "Step", { min: 0, max: tokens.length - given, step: 1 });
  const layers = slider(controls, "Layer", { min: 0, max: maps.length - 1, step: 1 });
  const heads = slider(controls, "Head", { min: 0, max: maps[0].length - 1, step: 1 });
  const told = element("p", { class: "live-told", role: "status" }, controls);
  const lines = () => ledger(seen.tokens.length, seen.given, costs);
  const step = () => Math.max(0, Math.min(lines().length - 1, Math.round(Number(kept.value)) || 0));

  function go(to) {
    kept.value = to;
    kept.dispatchEvent(new Event("input"));
  }

  function update() {
    const now = lines()[step()];
    const [row, column] = [layers, heads].map(({ input }) => Number(input.value));
    const words = seen.tokens.slice(0, now.seen);
    const table = seen.maps[row][column].slice(0, now.seen);
    const first = now.step === 0 ? 0 : now.seen - 1;
    const framed = words.flatMap((_, i) => (i < first ? [] : words.slice(0, i + 1).map((_, j) => [i, j])));
    const name = `${model}, layer ${row}, head ${column}, ${plural(now.seen, "token")}`;
    show({ weights: words.map((_, i) => words.map((_, j) => table[i][j] ?? 0)), queries: words, keys: words, name, framed });
    steps.input.max = lines().length - 1;
    steps.input.value = now.step;
    steps.say(`${now.step} of ${lines().length - 1}`);
    layers.say(String(row));
    heads.say(String(column));
    back.disabled = now.step === 0;
    next.disabled = now.step === lines().length - 1;
    const read = now.step === 0
      ? `The beginning is read at once: ${plural(now.seen, "row")} in each head, and as many keys and values are kept.`
      : `“${words.at(-1)}” is read. With the cache, 1 row is computed in each head (framed), and its key and value join the ${
        now.seen - 1} that are kept; without, all ${now.seen} rows and keys.`;
    told.textContent = `Step ${now.step}. ${read} Operations so far: ${whole(now.saved)} with the cache, ${whole(now.full)} without, ${
      (now.full / now.saved).toFixed(1)} times as many. The cache holds ${whole(bytes[now.seen - 1])} bytes.`;
  }

  const table = () => ({
    caption: "Operations of each step, and of all steps so far",
    head: ["step", "tokens", "with the cache", "without", "so far, with", "so far, without", "bytes kept"],
    rows: lines().map((line) => [
      `${line.step}: ${line.step === 0 ? "the beginning" : seen.tokens[line.seen - 1]}`,
      ...[line.seen, line.computed, line.all, line.saved, line.full, bytes[line.seen - 1]].map(whole),
    ]),
  });

  layers.input.value = layer;
  heads.input.value = head;
  for (const input of [kept, layers.input, heads.input]) input.addEventListener("input", update);
  steps.input.addEventListener("input", () => go(steps.input.value));
  back.addEventListener("click", () => go(step() - 1));
  next.addEventListener("click", () => go(step() + 1));
  update();
  const changed = kit(figure, { text: field.input, step: kept, layer: layers.input, head: heads.input }, { table });
}

if (typeof document !== "undefined") startFigures("cache-growth", start);
