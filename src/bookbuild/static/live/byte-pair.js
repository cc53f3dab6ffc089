// A text field whose text is cut into tokens while the reader types.
// It takes the place of the still figure that lessons.plots.token_boxes drew, with the same merges.

import { bytePairTokenizer } from "./bytepair.js";
import { element, textField } from "./elements.js";
import { kit, startFigures } from "./kit.js";

const LONGEST = 400; // characters; beyond that nobody reads the boxes

function start(figure) {
  const { text, merges } = JSON.parse(figure.dataset.figure);
  const tokenizer = bytePairTokenizer(merges);
  figure.replaceChildren();
  figure.classList.add("live");

  const controls = element("div", { class: "live-text" }, figure);
  const field = textField(controls, "A text of your own", LONGEST);
  const list = element("ol", { class: "live-tokens", "aria-label": "Its tokens, each with its id" }, controls);
  const told = element("p", { class: "live-told", role: "status" }, controls);

  function update() {
    const ids = tokenizer.encode(field.value);
    list.replaceChildren();
    for (const id of ids) {
      const item = element("li", {}, list);
      element("span", { class: "live-token" }, item).textContent = tokenizer.readable(id);
      element("span", { class: "live-id" }, item).textContent = id;
    }
    const size = new TextEncoder().encode(field.value).length;
    told.textContent = `${ids.length} tokens for ${size} bytes.`;
  }

  field.value = text;
  field.addEventListener("input", update);
  update();
  kit(figure, { text: field });
}

startFigures("byte-pair", start);
