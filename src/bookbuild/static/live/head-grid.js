// All heads of a model at once, each small: its weights as lines from the queries on the left to the keys on the right, in
// four strengths, as in the still that lessons.plots.model_lines drew. A row is a layer; on a phone, and wherever fingers
// press, a row is a head: there are fewer layers than heads, so that each has the room that a finger needs.

import { element, SVG } from "./elements.js";
import { sharpestAndEvenest } from "./maps.js";

const BANDS = [0.05, 0.15, 0.35, 0.65, Infinity]; // lighter lines are left out
const OPACITY = [0.15, 0.4, 0.75, 1];
const WIDE = { width: 31, height: 43 }; // a head's room, in the units of the drawing
const TURNED = { width: 55, height: 52 };
const LEFT = 44; // for the names of rows
const TOP = 36; // for those of columns
const FINGERS = matchMedia("(max-width: 600px), (pointer: coarse)");

/** Return the lines of a head within a box, for each strength. */
function linesOf(map, { x, y, width, height }) {
  const [from, to] = [x + 0.14 * width, x + 0.86 * width].map((at) => at.toFixed(1));
  const step = (0.84 * height) / Math.max(map.length, map[0].length);
  const at = (token) => (y + 0.08 * height + step * (token + 0.5)).toFixed(1);
  const lines = OPACITY.map(() => "");
  map.forEach((row, i) => row.forEach((weight, j) => {
    if (weight >= BANDS[0]) lines[BANDS.findIndex((end) => weight < end) - 1] += `M${from} ${at(i)}L${to} ${at(j)}`;
  }));
  return lines;
}

/**
 * Return a function that draws the maps of all heads, and marks the one that is open.
 *
 * @param press (layer, head) → nothing: told which head was pressed
 */
export function headGrid(parent, press) {
  const drawing = element("svg", { role: "img" }, parent, SVG);
  const shape = (name, attributes, within = drawing) => element(name, attributes, within, SVG);
  let panels = [];
  let drawn = null; // the maps
  let last = () => {};

  function axis(name, count, placeOf, title, kind) {
    shape("text", { ...title, class: "live-text" }).textContent = name;
    for (let i = 0; i < count; i++) shape("text", { ...placeOf(i), class: `live-text ${kind}` }).textContent = i;
  }

  function lay(layers, heads) {
    const isTurned = FINGERS.matches;
    const { width, height } = isTurned ? TURNED : WIDE;
    const [rows, columns] = isTurned ? [heads, layers] : [layers, heads];
    const [down, across] = isTurned ? ["head ↓", "layer →"] : ["layer ↓", "head →"];
    drawing.replaceChildren();
    drawing.setAttribute("viewBox", `0 0 ${LEFT + width * columns} ${TOP + height * rows + 2}`);
    drawing.setAttribute("style", "--width: 27rem");
    axis(across, columns, (i) => ({ x: LEFT + width * (i + 0.5), y: TOP - 6 }), { x: LEFT, y: 12 }, "live-middle");
    axis(down, rows, (i) => ({ x: LEFT - 8, y: TOP + height * (i + 0.5) + 4 }), { x: 0, y: TOP - 6 }, "live-name");
    panels = Array.from({ length: layers * heads }, (_, i) => {
      const [layer, head] = [Math.floor(i / heads), i % heads];
      const [row, column] = isTurned ? [head, layer] : [layer, head];
      const room = { x: LEFT + width * column + 1, y: TOP + height * row + 1, width: width - 2, height: height - 2 };
      const panel = shape("g", { class: "live-panel", "data-head": `${layer}.${head}` });
      shape("title", {}, panel).textContent = `layer ${layer}, head ${head}`;
      shape("rect", room, panel);
      panel.addEventListener("click", () => press(layer, head));
      return { panel, layer, head, room, lines: OPACITY.map((opacity) => shape("path", { "stroke-opacity": opacity }, panel)) };
    });
    drawn = null;
  }

  function draw({ maps, name }, open) {
    if (panels.length === 0) lay(maps.length, maps[0].length);
    for (const { panel, layer, head, room, lines } of panels) {
      panel.classList.toggle("live-open", `${layer}.${head}` === open.join("."));
      if (maps !== drawn) linesOf(maps[layer][head], room).forEach((d, i) => lines[i].setAttribute("d", d));
    }
    if (maps !== drawn) {
      const size = `${maps.length} layers by ${maps[0].length} heads`;
      drawing.setAttribute("aria-label", `Lines of every head, ${name}: ${size}. ${sharpestAndEvenest(maps)}`);
    }
    drawn = maps;
    last = () => draw({ maps, name }, open);
  }

  FINGERS.addEventListener("change", () => {
    panels = [];
    last();
  });
  return draw;
}
