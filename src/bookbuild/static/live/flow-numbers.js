// The numbers of a step of the flow: as a picture, and in words.

import { softmax } from "./attention.js";
import { element } from "./elements.js";
import { headMap } from "./head-map.js";

/** Return what passes at one head: a table with a row for each token. */
export function tableOf(value, head) {
  if (Array.isArray(value)) return value[head];
  const { rows, columns, data, heads } = value;
  const [from, to] = heads ? [(head * columns) / heads, ((head + 1) * columns) / heads] : [0, columns];
  return Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns + from, i * columns + to)));
}

/** Return the sizes of what passes, as the package's probes have them. */
export function sizesOf(value) {
  if (Array.isArray(value)) return [value.length, value[0].length, value[0][0].length];
  const { rows, columns, heads } = value;
  return heads ? [heads, rows, columns / heads] : [rows, columns];
}

const two = (x) => x.toFixed(2).replace(/^-(?=0\.00$)/, "").replace("-", "−");
const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const largest = (row) => row.indexOf(Math.max(...row));

/** Return the most probable tokens of a row of logits. */
export function likely(logits, vocabulary, count) {
  const shares = softmax(logits);
  const ids = [...shares.keys()].sort((a, b) => shares[b] - shares[a]).slice(0, count);
  return ids.map((id) => ({ word: vocabulary[id], logit: logits[id], share: shares[id] }));
}

const firsts = (row) => `${row.slice(0, 4).map(two).join(", ")} …`;

/**
 * Say what happened to one token at a step.
 *
 * @param at what flow.js knows of the step: `probe` is the whole name of what passes, `seen` all that passed
 */
export function inWords({ view, probe, seen, ids, queries, keys, head, place, vocabulary }) {
  const table = view === "tokens" ? null : tableOf(seen[probe], head);
  const query = queries[place];
  if (view === "tokens") return ids ? `“${query}” is number ${ids[place]}.` : "";
  if (view === "logits") {
    const best = likely(table[place], vocabulary, 3).map(({ word, share }) => `${word} ${two(share)}`);
    return `At “${query}”, after a softmax: ${best.join(", ")}.`;
  }
  if (view === "map") {
    const key = largest(table[place]);
    return `“${query}” looks most at “${keys[key]}”: ${two(table[place][key])}.`;
  }
  if (view === "scores") {
    const [asked, found] = ["query", "key"].map((part) => tableOf(seen[probe.replace("scores", part)], head));
    const key = largest(seen[probe.replace("scores", "weights")][head][place]);
    const product = dot(asked[place], found[key]);
    const [score, scaled] = [table[place][key], product / Math.sqrt(found[key].length)];
    const rest = score - product;
    const made = Math.abs(score - scaled) < 1e-3 * Math.max(1, Math.abs(score))
      ? `${two(product)} / √${found[key].length} = ${two(score)}`
      : `${two(product)}${Math.abs(rest) < 5e-4 ? "" : `, with the bias ${two(rest)}: ${two(score)}`}`;
    return `“${query}” and “${keys[key]}”: ${made}.`;
  }
  if (probe.endsWith(".mixed")) {
    const weights = seen[probe.replace("mixed", "weights")][head][place];
    const ranked = [...weights.keys()].sort((a, b) => weights[b] - weights[a]).slice(0, 2);
    const parts = ranked.map((key) => `${two(weights[key])} of the value of “${keys[key]}”`);
    return `“${query}” reads ${parts.join(", ")}${weights.length > 2 ? " and less of others" : ""}: ${firsts(table[place])}`;
  }
  const rows = /\.(key|value)$/.test(probe) ? keys : queries;
  const row = Math.min(place, rows.length - 1);
  return `“${rows[row]}” is ${firsts(table[row])}`;
}

/** Paint signed numbers: one color for those above 0, another for those below, the stronger the farther from 0. */
function paint(canvas, table) {
  const [columns, rows] = [table[0].length, table.length];
  Object.assign(canvas, { width: columns, height: rows });
  canvas.style.setProperty("--rows", rows);
  const brush = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const [above, below] = ["--figure-blue", "--figure-orange"].map((name) => style.getPropertyValue(name));
  const most = Math.max(1e-9, ...table.map((row) => Math.max(...row.map(Math.abs))));
  table.forEach((row, i) => row.forEach((value, j) => {
    brush.globalAlpha = Math.min(1, Math.abs(value) / most);
    brush.fillStyle = value > 0 ? above : below;
    brush.fillRect(j, i, 1, 1);
  }));
  return most;
}

/** Return a function that shows the numbers of a step. */
export function numberView(parent) {
  const box = element("div", { class: "flow-numbers" }, parent);
  const strip = element("div", { class: "flow-strip", role: "img" }, box);
  const names = element("div", { class: "flow-tokens" }, strip);
  const canvas = element("canvas", {}, strip);
  const scale = element("p", { class: "flow-scale" }, box);
  const mapBox = element("div", {}, box);
  const showMap = headMap(mapBox);
  const list = element("ol", { class: "live-tokens" }, box);
  let again = () => {};
  new MutationObserver(() => again()).observe(document.documentElement, { attributeFilter: ["data-theme"] });

  return (at) => {
    const { view, probe, seen, queries, keys, head, place, vocabulary, title } = at;
    strip.hidden = !["numbers", "heads", "scores"].includes(view);
    scale.hidden = strip.hidden;
    mapBox.hidden = view !== "map";
    list.hidden = !["tokens", "logits"].includes(view);
    again = () => {};
    if (view === "none") return;
    if (view === "map") {
      showMap({ weights: tableOf(seen[probe], head), queries, keys, name: title });
    } else if (list.hidden) {
      const rows = /\.(key|value)$/.test(probe) ? keys : queries;
      const table = tableOf(seen[probe], head);
      names.replaceChildren();
      rows.forEach((word, i) => {
        element("span", { class: i === place ? "flow-here" : "" }, names).textContent = word;
      });
      again = () => paint(canvas, table);
      const most = again();
      const across = view === "scores" ? "keys" : "numbers";
      scale.textContent = `A row for each token, ${table[0].length} ${across} in each: blue above 0, orange below; the strongest is ${two(most)} away from 0.`;
      strip.setAttribute("aria-label", `${title}: ${rows.length} rows of ${table[0].length} numbers, from −${two(most)} to ${two(most)}.`);
    } else {
      list.replaceChildren();
      const shown = view === "tokens"
        ? queries.map((word, i) => [word, String(at.ids?.[i] ?? "")])
        : likely(tableOf(seen[probe], head)[place], vocabulary, 5).map(({ word, share }) => [word, two(share)]);
      for (const [word, number] of shown) {
        const item = element("li", {}, list);
        element("span", { class: "live-token" }, item).textContent = word;
        element("span", { class: "live-id" }, item).textContent = number;
      }
    }
  };
}
