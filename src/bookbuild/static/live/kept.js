// What a reader has answered. It is kept in this browser alone, as JSON under one name; nothing is sent.

export const KEY = "attention-under-the-hood/progress/1";
const BOOK = "attention-under-the-hood";
const VERSION = 1;
const MOST = 2000; // questions
const LONGEST = 200; // characters of an answer

export const REFUSED = "Your browser keeps nothing for this page, so this is forgotten when you leave it.";
export const FULL = "Your browser has no room left, so this is forgotten when you leave; what was kept before stays.";
export const BROKEN = "What your browser kept of your answers cannot be read, so nothing is added to it. The page “Your progress” can erase it.";

/** Return the browser's storage, or null where it is refused. */
export function storage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function isAnswer([label, kept]) {
  return /^[a-z0-9-]{1,80}$/.test(label) && isObject(kept)
    && Number.isInteger(kept.tried) && kept.tried > 0 && kept.tried < 1e6
    && typeof kept.right === "boolean"
    && typeof kept.answer === "string" && kept.answer.length <= LONGEST;
}

/** Return the answers that a text holds, by their questions' names; an error's message says what is wrong. */
export function parse(text) {
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    throw new Error("it is no JSON, or a part of it is missing");
  }
  if (!isObject(said) || said.book !== BOOK) throw new Error("it is no progress of this book");
  if (said.version !== VERSION) throw new Error("it is of another version of this book’s progress");
  if (!isObject(said.questions)) throw new Error("it lists no questions");
  const found = Object.entries(said.questions);
  if (found.length > MOST || !found.every(isAnswer)) throw new Error("one of its answers is damaged");
  return new Map(found.map(([label, { tried, right, answer }]) => [label, { tried, right, answer }]));
}

export function text(answers) {
  return JSON.stringify({ book: BOOK, version: VERSION, questions: Object.fromEntries(answers) }, null, 1);
}

/** Return what is known from both: a right answer stays right, and the larger number of tries counts. */
export function merged(ours, theirs) {
  const all = new Map(ours);
  for (const [label, other] of theirs) {
    const own = all.get(label);
    const better = !own || (other.right && !own.right) ? other : own;
    all.set(label, { ...better, tried: Math.max(other.tried, own?.tried ?? 0) });
  }
  return all;
}

/** Return the answers that are kept, and what hinders to read them, if anything does. */
export function read(place) {
  let kept;
  try {
    kept = place.getItem(KEY);
  } catch {
    return { answers: new Map(), problem: REFUSED };
  }
  if (kept === null) return { answers: new Map(), problem: "" };
  try {
    return { answers: parse(kept), problem: "" };
  } catch {
    return { answers: new Map(), problem: BROKEN };
  }
}

/** Keep the answers instead of those before; return what hinders, if anything does: then those before stay. */
export function write(place, answers) {
  try {
    place.setItem(KEY, text(answers));
    return "";
  } catch (error) {
    return place && error.name === "QuotaExceededError" ? FULL : REFUSED;
  }
}

/** Keep one more try at a question; return what hinders, if anything does. */
export function note(place, label, answer, right) {
  const { answers, problem } = read(place); // anew each time, for another tab may have answered
  if (problem) return problem;
  const before = answers.get(label);
  if (before?.right) return "";
  answers.set(label, { tried: Math.min((before?.tried ?? 0) + 1, 999999), right, answer });
  return write(place, answers);
}

/** Forget all answers; return what hinders, if anything does. */
export function erase(place) {
  try {
    place.removeItem(KEY);
    return "";
  } catch {
    return REFUSED;
  }
}
