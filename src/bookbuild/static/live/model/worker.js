// The book's models beside the page: what is asked is a sentence, the answer is what a figure shows. The page never waits.

import { softmax } from "../attention.js";
import { decode, turned } from "./decoder.js";
import { encode } from "./encoder.js";
import { readModel } from "./files.js";
import { grown } from "./grown.js";
import { passed } from "./passed.js";
import { row } from "./matrix.js";
import { Tokenizer } from "./tokenizer.js";
import { decodeTarget, encodeSource } from "./translator.js";

const MOST = 24; // tokens; a larger map cannot be read

/** Return all tokens by row i of the logits, the most probable first. */
function ranked(logits, i, tokenizer) {
  const shares = softmax([...row(logits, i)]);
  const ids = [...shares.keys()].sort((a, b) => shares[b] - shares[a]);
  return ids.map((id) => ({ word: tokenizer.tokens[id], logit: row(logits, i)[id], share: shares[id] }));
}

const firstThree = (words) => words.slice(0, 3).map(({ word, share }) => `${word} ${share.toFixed(2)}`).join(", ");

const PRONOUNS = new Set(["it", "he", "she"]); // in training, the answer at these was what they stand for

/** Return what an encoder's logits say at blanks, and at pronouns. */
function answersOf(logits, ids, tokenizer) {
  const word = (i) => tokenizer.tokens[ids[i]];
  const places = [...ids.keys()];
  const blanks = places.filter((i) => word(i) === "[MASK]");
  const pronouns = places.filter((i) => PRONOUNS.has(word(i)));
  const expected = blanks.map((i) => firstThree(ranked(logits, i, tokenizer))).join("; then ");
  const named = pronouns.map((i) => `For “${word(i)}” it names: ${firstThree(ranked(logits, i, tokenizer))}.`);
  return [...(expected ? [`In place of [MASK] it expects: ${expected}.`] : []), ...named].join(" ");
}

/** Read with all heads, or without some: `silenced` says which, and what each writes instead. */
function readByEncoder(ids, model, tokenizer, { silenced = [] }) {
  const instead = new Map(silenced.map(({ layer, head, answer }) => [`${layer}.${head}`, answer]));
  const { logits, attentions } = encode(ids, model, (layer, head) => instead.get(`${layer}.${head}`) ?? null);
  const tokens = ids.map((id) => tokenizer.tokens[id]);
  let told = answersOf(logits, ids, tokenizer);
  if (silenced.length && told) told += ` With all heads: ${answersOf(encode(ids, model).logits, ids, tokenizer)}`;
  return { queries: tokens, keys: tokens, maps: attentions, told };
}

function readByDecoder(ids, model, tokenizer) {
  const { logits, attentions } = decode(ids, model);
  const tokens = ids.map((id) => tokenizer.tokens[id]);
  const next = ranked(logits, ids.length - 1, tokenizer);
  return { queries: tokens, keys: tokens, maps: attentions, told: "What it expects next:", next };
}

/** Translate greedily. A row of the maps is where the decoder looks when it writes that row's word. */
function translate(ids, model, tokenizer) {
  const { config } = model;
  const { states } = encodeSource(ids, model);
  const maps = Array.from({ length: config.num_decoder_layers }, () =>
    Array.from({ length: config.num_heads }, () => []));
  const written = [];
  let [id, cache] = [config.decoder_start_token_id, null];
  while (id !== config.eos_token_id && written.length < MOST) {
    const step = decodeTarget([id], states, model, cache);
    const logits = row(step.logits, 0);
    id = logits.indexOf(Math.max(...logits));
    cache = step.cache;
    written.push(tokenizer.tokens[id]);
    maps.forEach((heads, layer) => heads.forEach((map, head) => map.push(step.crossing[layer][head][0])));
  }
  const words = written.filter((word) => !tokenizer.isSpecial.has(word)).join(" ");
  return { queries: written, keys: ids.map((one) => tokenizer.tokens[one]), maps, told: `It writes: ${words}` };
}

const HOW = { grown, passed }; // a figure may ask for more than a model's answer
const READERS = { encoder: readByEncoder, decoder: readByDecoder, translator: translate };
const loaded = new Map();

/** Return a promise of a model and its tokenizer; what failed is tried again at the next question. */
function load(kind) {
  if (!loaded.has(kind)) {
    const folder = new URL(`../../models/${kind}/`, import.meta.url);
    const read = async (name) => {
      const answer = await fetch(new URL(name, folder));
      if (!answer.ok) throw new Error("the model's files cannot be loaded: try again later");
      return answer;
    };
    const model = readModel(read).then((files) => ({
      model: kind === "decoder" ? turned(files) : files,
      tokenizer: new Tokenizer(files.tokenizer),
    }));
    model.catch(() => loaded.delete(kind));
    loaded.set(kind, model);
  }
  return loaded.get(kind);
}

async function answer({ kind, text, how, ...options }) {
  const { model, tokenizer } = await load(kind);
  const { ids, unknown } = tokenizer.encode(text);
  if (tokenizer.words(text).length === 0) throw new Error("write at least one word");
  if (ids.length > MOST) throw new Error(`${ids.length} tokens: this figure shows ${MOST} at most`);
  const read = how in HOW ? HOW[how](ids, model, tokenizer, kind) : READERS[kind](ids, model, tokenizer, options);
  // The translator's vocabulary is of two languages, so what is nearest may be a word of the other one.
  const meant = (word) => (kind === "translator" ? null : tokenizer.nearest(word));
  const words = [...new Set(unknown)].map((word) => `“${word}”${meant(word) ? ` (“${meant(word)}”?)` : ""}`);
  const known = words.length ? `It does not know ${words.join(", ")}. ` : "";
  return { ...read, told: known + read.told };
}

onmessage = async ({ data: { number, ...question } }) => {
  try {
    postMessage({ number, ...(await answer(question)) });
  } catch (error) {
    postMessage({ number, error: `The model did not read this: ${error.message}.` });
  }
};
