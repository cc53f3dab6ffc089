// Attention of several heads, in the reader's browser.

import { softmax } from "../attention.js";
import { matrix, row } from "./matrix.js";

/**
 * Return what each query reads, the heads' parts side by side, and the weights: for each head a row for each query.
 *
 * @param queries, keys, values  matrices whose columns the heads share out
 * @param scale    what scores are multiplied by
 * @param bias     (head, query, key) → what is added to a score
 * @param visible  (query, key) → whether the query may look there
 * @param replaced (head) → what is put in place of the head's answers, or null
 */
export function attend(queries, keys, values, heads, options = {}) {
  const size = queries.columns / heads;
  const { scale = 1 / Math.sqrt(size), bias = () => 0, visible = () => true, replaced = () => null } = options;
  const mixed = matrix(queries.rows, queries.columns);
  const weights = [];
  for (let head = 0; head < heads; head++) {
    const part = (x, i) => row(x, i).subarray(head * size, (head + 1) * size);
    const table = [];
    for (let i = 0; i < queries.rows; i++) {
      const query = part(queries, i);
      const scores = [];
      for (let j = 0; j < keys.rows; j++) {
        const key = part(keys, j);
        let score = 0;
        for (let k = 0; k < size; k++) score += query[k] * key[k];
        scores.push(visible(i, j) ? score * scale + bias(head, i, j) : -Infinity);
      }
      const shares = softmax(scores);
      const answer = part(mixed, i);
      shares.forEach((share, j) => part(values, j).forEach((value, k) => { answer[k] += share * value; }));
      if (replaced(head)) answer.set(replaced(head));
      table.push(shares);
    }
    weights.push(table);
  }
  return { mixed, weights };
}
