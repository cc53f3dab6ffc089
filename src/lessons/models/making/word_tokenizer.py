"""The book models' tokenizers: one word, one token, in the Hugging Face format."""

from collections.abc import Sequence

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from lessons.models.grammar import words

# An elided French article or an English 's is a word of its own; so is every mark.
WORD = r"aujourd'hui|'s\b|\w+(?='s\b)|\w+'|\w+|[^\w\s]"
SPECIAL = {
    "encoder": dict(
        unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]",
    ),
    "decoder": dict(unk_token="[UNK]", pad_token="[PAD]", eos_token="<|endoftext|>",
                    bos_token="<|endoftext|>"),
    "translator": dict(pad_token="<pad>", eos_token="</s>", unk_token="<unk>"),
}  # fmt: skip


def words_of(name: str) -> tuple[str, ...]:
    """Return the words that a model's corpus may contain, in alphabetical order."""
    return words.translator_words() if name == "translator" else words.english_words()


def make_tokenizer(name: str, known: Sequence[str], *, max_length: int) -> PreTrainedTokenizerFast:
    """Build the tokenizer of the model `name`: special tokens first, then the `known` words.

    Text is lowercased, and `doesn't` is read as `does not`. The encoder's adds [CLS] and [SEP],
    the translator's </s>, as the real models' tokenizers do.

    Args:
        name: `encoder`, `decoder` or `translator`.
        known: The words that get an id.
        max_length: The positions that the model has, special tokens counted.

    Raises:
        ValueError: The name is no book model's.

    >>> make_tokenizer("encoder", ["tom", "sleeps"], max_length=8).tokenize("Tom sleeps")
    ['tom', 'sleeps']
    """
    if name not in SPECIAL:
        raise ValueError(f"there is no book model {name!r}: pass one of {', '.join(SPECIAL)}")
    special = SPECIAL[name]
    tokens = [*dict.fromkeys(special.values()), *known]
    vocabulary = {token: place for place, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=special["unk_token"]))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Lowercase(),
            normalizers.Replace("’", "'"),
            normalizers.Replace("can't", "can not"),
            normalizers.Replace("n't", " not"),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD), behavior="removed", invert=True)
    ends = {"encoder": "[CLS] $A [SEP]", "translator": "$A </s>"}.get(name)
    if ends:
        used = [(token, vocabulary[token]) for token in ends.split() if token in vocabulary]
        tokenizer.post_processor = processors.TemplateProcessing(single=ends, special_tokens=used)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=max_length, **special
    )
