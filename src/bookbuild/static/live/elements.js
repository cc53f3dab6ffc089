// What live figures are built of: elements, and sliders that say their value.

export const SVG = "http://www.w3.org/2000/svg";

export function element(name, attributes, parent, namespace = null) {
  const made = namespace ? document.createElementNS(namespace, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

/** Return a slider's input, and a function that shows its value and tells it to screen readers. */
export function slider(parent, label, limits) {
  const row = element("label", { class: "live-slider" }, parent);
  element("span", {}, row).textContent = label;
  const input = element("input", { type: "range", ...limits }, row);
  const shown = element("span", { class: "live-value", "aria-hidden": "true" }, row);
  const say = (text) => {
    shown.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  return { input, say };
}

/** Return a slider whose end may move, and a field beside it that keeps what a link says. */
export function stepper(parent, label, first = 0) {
  const kept = element("input", { type: "hidden", value: first }, parent);
  const { input, say } = slider(parent, label, { min: 0, max: 1, step: 1, value: 0 });
  input.addEventListener("input", () => {
    kept.value = input.value;
    kept.dispatchEvent(new Event("input"));
  });
  const at = (count) => Math.max(0, Math.min(count - 1, Math.round(Number(kept.value)) || 0));
  const show = (count, text) => {
    input.max = count - 1;
    input.value = at(count);
    say(text);
  };
  const set = (value) => {
    kept.value = value;
    kept.dispatchEvent(new Event("input"));
  };
  return { kept, at, show, set, row: input.closest("label") };
}

/** Say what the colors of a map mean: a scale under its title. */
export function colorScale(parent, title) {
  const scale = element("div", { class: "live-scale" }, parent);
  element("span", {}, scale).textContent = `${title}: 0`;
  element("span", { class: "live-colors" }, scale);
  element("span", {}, scale).textContent = "1";
}

/** Return the input of a box to check. */
export function checkbox(parent, label) {
  const row = element("label", { class: "live-check" }, parent);
  const input = element("input", { type: "checkbox" }, row);
  element("span", {}, row).textContent = label;
  return input;
}

let fields = 0;

/** Return a field for a text of some lines, under its name; it says when no more fits, for a browser cuts off the rest. */
export function textField(parent, label, longest) {
  fields += 1;
  const id = `live-text-${fields}`;
  element("label", { for: id }, parent).textContent = label;
  const field = element("textarea", { id, rows: 2, maxlength: longest, dir: "auto", spellcheck: "false" }, parent);
  const full = element("span", { class: "live-full", role: "status" }, parent);
  field.addEventListener("input", () => {
    full.textContent = field.value.length < longest ? "" : `No more than ${longest} characters fit: what is longer is cut off.`;
  });
  return field;
}

export function button(parent, label, type = "button") {
  const made = element("button", { type, class: "live-button" }, parent);
  made.textContent = label;
  return made;
}
