r"""GPT-4's way to cut a text into pieces before anything is merged, and GPT-4o's."""

import regex

# Against GPT-2's: the endings in capitals, too; before a word any one sign, not only a space;
# at most three digits together; and the ends of lines stay with the signs before them.
GPT4 = regex.compile(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def split_as_gpt4(text: str) -> list[str]:
    r"""Return the pieces of a text as GPT-4's tokenizer cuts them; joined, they are the text.

    Source: the pattern of `cl100k_base` in the code of the library tiktoken, as first published.
    Newer versions keep white space at the end of a text in one piece.

    >>> split_as_gpt4("It's 12345 cats.")
    ['It', "'s", ' ', '123', '45', ' cats', '.']
    """
    return GPT4.findall(text)


# Against GPT-4's: marks go with the letters that they stand on (the vowels of Hindi are marks), a
# capital after a small letter begins a new piece, and an ending stays with its word.
UPPER, LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
ENDING = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
GPT4O = regex.compile(
    rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]*[{LOWER}]+{ENDING}"
    rf"|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]+[{LOWER}]*{ENDING}|\p{{N}}{{1,3}}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def split_as_gpt4o(text: str) -> list[str]:
    r"""Return the pieces of a text as GPT-4o's tokenizer cuts them; joined, they are the text.

    Source: the pattern of `o200k_base` in the code of the library tiktoken.

    >>> split_as_gpt4o("It's 12345 catFish.")
    ["It's", ' ', '123', '45', ' cat', 'Fish', '.']
    """
    return GPT4O.findall(text)
