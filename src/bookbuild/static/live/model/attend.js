// Attention of several heads, in the reader's browser.

import { softmax } from "../attention.js";
import { matrix } from "./matrix.js";

/**
 * Return what each query reads, the heads' parts side by side, and the weights: for each head a row for each query.
 *
 * @param queries, keys, values  matrices whose columns the heads share out
 * @param scale    what scores are multiplied by
 * @param bias     (head, query, key) → what is added to a score
 * @param visible  (query, key) → whether the query may look there; null: everywhere
 * @param replaced (head) → what is put in place of the head's answers, or null
 * @param note     (name, value) → nothing: told what passes, under the names of lessons.blocks.attention_layer.Attention
 */
export function attend(queries, keys, values, heads, options = {}) {
  const size = queries.columns / heads;
  const { scale = 1 / Math.sqrt(size), bias = () => 0, visible = null, replaced = () => null, note = () => {} } = options;
  const mixed = matrix(queries.rows, queries.columns);
  const [raw, weights] = [[], []];
  for (let head = 0; head < heads; head++) {
    const first = head * size; // the head's columns begin here
    const [before, table] = [[], []];
    for (let i = 0; i < queries.rows; i++) {
      const own = i * queries.columns + first;
      const scores = [];
      for (let j = 0, key = first; j < keys.rows; j++, key += keys.columns) {
        let score = 0;
        for (let k = 0; k < size; k++) score += queries.data[own + k] * keys.data[key + k];
        scores.push(score * scale + bias(head, i, j));
      }
      const shares = softmax(visible ? scores.map((score, j) => (visible(i, j) ? score : -Infinity)) : scores);
      for (let j = 0, value = first; j < values.rows; j++, value += values.columns) {
        for (let k = 0; k < size; k++) mixed.data[own + k] += shares[j] * values.data[value + k];
      }
      const instead = replaced(head);
      if (instead) mixed.data.set(instead, own);
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
