// An attention map of any size: a row for each query, a column for each key, the lighter the heavier. And the same weights
// as arcs from the queries to the keys, the wider the heavier. Drawn anew is only what differs, for each edit of a
// sentence brings another map.

import { colorScale, element, SVG } from "./elements.js";
import { strongest, truthTold } from "./maps.js";

const CELL = 22; // all lengths are in the units of the drawing
const LABEL = 7.2; // a character of a token
const LARGEST = 26; // the drawing's width, in the page's rem
const SPAN = 130; // from the queries to the keys, which arcs join
const FAINT = 0.02; // a line of less weight cannot be seen, and would take as long to paint
// Whole names, for the site's stylesheet keeps what some page or script names.
export const CURVES = ["live-curve-0", "live-curve-1", "live-curve-2", "live-curve-3"];

const lengthOf = (tokens, least = 0) => LABEL * Math.max(least, ...tokens.map((token) => token.length));

function say(texts, tokens) {
  texts.forEach((text, i) => { if (text.textContent !== tokens[i]) text.textContent = tokens[i]; });
}

function put(shape, name, value) {
  if (shape.getAttribute(name) !== String(value)) shape.setAttribute(name, value);
}

function size(drawing, width, height) {
  put(drawing, "viewBox", `0 0 ${width} ${height}`);
  put(drawing, "style", `--width: ${Math.min(LARGEST, width / 13)}rem`);
}

/** Return what sets the weights of shapes, a row for each query, in their style; `written` is how a weight stands there. */
function weigher(written) {
  const last = new Map();
  return (shape, weight) => {
    const value = written(weight);
    if (last.get(shape) !== value) shape.style.setProperty("--weight", value);
    last.set(shape, value);
  };
}

/**
 * Return a function that draws a map: its weights, queries and keys, and its name for those who cannot see it. Cells
 * that are `marked` are known to be right; they are framed, and so are those that are `framed` for another reason. The
 * query that is `asking` stands out.
 */
export function headMap(parent) {
  const drawing = element("svg", { role: "img" }, parent, SVG);
  colorScale(parent, "weight");
  const point = element("p", { class: "live-point" }, parent);
  const shape = (name, attributes, within = drawing) => element(name, attributes, within, SVG);
  let seen = null; // what is drawn
  let labels = "";
  let pointed = null; // the place of the cell that was pointed at or touched last
  const title = shape("title", {}); // of that cell
  let [grid, rows, columns, cells, frames] = [null, [], [], [], []];
  let weigh = null;

  function tell() {
    const [i, j] = pointed ?? [];
    const told = pointed && `${seen.queries[i]} → ${seen.keys[j]}: ${seen.weights[i][j].toFixed(2)}`;
    title.textContent = told;
    point.textContent = told ?? "Point at a cell, or touch it, to read its weight.";
  }

  function aim({ target }) {
    const row = cells.findIndex((line) => line.includes(target));
    if (row < 0) return;
    pointed = [row, cells[row].indexOf(target)];
    target.append(title);
    tell();
  }

  function lay(queries, keys) {
    drawing.replaceChildren();
    pointed = null;
    frames = [];
    weigh = weigher((weight) => `${Math.min(100, Math.round(1000 * weight) / 10)}%`);
    grid = shape("g", {});
    rows = queries.map((_, i) => shape("text", { x: -6, y: CELL * i + 15, class: "live-text live-name" }, grid));
    columns = keys.map((_, j) =>
      shape("text", { class: "live-text", transform: `translate(${CELL * j + 15} -6) rotate(-90)` }, grid));
    cells = queries.map((_, i) => keys.map((_, j) =>
      shape("rect", { x: CELL * j, y: CELL * i, width: CELL, height: CELL, class: "live-cell" }, grid)));
    for (const kind of ["pointerover", "pointerdown"]) grid.addEventListener(kind, aim);
    columns.axis = shape("text", { x: 2, class: "live-text" });
    rows.axis = shape("text", { x: 2, class: "live-text" });
    columns.axis.textContent = "key →";
    rows.axis.textContent = "query ↓";
  }

  /** Write the tokens, and give them the room that they need. */
  function name(queries, keys) {
    const left = 12 + lengthOf(queries, 7); // "query ↓" has seven signs
    const top = 12 + lengthOf(keys);
    size(drawing, left + CELL * keys.length, top + CELL * queries.length);
    put(grid, "transform", `translate(${left} ${top})`);
    put(columns.axis, "y", top - 22);
    put(rows.axis, "y", top - 6);
    say(rows, queries);
    say(columns, keys);
  }

  /** Frame cells in white and black, of which one is seen on any color. */
  function frame(marked) {
    frames.forEach((one) => one.remove());
    frames = ["live-true live-true-wide", "live-true"].flatMap((kind) => marked.map(([i, j]) => {
      const place = { x: CELL * j + 2, y: CELL * i + 2, width: CELL - 4, height: CELL - 4 };
      return shape("rect", { ...place, class: kind }, grid);
    }));
  }

  return ({ weights, queries, keys, name: told, marked = [], framed = [], asking = -1 }) => {
    if (queries.length !== rows.length || keys.length !== columns.length) lay(queries, keys);
    const wanted = JSON.stringify([queries, keys]);
    if (wanted !== labels) name(queries, keys);
    labels = wanted;
    seen = { weights, queries, keys };
    cells.forEach((line, i) => line.forEach((cell, j) => weigh(cell, weights[i][j])));
    frame([...marked, ...framed]);
    rows.forEach((row, i) => row.classList.toggle("live-chosen", i === asking));
    tell();
    const peaks = strongest(weights).map(([j, weight], i) => `${queries[i]} to ${keys[j]} ${weight.toFixed(2)}`);
    drawing.setAttribute("aria-label", `Attention map, ${told}. Strongest key of each query: ${peaks.join(", ")}.${
      marked.length ? ` ${truthTold(weights, marked, queries, keys)}` : ""}`);
  };
}

