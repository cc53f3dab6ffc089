// Drawings that a narrow page shows small, or in part: a tap on one, or the button below it, opens it large, to be moved
// with a finger or the arrows. What opens is the drawing itself, which comes back to its place.

import { button, element } from "./elements.js";

const LARGE = 2.25; // times its own size
const figures = document.querySelectorAll(".lesson-figure:not([data-live]):has(svg)");
const dialog = element("dialog", { class: "enlarged", "aria-label": "The drawing, large" }, document.body);
const close = button(dialog, "Close");
const room = element("div", { class: "lesson-figure enlarged-room", role: "region", tabindex: "0", "aria-label": "Drawing" }, dialog);
dialog.style.setProperty("--large", LARGE);

const ownWidth = (svg) => svg.viewBox.baseVal.width * (4 / 3); // points, in which drawings are measured
const isSmall = (figure) => [...figure.querySelectorAll("svg")].some((svg) =>
  svg.getBoundingClientRect().width < 0.95 * ownWidth(svg) || figure.scrollWidth > figure.clientWidth + 1);

let home = null;

const open = (figure) => {
  home = figure;
  figure.style.minHeight = `${figure.offsetHeight}px`; // so that the page stays where it is
  room.replaceChildren(...figure.childNodes);
  dialog.showModal();
};

dialog.addEventListener("close", () => {
  home.replaceChildren(...room.childNodes);
  home.style.minHeight = "";
});
dialog.addEventListener("click", ({ target }) => [close, dialog].includes(target) && dialog.close());

const openers = new Map(); // the buttons, by their figures

// All are measured before one is changed: between, the browser would lay out the page again for each.
const watch = new ResizeObserver((entries) => {
  const sizes = entries.map(({ target }) => [target, isSmall(target)]);
  for (const [figure, small] of sizes) {
    if (home === figure && dialog.open) continue;
    openers.get(figure).hidden = !small;
    figure.classList.toggle("small", small);
  }
});

for (const figure of figures) {
  const opens = button(figure.parentElement, "Open large");
  opens.classList.add("enlarge");
  opens.hidden = true;
  figure.after(opens); // at once below it
  opens.addEventListener("click", () => open(figure));
  figure.addEventListener("click", ({ target }) => !opens.hidden && target.closest("svg") && open(figure));
  openers.set(figure, opens);
  watch.observe(figure);
}
