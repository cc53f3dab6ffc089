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
 * @param note     (name, value) → nothing: told what passes, under the names of lessons.blocks.attention_layer.Attention
 */
export function attend(queries, keys, values, heads, options = {}) {
  const size = queries.columns / heads;
  const { scale = 1 / Math.sqrt(size), bias = () => 0, visible = () => true, replaced = () => null, note = () => {} } = options;
  const mixed = matrix(queries.rows, queries.columns);
  const [raw, weights] = [[], []];
  for (let head = 0; head < heads; head++) {
    const first = head * size; // the head's columns begin here
    const [before, table] = [[], []];
    for (let i = 0; i < queries.rows; i++) {
      const query = row(queries, i).subarray(first, first + size);
      const [scores, seen] = [[], []];
      for (let j = 0; j < keys.rows; j++) {
        const key = j * keys.columns + first;
        let score = 0;
        for (let k = 0; k < size; k++) score += query[k] * keys.data[key + k];
        scores.push(score * scale + bias(head, i, j));
        seen.push(visible(i, j) ? scores[j] : -Infinity);
      }
      const shares = softmax(seen);
      const answer = row(mixed, i).subarray(first, first + size);
      for (let j = 0; j < keys.rows; j++) {
        const value = j * values.columns + first;
        for (let k = 0; k < size; k++) answer[k] += shares[j] * values.data[value + k];
      }
      if (replaced(head)) answer.set(replaced(head));
      before.push(scores);
      table.push(shares);
    }
    raw.push(before);
    weights.push(table);
  }
  for (const [name, x] of Object.entries({ query: queries, key: keys, value: values, mixed })) note(name, { ...x, heads });
  note("scores", raw);
  note("weights", weights);
  return { mixed, weights };
}
