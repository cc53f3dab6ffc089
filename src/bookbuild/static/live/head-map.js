// An attention map of any size: a row for each query, a column for each key, the lighter the heavier.

import { colorScale, element, SVG } from "./elements.js";
import { strongest, truthTold } from "./maps.js";

const CELL = 22; // all lengths are in the units of the drawing
const LABEL = 7.2; // a character of a token
const LARGEST = 26; // the drawing's width, in the page's rem

/**
 * Return a function that draws a map: its weights, queries and keys, and its name for those who cannot see it. Cells
 * that are `marked` are known to be right; they are framed, and so are those that are `framed` for another reason.
 */
export function headMap(parent) {
  const drawing = element("svg", { role: "img" }, parent, SVG);
  colorScale(parent, "weight");
  const point = element("p", { class: "live-point" }, parent);
  let pointed = null; // the title of the cell that was pointed at or touched last
  const shape = (name, attributes, within = drawing) => element(name, attributes, within, SVG);
  let cells = [];
  let frames = [];
  let labels = "";

  function tell() {
    point.textContent = pointed?.isConnected ? pointed.textContent : "Point at a cell, or touch it, to read its weight.";
  }

  function lay(queries, keys) {
    drawing.replaceChildren();
    const left = 12 + LABEL * Math.max(7, ...queries.map((token) => token.length)); // "query ↓" has seven signs
    const top = 12 + LABEL * Math.max(...keys.map((token) => token.length));
    const [width, height] = [left + CELL * keys.length, top + CELL * queries.length];
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.setAttribute("style", `--width: ${Math.min(LARGEST, width / 13)}rem`);
    shape("text", { x: 2, y: top - 22, class: "live-text" }).textContent = "key →";
    shape("text", { x: 2, y: top - 6, class: "live-text" }).textContent = "query ↓";
    queries.forEach((token, i) => {
      shape("text", { x: left - 6, y: top + CELL * i + 15, class: "live-text live-name" }).textContent = token;
    });
    keys.forEach((token, j) => {
      const [x, y] = [left + CELL * j + 15, top - 6];
      shape("text", { x, y, class: "live-text", transform: `rotate(-90 ${x} ${y})` }).textContent = token;
    });
    cells = queries.map((_, i) => keys.map((_, j) => {
      const place = { x: left + CELL * j, y: top + CELL * i, width: CELL, height: CELL, class: "live-cell" };
      const cell = shape("rect", place);
      const title = shape("title", {}, cell);
      for (const kind of ["pointerenter", "pointerdown"]) {
        cell.addEventListener(kind, () => { pointed = title; tell(); });
      }
      return { cell, title };
    }));
  }

  /** Frame cells in white and black, of which one is seen on any color. */
  function frame(marked) {
    frames.forEach((one) => one.remove());
    frames = ["live-true live-true-wide", "live-true"].flatMap((kind) => marked.map(([i, j]) => {
      const at = (of) => Number(cells[i][j].cell.getAttribute(of));
      const place = { x: at("x") + 2, y: at("y") + 2, width: CELL - 4, height: CELL - 4 };
      return shape("rect", { ...place, class: kind });
    }));
  }

  return ({ weights, queries, keys, name, marked = [], framed = [] }) => {
    const wanted = JSON.stringify([queries, keys]);
    if (wanted !== labels) lay(queries, keys);
    labels = wanted;
    cells.forEach((line, i) => line.forEach(({ cell, title }, j) => {
      cell.style.setProperty("--weight", `${Math.min(100, Math.round(1000 * weights[i][j]) / 10)}%`);
      title.textContent = `${queries[i]} → ${keys[j]}: ${weights[i][j].toFixed(2)}`;
    }));
    frame([...marked, ...framed]);
    tell();
    const peaks = strongest(weights).map(([j, weight], i) => `${queries[i]} to ${keys[j]} ${weight.toFixed(2)}`);
    drawing.setAttribute("aria-label", `Attention map, ${name}. Strongest key of each query: ${peaks.join(", ")}.${
      marked.length ? ` ${truthTold(weights, marked, queries, keys)}` : ""}`);
  };
}
