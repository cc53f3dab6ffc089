"""A vocabulary: which token has which number."""

from collections.abc import Iterable, Sequence


class Vocabulary:
    """Number distinct tokens from 0, and translate between tokens and numbers.

    Args:
        tokens: The known tokens; repeated ones count once, and the first place decides the id.
        unknown: The token that stands for all others; it gets the id 0. None: there is none.

    Raises:
        ValueError: There is no token.

    >>> known = Vocabulary(["a", "cat", "sat"], unknown="[UNK]")
    >>> known.encode(["a", "dog", "sat"])
    [1, 0, 3]
    >>> known.decode([1, 0, 3])
    ['a', '[UNK]', 'sat']
    """

    def __init__(self, tokens: Iterable[str], *, unknown: str | None = None):
        first = [] if unknown is None else [unknown]
        self.tokens = list(dict.fromkeys([*first, *tokens]))
        if not self.tokens:
            raise ValueError("there are no tokens: pass at least one, or an unknown token")
        self.ids = {token: place for place, token in enumerate(self.tokens)}
        self.unknown = unknown

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, tokens: Sequence[str]) -> list[int]:
        """Return the id of each token; where it is not known, the id of the unknown token.

        Raises:
            ValueError: A token is not known, and there is no unknown token.
        """
        if self.unknown is not None:
            return [self.ids.get(token, 0) for token in tokens]
        for token in tokens:
            if token not in self.ids:
                raise ValueError(
                    f"{token!r} is not in the vocabulary: give it a place, or pass unknown="
                )
        return [self.ids[token] for token in tokens]

    def decode(self, ids: Sequence[int]) -> list[str]:
        """Return the token of each id.

        Raises:
            ValueError: There is no token of this id.
        """
        for one in ids:
            if not 0 <= one < len(self.tokens):
                raise ValueError(f"there is no token {one}: pass ids below {len(self.tokens)}")
        return [self.tokens[one] for one in ids]
