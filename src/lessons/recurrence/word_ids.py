"""Words and their numbers: what a sentence is to a model that translates word by word."""

import re
from collections.abc import Iterable, Sequence

from lessons.recurrence import phrase_words

PAD, START, END = 0, 1, 2
MARKERS = ("<pad>", "<start>", "<end>")


class Vocabulary:
    """The words of a language and their ids; the first three ids are markers.

    Args:
        words: The words, in any order; each counts once.

    >>> french = Vocabulary(["chats", "chiens"])
    >>> french.encode(["chiens", "chats"]), french.decode([4, 3, END, PAD])
    ([4, 3, 2], ['chiens', 'chats'])
    """

    def __init__(self, words: Iterable[str]):
        self.words = (*MARKERS, *sorted(set(words)))
        self.ids = {word: index for index, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, words: Sequence[str]) -> list[int]:
        """Return the ids of the words, and the end marker after them.

        Raises:
            ValueError: A word is unknown.
        """
        for word in words:
            if word not in self.ids:
                raise ValueError(f"{word!r} is unknown: pass words of the fragment, as {self}")
        return [*(self.ids[word] for word in words), END]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Return the words up to the first end marker."""
        words = []
        for index in ids:
            if index == END:
                break
            words.append(self.words[index])
        return words

    def __repr__(self) -> str:
        return f"{', '.join(self.words[3:7])}, … ({len(self)} with the markers)"


def split(sentence: str) -> list[str]:
    """Cut a sentence into small words and signs.

    >>> split("Hello, how are you?")
    ['hello', ',', 'how', 'are', 'you', '?']
    """
    return re.findall(r"[\w']+|[^\w\s]", sentence.lower())


def join(words: Sequence[str]) -> str:
    """Write French words as a sentence: a capital in front, a space before `?`, none before `,`.

    >>> join(["bonjour", ",", "comment", "ça", "va", "?"])
    'Bonjour, comment ça va ?'
    """
    sentence = " ".join(words).replace(" ,", ",")
    return sentence[:1].upper() + sentence[1:]


def fragment() -> tuple[Vocabulary, Vocabulary]:
    """Return the English and the French words of :mod:`lessons.recurrence.phrase_words`.

    >>> english, french = fragment()
    >>> english.words[3:6], french.words[3:6]
    ((',', '?', 'and'), (',', '?', 'agréable'))
    """
    english = "and how are you where weather is".split()
    french = "et comment ça va où sont le temps est".split()
    for table in phrase_words.ALL:
        english += table
        french += " ".join(table.values()).split()
    return Vocabulary([*english, ",", "?"]), Vocabulary([*french, ",", "?"])
