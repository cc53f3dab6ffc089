// MiniLM (a BERT) in the reader's browser. Its matrices are whole numbers of 8 bits, of which 128 at a time share a scale;
// what passes between them has full precision.

import { attend } from "./attend.js";
import { fetched, json, kept, readSafetensors } from "./files.js";
import { add, gelu, layerNorm, linear, map, matrix, MOST, row } from "./matrix.js";
import { WordPiece } from "./wordpiece.js";

/** Return the model and its tokenizer from its one file, which `told` is told the progress of. */
export async function readMiniLM(folder, told) {
  const { name, bytes } = await fetched(new URL("file.json", folder)).then(json);
  const { tensors, metadata } = readSafetensors(await kept(new URL(name, folder).href, bytes, told));
  const { config, tokens } = JSON.parse(metadata.about);
  return { model: { config, weights: tensors }, tokenizer: new WordPiece(tokens) };
}

/** Return a function that writes some rows of a table in 8 bits as numbers; the next ones take their place. */
function unpacker(table, scale) {
  const numbers = new Float32Array(MOST * table.columns);
  const block = table.columns / scale.columns;
  return (first, count = 1) => {
    const [from, to] = [first * scale.columns, (first + count) * scale.columns];
    for (let part = from, k = 0; part < to; part++) {
      const one = scale.data[part];
      for (const end = k + block; k < end; k++) numbers[k] = table.data[first * table.columns + k] * one;
    }
    return numbers;
  };
}

/** Return the rows with these numbers of a table in 8 bits. */
function pick(table, scale, ids) {
  const picked = matrix(ids.length, table.columns);
  const unpack = unpacker(table, scale);
  ids.forEach((id, i) => row(picked, i).set(unpack(id).subarray(0, table.columns)));
  return picked;
}

/** Return the states of a sentence's tokens, and the attention weights of each layer. */
export function encodeMiniLM(ids, { config, weights }) {
  const part = (name) => [`${name}.weight`, `${name}.weight.scale`, `${name}.bias`].map((one) => weights[one]);
  const dense = (x, name) => {
    const [weight, scale, bias] = part(name);
    return linear(x, { ...weight, unpack: unpacker(weight, scale) }, bias);
  };
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
