// All that passes in a model while it reads a sentence, under the names that the package's probes have.

import { decode } from "./decoder.js";
import { encode } from "./encoder.js";
import { row } from "./matrix.js";
import { decodeTarget, encodeSource } from "./translator.js";

const MOST = 24; // tokens that are written

/** Return what the translator writes, word by word, each the most probable; the start token stands first. */
export function written(states, model) {
  const { config } = model;
  const ids = [config.decoder_start_token_id];
  let cache = null;
  while (ids.length < MOST) {
    const step = decodeTarget(ids.slice(-1), states, model, cache);
    const logits = row(step.logits, 0);
    const next = logits.indexOf(Math.max(...logits));
    if (next === config.eos_token_id) break; // the end is written, and never read
    ids.push(next);
    cache = step.cache;
  }
  return ids;
}

const RUNS = {
  encoder: (ids, model, note) => encode(ids, model, () => null, note),
  decoder: (ids, model, note) => decode(ids, model, null, note),
  translator(ids, model, note, target) {
    const { states } = encodeSource(ids, model, note);
    target.push(...written(states, model));
    return decodeTarget(target, states, model, null, note);
  },
};

/** Return the tokens that are read, and those that are written, and by name what passes. */
export function passed(ids, model, tokenizer, kind) {
  const seen = {};
  const target = [];
  const note = (name, value) => { seen[name] = value; };
  note("logits", RUNS[kind](ids, model, note, target).logits);
  const words = (some) => some.map((id) => tokenizer.tokens[id]);
  const said = words(target.slice(1)).join(" ");
  const vocabulary = tokenizer.tokens;
  return { kind, ids, target, tokens: words(ids), written: words(target), vocabulary, seen, told: said && `It writes: ${said}` };
}
