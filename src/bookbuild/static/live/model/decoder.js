// A decoder (GPT-2) in the reader's browser. A token looks at itself and at what stands before it, so what was computed
// for earlier tokens stays true when a new one comes: the cache keeps their keys and values.

import { attend } from "./attend.js";
import { add, geluNew, layerNorm, linear, map, matrix, pick, stacked, transposed } from "./matrix.js";

/** Return the model with its weights turned as `linear` wants them; GPT-2's file has a column for each output. */
export function turned({ config, weights, ...rest }) {
  const isTurned = (name) => /c_(attn|fc|proj)\.weight$/.test(name);
  const all = Object.entries(weights).map(([name, x]) => [name, isTurned(name) ? transposed(x) : x]);
  return { config, weights: Object.fromEntries(all), ...rest };
}

function columns(x, begin, end) {
  const part = matrix(x.rows, end - begin);
  for (let i = 0; i < x.rows; i++) {
    part.data.set(x.data.subarray(i * x.columns + begin, i * x.columns + end), i * part.columns);
  }
  return part;
}

/**
 * Return the logits of the next token at each new place, the attention weights of each layer, and the cache.
 *
 * @param ids   the new tokens
 * @param model what `turned` returned
 * @param cache what the last call returned, or null at the beginning of a text
 * @param note  (name, value) → nothing: told what passes, under the names of lessons.families.DecoderOnly's probes
 */
export function decode(ids, { config, weights }, cache = null, note = () => {}) {
  const apply = (layer, x, name) =>
    layer(x, weights[`transformer.${name}.weight`], weights[`transformer.${name}.bias`], config.layer_norm_epsilon);
  const words = weights["transformer.wte.weight"];
  const past = cache ? cache[0].keys.rows : 0;
  const places = ids.map((_, i) => past + i);
  let x = add(pick(words, ids), pick(weights["transformer.wpe.weight"], places));
  note("embedded", x);
  const attentions = [];
  const kept = [];
  for (let layer = 0; layer < config.n_layer; layer++) {
    const all = apply(linear, apply(layerNorm, x, `h.${layer}.ln_1`), `h.${layer}.attn.c_attn`);
    const [queries, newKeys, newValues] = [0, 1, 2].map((i) => columns(all, i * config.n_embd, (i + 1) * config.n_embd));
    const keys = cache ? stacked(cache[layer].keys, newKeys) : newKeys;
    const values = cache ? stacked(cache[layer].values, newValues) : newValues;
    const read = attend(queries, keys, values, config.n_head, {
      visible: (i, j) => j <= past + i,
      note: (name, value) => note(`layers.${layer}.attention.${name}`, value),
    });
    attentions.push(read.weights);
    kept.push({ keys, values });
    x = add(x, apply(linear, read.mixed, `h.${layer}.attn.c_proj`));
    note(`layers.${layer}.attended`, x);
    const inner = map(apply(linear, apply(layerNorm, x, `h.${layer}.ln_2`), `h.${layer}.mlp.c_fc`), geluNew);
    note(`layers.${layer}.feed_forward.hidden`, inner);
    x = add(x, apply(linear, inner, `h.${layer}.mlp.c_proj`));
    note(`layers.${layer}.out`, x);
  }
  return { logits: linear(apply(layerNorm, x, "ln_f"), words), attentions, cache: kept };
}
