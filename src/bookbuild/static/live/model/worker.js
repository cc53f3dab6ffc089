// The models beside the page: what is asked is a sentence, the answer is what a figure shows. The page never waits.

import { softmax } from "../attention.js";
import { decode, turned } from "./decoder.js";
import { encode } from "./encoder.js";
import { fetched, readModel } from "./files.js";
import { grown } from "./grown.js";
import { passed } from "./passed.js";
import { row } from "./matrix.js";
import { Tokenizer } from "./tokenizer.js";
import { decodeTarget, encodeSource } from "./translator.js";

const most = (kind) => (kind === "minilm" ? 32 : 24); // tokens; a larger map cannot be read

/** Return all tokens by row i of the logits, the most probable first. */
function ranked(logits, i, tokenizer) {
  const shares = softmax([...row(logits, i)]);
  const ids = [...shares.keys()].sort((a, b) => shares[b] - shares[a]);
  return ids.map((id) => ({ word: tokenizer.tokens[id], logit: row(logits, i)[id], share: shares[id] }));
}

const LONGEST = 24; // signs of a word that is told

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
  while (id !== config.eos_token_id && written.length < most("translator")) {
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

/** Read with the real encoder. Its code comes when it is asked for, as its weights do. */
async function readByMiniLM(ids, model, tokenizer) {
  const { encodeMiniLM } = await import("./minilm.js");
  const { attentions } = encodeMiniLM(ids, model);
  const tokens = ids.map((id) => tokenizer.tokens[id]);
  return { queries: tokens, keys: tokens, maps: attentions, told: `It reads ${ids.length} tokens.` };
}

const HOW = { grown, passed }; // a figure may ask for more than a model's answer
const READERS = { encoder: readByEncoder, decoder: readByDecoder, translator: translate, minilm: readByMiniLM };
const loaded = new Map();

/** Return one of the book's models from its files. */
async function readBook(kind, folder) {
  const files = await readModel((name) => fetched(new URL(name, folder)));
  return { model: kind === "decoder" ? turned(files) : files, tokenizer: new Tokenizer(files.tokenizer) };
}

/** Return a promise of a model and its tokenizer; what failed is tried again at the next question. */
function load(kind, told) {
  if (!loaded.has(kind)) {
    const folder = new URL(`../../models/${kind}/`, import.meta.url);
    const isReal = kind === "minilm";
    const model = isReal ? import("./minilm.js").then((real) => real.readMiniLM(folder, told)) : readBook(kind, folder);
    model.catch(() => loaded.delete(kind));
    loaded.set(kind, model);
  }
  return loaded.get(kind);
}

const UNSEEN = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;

/** Return a word so that it can be told: not too long, unseen signs by their numbers, and no other word's direction turned. */
function tellable(word) {
  const number = (sign) => `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  const signs = [...word];
  const seen = signs.slice(0, LONGEST).join("").replace(UNSEEN, number);
  return `\u2068${seen}${signs.length > LONGEST ? "…" : ""}\u2069`;
}

async function answer({ kind, text, how, ...options }, told) {
  const { model, tokenizer } = await load(kind, told);
  const { ids, unknown } = tokenizer.encode(text);
  if (tokenizer.words(text).length === 0) throw new Error("write at least one word");
  if (ids.length > most(kind)) throw new Error(`${ids.length} tokens: this figure shows ${most(kind)} at most`);
  const read = await (how in HOW ? HOW[how](ids, model, tokenizer, kind) : READERS[kind](ids, model, tokenizer, options));
  // The translator's vocabulary is of two languages, so what is nearest may be a word of the other one.
  const meant = (word) => (kind === "translator" ? null : tokenizer.nearest(word));
  const guess = (near) => (near ? ` (“${near}”?)` : "");
  const words = [...new Set(unknown)].map((word) => `“${tellable(word)}”${guess(meant(word))}`);
  const known = words.length ? `It does not know ${words.join(", ")}. ` : "";
  return { ...read, told: known + read.told };
}

onmessage = async ({ data: { number, ...question } }) => {
  let last = -1;
  const told = (share) => {
    const percent = Math.floor(100 * share);
    if (percent > last) postMessage({ number, percent });
    last = percent;
  };
  try {
    postMessage({ number, ...(await answer(question, told)) });
  } catch (error) {
    postMessage({ number, error: `The model did not read this: ${error.message}.` });
  }
};
