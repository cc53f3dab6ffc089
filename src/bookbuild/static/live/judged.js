// Whether an answer to a question is right, and which of its replies is told.

/** Return the number that a reader wrote, or null: 16384, 16,384, 16 384, -0.5, .5, 1e-3. */
export function readNumber(text) {
  const bare = text.trim().replace(/^[−–]/, "-").replace(/(?<=\d)[\s_'’](?=\d)/g, "");
  const plain = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(bare) ? bare.replaceAll(",", "") : bare;
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,2})?$/i.test(plain) ? Number(plain) : null;
}

/** Return the place of the listed number that was given, or the place behind the last. */
export function numberReply(given, values, within) {
  const near = (value) => Math.abs(given - value) <= within + 1e-9 * Math.max(1, Math.abs(value));
  const place = values.findIndex(near);
  return place < 0 ? values.length : place;
}

/** Return the first thing that comes too early in an order of 0, 1, 2 …, or -1. */
export function tooEarly(order) {
  const place = order.findIndex((thing, i) => thing !== i);
  return place < 0 ? -1 : order[place];
}

/** Return the order that a text like "2 0 1" tells, or null if it is none of so many things. */
export function readOrder(text, count) {
  const order = text.split(" ").map(Number);
  const whole = order.length === count && [...order].sort((a, b) => a - b).every((thing, i) => thing === i);
  return whole ? order : null;
}
