r"""Teach an encoder–decoder with the right words, and let it write with its own."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lessons.recurrence.padded_pairs import ENGLISH, FRENCH, Batch
from lessons.recurrence.seq2seq import EncoderDecoder, Memory
from lessons.recurrence.word_ids import END, PAD, START, join, split


def teacher_forcing_loss(model: EncoderDecoder, batch: Batch) -> Float[Tensor, ""]:
    r"""Return the mean surprise (nats) at each right word, given the right words before it.

    .. math:: L = -\frac{1}{T} \sum_{t=1}^{T} \ln p(y_t \mid y_1, \dots, y_{t-1}, x)

    Args:
        model: What learns.
        batch: Sentences with their translations; padding does not count.

    Source: :cite:t:`sutskever2014`, section 3.2.

    >>> from lessons.recurrence import Decoder, Encoder, batch_of, Pair
    >>> model = EncoderDecoder(Encoder(len(ENGLISH), 4), Decoder(len(FRENCH), 4))
    >>> teacher_forcing_loss(model, batch_of([Pair(("cats",), ("chats",), (0,))])) > 0
    tensor(True)
    """
    logits, _ = model(batch.source, batch.previous)
    return nn.functional.cross_entropy(logits.mT, batch.following, ignore_index=PAD)


@torch.no_grad()
def write(decoder: nn.Module, memory: Memory, limit: int) -> Int[Tensor, "batch written"]:
    """Let the decoder write: the likeliest word, then the likeliest after that, to the end marker.

    Args:
        decoder: From the last word, the memory and a state to logits, weights and a state.
        memory: What the encoder left behind.
        limit: The most words that it may write, the end marker included.

    Raises:
        ValueError: The limit is not positive.

    Source: :cite:t:`sutskever2014`, section 3.2 (there with a beam; here with one hypothesis).

    >>> from lessons.recurrence import Decoder, Encoder
    >>> memory = Encoder(9, 4)(torch.tensor([[5, 2]]))
    >>> write(Decoder(7, 4), memory, limit=3).shape[1] <= 3
    True
    """
    if limit < 1:
        raise ValueError(f"limit is {limit}: pass at least 1 word")
    word = torch.full((len(memory.visible), 1), START)
    ended = torch.zeros_like(word, dtype=torch.bool)
    state, written = memory.last, []
    for place in range(limit):
        logits, _, state = decoder(word, memory, state, place)
        word = logits.argmax(dim=-1).masked_fill(ended, PAD)
        ended = ended | (word == END)
        written.append(word)
        if ended.all():
            break
    return torch.cat(written, dim=1)


def translate(model: EncoderDecoder, sentence: str, *, limit: int = 40) -> str:
    """Translate one English sentence of the fragment.

    Args:
        model: Encoder and decoder.
        sentence: English, as one writes it.
        limit: The most words that it may write, the end marker included.

    >>> from lessons.recurrence import Decoder, Encoder
    >>> model = EncoderDecoder(Encoder(len(ENGLISH), 4), Decoder(len(FRENCH), 4))
    >>> isinstance(translate(model, "Hello, how are you?", limit=5), str)
    True
    """
    source = torch.tensor([ENGLISH.encode(split(sentence))])
    return join(FRENCH.decode(write(model.decoder, model.encoder(source), limit)[0].tolist()))


@torch.no_grad()
def forced_right(model: EncoderDecoder, batch: Batch) -> Bool[Tensor, "batch queries"]:
    """Say which words the model gets right when it is given the right words before them.

    >>> from lessons.recurrence import Decoder, Encoder, batch_of, Pair
    >>> model = EncoderDecoder(Encoder(len(ENGLISH), 4), Decoder(len(FRENCH), 4))
    >>> forced_right(model, batch_of([Pair(("cats",), ("chats",), (0,))])).shape
    torch.Size([1, 2])
    """
    logits, _ = model(batch.source, batch.previous)
    return logits.argmax(dim=-1) == batch.following


def free_right(model: EncoderDecoder, batch: Batch) -> Bool[Tensor, "batch queries"]:
    """Say which places of the translation are right when the model writes on its own words.

    >>> from lessons.recurrence import Decoder, Encoder, batch_of, Pair
    >>> model = EncoderDecoder(Encoder(len(ENGLISH), 4), Decoder(len(FRENCH), 4))
    >>> free_right(model, batch_of([Pair(("cats",), ("chats",), (0,))])).shape
    torch.Size([1, 2])
    """
    limit = batch.following.shape[1]
    written = write(model.decoder, model.encoder(batch.source), limit)
    missing = limit - written.shape[1]
    return nn.functional.pad(written, (0, missing), value=PAD) == batch.following


def exact_match(model: EncoderDecoder, batch: Batch) -> float:
    """Return the share of sentences that the model translates without any mistake.

    >>> from lessons.recurrence import Decoder, Encoder, batch_of, Pair
    >>> model = EncoderDecoder(Encoder(len(ENGLISH), 4), Decoder(len(FRENCH), 4))
    >>> exact_match(model, batch_of([Pair(("cats",), ("chats",), (0,))]))
    0.0
    """
    right = free_right(model, batch) | (batch.following == PAD)
    return right.all(dim=1).float().mean().item()
