// The book's tokenizers of whole words, read from the file that Python reads (tokenizer.json).

const WORD = "[\\p{L}\\p{M}\\p{N}\\p{Pc}]"; // what \w is in Python; in JavaScript it knows no é
const EDGE = `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;

export class Tokenizer {
  constructor(file) {
    const vocabulary = file.model.vocab;
    this.ids = new Map(Object.entries(vocabulary));
    this.tokens = Object.keys(vocabulary).sort((a, b) => vocabulary[a] - vocabulary[b]);
    this.unknown = vocabulary[file.model.unk_token];
    this.normalizers = file.normalizer.normalizers;
    const pattern = file.pre_tokenizer.pattern.Regex.replaceAll("\\w", WORD).replaceAll("\\b", EDGE);
    const special = file.added_tokens.map((token) => token.content);
    const escaped = special.map((token) => token.replace(/[[\]|<>/]/g, "\\$&"));
    this.special = new RegExp(`(${escaped.join("|")})`);
    this.isSpecial = new Set(special);
    this.pattern = new RegExp(pattern, "gv");
    this.template = file.post_processor.single;
  }

  /** Return the words of a text as the vocabulary would write them. */
  words(text) {
    return text.split(this.special).flatMap((part) => {
      if (this.isSpecial.has(part)) return [part];
      for (const { type, pattern, content } of this.normalizers) {
        part = type === "Lowercase" ? part.toLowerCase() : part.replaceAll(pattern.String, content);
      }
      return part.match(this.pattern) ?? [];
    });
  }

  /** Return a text's ids, with the marks that the model expects around it, and the words it does not know. */
  encode(text) {
    const words = this.words(text);
    const ids = this.template.flatMap(({ SpecialToken: mark }) =>
      mark ? [this.ids.get(mark.id)] : words.map((word) => this.ids.get(word) ?? this.unknown));
    return { ids, unknown: words.filter((word) => !this.ids.has(word)) };
  }

  /** Return the known word with the fewest letters to add, drop or exchange, or null if all are far. */
  nearest(word) {
    const known = this.tokens.filter((token) => !this.isSpecial.has(token));
    const distances = known.map((token) => editDistance(word, token));
    const least = Math.min(...distances);
    return 2 * least < word.length ? known[distances.indexOf(least)] : null;
  }
}

function editDistance(a, b) {
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const line = [i];
    for (let j = 1; j <= b.length; j++) {
      line.push(Math.min(last[j] + 1, line[j - 1] + 1, last[j - 1] + (a[i - 1] !== b[j - 1])));
    }
    last = line;
  }
  return last[b.length];
}
