r"""Pre-tokenization: cut a text into pieces that no token may cross.

Merging runs within pieces only. So no token can hold the end of one word and the start of the
next, and punctuation does not grow into the words beside it.
"""

import regex  # as `re`, and it knows Unicode's classes of letters and numbers

# GPT-2's cuts, tried from left to right: the endings that English writes with an apostrophe;
# letters, numbers or other signs, each with at most one space before; white space. The space
# before a word belongs to the word, which is why `(?!\S)` leaves the last one to it.
GPT2 = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")


def split_pieces(text: str) -> list[str]:
    r"""Return the pieces of a text as GPT-2 cuts them; joined, they are the text again.

    Source: :cite:t:`radford2019`, section 2.2 tells why merges must not cross the classes of
    characters; the pattern is in the code that was published with the model.

    >>> split_pieces("The cat's 2 mats.")
    ['The', ' cat', "'s", ' 2', ' mats', '.']
    """
    return GPT2.findall(text)
