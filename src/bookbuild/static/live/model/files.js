// A model's files, as Hugging Face's libraries write them.

import { matrix } from "./matrix.js";

const NUMBERS = { F32: Float32Array, I8: Int8Array };

/** Return the tensors of a safetensors file by name, for its header says where in the bytes each stands, and its metadata. */
export function readSafetensors(buffer) {
  const length = buffer.byteLength < 8 ? Infinity : Number(new DataView(buffer).getBigUint64(0, true));
  if (8 + length > buffer.byteLength) throw new Error("the weights are cut off: load the page again");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const { __metadata__: metadata, ...named } = header;
  const tensors = {};
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of Object.entries(named)) {
    if (!NUMBERS[dtype]) throw new Error(`${name} is ${dtype}: this page reads ${Object.keys(NUMBERS).join(" and ")}`);
    if (8 + length + end > buffer.byteLength) throw new Error("the weights are cut off: load the page again");
    const columns = shape.at(-1);
    // A copy, for a view must begin at a multiple of four bytes.
    const data = new NUMBERS[dtype](buffer.slice(8 + length + begin, 8 + length + end));
    tensors[name] = matrix(data.length / columns, columns, data);
  }
  return { tensors, metadata };
}

/** Return what the site answers to a request for a model's file; an error's message says what to do. */
export async function fetched(address) {
  const answer = await fetch(address).catch(() => {
    throw new Error("the model's files cannot be loaded: is there a connection?");
  });
  if (!answer.ok) throw new Error("the model's files cannot be loaded: try again later");
  return answer;
}

/** Return what a file of JSON holds. */
export function json(file) {
  return file.json().catch(() => {
    throw new Error("one of the model's files is not whole: try again");
  });
}

/** Return a model's configuration, tokenizer file and weights; `read` fetches a file of its folder. */
export async function readModel(read) {
  const [config, tokenizer, weights] = await Promise.all([
    read("config.json").then(json),
    read("tokenizer.json").then(json),
    read("model.safetensors").then((file) => file.arrayBuffer()),
  ]);
  return { config, tokenizer, weights: readSafetensors(weights).tensors };
}

/** Return where the browser keeps large files, or null where it keeps none (a private window, a page without https). */
export async function shelf() {
  return globalThis.caches?.open("attention-under-the-hood").catch(() => null) ?? null;
}

/**
 * Return the bytes of a large file: those that the browser keeps, or else those from the site, which it then keeps in
 * place of earlier ones. A file's name tells its contents, so what is kept under it is right.
 *
 * @param bytes how many there must be
 * @param told  (share) → nothing: told how far it is
 */
export async function kept(address, bytes, told) {
  const place = await shelf();
  const found = await place?.match(address).then((answer) => answer?.arrayBuffer());
  if (found?.byteLength === bytes) return found;
  const answer = await fetched(address);
  const all = new Uint8Array(bytes);
  const reader = answer.body.getReader();
  let got = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (got + part.value.length <= bytes) all.set(part.value, got);
    got += part.value.length;
    told(got / bytes);
  }
  if (got !== bytes) throw new Error("the model's file came cut off: try again");
  try {
    for (const old of await place.keys()) await place.delete(old);
    await place.put(address, new Response(all));
  } catch {
    // There is no room, or no place: it is read now, and loaded again at the next visit.
  }
  return all.buffer;
}