/**
 * Return a function that draws the weights of one head or more as arcs: those of all queries, or of the one that is chosen
 * or pointed at. A head whose weights are null is not seen; where there are several, each has a color and dashes. Without a
 * name the drawing is a second look at what a map beside it tells to those who cannot see it.
 *
 * @param press (query) → nothing: told which query was pressed
 */
export function headArcs(parent, press) {
  const drawing = element("svg", {}, parent, SVG);
  const shape = (name, attributes, within = drawing) => element(name, attributes, within, SVG);
  let [whole, ends, rows] = [null, [], []];
  let labels = "";
  let count = 0; // heads
  let chosen = null;
  let weigh = null;

  function light(query) {
    rows.forEach(({ group, name }, i) => {
      put(group, "visibility", query === null || query === i ? "visible" : "hidden");
      name.classList.toggle("live-chosen", query === i);
    });
  }

  function lay(queries, keys) {
    drawing.replaceChildren();
    weigh = weigher((weight) => Math.round(100 * weight) / 100);
    whole = shape("g", {});
    const center = (i) => CELL * (i + 1) + CELL / 2;
    const text = (x, y, kind) => shape("text", { x, y, class: `live-text ${kind}` }, whole);
    text(-6, 15, "live-name").textContent = "query";
    text(SPAN + 6, 15, "").textContent = "key";
    ends = keys.map((_, j) => text(SPAN + 6, center(j) + 4, ""));
    rows = queries.map((_, i) => {
      const group = shape("g", { class: "live-arcs" }, whole);
      const name = text(-6, center(i) + 4, "live-name");
      const bend = (from, to) => `M0 ${from}C${SPAN / 2} ${from} ${SPAN / 2} ${to} ${SPAN} ${to}`;
      const kindOf = (head) => (count > 1 ? CURVES[head % CURVES.length] : "");
      const lines = Array.from({ length: count }, (_, head) =>
        keys.map((_, j) => shape("path", { d: bend(center(i), center(j)), class: kindOf(head) }, group)));
      const hit = shape("rect", { y: CELL * (i + 1), height: CELL, class: "live-hit" }, whole);
      hit.addEventListener("pointerenter", () => light(i));
      hit.addEventListener("pointerleave", () => light(chosen));
      hit.addEventListener("click", () => press(i));
      return { group, name, lines, hit };
    });
  }

  function name(queries, keys) {
    const left = 14 + lengthOf(queries, 5); // "query" stands above them
    size(drawing, left + SPAN + 14 + lengthOf(keys, 3), CELL * (1 + Math.max(queries.length, keys.length)));
    put(whole, "transform", `translate(${left} 0)`);
    rows.forEach(({ hit }) => {
      put(hit, "x", -left);
      put(hit, "width", left);
    });
    say(rows.map((row) => row.name), queries);
    say(ends, keys);
  }

  return ({ maps, queries, keys, name: told }, query) => {
    if (queries.length !== rows.length || keys.length !== ends.length || maps.length !== count) {
      count = maps.length;
      lay(queries, keys);
    }
    const wanted = JSON.stringify([queries, keys]);
    if (wanted !== labels) name(queries, keys);
    labels = wanted;
    chosen = query;
    const looks = query === null ? "all tokens" : `“${queries[query]}”`;
    const kind = told ? { role: "img", "aria-label": `Attention as lines, ${told}, from ${looks}.` } : { "aria-hidden": true };
    Object.entries(kind).forEach(([key, value]) => put(drawing, key, value));
    rows.forEach(({ lines }, i) => lines.forEach((of, head) => of.forEach((line, j) => {
      const weight = maps[head]?.[i][j] ?? 0;
      weigh(line, weight);
      put(line, "visibility", weight < FAINT ? "hidden" : "inherit");
    })));
    light(chosen);
  };
}
