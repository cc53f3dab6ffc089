// A text that the decoder lets grow with its cache: each row of the maps is computed once, when its token is read.

import { decode } from "./decoder.js";
import { row } from "./matrix.js";

const MOST = 24; // tokens; a larger map cannot be read

/**
 * Return the tokens, how many of them were given, and the maps. What is written is each time the most probable token;
 * the last one is not read any more.
 */
export function grown(ids, model, tokenizer) {
  const { config } = model;
  const all = [...ids];
  let step = decode(ids, model);
  const maps = step.attentions.map((heads) => heads.map((map) => [...map]));
  for (;;) {
    const logits = row(step.logits, step.logits.rows - 1);
    const next = logits.indexOf(Math.max(...logits));
    if (next === config.eos_token_id || all.length >= MOST) break;
    all.push(next);
    step = decode([next], model, step.cache);
    step.attentions.forEach((heads, layer) => heads.forEach((map, head) => maps[layer][head].push(map[0])));
  }
  const tokens = all.map((id) => tokenizer.tokens[id]);
  return { tokens, given: ids.length, maps, told: `It writes: ${tokens.slice(ids.length).join(" ") || "the end"}` };
}
