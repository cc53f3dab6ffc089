"""A stream's pieces, kept where a terminal would print them."""

from transformers import PreTrainedTokenizerBase, TextStreamer


class KeptPieces(TextStreamer):
    """Keeps in `pieces` what `generate` tells it while it writes, without the prompt.

    Args:
        tokenizer: The model's.

    Source: :cite:t:`wolf2020` describes the library; the class extends its `TextStreamer`.

    >>> from lessons.models import load
    >>> gpt = load("decoder", source="book")
    >>> batch = gpt.tokenizer("tom thanks", return_tensors="pt")
    >>> streamer = KeptPieces(gpt.tokenizer)
    >>> _ = gpt.model.generate(**batch, max_new_tokens=2, do_sample=False, streamer=streamer)
    >>> len(streamer.pieces) > 1
    True
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase):
        super().__init__(tokenizer, skip_prompt=True)
        self.pieces: list[str] = []

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        """Keep a piece."""
        self.pieces.append(text)
