// A field for a sentence of the reader's own, which a model reads in the reader's browser: one of the book's, or MiniLM.
// MiniLM is large; it is loaded when the reader says so, and kept by the browser.

import { button, element, textField } from "./elements.js";

const LONGEST = 200; // characters
const CHOICES = 5; // next words to choose from

let worker = null;
let asked = 0;
const waiting = new Map(); // what to do with an answer, by the question's number

/** Give all that wait an answer, such as that there will be none. */
function answerAll(answer) {
  waiting.forEach(({ answered }) => answered(answer));
  waiting.clear();
}

/**
 * Return a promise of what the model read; the worker starts, and the model is loaded, at the first question.
 *
 * @param told (percent) → nothing: told how much of a large model has come
 */
function read(question, told = () => {}) {
  if (!worker) {
    worker = new Worker(new URL("./model/worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data: { number, percent, ...answer } }) => {
      const one = waiting.get(number);
      if (percent !== undefined) one?.told(percent);
      else if (waiting.delete(number)) one.answered(answer);
    };
    worker.onerror = () => stop("The model did not start: no connection, or a browser that cannot run it. What is drawn stays; write on to try again.");
  }
  return new Promise((answered) => {
    asked += 1;
    waiting.set(asked, { answered, told });
    worker.postMessage({ number: asked, ...question });
  });
}

/** Let go of the worker, of which nobody waits for an answer any more; the next question starts another one. */
function stop(told) {
  worker?.terminate();
  worker = null;
  answerAll({ error: told });
}

const NO_GATE = { isOpen: true, told: () => {}, end: () => {} };

/**
 * Lay out what stands before a large model: its size, a button that loads it, stops that, or lets the browser forget it,
 * and how far it is. Return whether the model may be asked, what is told the progress, and how it ended.
 *
 * @param ask what asks the model; it loads what is not there
 */
function gateFor(parent, ask) {
  const box = element("div", { class: "live-demand" }, parent);
  const said = element("p", {}, box);
  const act = button(box, "");
  const bar = element("progress", { max: 100, value: 0, "aria-label": "Loading MiniLM" }, box);
  const gate = { isOpen: false };
  let [address, size, next] = [null, "", () => {}];

  function show(text, label = "", then = () => {}) {
    said.textContent = text;
    act.textContent = label;
    act.hidden = !label;
    bar.hidden = !gate.isLoading;
    next = then;
  }

  const offer = () => show(`To read another sentence, this page loads MiniLM: ${size}. The browser keeps it.`, `Load MiniLM, ${size}`, load);

  function load() {
    gate.isOpen = true;
    gate.isLoading = true;
    bar.value = 0;
    show(`Loading MiniLM, ${size} …`, "Stop", () => stop("Stopped; what is drawn stays."));
    ask();
  }

  async function forget() {
    for (const name of await caches.keys()) await (await caches.open(name)).delete(address);
    show("The browser keeps MiniLM no more. This page reads with it until you leave.");
    parent.querySelector("textarea").focus(); // the button is gone
  }

  async function keep() {
    const kept = await globalThis.caches?.match(address).catch(() => null);
    if (kept) show(`MiniLM is kept in this browser: ${size}.`, "Remove it from this browser", forget);
    else if (gate.isOpen) show("MiniLM is here until you leave this page: this browser does not keep it.");
    else offer();
    return Boolean(kept);
  }

  gate.told = (percent) => { bar.value = percent; };
  gate.end = ({ error }) => {
    if (!gate.isLoading) return;
    gate.isLoading = false;
    gate.isOpen = !error;
    keep().then((isKept) => { gate.isOpen ||= isKept; }); // it came, and cannot read this text
  };
  act.addEventListener("click", () => next());
  show("");
  const folder = new URL("../models/minilm/", import.meta.url);
  fetch(new URL("file.json", folder)).then((file) => file.json()).then(async ({ name, bytes }) => {
    address = new URL(name, folder).href;
    size = `${(bytes / 1e6).toFixed(1)} MB`;
    gate.isOpen = await keep();
    if (gate.isOpen) ask();
  }).catch(() => show("MiniLM reads other sentences on the website only."));
  return gate;
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
  // A model that is kept is not read before there is something to read.
  const gate = kind === "minilm" ? gateFor(controls, () => (gate.isLoading || field.value !== text) && update()) : NO_GATE;
  const row = element("div", { class: "live-choices" }, controls);
  const choices = Array.from({ length: CHOICES }, () => button(row, ""));
  let next = [];
  let busy = false;
  let late = false; // whether something has changed since the model was asked

  async function update() {
    late = busy;
    if (busy) return; // the answer that is on its way asks again
    if (!gate.isOpen) {
      told.textContent = field.value === text ? "" : "What is drawn is of the first sentence: load the model to read yours.";
      return;
    }
    busy = true;
    if (!worker && !gate.isLoading) told.textContent = "Loading the model …";
    let answer;
    try {
      answer = await read({ kind, text: field.value, ...options }, gate.told);
    } catch {
      answer = { error: "The model runs on the website only; what is drawn stays." };
    }
    busy = false;
    gate.end(answer);
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
