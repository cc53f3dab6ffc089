// Byte-pair encoding in the browser: the same cuts, merges and ids as in lessons.tokens.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

// GPT-2's pattern; JavaScript's \s is not quite Unicode's white space, hence the property.
const PIECES =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

// The bytes in GPT-2's order: first those that print as a sign, then the others.
const printable = (byte) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
const bytes = Array.from({ length: 256 }, (_, byte) => byte);
const ORDER = [...bytes.filter(printable), ...bytes.filter((byte) => !printable(byte))];
const ID_OF_BYTE = bytes.map((byte) => ORDER.indexOf(byte));

/** Return the tokenizer that has learned these merges, given as pairs of ids. */
export function bytePairTokenizer(merges) {
  const tokens = ORDER.map((byte) => [byte]);
  const known = new Map();
  const steps = new Map(); // from a pair of ids to its rank and to the id of the merged token
  merges.forEach(([first, second], rank) => {
    const merged = [...tokens[first], ...tokens[second]];
    // Two merges may make the same token; it has one id.
    if (!known.has(merged.join())) known.set(merged.join(), tokens.push(merged) - 1);
    steps.set(`${first},${second}`, { rank, id: known.get(merged.join()) });
  });

  function applyMerges(ids) {
    for (;;) {
      let best = null;
      for (let place = 0; place + 1 < ids.length; place++) {
        const step = steps.get(`${ids[place]},${ids[place + 1]}`);
        if (step && (!best || step.rank < best.rank)) best = { ...step, place };
      }
      if (!best) return ids;
      ids.splice(best.place, 2, best.id);
    }
  }

  return {
    encode: (text) =>
      (text.match(PIECES) ?? []).flatMap((piece) =>
        applyMerges(Array.from(encoder.encode(piece), (byte) => ID_OF_BYTE[byte]))),
    readable: (id) => readable(Uint8Array.from(tokens[id])),
  };
}

/** Return how a token is shown: a space as "·", and bytes that are no whole character in hex. */
export function readable(token) {
  const hex = (byte) => byte.toString(16).padStart(2, "0");
  let text;
  try {
    text = decoder.decode(token);
  } catch {
    return `<${Array.from(token, hex).join(" ").toUpperCase()}>`;
  }
  const names = { "\n": "\\n", "\t": "\\t", "\r": "\\r", " ": "·" };
  return Array.from(text, (sign) => names[sign] ?? sign).join("");
}
