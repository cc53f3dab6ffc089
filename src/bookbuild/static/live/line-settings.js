// Lines that a reader can set: each slider chooses one of the settings that the page was built with, and the last one a
// place on the x axis, where all lines are read. It takes the place of the still figure that lessons.plots.lines_by_setting
// drew; every number comes from there, so nothing is computed here but where it is drawn.

import { decades, placed, powerOfTen, scale, ticks, written } from "./chart.js";
import { element, slider, SVG } from "./elements.js";
import { kit, startFigures } from "./kit.js";

const [WIDTH, HEIGHT] = [380, 230]; // all lengths are in the units of the drawing, which is as wide as a phone
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 368, 10, 190];
const MOST = 7; // labels below the x axis
// Whole names, for the site's stylesheet keeps what some page or script names.
const COLORS = ["live-curve-0", "live-curve-1", "live-curve-2", "live-curve-3"];
const CURVE = "live-curve";

function start(figure) {
  const { x, sliders, settings, notes, first, at, labels, log, range } = JSON.parse(figure.dataset.figure);
  const names = Object.keys(settings[0]);
  figure.replaceChildren();
  figure.classList.add("live");

  const drawing = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", style: "--width: 30rem" }, figure, SVG);
  const shape = (name, attributes) => element(name, attributes, drawing, SVG);
  const toX = scale([x[0], x.at(-1)], [LEFT, RIGHT], log.x);
  const toY = scale(range, [BOTTOM, TOP], log.y);
  for (const value of log.y ? decades(...range) : ticks(...range)) {
    const y = toY(value);
    shape("line", { x1: LEFT, x2: RIGHT, y1: y, y2: y, class: "live-grid" });
    const text = log.y ? powerOfTen(Math.round(Math.log10(value))) : written(value);
    shape("text", { x: LEFT - 5, y: y + 4, class: "live-text live-name" }).textContent = text;
  }
  const every = Math.ceil(x.length / MOST);
  for (const value of log.x ? x.filter((_, i) => i % every === 0) : ticks(x[0], x.at(-1))) {
    shape("text", { x: toX(value), y: BOTTOM + 16, class: "live-text live-middle" }).textContent = placed(value);
  }
  shape("line", { x1: LEFT, x2: RIGHT, y1: BOTTOM, y2: BOTTOM, class: "live-axis" });
  shape("text", { x: (LEFT + RIGHT) / 2, y: HEIGHT - 6, class: "live-text live-middle" }).textContent = labels.x;
  const mark = shape("line", { y1: TOP, y2: BOTTOM, class: "live-mark" });
  const curves = names.map((_, i) => shape("path", { class: `${CURVE} ${COLORS[i]}` }));
  const dots = names.map((_, i) => shape("circle", { r: 4, class: ["live-dot", COLORS[i]].join(" ") }));

  const legend = element("ul", { class: "live-legend" }, figure);
  element("li", {}, legend).textContent = `${labels.y}:`;
  const values = names.map((_, i) => {
    const item = element("li", {}, legend);
    const sample = element("svg", { viewBox: "0 0 28 8", class: "live-sample", "aria-hidden": "true" }, item, SVG);
    element("path", { d: "M0 4H28", class: `${CURVE} ${COLORS[i]}` }, sample, SVG);
    return element("span", {}, item);
  });

  const controls = element("div", { class: "live-controls" }, figure);
  const chosen = sliders.map(({ label, values: all }) => slider(controls, label, { min: 0, max: all.length - 1, step: 1 }));
  const place = slider(controls, `Read at ${labels.x}`, { min: 0, max: x.length - 1, step: 1 });
  const told = element("p", { class: "live-told", role: "status" }, controls);

  /** Return the number of the setting that the sliders choose: the last slider's settings stand side by side. */
  const settingOf = () =>
    sliders.reduce((sum, { values: all }, i) => sum * all.length + Number(chosen[i].input.value), 0);

  function path(points) {
    const drawn = points.map((y, i) => (y === null ? null : `${toX(x[i]).toFixed(1)} ${toY(y).toFixed(1)}`));
    return drawn.map((point, i) => point && `${i && drawn[i - 1] ? "L" : "M"}${point}`).filter(Boolean).join("");
  }

  function update() {
    const setting = settingOf();
    const i = Number(place.input.value);
    sliders.forEach(({ values: all }, which) => chosen[which].say(all[chosen[which].input.value]));
    place.say(placed(x[i]));
    mark.setAttribute("x1", toX(x[i]));
    mark.setAttribute("x2", toX(x[i]));
    names.forEach((name, which) => {
      const points = settings[setting][name];
      curves[which].setAttribute("d", path(points));
      dots[which].setAttribute("visibility", points[i] === null ? "hidden" : "visible");
      dots[which].setAttribute("cx", toX(x[i]));
      dots[which].setAttribute("cy", toY(points[i] ?? range[0]));
      values[which].textContent = `${name} ${written(points[i])}`;
    });
    const read = names.map((name) => `${name} ${written(settings[setting][name][i])}`).join(", ");
    const set = sliders.map(({ label, values: all }, which) => `${label} ${all[chosen[which].input.value]}`).join(", ");
    told.textContent = `${notes[setting] ?? ""} At ${placed(x[i])}: ${read}.`.trim();
    drawing.setAttribute("aria-label", `Line plot of ${labels.y} against ${labels.x}; ${set}. At ${placed(x[i])}: ${read}.`);
  }

  chosen.forEach(({ input }, i) => { input.value = first[i]; });
  place.input.value = at;
  for (const { input } of [...chosen, place]) input.addEventListener("input", update);
  update();
  const table = () => {
    const setting = settings[settingOf()];
    const set = sliders.map(({ label, values: all }, i) => `${label} ${all[chosen[i].input.value]}`).join(", ");
    return {
      caption: `${labels.y}; ${set}`,
      head: [labels.x, ...names],
      rows: x.map((value, i) => [placed(value), ...names.map((name) => written(setting[name][i]))]),
    };
  };
  kit(figure, { ...Object.fromEntries(chosen.map(({ input }, i) => [`set${i + 1}`, input])), at: place.input }, { table });
}

startFigures("line-settings", start);
