// Questions at the end of a section: the reader answers, and is told why an answer is right or wrong.
// The page holds the question, its answers and all replies; this lays a form around them.

import { button, element } from "./elements.js";
import { numberReply, readNumber, readOrder, tooEarly } from "./judged.js";
import { note, read, storage } from "./kept.js";
import { whenNear } from "./near.js";

// Each kind adds its fields, and returns `answer`, which gives the reader's answer as a text, whether it is right and the
// place of its reply, or a problem; and `show`, which puts a kept answer into the fields.

function choice(box, fields) {
  const right = Number(box.dataset.right);
  const list = box.querySelector(".question-answers");
  const inputs = [...list.children].map((item, i) => {
    const words = [...item.children].flatMap((paragraph) => [...paragraph.childNodes]);
    item.replaceChildren();
    const row = element("label", { class: "live-check" }, item);
    const input = element("input", { type: "radio", name: box.dataset.question, value: i }, row);
    element("span", {}, row).textContent = `${"ABCDEFGHIJ"[i]}.`;
    element("span", {}, row).append(...words);
    return input;
  });
  fields.append(list);
  return {
    answer() {
      const place = inputs.findIndex((input) => input.checked);
      return place < 0 ? { problem: "Choose an answer first." } : { text: String(place), right: place === right, place };
    },
    show(text) {
      const input = inputs[Number(text)];
      if (input) input.checked = true;
    },
  };
}

function number(box, fields) {
  const { values, within, right, question } = box.dataset;
  const id = `number-${question}`;
  element("label", { for: id }, fields).textContent = "Your number";
  const input = element("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", maxlength: 24 }, fields);
  return {
    answer() {
      const given = readNumber(input.value);
      if (given === null) return { problem: "Write a number, like 12 or 0.5." };
      const place = numberReply(given, values.split(" ").map(Number), Number(within));
      return { text: input.value.trim(), right: place === Number(right), place };
    },
    show(text) {
      input.value = text;
    },
  };
}

/** Return what an element says, with each formula once, and without its last stop. */
function plainly(shown) {
  const copy = shown.cloneNode(true);
  copy.querySelectorAll("annotation, .katex-html").forEach((other) => other.remove());
  return copy.textContent.trim().replace(/[.:;]$/, "");
}

function order(box, fields, say) {
  const list = box.querySelector(".question-answers");
  const places = box.dataset.order.split(" ").map(Number);
  const steps = [...list.children].map((item, i) => {
    const name = plainly(item);
    const words = [...item.childNodes];
    const row = element("div", { class: "question-step" }, item);
    element("div", {}, row).append(...words);
    const step = { item, name, place: places[i] };
    for (const [label, by] of [["Up", -1], ["Down", 1]]) {
      const made = button(row, label);
      made.setAttribute("aria-label", `${label}: ${name}`);
      made.addEventListener("click", () => move(step, by, made));
    }
    return step;
  });
  const sorted = element("ol", { class: list.className }, fields);
  list.remove();

  function lay() {
    for (const { item } of steps) sorted.append(item);
  }

  function move(step, by, pressed) {
    const from = steps.indexOf(step);
    const to = from + by;
    if (to < 0 || to >= steps.length) {
      say(`It is ${by < 0 ? "first" : "last"} already.`);
      return;
    }
    steps.splice(to, 0, ...steps.splice(from, 1));
    lay();
    pressed.focus(); // which it lost when it was moved
    say(`${step.name}: now ${to + 1} of ${steps.length}.`);
  }

  lay();
  return {
    answer() {
      const given = steps.map(({ place }) => place);
      const early = tooEarly(given);
      const named = steps.find(({ place }) => place === early)?.name;
      return { text: given.join(" "), right: early < 0, place: early, told: named && `Too early: ${named}.` };
    },
    show(text) {
      const kept = readOrder(text, steps.length);
      if (!kept) return;
      steps.sort((a, b) => kept.indexOf(a.place) - kept.indexOf(b.place));
      lay();
    },
  };
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function cell(box, fields) {
  const { right, question } = box.dataset;
  const replied = box.dataset.cells.split(" ");
  const held = box.querySelector(".question-cells");
  const columns = [...held.querySelectorAll("thead th")].slice(1).map(plainly);
  const names = new Map();
  const inputs = [...held.querySelectorAll("tbody tr")].map((line, i) => {
    const [first, ...rest] = line.children;
    return rest.map((one, j) => {
      const said = plainly(one);
      names.set(`${i}.${j}`, `${plainly(first)} → ${columns[j]}${said && `: ${said}`}`);
      return element("input", { type: "radio", name: question, value: `${i}.${j}`, "aria-label": names.get(`${i}.${j}`) }, one);
    });
  });
  // As in a grid: browsers lead from one radio button to the next whatever the arrow.
  held.addEventListener("keydown", (event) => {
    const [down, on] = ARROWS[event.key] ?? [];
    const i = inputs.findIndex((line) => line.includes(event.target));
    if (down === undefined || i < 0) return;
    event.preventDefault();
    const next = inputs[i + down]?.[inputs[i].indexOf(event.target) + on];
    next?.focus();
    next?.click();
  });
  fields.append(held);
  return {
    answer() {
      const chosen = inputs.flat().find((input) => input.checked)?.value;
      if (!chosen) return { problem: "Choose a cell first." };
      const place = replied.indexOf(chosen);
      return { text: chosen, right: place === Number(right), place: place < 0 ? replied.length : place, told: `${names.get(chosen)}.` };
    },
    show(text) {
      const input = inputs.flat().find(({ value }) => value === text);
      if (input) input.checked = true;
    },
  };
}

const KINDS = { choice, number, order, cell };

function start(box) {
  const { question, kind } = box.dataset;
  const told = box.querySelector(".question-told");
  const form = element("form", { class: "question-form", novalidate: "" }, box);
  told.before(form);
  const fields = element("fieldset", { "aria-labelledby": `asked-${question}` }, form);
  const said = element("div", { class: "question-said", role: "status" }, form);
  const { answer, show } = KINDS[kind](box, fields, (text) => said.replaceChildren(text));
  button(fields, "Check", "submit");

  /** Tell whether an answer is right and why, and what hindered to keep it. */
  function tell(given, problem) {
    said.replaceChildren();
    element("strong", {}, said).textContent = given.right ? "Right." : "Not yet.";
    if (given.told) element("p", {}, said).textContent = given.told;
    const reply = told.querySelectorAll(":scope > ul > li, :scope > ol > li")[given.place];
    if (reply) {
      const words = reply.cloneNode(true);
      if (kind === "order") words.replaceChildren(...[...words.children].slice(1)); // not the step itself
      words.querySelector(".question-verdict")?.remove();
      said.append(...words.childNodes);
    }
    if (problem) element("p", { class: "question-problem" }, said).textContent = problem;
    told.hidden = false;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = answer();
    if (given.problem) said.replaceChildren(given.problem);
    else tell(given, note(storage(), question, given.text, given.right));
  });

  told.hidden = true; // until the reader has tried; never on paper
  const kept = read(storage()).answers.get(question);
  if (!kept) return;
  show(kept.answer);
  const given = answer(); // judged by the page as it is now
  if (!given.problem) tell(given, "");
}

whenNear(document.querySelectorAll(".question"), start);
