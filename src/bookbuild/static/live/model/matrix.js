// What a forward pass is made of, in the reader's browser. A matrix keeps its rows one after another; sums run in double
// precision, results are kept in single, as the weights are. The tests compare the models made of these with PyTorch.

const [SMALL, SHEET] = [1024, 16384]; // numbers
let [sheet, used] = [null, SHEET];

/** Return so many zeros. Few of them share a sheet with others, for a browser takes longer to find room than to fill it. */
function zeros(count) {
  if (count > SMALL) return new Float32Array(count);
  if (used + count > SHEET) [sheet, used] = [new ArrayBuffer(SHEET * Float32Array.BYTES_PER_ELEMENT), 0];
  used += count;
  return new Float32Array(sheet, (used - count) * Float32Array.BYTES_PER_ELEMENT, count);
}

export function matrix(rows, columns, data = zeros(rows * columns)) {
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

const [ROWS, OUTPUTS] = [4, 3]; // of a tile
export const MOST = 8; // outputs that are summed side by side

/** Write a tile of x Wᵀ, four rows by three outputs: seven numbers are read for twelve products. */
function tile(x, first, weights, begin, y, output) {
  const { data: inputs, columns: size } = x;
  let a0 = 0, a1 = 0, a2 = 0, b0 = 0, b1 = 0, b2 = 0;
  let c0 = 0, c1 = 0, c2 = 0, d0 = 0, d1 = 0, d2 = 0;
  for (let k = first * size, w = begin; w < begin + size; k++, w++) {
    const p = weights[w];
    const q = weights[w + size];
    const r = weights[w + 2 * size];
    const a = inputs[k];
    a0 += a * p;
    a1 += a * q;
    a2 += a * r;
    const b = inputs[k + size];
    b0 += b * p;
    b1 += b * q;
    b2 += b * r;
    const c = inputs[k + 2 * size];
    c0 += c * p;
    c1 += c * q;
    c2 += c * r;
    const d = inputs[k + 3 * size];
    d0 += d * p;
    d1 += d * q;
    d2 += d * r;
  }
  writeThree(y, first, output, a0, a1, a2);
  writeThree(y, first + 1, output, b0, b1, b2);
  writeThree(y, first + 2, output, c0, c1, c2);
  writeThree(y, first + 3, output, d0, d1, d2);
}

function writeThree(y, i, output, p, q, r) {
  const at = i * y.columns + output;
  y.data[at] = p;
  y.data[at + 1] = q;
  y.data[at + 2] = r;
}

/** Write eight outputs of one row: a processor goes on with seven sums while it waits for one. */
function alone(x, i, weights, begin, y, output, filled) {
  const { data: inputs, columns: size } = x;
  let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
  for (let n = 0; n < filled.length; n++) {
    const input = inputs[i * size + filled[n]];
    const w = begin + filled[n];
    a += input * weights[w];
    b += input * weights[w + size];
    c += input * weights[w + 2 * size];
    d += input * weights[w + 3 * size];
    e += input * weights[w + 4 * size];
    f += input * weights[w + 5 * size];
    g += input * weights[w + 6 * size];
    h += input * weights[w + 7 * size];
  }
  const at = i * y.columns + output;
  y.data[at] = a;
  y.data[at + 1] = b;
  y.data[at + 2] = c;
  y.data[at + 3] = d;
  y.data[at + 4] = e;
  y.data[at + 5] = f;
  y.data[at + 6] = g;
  y.data[at + 7] = h;
}

/** Return the columns that have a number other than 0. A relu leaves few of them, and zeros add nothing to a sum. */
function filledColumns(x) {
  const filled = [];
  for (let k = 0; k < x.columns; k++) {
    let at = k;
    while (at < x.data.length && x.data[at] === 0) at += x.columns;
    if (at < x.data.length) filled.push(k);
  }
  return filled;
}

/**
 * Return x Wᵀ + b. The weight has a row for each output, as in torch.nn.Linear; `unpack`, where it has that, makes numbers
 * of some rows. Four rows of x or more are done in tiles, fewer each alone, as in a step with a cache. Where rows or outputs
 * are left over, the last tile lies over a part of the one before, and writes the same there (so there are eight outputs or
 * more).
 */
export function linear(x, weight, bias = null) {
  const y = matrix(x.rows, weight.rows);
  const [write, rows, outputs] = x.rows < ROWS ? [alone, 1, MOST] : [tile, ROWS, OUTPUTS];
  const filled = write === alone ? filledColumns(x) : null;
  for (let next = 0; next < weight.rows; next += outputs) {
    const output = Math.min(next, weight.rows - outputs);
    const weights = weight.unpack ? weight.unpack(output, outputs) : weight.data;
    const begin = weight.unpack ? 0 : output * weight.columns;
    for (let i = 0; i < x.rows; i += rows) write(x, Math.min(i, x.rows - rows), weights, begin, y, output, filled);
  }
  if (bias) for (let i = 0; i < y.data.length; i++) y.data[i] += bias.data[i % y.columns];
  return y;
}

/** Return each row with mean 0 and variance 1, times the weight, plus the bias. */
export function layerNorm(x, weight, bias, epsilon) {
  const y = matrix(x.rows, x.columns);
  for (let i = 0; i < x.rows; i++) {
    const [input, output] = [row(x, i), row(y, i)];
    let [sum, squares] = [0, 0];
    for (const value of input) sum += value;
    const mean = sum / input.length;
    for (const value of input) squares += (value - mean) ** 2;
    const scale = 1 / Math.sqrt(squares / input.length + epsilon);
    for (let k = 0; k < input.length; k++) output[k] = (input[k] - mean) * scale * weight.data[k] + bias.data[k];
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
export const geluNew = (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

export const relu = (x) => Math.max(0, x);
