"""WordPiece: cut each word by its longest known beginning, as BERT's tokenizer does."""

from collections.abc import Container


def wordpiece(
    word: str,
    vocabulary: Container[str],
    *,
    prefix: str = "##",
    unknown: str = "[UNK]",
    longest: int = 100,
) -> list[str]:
    """Cut the longest known beginning off a word, then off the rest, until nothing is left.

    All tokens of a word but the first begin with `prefix`. If at some point no beginning is
    known, the whole word becomes one `unknown` token.

    Args:
        word: What is cut, without spaces.
        vocabulary: The known tokens, those inside words with their prefix.
        prefix: What marks a token that continues a word.
        unknown: What stands for a word that cannot be cut.
        longest: A word of more characters is unknown.

    Raises:
        ValueError: The word is empty.

    Source: :cite:t:`wu2016`, section 4.1; the greedy cut is in the code of :cite:t:`devlin2019`.

    >>> wordpiece("cats", {"ca", "cat", "##s", "##ts"})
    ['cat', '##s']
    >>> wordpiece("dogs", {"cat", "##s"})
    ['[UNK]']
    """
    if not word:
        raise ValueError("the word is empty: pass at least one character")
    if len(word) > longest:
        return [unknown]
    tokens, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            token = (prefix if start else "") + word[start:end]
            if token in vocabulary:
                break
        else:
            return [unknown]
        tokens.append(token)
        start = end
    return tokens
