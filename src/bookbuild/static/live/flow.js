// A sentence on its way through a whole model: step by step, from a bird's view down to one head's numbers, forwards and
// backwards. It takes the place of the still that lessons.plots.flow_figure drew, with the same boxes. The numbers are
// those of the model in this browser; it is loaded at the first step.

import { button, element, stepper } from "./elements.js";
import { boxDrawing } from "./flow-drawing.js";
import { inWords, likely, numberView, sizesOf, tableOf } from "./flow-numbers.js";
import { kit, startFigures } from "./kit.js";
import { sentenceField } from "./sentence-field.js";

const SITE = new URL("../../", import.meta.url);

/** Return all steps of a model: each box, and behind each block what is inside it. */
function stepsOf({ whole, insides }) {
  return whole.boxes.flatMap((box) => {
    const parts = box.inside ? insides[box.inside].boxes.filter((part) => part.told) : [];
    return [{ box }, ...parts.map((part) => ({ box: part, within: box }))];
  });
}

/** Return the page of the book that describes an object of the package. */
function pageOf(path) {
  const [, topic, ...parts] = path.split(".");
  const room = parts.length > 2 ? `/${parts[0].replaceAll("_", "-")}` : "";
  return new URL(`book/reference/api/${topic}${room}.html#${path}`, SITE).href;
}

