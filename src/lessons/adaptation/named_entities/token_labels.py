r"""An encoder as a reader of entities: a label for each word, by the scheme of B, I and O.

References: :cite:t:`ramshaw1995` for the scheme; :cite:t:`devlin2019`, section 5.3.
"""

import copy
from collections.abc import Sequence
from typing import cast

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn
from transformers import DistilBertConfig, DistilBertModel

from lessons.adaptation.named_entities.entity_sentences import LABELS, Entity, Marked, ids_of_words
from lessons.families.objectives import IGNORED
from lessons.models import Loaded
from lessons.models.making.training_rows import pad

TAGS = ("O", *(f"{start}-{label}" for label in LABELS for start in "BI"))


def tags_of(marked: Marked) -> list[str]:
    """Return a tag for each word: B- begins an entity, I- goes on with it, O is outside.

    >>> from lessons.adaptation import entities_of
    >>> words = ("the", "red", "car", "waits")
    >>> tags_of(Marked(words, entities_of(words)))
    ['O', 'B-thing', 'I-thing', 'O']
    """
    tags = ["O"] * len(marked.words)
    for one in marked.entities:
        tags[one.start] = f"B-{one.label}"
        tags[one.start + 1 : one.end] = [f"I-{one.label}"] * (one.end - one.start - 1)
    return tags


def entities_of_tags(tags: Sequence[str]) -> tuple[Entity, ...]:
    """Return the entities that tags name; an I- after another label, or after O, begins one, too.

    >>> entities_of_tags(["B-thing", "B-thing", "I-thing", "O", "I-person"])[1:]
    (Entity(start=1, end=3, label='thing'), Entity(start=4, end=5, label='person'))
    """
    found: list[Entity] = []
    for place, tag in enumerate(tags):
        if tag == "O":
            continue
        label = tag[2:]
        if tag[0] == "I" and found and found[-1].end == place and found[-1].label == label:
            found[-1] = found[-1]._replace(end=place + 1)
        else:
            found.append(Entity(place, place + 1, label))
    return tuple(found)


class Tagger(nn.Module):
    """An encoder's body with one linear layer above it, which scores the tags of each token."""

    def __init__(self, body: DistilBertModel, ids: dict[str, int]) -> None:
        super().__init__()
        self.body, self.ids = body, ids
        self.to_tags = nn.Linear(body.config.dim, len(TAGS))

    def forward(
        self, ids: Int64[Tensor, "batch tokens"], real: Bool[Tensor, "batch tokens"]
    ) -> Float[Tensor, "batch tokens tags"]:
        """Return the logits of the tags."""
        hidden = self.body(input_ids=ids, attention_mask=real.long()).last_hidden_state
        return self.to_tags(hidden)

    def rows(self, sentences: Sequence[Marked]) -> tuple[Tensor, Tensor, Tensor]:
        """Return ids, which of them are real, and the number of each tag (−100 beside words).

        Raises:
            ValueError: The encoder does not know a word, or a sentence is too long for it.
        """
        first, last = self.ids["[CLS]"], self.ids["[SEP]"]
        read = [[first, *ids_of_words(one.words, self.ids), last] for one in sentences]
        longest, positions = max(map(len, read)), self.body.config.max_position_embeddings
        if longest > positions:
            raise ValueError(
                f"a sentence has {longest} tokens, the encoder {positions} positions: "
                "pass shorter sentences"
            )
        wanted = [[IGNORED, *map(TAGS.index, tags_of(one)), IGNORED] for one in sentences]
        ids = pad(read, self.ids["[PAD]"])
        return ids, ids != self.ids["[PAD]"], pad(wanted, IGNORED)

    @torch.no_grad()
    def read(self, sentences: Sequence[Marked]) -> list[tuple[Entity, ...]]:
        """Return the entities that the tagger finds in sentences."""
        ids, real, _ = self.rows(sentences)
        best = self(ids, real).argmax(dim=-1).tolist()
        return [
            entities_of_tags([TAGS[tag] for tag in row[1 : 1 + len(one.words)]])
            for row, one in zip(best, sentences, strict=True)
        ]


def tagger(encoder: Loaded, *, pretrained: bool = True, seed: int = 0) -> Tagger:
    """Return a copy of the encoder's body with a new layer for tags.

    Args:
        encoder: The book's encoder; it stays as it is.
        pretrained: False draws all weights anew.
        seed: Where new weights come from.

    >>> from lessons.models import load
    >>> tagger(load("encoder", source="book")).to_tags.weight.shape
    torch.Size([9, 128])
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        config = cast(DistilBertConfig, copy.deepcopy(encoder.model.config))
        own = cast(DistilBertModel, encoder.model.distilbert)
        body = copy.deepcopy(own) if pretrained else DistilBertModel(config)
        return Tagger(body, encoder.tokenizer.get_vocab()).eval()


def tag_loss(model: Tagger, rows: tuple[Tensor, Tensor, Tensor]) -> Float[Tensor, ""]:
    """Return the cross-entropy of the tags, in nats a word; for `fit`.

    >>> from lessons.adaptation import entity_sentences
    >>> from lessons.models import load
    >>> reader = tagger(load("encoder", source="book"))
    >>> tag_loss(reader, reader.rows(entity_sentences(2))).item() > 1
    True
    """
    ids, real, wanted = rows
    logits = model(ids, real).flatten(0, 1)
    return nn.functional.cross_entropy(logits, wanted.flatten(), ignore_index=IGNORED)
