r"""T5 as a reader of entities: it writes them as text.

Reference: :cite:t:`raffel2020`, section 2.4, who cast every task so.
"""

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from transformers import T5Config, T5ForConditionalGeneration

from lessons.adaptation.named_entities.entity_sentences import Marked, ids_of_words
from lessons.adaptation.named_entities.span_text import (
    MARKS,
    ReadBack,
    read_entities,
    write_entities,
)
from lessons.families.objectives import IGNORED
from lessons.models import Loaded
from lessons.models.making.training_rows import pad


class TextToText(NamedTuple):
    """A T5 that knows a token more for each label, and the ids of its words."""

    model: T5ForConditionalGeneration
    ids: dict[str, int]

    def rows(self, sentences: Sequence[Marked]) -> dict[str, Int64[Tensor, "batch tokens"]]:
        """Return what the model is called with: sentences, and as labels their entities as text.

        Raises:
            ValueError: The model does not know a word.
        """
        end = self.ids["</s>"]
        rows = [[*ids_of_words(one.words, self.ids), end] for one in sentences]
        read = pad(rows, self.ids["<pad>"])
        wanted = [[*ids_of_words(write_entities(one), self.ids), end] for one in sentences]
        mask = (read != self.ids["<pad>"]).long()
        return {"input_ids": read, "attention_mask": mask, "labels": pad(wanted, IGNORED)}

    @torch.no_grad()
    def read(
        self, sentences: Sequence[Marked], *, copying: bool = False, most: int = 16
    ) -> list[ReadBack]:
        """Let the model write the entities of sentences, greedily, and read them back.

        Args:
            sentences: What it reads.
            copying: Whether it may write nothing but marks and words of the sentence.
            most: The tokens that it may write at most.
        """
        rows = self.rows(sentences)
        del rows["labels"]
        end = self.ids["</s>"]
        marks = [self.ids[mark] for mark in MARKS]
        allowed = [[*marks, *map(self.ids.__getitem__, one.words), end] for one in sentences]
        only = {"prefix_allowed_tokens_fn": lambda row, _: allowed[row]} if copying else {}
        options: dict[str, Any] = {**rows, **only, "max_new_tokens": most, "do_sample": False}
        written = self.model.generate(**options)  # type: ignore[misc]  # its self is a protocol
        names = {id_: word for word, id_ in self.ids.items()}
        silent = {end, self.ids["<pad>"]}
        return [
            read_entities([names[one] for one in row if one not in silent], marked.words)
            for row, marked in zip(cast(Tensor, written).tolist(), sentences, strict=True)
        ]


def text_to_text(translator: Loaded, *, pretrained: bool = True, seed: int = 0) -> TextToText:
    """Return a copy of the translator with tokens for the labels.

    Args:
        translator: The book's T5; it stays as it is.
        pretrained: False draws all weights anew.
        seed: Where new weights come from.

    >>> from lessons.models import load
    >>> reader = text_to_text(load("translator", source="book"))
    >>> reader.ids["<thing>"] - reader.ids["<person>"]
    3
    """
    ids = translator.tokenizer.get_vocab()
    ids |= {mark: len(ids) + place for place, mark in enumerate(MARKS)}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = (
            copy.deepcopy(translator.model)
            if pretrained
            else T5ForConditionalGeneration(cast(T5Config, copy.deepcopy(translator.model.config)))
        )
        model.resize_token_embeddings(len(ids), mean_resizing=False)
    return TextToText(model.eval(), ids)


def text_loss(model: nn.Module, rows: dict[str, Tensor]) -> Float[Tensor, ""]:
    """Return the cross-entropy of the entities as text, in nats a token; for `fit`.

    >>> from lessons.adaptation import entity_sentences
    >>> from lessons.models import load
    >>> reader = text_to_text(load("translator", source="book"))
    >>> text_loss(reader.model, reader.rows(entity_sentences(2))).item() > 1
    True
    """
    return model(**rows).loss
