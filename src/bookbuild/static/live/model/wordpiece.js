// BERT's tokenizer in the reader's browser: a text is cleaned and cut into words, and each word into the longest pieces
// that the vocabulary has.

const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const SPACE = /[\p{White_Space}\t\n\r]/u;
const UNSEEN = /[\p{C}\ufffd]/u; // signs that are neither shown nor a space
const MARK = /\p{Mn}/gu; // accents, once they stand alone
const SIGN = /([!-/:-@[-`{-~]|\p{P})/u; // each is a word of its own
const CHINESE = /([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2ceaf}\u{2f800}-\u{2fa1f}])/u;
const LONGEST = 100; // signs of a word; a longer one is unknown

export class WordPiece {
  constructor(tokens) {
    this.tokens = tokens;
    this.ids = new Map(tokens.map((token, id) => [token, id]));
    this.isSpecial = new Set(SPECIAL);
  }

  /** Return the words of a text, in lower case and without accents. */
  words(text) {
    return text.split(/(\[(?:PAD|UNK|CLS|SEP|MASK)\])/).flatMap((part) => {
      if (this.isSpecial.has(part)) return [part];
      const seen = [...part].map((sign) => (SPACE.test(sign) ? " " : sign)).filter((sign) => !UNSEEN.test(sign)).join("");
      // Sign by sign, for JavaScript writes a Σ at the end of a word as another letter than Python's tokenizer does.
      const plain = [...seen.normalize("NFD").replace(MARK, "")].map((sign) => sign.toLowerCase()).join("");
      return plain.split(" ").flatMap((some) => some.split(CHINESE)).flatMap((some) => some.split(SIGN)).filter(Boolean);
    });
  }

  /** Return the numbers of a word's pieces, the longest first; behind the first, a piece begins with ##. */
  pieces(word) {
    const signs = [...word];
    const found = [];
    for (let begin = 0, end; begin < signs.length; begin = end) {
      const piece = () => this.ids.get((begin ? "##" : "") + signs.slice(begin, end).join(""));
      for (end = signs.length; end > begin && piece() === undefined; end--);
      if (end === begin) return null;
      found.push(piece());
    }
    return signs.length > LONGEST ? null : found;
  }

  /** Return a text's ids, with the marks that the model expects around it, and the words it does not know. */
  encode(text) {
    const words = this.words(text);
    const cut = words.map((word) => this.pieces(word));
    const id = (mark) => this.ids.get(mark);
    const ids = [id("[CLS]"), ...cut.flatMap((pieces) => pieces ?? [id("[UNK]")]), id("[SEP]")];
    return { ids, unknown: words.filter((_, i) => !cut[i]) };
  }

  /** What stands near an unknown sign is not told: of words, it knows the pieces. */
  nearest() {
    return null;
  }
}
