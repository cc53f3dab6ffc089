"""What a translator does when its states are exchanged."""

import torch
from jaxtyping import Bool, Int
from torch import Tensor, nn

from lessons.recurrence.padded_pairs import Batch
from lessons.recurrence.seq2seq import EncoderDecoder
from lessons.recurrence.translation import write
from lessons.recurrence.word_ids import END, PAD


@torch.no_grad()
def follow_states_or_context(model: EncoderDecoder, batch: Batch) -> tuple[float, float]:
    """Give each sentence the context of another, and see whose translation comes out.

    Args:
        model: A translator.
        batch: Its sentences; each gets the context of the one before it.

    Returns:
        The share of words that stand where they stand in the translation of the sentence whose
        states were given, and the same for the sentence whose context was given. For sentences
        of one kind some words agree by chance.

    >>> from lessons.recurrence import Decoder, Encoder, Pair, batch_of
    >>> model = EncoderDecoder(Encoder(99, 4), Decoder(99, 4))
    >>> pairs = [Pair(("cats",), ("chats",), (0,)), Pair(("dogs",), ("chiens",), (0,))]
    >>> follow_states_or_context(model, batch_of(pairs))[1]
    1.0
    """
    memory, limit = model.encoder(batch.source), 2 * batch.following.shape[1]
    own = _padded(write(model.decoder, memory, limit), limit)
    exchanged = memory._replace(last=memory.last.roll(1, dims=1))
    said = _padded(write(model.decoder, exchanged, limit), limit)
    return _agreement(said, own), _agreement(said, own.roll(1, dims=0))


@torch.no_grad()
def right_without(
    model: EncoderDecoder,
    batch: Batch,
    which: Bool[Tensor, "batch queries"],
    *places: Int[Tensor, "batch queries"],
) -> float:
    """Return the share of words that stay right when states of the source are blanked.

    For each word of its own, the encoder's states at the word's places are replaced by the mean
    of all states; the right words before it are given.

    Args:
        model: A translator that looks back.
        batch: Its sentences.
        which: The words that are counted.
        places: For each word a place in the source; several may be given.

    >>> from lessons.recurrence import BahdanauDecoder, Encoder, Pair, batch_of, words_of
    >>> model = EncoderDecoder(Encoder(99, 4), BahdanauDecoder(99, 4))
    >>> batch = batch_of([Pair(("cats",), ("chats",), (0,))])
    >>> right_without(model, batch, words_of(batch), batch.alignment) in (0.0, 1.0)
    True
    """
    rows, words = which.nonzero(as_tuple=True)
    whole = model.encoder(batch.source)
    memory, each = model.encoder(batch.source[rows]), torch.arange(len(rows))
    states = memory.states.clone()
    for place in places:
        states[each, place[rows, words]] = whole.states[whole.visible].mean(dim=0)
    memory = memory._replace(states=states)
    logits, _, _ = model.decoder(batch.previous[rows], memory, memory.last)
    said = logits[each, words].argmax(dim=-1)
    return (said == batch.following[rows, words]).float().mean().item()


def _padded(written: Tensor, length: int) -> Tensor:
    return nn.functional.pad(written, (0, length - written.shape[1]), value=PAD)


def _agreement(said: Tensor, other: Tensor) -> float:
    words = (other != PAD) & (other != END)
    return (said == other)[words].float().mean().item()
