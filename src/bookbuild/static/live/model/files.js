// A model's files, as Hugging Face's libraries write them.

import { matrix } from "./matrix.js";

/** Return the tensors of a safetensors file by name: its header says where in the bytes each one stands. */
export function readSafetensors(buffer) {
  const length = buffer.byteLength < 8 ? Infinity : Number(new DataView(buffer).getBigUint64(0, true));
  if (8 + length > buffer.byteLength) throw new Error("the weights are cut off: load the page again");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  delete header.__metadata__;
  const tensors = {};
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of Object.entries(header)) {
    if (dtype !== "F32") throw new Error(`${name} is ${dtype}: this page reads F32`);
    if (8 + length + end > buffer.byteLength) throw new Error("the weights are cut off: load the page again");
    const columns = shape.at(-1);
    // A copy, for a view must begin at a multiple of four bytes.
    const data = new Float32Array(buffer.slice(8 + length + begin, 8 + length + end));
    tensors[name] = matrix(data.length / columns, columns, data);
  }
  return tensors;
}

/** Return a model's configuration, tokenizer file and weights; `read` fetches a file of its folder. */
export async function readModel(read) {
  const [config, tokenizer, weights] = await Promise.all([
    read("config.json").then((file) => file.json()),
    read("tokenizer.json").then((file) => file.json()),
    read("model.safetensors").then((file) => file.arrayBuffer()),
  ]);
  return { config, tokenizer, weights: readSafetensors(weights) };
}
