// MiniLM (a BERT) in the reader's browser. Its matrices are whole numbers of 8 bits, of which 128 at a time share a scale;
// what passes between them has full precision.

import { attend } from "./attend.js";
import { kept, readSafetensors } from "./files.js";
import { add, gelu, layerNorm, map, matrix, row } from "./matrix.js";
import { WordPiece } from "./wordpiece.js";

/** Return the model and its tokenizer from its one file, which `told` is told the progress of. */
export async function readMiniLM(folder, told) {
  const file = await fetch(new URL("file.json", folder));
  if (!file.ok) throw new Error("the model's files cannot be loaded: try again later");
  const { name, bytes } = await file.json();
  const { tensors, metadata } = readSafetensors(await kept(new URL(name, folder).href, bytes, told));
  const model = { config: JSON.parse(metadata.config), weights: tensors };
  return { model, tokenizer: new WordPiece(JSON.parse(metadata.tokens)) };
}

/** Return the rows with these numbers of a table in 8 bits. */
function pick(table, scale, ids) {
  const picked = matrix(ids.length, table.columns);
  const block = table.columns / scale.columns;
  ids.forEach((id, i) => {
    const scales = row(scale, id);
    row(picked, i).set(Float32Array.from(row(table, id), (code, k) => code * scales[Math.floor(k / block)]));
  });
  return picked;
}

/**
 * Return x Wᵀ + b of a weight in 8 bits. Eight tokens share each number that is read: a processor adds up eight sums
 * sooner than one eight times as long. They stand side by side; those that lack are zeros.
 */
export function linear(x, weight, scale, bias) {
  const y = matrix(x.rows, weight.rows);
  const size = weight.columns;
  const block = size / scale.columns;
  const side = new Float64Array(8 * size);
  const sums = new Float64Array(8);
  for (let first = 0; first < x.rows; first += 8) {
    const count = Math.min(8, x.rows - first);
    side.fill(0);
    for (let i = 0; i < count; i++) row(x, first + i).forEach((value, k) => { side[8 * k + i] = value; });
    for (let output = 0; output < weight.rows; output++) {
      sums.fill(bias.data[output]);
      for (let part = 0; part < scale.columns; part++) {
        addBlock(sums, side, weight.data, output * size + part * block, part * block, block, scale.data[output * scale.columns + part]);
      }
      for (let i = 0; i < count; i++) y.data[(first + i) * y.columns + output] = sums[i];
    }
  }
  return y;
}

/** Add to eight sums what a block of whole numbers from `w` on gives with the inputs from `k` on, times its scale. */
function addBlock(sums, side, codes, w, k, block, scale) {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let s = 8 * k, end = w + block; w < end; w++, s += 8) {
    const code = codes[w];
    a += code * side[s];
    b += code * side[s + 1];
    c += code * side[s + 2];
    d += code * side[s + 3];
    e += code * side[s + 4];
    f += code * side[s + 5];
    g += code * side[s + 6];
    h += code * side[s + 7];
  }
  [a, b, c, d, e, f, g, h].forEach((sum, i) => { sums[i] += sum * scale; });
}

/** Return the states of a sentence's tokens, and the attention weights of each layer. */
export function encodeMiniLM(ids, { config, weights }) {
  const part = (name) => [`${name}.weight`, `${name}.weight.scale`, `${name}.bias`].map((one) => weights[one]);
  const dense = (x, name) => linear(x, ...part(name));
  const norm = (x, name) => layerNorm(x, weights[`${name}.weight`], weights[`${name}.bias`], config.layer_norm_eps);
  const table = (name, rows) => pick(...part(`embeddings.${name}`).slice(0, 2), rows);
  const words = add(table("word_embeddings", ids), table("token_type_embeddings", ids.map(() => 0)));
  let x = norm(add(words, table("position_embeddings", [...ids.keys()])), "embeddings.LayerNorm");
  const attentions = [];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const at = `encoder.layer.${layer}`;
    const [queries, keys, values] = ["query", "key", "value"].map((one) => dense(x, `${at}.attention.self.${one}`));
    const read = attend(queries, keys, values, config.num_attention_heads);
    attentions.push(read.weights);
    x = norm(add(x, dense(read.mixed, `${at}.attention.output.dense`)), `${at}.attention.output.LayerNorm`);
    const inner = map(dense(x, `${at}.intermediate.dense`), gelu);
    x = norm(add(x, dense(inner, `${at}.output.dense`)), `${at}.output.LayerNorm`);
  }
  return { states: x, attentions };
}
