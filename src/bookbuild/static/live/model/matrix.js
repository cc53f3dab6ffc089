// What a forward pass is made of, in the reader's browser. A matrix keeps its rows one after another; sums run in double
// precision, results are kept in single, as the weights are. The tests compare the models made of these with PyTorch.

export function matrix(rows, columns, data = new Float32Array(rows * columns)) {
  return { rows, columns, data };
}

export function row(x, i) {
  return x.data.subarray(i * x.columns, (i + 1) * x.columns);
}

/** Return the rows with these numbers: an embedding table's vectors of some ids. */
export function pick(table, ids) {
  const picked = matrix(ids.length, table.columns);
  ids.forEach((id, i) => row(picked, i).set(row(table, id)));
  return picked;
}

export function map(x, change) {
  return matrix(x.rows, x.columns, x.data.map(change));
}

export function add(x, y) {
  return map(x, (value, i) => value + y.data[i]);
}

export function transposed(x) {
  const turned = matrix(x.columns, x.rows);
  x.data.forEach((value, i) => {
    turned.data[(i % x.columns) * x.rows + Math.floor(i / x.columns)] = value;
  });
  return turned;
}

/** Return x above y: the cache above what is new. */
export function stacked(x, y) {
  const both = matrix(x.rows + y.rows, y.columns);
  both.data.set(x.data);
  both.data.set(y.data, x.data.length);
  return both;
}

/** Return x Wᵀ + b. The weight has a row for each output, as in torch.nn.Linear. */
export function linear(x, weight, bias = null) {
  const y = matrix(x.rows, weight.rows);
  for (let i = 0; i < x.rows; i++) {
    const input = row(x, i);
    for (let output = 0; output < weight.rows; output++) {
      let sum = bias ? bias.data[output] : 0;
      for (let k = 0, w = output * weight.columns; k < input.length; k++, w++) sum += input[k] * weight.data[w];
      y.data[i * y.columns + output] = sum;
    }
  }
  return y;
}

/** Return each row with mean 0 and variance 1, times the weight, plus the bias. */
export function layerNorm(x, weight, bias, epsilon) {
  const y = matrix(x.rows, x.columns);
  for (let i = 0; i < x.rows; i++) {
    const input = row(x, i);
    const mean = input.reduce((sum, value) => sum + value, 0) / input.length;
    const variance = input.reduce((sum, value) => sum + (value - mean) ** 2, 0) / input.length;
    const scale = 1 / Math.sqrt(variance + epsilon);
    row(y, i).set(input.map((value, k) => (value - mean) * scale * weight.data[k] + bias.data[k]));
  }
  return y;
}

/** Return each row divided by its root mean square, times the weight. */
export function rmsNorm(x, weight, epsilon) {
  const y = matrix(x.rows, x.columns);
  for (let i = 0; i < x.rows; i++) {
    const input = row(x, i);
    const scale = 1 / Math.sqrt(input.reduce((sum, value) => sum + value * value, 0) / input.length + epsilon);
    row(y, i).set(input.map((value, k) => value * scale * weight.data[k]));
  }
  return y;
}

/** The error function, to 1.5e-7 (Abramowitz and Stegun, 7.1.26); JavaScript has none. */
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}

export const gelu = (x) => 0.5 * x * (1 + erf(x / Math.SQRT2));

/** GPT-2's approximation of it. */
export const geluNew = (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

export const relu = (x) => Math.max(0, x);
