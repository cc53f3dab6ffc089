// An encoder and a decoder (T5) in the reader's browser: the decoder asks, the encoder's states answer.

import { attend } from "./attend.js";
import { add, linear, map, pick, relu, rmsNorm, stacked } from "./matrix.js";

/** Return the row of the bias table for the distance from a query to a key (T5's buckets). */
export function bucket(distance, config, bothWays) {
  let buckets = config.relative_attention_num_buckets;
  let first = 0;
  if (bothWays) {
    buckets /= 2;
    if (distance > 0) first = buckets;
  }
  const far = bothWays ? Math.abs(distance) : Math.max(0, -distance);
  const exact = buckets / 2;
  if (far < exact) return first + far;
  const octave = Math.log(far / exact) / Math.log(config.relative_attention_max_distance / exact);
  return first + Math.min(buckets - 1, exact + Math.floor(octave * (buckets - exact)));
}

/**
 * Return what the layers of one half share: norms, attention and the feed-forward part, by the names of the file.
 * `note` is told what passes, under the names of lessons.families.EncoderDecoder's probes.
 */
function half(name, { config, weights }, note) {
  const { layer_norm_epsilon: epsilon, num_heads: heads } = config;
  const weight = (part) => weights[`${name}.${part}.weight`];
  const norm = (x, part) => rmsNorm(x, weight(part), epsilon);
  const table = weight("block.0.layer.0.SelfAttention.relative_attention_bias");
  return {
    norm,
    weight,
    bias: (past) => (head, i, j) => table.data[bucket(j - i - past, config, name === "encoder") * heads + head],
    attention(x, keys, values, part, options) {
      const [, layer, , , kind] = part.split(".");
      const probe = `${name}.${layer}.${kind === "SelfAttention" ? "attention" : "cross"}`;
      const noted = (inner, value) => note(`${probe}.${inner}`, value);
      const read = attend(linear(x, weight(`${part}.q`)), keys, values, heads, { scale: 1, note: noted, ...options });
      return { change: linear(read.mixed, weight(`${part}.o`)), weights: read.weights };
    },
    feedForward(x, layer) {
      const inner = map(linear(norm(x, `${layer}.layer_norm`), weight(`${layer}.DenseReluDense.wi`)), relu);
      note(`${name}.${layer.split(".")[1]}.feed_forward.hidden`, inner);
      return linear(inner, weight(`${layer}.DenseReluDense.wo`));
    },
  };
}

/** Return the states of a sentence, and the attention weights of each layer. */
export function encodeSource(ids, model, note = () => {}) {
  const { norm, weight, bias, attention, feedForward } = half("encoder", model, note);
  let x = pick(model.weights["shared.weight"], ids);
  note("embedded_source", x);
  const attentions = [];
  for (let layer = 0; layer < model.config.num_layers; layer++) {
    const at = `block.${layer}.layer`;
    const input = norm(x, `${at}.0.layer_norm`);
    const [keys, values] = ["k", "v"].map((part) => linear(input, weight(`${at}.0.SelfAttention.${part}`)));
    const read = attention(input, keys, values, `${at}.0.SelfAttention`, { bias: bias(0) });
    attentions.push(read.weights);
    x = add(x, read.change);
    note(`encoder.${layer}.attended`, x);
    x = add(x, feedForward(x, `${at}.1`));
    note(`encoder.${layer}.out`, x);
  }
  const states = norm(x, "final_layer_norm");
  note("memory", states);
  return { states, attentions };
}

/**
 * Return the logits of the next token at each new place, each layer's weights on its own words and on the source's
 * (cross-attention), and the cache.
 */
export function decodeTarget(ids, states, model, cache = null, note = () => {}) {
  const { norm, weight, bias, attention, feedForward } = half("decoder", model, note);
  const past = cache ? cache[0].keys.rows : 0;
  let x = pick(model.weights["shared.weight"], ids);
  note("embedded_target", x);
  const [own, crossing, kept] = [[], [], []];
  for (let layer = 0; layer < model.config.num_decoder_layers; layer++) {
    const at = `block.${layer}.layer`;
    const input = norm(x, `${at}.0.layer_norm`);
    const [newKeys, newValues] = ["k", "v"].map((part) => linear(input, weight(`${at}.0.SelfAttention.${part}`)));
    const keys = cache ? stacked(cache[layer].keys, newKeys) : newKeys;
    const values = cache ? stacked(cache[layer].values, newValues) : newValues;
    const visible = (i, j) => j <= past + i;
    const read = attention(input, keys, values, `${at}.0.SelfAttention`, { bias: bias(past), visible });
    own.push(read.weights);
    x = add(x, read.change);
    note(`decoder.${layer}.attended`, x);
    const cross = cache?.[layer].cross
      ?? ["k", "v"].map((part) => linear(states, weight(`${at}.1.EncDecAttention.${part}`)));
    const asked = attention(norm(x, `${at}.1.layer_norm`), ...cross, `${at}.1.EncDecAttention`);
    crossing.push(asked.weights);
    x = add(x, asked.change);
    note(`decoder.${layer}.crossed`, x);
    x = add(x, feedForward(x, `${at}.2`));
    note(`decoder.${layer}.out`, x);
    kept.push({ keys, values, cross });
  }
  const scale = model.config.d_model ** -0.5; // the table of the words is also the last layer
  const logits = linear(map(norm(x, "final_layer_norm"), (value) => value * scale), model.weights["shared.weight"]);
  return { logits, attentions: own, crossing, cache: kept };
}
