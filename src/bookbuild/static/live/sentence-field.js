// A field for a sentence of the reader's own, which one of the book's models reads in the reader's browser.

import { button, element, textField } from "./elements.js";

const LONGEST = 200; // characters
const CHOICES = 5; // next words to choose from

let worker = null;
let asked = 0;
const waiting = new Map(); // what to do with an answer, by the question's number

/** Return a promise of what the model read; the worker starts, and the model is loaded, at the first question. */
function read(question) {
  if (!worker) {
    worker = new Worker(new URL("./model/worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data: { number, ...answer } }) => {
      waiting.get(number)(answer);
      waiting.delete(number);
    };
    worker.onerror = () => {
      waiting.forEach((answered) => answered({ error: "The model cannot run in this browser; the map stays." }));
      waiting.clear();
    };
  }
  return new Promise((answered) => {
    asked += 1;
    waiting.set(asked, answered);
    worker.postMessage({ number: asked, ...question });
  });
}

/**
 * Lay out the field; `show` gets what the model read. Return what adds a button that goes on with a word, or one that
 * writes another text, and what asks again with other options.
 *
 * @param reads   the model's kind and the first sentence
 * @param options what else the model is told
 */
export function sentenceField(parent, { kind, text }, show, options = {}) {
  const controls = element("div", { class: "live-text" }, parent);
  const field = textField(controls, "A sentence of your own", LONGEST);
  field.setAttribute("autocapitalize", "none"); // the words of the book's models are lower case
  const buttons = element("div", {}, controls);
  const reset = button(buttons, "First sentence");
  const told = element("p", { class: "live-told", role: "status" }, controls);
  const row = element("div", { class: "live-choices" }, controls);
  const choices = Array.from({ length: CHOICES }, () => button(row, ""));
  let next = [];
  let busy = false;
  let late = false; // whether something has changed since the model was asked

  async function update() {
    late = busy;
    if (busy) return; // the answer that is on its way asks again
    busy = true;
    if (!worker) told.textContent = "Loading the model …";
    let answer;
    try {
      answer = await read({ kind, text: field.value, ...options });
    } catch {
      answer = { error: "The model runs on the website only; the map stays." };
    }
    busy = false;
    if (late) {
      update();
      return;
    }
    told.textContent = answer.error ?? answer.told;
    if (answer.error) return;
    next = answer.next ?? [];
    // The buttons stay and change their words, so that a keyboard's focus stays, too.
    choices.forEach((choice, i) => {
      choice.hidden = i >= next.length;
      if (next[i]) choice.textContent = `${next[i].word} ${next[i].share.toFixed(2)}`;
    });
    show(answer);
  }

  function write(value) {
    field.value = value;
    update();
  }

  const goOn = (word) => write(`${field.value.trimEnd()} ${word}`);

  choices.forEach((choice, i) => {
    choice.hidden = true;
    choice.addEventListener("click", () => goOn(next[i].word));
  });
  field.value = text;
  field.addEventListener("input", update);
  reset.addEventListener("click", () => write(text));
  return {
    input: field,
    choose: (label, pick) => button(buttons, label).addEventListener("click", () => write(pick(field.value))),
    offer: (label, choose) => button(buttons, label).addEventListener("click", () => goOn(choose())),
    ask(changed) {
      options = changed;
      update();
    },
  };
}
