"""The library `tokenizers` as an oracle for byte-level byte-pair encoding."""

import json

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from lessons.tokens import single_bytes


def sign_of(byte: int) -> str:
    """Return the printable sign by which GPT-2's files write a byte."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    if byte in printable:
        return chr(byte)
    return chr(256 + sum(other not in printable for other in range(byte)))


SIGNS = [sign_of(byte) for byte in range(256)]
BYTES = {sign: bytes([byte]) for byte, sign in enumerate(SIGNS)}


def to_bytes(token: str) -> bytes:
    return b"".join(BYTES[sign] for sign in token)


def to_signs(token: bytes) -> str:
    return "".join(SIGNS[byte] for byte in token)


def byte_level(model: models.Model) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def trained(text: str, vocab_size: int) -> tuple[list[tuple[bytes, bytes]], Tokenizer]:
    """Return the merges that the library learns from a text, and its tokenizer."""
    tokenizer = byte_level(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([text], trainer)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [(to_bytes(first), to_bytes(second)) for first, second in merges], tokenizer


def with_merges(merges: list[tuple[bytes, bytes]]) -> Tokenizer:
    """Return the library's tokenizer with these merges and the ids of GPT-2's order."""
    tokens = dict.fromkeys([*single_bytes(), *(first + second for first, second in merges)])
    vocabulary = {to_signs(token): place for place, token in enumerate(tokens)}
    pairs = [(to_signs(first), to_signs(second)) for first, second in merges]
    return byte_level(models.BPE(vocabulary, pairs))