function start(figure) {
  const { text, models } = JSON.parse(figure.dataset.figure);
  const kinds = Object.keys(models);
  const steps = Object.fromEntries(kinds.map((kind) => [kind, stepsOf(models[kind])]));
  figure.replaceChildren();
  figure.classList.add("live");
  let answer = null; // what the model read last
  let asked = null; // which model was asked last

  const field = sentenceField(figure, { kind: kinds[0], text }, (read) => { answer = read; update(); changed(); }, { how: "passed" });
  const choice = element("label", { class: "flow-choice" }, figure);
  element("span", {}, choice).textContent = "Family";
  const family = element("select", { class: "flow-family" }, choice);
  kinds.forEach((kind) => { element("option", { value: kind }, family).textContent = models[kind].model; });

  const panes = element("div", { class: "flow-panes" }, figure);
  const side = element("div", { class: "flow-side" }, panes);
  const draw = boxDrawing(side, (box) => press(box));
  const story = element("div", { class: "flow-story" }, panes);
  const buttons = element("div", { class: "flow-buttons" }, story);
  const [back, next, level] = ["Back", "Next", "Open"].map((label) => button(buttons, label));
  const controls = element("div", { class: "live-controls" }, story);
  const step = stepper(controls, "Step");
  const told = element("p", { class: "live-told", role: "status" }, story);
  const code = element("p", { class: "flow-code" }, story);
  const show = numberView(story);
  const choices = element("div", { class: "live-controls" }, story);
  const head = stepper(choices, "Head");
  const place = stepper(choices, "Token", 4);

  const all = () => steps[family.value] ?? steps[kinds[0]];
  const index = () => step.at(all().length);
  const go = (to) => step.set(to);

  /** Return the place of the step on this side of the present one, at the same height. */
  function neighbor(by) {
    const { within } = all()[index()];
    let to = index() + by;
    while (all()[to] && !within && all()[to].within) to += by;
    return all()[to] && to;
  }

  function press(box) {
    const { within } = all()[index()];
    const outer = within ?? all()[index()].box;
    if (box === all()[index()].box && box.inside) go(index() + 1);
    else go(all().findIndex((one) => one.box === box && (!one.within || one.within === outer)));
  }

  /** Return a box's probe by its whole name. */
  const nameOf = ({ box, within }) => (within ? `${within.prefix}.${box.probe}` : box.probe);

  function ask() {
    const first = !asked && family.value === kinds[0] && index() === 0;
    if (first || asked === family.value) return;
    asked = family.value;
    field.ask({ kind: asked, how: "passed" });
  }

  /** Return what is known of a step: what passed there, and which tokens look at which. */
  function factsOf(one, model) {
    const read = answer?.kind === family.value ? answer : null;
    const [tokens, target] = read ? [read.tokens, read.written] : model.words;
    const probe = nameOf(one);
    const decodes = probe === "written" || /^(embedded_target|decoder)/.test(probe) || (probe === "logits" && target?.length > 0);
    const queries = decodes ? target : tokens;
    const keys = probe.includes(".cross.") ? tokens : queries;
    const ids = read && (decodes ? read.target : read.ids);
    return { read, probe, queries, keys, ids, view: one.box.view, vocabulary: read?.vocabulary, seen: read?.seen };
  }

  function sizes(probe, facts, model) {
    if (probe === "tokens") return [(facts.read?.tokens ?? model.words[0]).length];
    if (probe === "written") return [(facts.read?.written ?? model.words[1]).length];
    return facts.read ? sizesOf(facts.read.seen[probe]) : model.shapes[probe];
  }

  function seenNow() {
    const model = models[family.value] ?? models[kinds[0]];
    const one = all()[index()];
    const facts = factsOf(one, model);
    const heads = facts.seen?.[facts.probe]?.heads ?? (Array.isArray(facts.seen?.[facts.probe]) ? facts.seen[facts.probe].length : 1);
    const shape = sizes(facts.probe, facts, model).join(" × ");
    const within = one.within ? `${one.within.name}, ` : "";
    const title = `${model.model}, ${within}${one.box.name.split("#")[0]}${heads > 1 ? `, head ${head.at(heads)}` : ""}`;
    return { ...facts, model, one, heads, shape, title, head: head.at(heads), place: place.at(facts.queries.length) };
  }

  function update() {
    const now = seenNow();
    const { model, one, shape, title, heads, probe, queries } = now;
    const drawing = one.within ? model.insides[one.within.inside] : model.whole;
    const prefix = one.within ? `${one.within.prefix}.` : "";
    const shapeOf = (box) => sizes(box.probe === "memory" ? "memory" : `${prefix}${box.probe}`, now, model).join(" × ");
    const list = drawing.boxes.map((box) => `${box.name.split("#")[0]} ${shapeOf(box)}`).join(", ");
    draw(drawing, one.box, shapeOf, `${one.within ? `Inside ${one.within.name}` : model.model}, from below to above: ${list}. Now at ${one.box.name.split("#")[0]}.`);
    const known = now.view === "tokens" || now.read;
    step.show(all().length, `${index() + 1} of ${all().length}`);
    head.row.hidden = heads < 2;
    place.row.hidden = !known || now.view === "tokens";
    head.show(Math.max(heads, 1), String(now.head));
    place.show(queries.length, queries[now.place]);
    const detail = known ? ` ${inWords(now)}` : "";
    told.textContent = `${title} (${shape}). ${one.box.told}${detail}`.trim();
    code.replaceChildren();
    (one.box.code ?? []).forEach((path) => {
      element("a", { href: pageOf(path), class: "live-link" }, code).textContent = path;
    });
    back.disabled = neighbor(-1) === undefined;
    next.disabled = neighbor(1) === undefined;
    level.textContent = one.within ? "Close" : "Open";
    level.disabled = !one.within && !one.box.inside;
    if (known) show(now);
    else show({ ...now, view: "none" });
    ask();
  }

  function table() {
    const now = seenNow();
    const caption = `${now.title}: ${now.shape}`;
    if (now.view === "tokens") {
      return { caption, head: ["token", "number"], rows: now.queries.map((word, i) => [word, String(now.ids?.[i] ?? "")]) };
    }
    if (!now.read) return { caption, head: ["token"], rows: now.queries.map((word) => [word]) };
    const numbers = tableOf(now.seen[now.probe], now.head);
    if (now.view === "logits") {
      const best = likely(numbers[now.place], now.vocabulary, 10);
      return {
        caption: `${caption}, at “${now.queries[now.place]}”`,
        head: ["token", "logit", "probability"],
        rows: best.map(({ word, logit, share }) => [word, logit.toFixed(3), share.toFixed(3)]),
      };
    }
    const rows = /\.(key|value)$/.test(now.probe) ? now.keys : now.queries;
    const across = ["map", "scores"].includes(now.view) ? now.keys : numbers[0].map((_, j) => String(j));
    return { caption, head: ["token", ...across], rows: numbers.map((row, i) => [rows[i], ...row.map((x) => x.toFixed(3))]) };
  }

  back.addEventListener("click", () => go(neighbor(-1)));
  next.addEventListener("click", () => go(neighbor(1)));
  level.addEventListener("click", () => {
    const { within } = all()[index()];
    go(within ? all().findIndex((one) => one.box === within) : index() + 1);
  });
  family.addEventListener("input", () => {
    if (!models[family.value]) family.value = kinds[0]; // a link may ask for one that is not there
    update();
  });
  for (const { kept } of [step, head, place]) kept.addEventListener("input", update);
  update();
  const changed = kit(
    figure,
    { text: field.input, family, step: step.kept, head: head.kept, token: place.kept },
    { table },
  );
}

startFigures("flow", start);
