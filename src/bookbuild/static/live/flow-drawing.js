// Boxes and the ways between them, from below to above, as lessons.plots.diagram draws them. A box can be pressed.

import { element, SVG } from "./elements.js";

const COLUMN = 112; // all lengths are in the units of the drawing, which is as wide as a phone
const ROW = 74;
const [WIDE, HIGH] = [0.8 * COLUMN, (0.38 / 0.62) * ROW]; // as lessons.plots.diagrams has them

/** Return a function that draws boxes: `shapeOf` a box tells its size, `now` is the one that is lit. */
export function boxDrawing(parent, press) {
  const drawing = element("svg", { role: "img", class: "flow-drawing" }, parent, SVG);
  let laid = null;
  let drawn = [];

  function lay({ boxes, ways }) {
    drawing.replaceChildren();
    const columns = boxes.map(({ at }) => at[0]);
    const top = Math.max(...boxes.map(({ at }) => at[1]));
    const left = Math.min(...columns);
    const x = (column) => (column - left + 0.55) * COLUMN;
    const y = (row) => (top - row) * ROW + HIGH / 2 + 3;
    const width = (Math.max(...columns) - left + 1.1) * COLUMN;
    const height = top * ROW + HIGH + 6;
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.setAttribute("style", `--width: ${width / 16}rem`);
    for (const way of ways) {
      const points = way.map(([column, row]) => `${x(column)} ${y(row)}`);
      element("path", { d: `M${points.join("L")}`, class: "flow-way" }, drawing, SVG);
      const [[fromX, fromY], [toX, toY]] = way.slice(-2).map(([column, row]) => [x(column), y(row)]);
      const angle = (Math.atan2(toY - fromY, toX - fromX) * 180) / Math.PI;
      const place = `translate(${toX} ${toY}) rotate(${angle})`;
      element("path", { d: "M0 0L-8 -3.5L-8 3.5Z", class: "flow-tip", transform: place }, drawing, SVG);
    }
    drawn = boxes.map((box) => {
      const [middle, center] = [x(box.at[0]), y(box.at[1])];
      const group = element("g", { class: box.told ? "flow-box" : "flow-box flow-beside" }, drawing, SVG);
      const place = { x: middle - WIDE / 2, y: center - HIGH / 2, width: WIDE, height: HIGH, rx: box.inside ? 9 : 2 };
      element("rect", { ...place, class: "flow-frame" }, group, SVG);
      const line = (down, name) =>
        element("text", { x: middle, y: center + down, class: `live-text live-middle ${name}` }, group, SVG);
      const label = line(-3, "flow-name");
      label.textContent = `${box.name.split("#")[0]}${box.inside ? " +" : ""}`;
      const size = line(14, "flow-shape");
      if (box.told) group.addEventListener("click", () => press(box));
      return { box, group, size };
    });
  }

  return (wanted, now, shapeOf, told) => {
    if (laid !== wanted) lay(wanted);
    laid = wanted;
    for (const { box, group, size } of drawn) {
      const shape = shapeOf(box);
      if (size.textContent !== shape) size.textContent = shape;
      group.classList.toggle("flow-now", box === now);
    }
    drawing.setAttribute("aria-label", told);
  };
}
