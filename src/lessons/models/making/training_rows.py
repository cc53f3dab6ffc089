"""The batches on which the book's models are trained, each drawn anew from the grammar."""

import random

import torch

from lessons.families.objectives import IGNORED
from lessons.models.grammar import (
    Sentence,
    Translation,
    finish,
    sentence,
    translation,
    variety,
)
from lessons.models.making import word_tokenizer

Batch = dict[str, torch.Tensor]
ANTECEDENTS = 0.8  # the share of pronouns whose antecedent the encoder must name

ENCODER_MIX = {"winograd": 0.42, "people": 0.3, "agreement": 0.12, "plain": 0.12, "repeat": 0.04}
DECODER_MIX = {"winograd": 0.13, "people": 0.1, "agreement": 0.4, "plain": 0.15, "repeat": 0.22}
TRANSLATOR_MIX = {"winograd": 0.43, "people": 0.14, "plain": 0.33, "glossary": 0.1}


def draw_kind(mix: dict[str, float], rng: random.Random) -> str:
    """Draw a kind of sentence by the shares of a mix."""
    return rng.choices(tuple(mix), weights=tuple(mix.values()))[0]


def _sentence(mix: dict[str, float], rng: random.Random) -> Sentence:
    """Draw a training sentence; four out of five end in a full stop."""
    drawn = sentence(draw_kind(mix, rng), "train", rng)
    return finish(drawn) if rng.random() < 0.8 else drawn


def pad(rows: list[list[int]], filler: int) -> torch.Tensor:
    """Stack rows of ids of different lengths, filled up on the right."""
    width = max(map(len, rows))
    return torch.tensor([row + [filler] * (width - len(row)) for row in rows])


def encoder_batch(
    rng: random.Random,
    ids: dict[str, int],
    *,
    antecedents: float = ANTECEDENTS,
    masked: float = 0.15,
) -> Batch:
    """Make a batch for masked language modeling in which some pronouns are labeled.

    One batch in four packs several sentences into a row, so that all 64 positions are trained.

    Args:
        rng: Where chance comes from.
        ids: The tokenizer's vocabulary.
        antecedents: The share of pronouns whose label is their antecedent; 0 is plain MLM.
        masked: The share of other tokens that must be predicted: of these, 80 % become [MASK],
            10 % a random word and 10 % stay.

    Source: :cite:t:`devlin2019`, section 3.1, for the masks; compare :cite:t:`kocijan2019` and
    :cite:t:`ye2020` for training on antecedents.
    """
    packed = rng.random() < 0.25
    inputs, labels = [], []
    for _ in range(24 if packed else 64):
        row, wanted = [ids["[CLS]"]], [IGNORED]
        for drawn in _row(packed, rng):
            shown, labeled = _mask(drawn, rng, ids, antecedents, masked)
            row += shown
            wanted += labeled
        inputs.append([*row, ids["[SEP]"]])
        labels.append([*wanted, IGNORED])
    input_ids = pad(inputs, ids["[PAD]"])
    return {
        "input_ids": input_ids,
        "attention_mask": (input_ids != ids["[PAD]"]).long(),
        "labels": pad(labels, IGNORED),
    }


def _row(packed: bool, rng: random.Random) -> list[Sentence]:
    """Draw the sentences of one row: one, or as many as fit in 62 tokens."""
    row = [_sentence(ENCODER_MIX, rng)]
    while packed:
        following = _sentence(ENCODER_MIX, rng)
        if sum(len(drawn.tokens) for drawn in (*row, following)) > 62:
            break
        row.append(following)
    return row


def _mask(
    drawn: Sentence, rng: random.Random, ids: dict[str, int], antecedents: float, masked: float
) -> tuple[list[int], list[int]]:
    """Hide some tokens of a sentence; return the ids shown and the labels."""
    shown = [ids[token] for token in drawn.tokens]
    labels = [IGNORED] * len(shown)
    pronouns = {p: a for p, a in drawn.antecedents if rng.random() < antecedents}
    for place, token in enumerate(drawn.tokens):
        if place in pronouns:
            labels[place] = ids[drawn.tokens[pronouns[place]]]
        elif rng.random() < masked:
            labels[place] = ids[token]
            fate = rng.random()
            if fate < 0.8:
                shown[place] = ids["[MASK]"]
            elif fate < 0.9:
                shown[place] = rng.randrange(len(word_tokenizer.SPECIAL["encoder"]), len(ids))
    return shown, labels


def plain_mlm_batch(rng: random.Random, ids: dict[str, int]) -> Batch:
    """Make a batch for masked language modeling alone, without labels for antecedents."""
    return encoder_batch(rng, ids, antecedents=0.0)


def decoder_batch(rng: random.Random, ids: dict[str, int]) -> Batch:
    """Make a batch of running text, sentences divided by `<|endoftext|>`.

    Seven batches in eight hold 32 rows of 64 tokens; one holds 4 rows of 544. So every position is
    trained, though those from the 64th on much less.
    """
    rows, length = (4, 544) if rng.random() < 0.125 else (32, 64)
    end = ids["<|endoftext|>"]
    batch = []
    for _ in range(rows):
        row = [end] if rng.random() < 0.5 else []
        while len(row) < length:
            row += [ids[token] for token in _sentence(DECODER_MIX, rng).tokens]
            row.append(end)
        batch.append(row[:length])
    input_ids = torch.tensor(batch)
    return {"input_ids": input_ids, "labels": input_ids}


def translator_batch(rng: random.Random, ids: dict[str, int]) -> Batch:
    """Make a batch of 48 rows: English text and its French, each one sentence or two.

    In three sentences of ten, verbs and adjectives are exchanged for others. What `it` means can
    then not be told, so the French pronoun is not scored.
    """
    end, start = ids["</s>"], ids["<pad>"]
    sources, written, labels = [], [], []
    for _ in range(48):
        parts = [_translation(rng)]
        if rng.random() < 0.5:
            parts = [finish(parts[0]), _translation(rng)]
        elif rng.random() < 0.5:
            parts = [finish(parts[0])]
        sources.append([*(ids[token] for one in parts for token in one.source.tokens), end])
        written.append([start, *(ids[token] for one in parts for token in one.target)])
        labels.append([*(label for one in parts for label in _labels(one, ids)), end])
    input_ids = pad(sources, ids["<pad>"])
    return {
        "input_ids": input_ids,
        "attention_mask": (input_ids != ids["<pad>"]).long(),
        "decoder_input_ids": pad(written, ids["<pad>"]),
        "labels": pad(labels, IGNORED),
    }


def _labels(drawn: Translation, ids: dict[str, int]) -> list[int]:
    """Return the French ids, without the pronoun where words were exchanged."""
    senseless = drawn.source.kind == "exchanged"
    return [
        IGNORED if senseless and token in ("il", "elle") else ids[token] for token in drawn.target
    ]


def _translation(rng: random.Random) -> Translation:
    """Draw a training sentence with its French; exchange its words in three of ten."""
    drawn = translation(draw_kind(TRANSLATOR_MIX, rng), "train", rng)
    return variety.exchange(drawn, rng) if rng.random() < 0.3 else drawn
