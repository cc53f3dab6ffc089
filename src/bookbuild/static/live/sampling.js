// Filters of the next token's logits in the reader's browser. The tests compare each function with the Python lesson
// of the same name (lessons.generation.filters). A token that is ruled out gets −∞.

import { softmax } from "./attention.js";

export function scaleByTemperature(logits, temperature) {
  return logits.map((logit) => logit / temperature);
}

/** Rule out all but the k most probable tokens; ties with the last one stay too. */
export function keepTopK(logits, k) {
  const lastKept = [...logits].sort((a, b) => b - a)[Math.min(k, logits.length) - 1];
  return logits.map((logit) => (logit < lastKept ? -Infinity : logit));
}

/** Rule out a token if it and all the less probable ones together have at most 1 − p; never the most probable one. */
export function keepTopP(logits, p) {
  const probabilities = softmax(logits);
  const ascending = logits.map((_, i) => i).sort((a, b) => logits[a] - logits[b]);
  const kept = [...logits];
  let tail = 0;
  for (const i of ascending.slice(0, -1)) {
    tail += probabilities[i];
    if (tail <= 1 - p) kept[i] = -Infinity;
  }
  return kept;
}

/** Return the probabilities that temperature, top-k and top-p leave, in this order. */
export function filtered(logits, { temperature, k, p }) {
  return softmax(keepTopP(keepTopK(scaleByTemperature(logits, temperature), k), p));
}

/** Return the place at which a number from 0 to 1 falls, where each place is as wide as its probability. */
export function drawn(probabilities, chance) {
  let sum = 0;
  const place = probabilities.findIndex((share) => (sum += share) > chance);
  return place < 0 ? probabilities.findLastIndex((share) => share > 0) : place; // sums may round to less than 1
}
