// Attention in the reader's browser. The tests compare each function with the Python lesson of the same name.

/** Turn scores into positive weights that sum to one. */
export function softmax(scores) {
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

export function dot(a, b) {
  return a.reduce((sum, x, i) => sum + x * b[i], 0);
}

/** Return the mixture of values that a query reads, and the weight of each value (lessons.attention.lookup). */
export function softLookup(query, keys, values, temperature = 1) {
  const weights = softmax(keys.map((key) => dot(query, key) / temperature));
  const mixed = values[0].map((_, d) => dot(weights, values.map((value) => value[d])));
  return { mixed, weights };
}
