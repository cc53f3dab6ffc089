// What every live figure has: its start, and what stands below it, which is a button that sets it back, a link that brings
// another reader to what is seen, and its numbers as a table, for those who cannot see the drawing.

import { button, element } from "./elements.js";
import { whenNear } from "./near.js";

const KEY = "figure"; // names, in an address, the figure that the other parameters set
const starts = new Map(); // how often a name is on the page: there may be figures without one

/**
 * Start all figures of a kind when the reader is a screen away from one, or at once where the address sets a figure. All is
 * loaded by then, for the connection may be lost.
 */
export function startFigures(kind, start) {
  const figures = [...document.querySelectorAll(`[data-live="${kind}"]`)];
  const all = () => figures.splice(0).forEach(start);
  if (new URLSearchParams(location.search).has(KEY)) all();
  else whenNear(figures, all);
}

/** Return the name under which a figure stands in addresses: its chapter's, or its place among those without one. */
function nameOf(figure) {
  const named = figure.closest("figure[id]")?.id ?? figure.dataset.live;
  starts.set(named, (starts.get(named) ?? 0) + 1);
  return starts.get(named) === 1 ? named : `${named}-${starts.get(named)}`;
}

const isBox = (control) => control.type === "checkbox";
const valueOf = (control) => (isBox(control) ? String(Number(control.checked)) : control.value);

/** Set a control to what a link says, and return whether it fits; a slider keeps its limits by itself. */
function set(control, value) {
  if (control.type === "range" && (value.trim() === "" || !Number.isFinite(Number(value)))) return;
  if (isBox(control)) control.checked = value === "1" && !control.disabled;
  else control.value = control.maxLength > 0 ? value.slice(0, control.maxLength) : value;
}

const tellOf = (control) => control.dispatchEvent(new Event(isBox(control) ? "change" : "input"));

/**
 * Lay out the foot of a figure, and set it to what the page's address asks for. Return what the figure
 * calls when it has changed.
 *
 * @param controls the inputs whose values are what can be seen, by a short name for each
 * @param table    () → { caption, head, rows }: what the table shows; the first of each row names it. Null: no table.
 * @param first    what sets the figure back, where that is more than the controls' first values
 */
export function kit(figure, controls, { table = null, first = null } = {}) {
  const name = nameOf(figure);
  const all = Object.entries(controls).filter(([, control]) => control);
  const initial = all.map(([, control]) => valueOf(control));
  const foot = element("div", { class: "live-foot" }, figure);
  const reset = button(foot, "Reset");
  const link = element("a", { class: "live-link" }, foot);
  link.textContent = "Link to this state";
  const told = element("span", { class: "live-told", role: "status" }, foot);
  const refresh = table ? tableOf(figure, table) : () => {};

  function write(values) {
    const before = all.map(([, control]) => valueOf(control));
    all.forEach(([, control], i) => set(control, values[i]));
    // Only what has changed: a sentence that stays needs no model to read it.
    all.filter(([, control], i) => valueOf(control) !== before[i]).forEach(([, control]) => tellOf(control));
  }

  function changed() {
    const address = new URL(location.href);
    const values = all.map(([key, control]) => [key, valueOf(control)]);
    address.search = new URLSearchParams([[KEY, name], ...values]);
    address.hash = figure.closest("figure[id]")?.id ?? "";
    link.href = address.href;
    told.textContent = "";
    refresh();
  }

  reset.addEventListener("click", () => {
    write(initial);
    first?.();
    changed();
  });
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // to open it elsewhere
    event.preventDefault();
    history.replaceState(null, "", link.href);
    const copied = navigator.clipboard?.writeText(link.href) ?? Promise.reject();
    copied.then(
      () => { told.textContent = "The link is copied, and stands in the address bar."; },
      () => { told.textContent = "The link stands in the address bar."; },
    );
  });
  for (const [, control] of all) control.addEventListener(isBox(control) ? "change" : "input", changed);

  const asked = new URLSearchParams(location.search);
  if (asked.get(KEY) === name) write(all.map(([key], i) => asked.get(key) ?? initial[i]));
  changed();
  return changed;
}

/** Lay out a table that is filled when it is opened, and return what fills it anew. */
function tableOf(figure, read) {
  const folded = element("details", { class: "live-table" }, figure);
  element("summary", {}, folded).textContent = "The numbers as a table";
  const box = element("div", { class: "table-box", tabindex: 0, role: "region" }, folded);

  function refresh() {
    if (!folded.open) return;
    const { caption, head, rows } = read();
    box.setAttribute("aria-label", caption);
    const made = document.createElement("table");
    element("caption", {}, made).textContent = caption;
    const top = element("tr", {}, element("thead", {}, made));
    head.forEach((text) => { element("th", { scope: "col" }, top).textContent = text; });
    const body = element("tbody", {}, made);
    for (const [first, ...cells] of rows) {
      const line = element("tr", {}, body);
      element("th", { scope: "row" }, line).textContent = first;
      cells.forEach((text) => { element("td", {}, line).textContent = text; });
    }
    box.replaceChildren(made);
  }

  folded.addEventListener("toggle", refresh);
  return refresh;
}
