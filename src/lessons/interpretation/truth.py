r"""Truth: where a head of a book model should look, for each kind of sentence of the grammar.

The grammar knows each sentence's links in words; a model has tokens, such as the [CLS] that
comes first. What stands here returns links in the positions of the model that reads the sentence.
"""

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.models.grammar import Sentence, Translation, lexicon
from lessons.models.judging.links import shifted
from lessons.models.loading.loader import Loaded

Pairs = list[tuple[int, int]]


@torch.no_grad()
def maps_for(
    loaded: Loaded, sentences: Sequence[Sentence | Translation]
) -> Iterator[Float[Tensor, "layers heads queries keys"]]:
    """Return the weights of all heads for one sentence after the other.

    Args:
        loaded: A book model.
        sentences: For the encoder and the decoder sentences, which they read; for the translator
            translations, whose target it is made to write: its cross-attention comes back.

    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> next(maps_for(decoder, [Sentence(("tom", "sleeps"), kind="plain")])).shape
    torch.Size([3, 4, 2, 2])
    """
    for one in sentences:
        if isinstance(one, Translation):
            source = loaded.tokenizer(one.source.text, return_tensors="pt")
            target = loaded.tokenizer(one.text, return_tensors="pt").input_ids
            output = loaded.model(**source, labels=target, output_attentions=True)
            yield torch.cat(output.cross_attentions)
        else:
            batch = loaded.tokenizer(one.text, return_tensors="pt")
            yield torch.cat(loaded.model(**batch, output_attentions=True).attentions)


def pronoun_links(one: Sentence) -> Pairs:
    """Link the last pronoun to its antecedent, past the encoder's [CLS].

    >>> pronoun_links(Sentence(("the", "cat", "sleeps", ".", "it"), "x", antecedents=((4, 1),)))
    [(5, 2)]
    """
    return shifted(one.antecedents[-1:], queries=1, keys=1)


def other_noun_links(one: Sentence) -> Pairs:
    """Link the last pronoun to the nouns and names before it that it does *not* stand for.

    >>> words = ("tom", "thanks", "ben", "because", "he")
    >>> other_noun_links(Sentence(words, "people", antecedents=((4, 2),)))
    [(5, 1)]
    """
    pronoun, antecedent = one.antecedents[-1]
    others = [place for place in noun_places(one, pronoun) if place != antecedent]
    return shifted([(pronoun, place) for place in others], queries=1, keys=1)


def adjective_links(one: Sentence) -> Pairs:
    """Link the pronoun to its own adjective, the first word behind it that carries meaning.

    >>> words = ("because", "it", "is", "too", "small")
    >>> adjective_links(Sentence(words, "winograd", antecedents=((1, 0),)))
    [(2, 5)]
    """
    pronoun, _ = one.antecedents[-1]
    behind = range(pronoun + 1, len(one.tokens))
    adjective = next(at for at in behind if one.tokens[at] not in lexicon.FUNCTION_WORDS)
    return shifted([(pronoun, adjective)], queries=1, keys=1)


def ahead_links(one: Sentence) -> Pairs:
    """Link the pronoun to the token three ahead, whatever stands there.

    >>> words = ("because", "it", "is", "small", ".")
    >>> ahead_links(Sentence(words, "winograd", antecedents=((1, 0),)))
    [(2, 5)]
    """
    pronoun, _ = one.antecedents[-1]
    return shifted([(pronoun, pronoun + 3)], queries=1, keys=1)


def verb_links(one: Sentence) -> Pairs:
    """Link the token before the main verb, where a decoder predicts it, to the verb's subject.

    >>> words = ("the", "keys", "near", "the", "table", "are")
    >>> verb_links(Sentence(words, "agreement", subjects=((5, 1),)))
    [(4, 1)]
    """
    return shifted(one.subjects[-1:], queries=-1)


def first_noun_links(one: Sentence) -> Pairs:
    """Link the token before the main verb to the first noun, be it the subject or not.

    >>> words = ("near", "the", "tables", "the", "key", "is")
    >>> first_noun_links(Sentence(words, "agreement", subjects=((5, 4),)))
    [(4, 2)]
    """
    verb, _ = one.subjects[-1]
    return [(verb - 1, noun_places(one, before=verb)[0])]


def repeat_links(one: Sentence) -> Pairs:
    """Link each repeated token but the last to the token after its first occurrence.

    >>> repeat_links(Sentence(("a", "b", "a", "b"), "repeat", repeats=((2, 0), (3, 1))))
    [(2, 1)]
    """
    return shifted(one.repeats[:-1], keys=1)


def content_links(one: Translation) -> Pairs:
    """Link the step that writes a French content word to the English word that it renders.

    >>> cat = Sentence(("the", "cat"), kind="plain")
    >>> content_links(Translation(cat, ("le", "chat"), ((0, 0), (1, 1))))
    [(1, 1)]
    """
    return list(one.content)


def noun_places(one: Sentence, before: int) -> list[int]:
    """Return where nouns and names stand in a sentence, before a position.

    >>> noun_places(Sentence(("tom", "sees", "the", "cats"), "plain"), before=4)
    [0, 3]
    """
    known = {*lexicon.LEMMAS, *lexicon.NAMES}
    return [place for place, word in enumerate(one.tokens[:before]) if word in known]
