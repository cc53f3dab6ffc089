// An encoder (DistilBERT) in the reader's browser. Every token looks at all.

import { attend } from "./attend.js";
import { add, gelu, layerNorm, linear, map, pick } from "./matrix.js";

const EPSILON = 1e-12;

/**
 * Return the logits of the token at each place, and the attention weights of each layer.
 *
 * @param replaced (layer, head) → what is put in place of the head's answers, or null
 * @param note     (name, value) → nothing: told what passes, under the names of lessons.families.EncoderOnly's probes
 */
export function encode(ids, { config, weights }, replaced = () => null, note = () => {}) {
  const apply = (layer, x, name) => layer(x, weights[`${name}.weight`], weights[`${name}.bias`], EPSILON);
  const embeddings = "distilbert.embeddings";
  const words = weights[`${embeddings}.word_embeddings.weight`];
  const places = weights[`${embeddings}.position_embeddings.weight`];
  let x = add(pick(words, ids), pick(places, [...ids.keys()]));
  x = apply(layerNorm, x, `${embeddings}.LayerNorm`);
  note("embedded", x);
  const attentions = [];
  for (let layer = 0; layer < config.n_layers; layer++) {
    const at = `distilbert.transformer.layer.${layer}`;
    const [queries, keys, values] = ["q_lin", "k_lin", "v_lin"].map((part) => apply(linear, x, `${at}.attention.${part}`));
    const read = attend(queries, keys, values, config.n_heads, {
      replaced: (head) => replaced(layer, head),
      note: (name, value) => note(`layers.${layer}.attention.${name}`, value),
    });
    attentions.push(read.weights);
    x = apply(layerNorm, add(x, apply(linear, read.mixed, `${at}.attention.out_lin`)), `${at}.sa_layer_norm`);
    note(`layers.${layer}.attended`, x);
    const inner = map(apply(linear, x, `${at}.ffn.lin1`), gelu);
    note(`layers.${layer}.feed_forward.hidden`, inner);
    x = apply(layerNorm, add(x, apply(linear, inner, `${at}.ffn.lin2`)), `${at}.output_layer_norm`);
    note(`layers.${layer}.out`, x);
  }
  x = apply(layerNorm, map(apply(linear, x, "vocab_transform"), gelu), "vocab_layer_norm");
  return { logits: linear(x, words, weights["vocab_projector.bias"]), attentions };
}
