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
  const y = matrix(x.rows, x.columns);
  for (let i = 0; i < y.data.length; i++) y.data[i] = change(x.data[i]);
  return y;
}

export function add(x, y) {
  const sum = matrix(x.rows, x.columns);
  for (let i = 0; i < sum.data.length; i++) sum.data[i] = x.data[i] + y.data[i];
  return sum;
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

const AT_ONCE = 8;

/** Return eight dot products of the same weights. A processor goes on with seven sums while it waits for one. */
function eightDots(inputs, weights, begin, size, sums) {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = 0, w = begin; k < AT_ONCE * size; k += AT_ONCE, w++) {
    const weight = weights[w];
    a += inputs[k] * weight;
    b += inputs[k + 1] * weight;
    c += inputs[k + 2] * weight;
    d += inputs[k + 3] * weight;
    e += inputs[k + 4] * weight;
    f += inputs[k + 5] * weight;
    g += inputs[k + 6] * weight;
    h += inputs[k + 7] * weight;
  }
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
  sums[4] = e;
  sums[5] = f;
  sums[6] = g;
  sums[7] = h;
}

function dot(inputs, from, weights, begin, size) {
  let sum = 0;
  for (let k = from, w = begin; k < from + size; k++, w++) sum += inputs[k] * weights[w];
  return sum;
}

/** Return x Wᵀ + b of one row x, as a step with a cache has; there it is eight outputs that are summed side by side. */
function alone(x, weight, bias) {
  const y = matrix(1, weight.rows);
  const { data: weights, columns: size } = weight;
  const inputs = x.data;
  let first = 0;
  for (; first + AT_ONCE <= weight.rows; first += AT_ONCE) {
    let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let k = 0, w = first * size; k < size; k++, w++) {
      const input = inputs[k];
      a += input * weights[w];
      b += input * weights[w + size];
      c += input * weights[w + 2 * size];
      d += input * weights[w + 3 * size];
      e += input * weights[w + 4 * size];
      f += input * weights[w + 5 * size];
      g += input * weights[w + 6 * size];
      h += input * weights[w + 7 * size];
    }
    y.data.set([a, b, c, d, e, f, g, h], first);
  }
  for (; first < weight.rows; first++) y.data[first] = dot(inputs, 0, weights, first * size, size);
  return bias ? add(y, bias) : y;
}

/** Return the rows of x, eight at a time, each eight with their numbers side by side; zeros stand for rows that lack. */
function sideBySide(x) {
  const groups = [];
  for (let first = 0; first < x.rows; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, x.rows - first);
    const together = count > 2; // one or two are sooner done by themselves
    const inputs = new Float64Array((together ? AT_ONCE : count) * x.columns);
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < x.columns; k++) {
        inputs[together ? AT_ONCE * k + i : i * x.columns + k] = x.data[(first + i) * x.columns + k];
      }
    }
    groups.push({ first, count, together, inputs });
  }
  return groups;
}

/**
 * Return x Wᵀ + b. The weight has a row for each output, as in torch.nn.Linear; `unpack`, where it has that, makes numbers
 * of a row.
 */
export function linear(x, weight, bias = null) {
  if (x.rows === 1 && !weight.unpack) return alone(x, weight, bias);
  const y = matrix(x.rows, weight.rows);
  const size = weight.columns;
  const sums = new Float64Array(AT_ONCE);
  const groups = sideBySide(x);
  for (let output = 0; output < weight.rows; output++) {
    const [weights, begin] = weight.unpack ? [weight.unpack(output), 0] : [weight.data, output * size];
    for (const { first, count, together, inputs } of groups) {
      if (together) eightDots(inputs, weights, begin, size, sums);
      else for (let i = 0; i < count; i++) sums[i] = dot(inputs, i * size, weights, begin, size);
      for (let i = 0; i < count; i++) y.data[(first + i) * y.columns + output] = sums[i] + (bias ? bias.data[output] : 0);
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
  for (let i = 0, first = 0; i < x.rows; i++, first += x.columns) {
    let sum = 0;
    for (let k = 0; k < x.columns; k++) sum += x.data[first + k] ** 2;
    const scale = 1 / Math.sqrt(sum / x.columns + epsilon);
    for (let k = 0; k < x.columns; k++) y.data[first + k] = x.data[first + k] * scale * weight.data[k];
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
