"""What a service does, whatever protocol it speaks: embed, classify, answer, stream."""

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.models import Loaded, sentence_vectors
from lessons.practice.services.refusals import Refusal


class CutOff(Exception):  # noqa: N818  # for whoever reads, it is no error: the pieces end
    """The pieces end here, and the connection in good order, before anything told why."""


class Writing:
    """An answer while it is written: iterate over its pieces, then ask what they took.

    Args:
        prompt: The ids of the prompt.
        pieces: The pieces of text, each with the number of tokens so far and, at the end, why
            there are no more: `stop` or `length`.
    """

    def __init__(self, prompt: list[int], pieces: Iterator[tuple[str, int, str | None]]):
        self.prompt_tokens = len(prompt)
        self.answer_tokens = 0
        self.finish: str | None = None
        self._pieces = pieces

    def __iter__(self) -> Iterator[str]:
        for piece, written, finish in self._pieces:
            self.answer_tokens, self.finish = written, finish
            if piece:
                yield piece

    def text(self) -> str:
        """Return the whole answer, once it is written."""
        return "".join(self)


class Desk:
    """The book's models, behind whatever protocol asks for them.

    Args:
        decoder: Answers; its tokenizer has a template for chats.
        encoder: Gives a text its vector.
        context: How many tokens a prompt and its answer may have together.
        kept: Where tokens that followed a prompt are kept, and taken from when it comes again, for
            the likeliest token stays the same; desks may share it. None computes each call anew.
    """

    names = ("smollm2", "minilm")  # of the decoder and the encoder, to those who call

    def __init__(
        self,
        decoder: Loaded,
        encoder: Loaded,
        *,
        context: int = 512,
        kept: dict[tuple[int, ...], int] | None = None,
    ):
        self.decoder, self.encoder, self.context, self.kept = decoder, encoder, context, kept
        self.computed = 0  # tokens read and written so far, whether or not anybody took the answer
        self._one_at_a_time = Lock()

    def answer(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        model: str,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
    ) -> Writing:
        """Begin to answer a conversation, the likeliest token each time.

        Args:
            messages: Each with a `role` (system, user or assistant) and `content`.
            model: The decoder's name.
            max_tokens: At most so many are written; None for as many as the context holds.
            stop: The answer ends before any of these texts.

        Raises:
            Refusal: There is no such model, no message, or no room.
        """
        self._known(model, self.names[0])
        if not messages:
            raise Refusal("field", "there is no message: pass at least one", "messages")
        ids = self.prompt_ids(messages)
        room = self.context - len(ids)
        wanted = max_tokens or max(room, 1)
        if wanted > room:
            raise Refusal(
                "length",
                f"the model's context is {self.context} tokens, but {len(ids)} of the messages and "
                f"{wanted} of the answer were asked for: shorten the messages or the answer",
                "messages",
            )
        return Writing(ids, self._pieces(ids, wanted, tuple(filter(None, stop))))

    def vectors(self, texts: Sequence[str], *, model: str) -> Float[Tensor, "texts d_model"]:
        """Return a vector of length 1 for each text.

        Raises:
            Refusal: There is no such model, no text, or one is too long.
        """
        self._known(model, self.names[1])
        if not texts:
            raise Refusal("field", "there is no text: pass at least one", "input")
        most = self.encoder.model.config.max_position_embeddings
        if (length := max(self.text_tokens(text) for text in texts)) > most:
            raise Refusal("length", f"a text has {length} tokens, and {most} is the most", "input")
        with self._one_at_a_time:
            self.computed += sum(map(self.text_tokens, texts))
            return sentence_vectors(self.encoder, list(texts))

    def shares(
        self, texts: Sequence[str], examples: Mapping[str, Sequence[str]], *, model: str
    ) -> list[dict[str, float]]:
        """Share each text out among labels: a softmax over how near it is to their examples.

        Args:
            texts: What is to be labeled.
            examples: Of each label at least one text.
            model: The encoder's name.

        Raises:
            Refusal: There is no label, a label has no example, or as for `vectors`.
        """
        if not examples or not all(examples.values()):
            raise Refusal("field", "each label needs an example, and there is no less", "examples")
        given = self.vectors(texts, model=model)
        centers = torch.stack(
            [self.vectors(some, model=model).mean(0) for some in examples.values()]
        )
        near = given @ torch.nn.functional.normalize(centers, dim=-1).T
        rows = (10 * near).softmax(dim=-1).tolist()
        return [dict(zip(examples, row, strict=True)) for row in rows]

    def prompt_ids(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """Return the ids of a conversation, in the words of the model's template."""
        batch: Any = self.decoder.tokenizer.apply_chat_template(
            [dict(message) for message in messages], add_generation_prompt=True, return_dict=True
        )
        return batch.input_ids

    def text_tokens(self, text: str) -> int:
        """Return how many tokens a text is to the encoder."""
        return len(self.encoder.tokenizer(text, verbose=False).input_ids)

    def _known(self, model: str, name: str) -> None:
        if model != name:
            raise Refusal(
                "model", f"there is no model {model!r} that does this: {name!r} does", "model"
            )

    def _pieces(
        self, ids: list[int], most: int, stop: tuple[str, ...]
    ) -> Iterator[tuple[str, int, str | None]]:
        """Write token after token, and hand over what no later token can change."""
        tokenizer: Any = self.decoder.tokenizer
        new: list[int] = []
        given = 0  # characters handed over
        for token in self._tokens(ids):
            ended = token == tokenizer.eos_token_id
            new += [] if ended else [token]
            text = tokenizer.decode(new)
            found = [text.index(mark) for mark in stop if mark in text]
            if ended or found or len(new) == most:
                whole = text[: min(found)] if found else text
                finish = "stop" if ended or found else "length"
                yield whole[given:], len(new), finish
                return
            sure = _sure_length(text, stop)
            yield text[given:sure], len(new), None
            given = max(sure, given)

    def _tokens(self, ids: list[int]) -> Iterator[int]:
        """Compute the likeliest token after all before it, again and again, or take what is kept.

        What is kept is looked up until the first token that is not; from there on all is computed.
        """
        before, kept = list(ids), {} if self.kept is None else self.kept
        while (token := kept.get(tuple(before))) is not None:
            yield token
            before.append(token)
        cache: Any = None
        read = before  # tokens to be read
        while True:
            with self._one_at_a_time, torch.no_grad():
                out = self.decoder.model(
                    torch.tensor([read]), past_key_values=cache, use_cache=True
                )
                self.computed += len(read)
            cache, read = out.past_key_values, [int(out.logits[0, -1].argmax())]
            kept[tuple(before)] = read[0]
            yield read[0]
            before = [*before, *read]


def _sure_length(text: str, stop: tuple[str, ...]) -> int:
    """Return how much of a text stays: half a letter does not, nor the beginning of a stop."""
    text = text.rstrip("�")
    begun = [size for mark in stop for size in range(1, len(mark)) if text.endswith(mark[:size])]
    return len(text) - max(begun, default=0)
