"""What a pipeline does, by hand: text to tensors, through the model, and to an answer."""

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase


@torch.no_grad()
def fill_mask(
    text: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, *, top_k: int = 5
) -> list[dict]:
    r"""Return the likeliest words for a mask, as `pipeline("fill-mask")` does.

    .. math:: p(w) = \operatorname{softmax}(z_m)_w

    with the logits :math:`z_m` at the mask's position.

    Args:
        text: Has the tokenizer's mask once.
        model: With a head for masked language modeling, in evaluation mode.
        tokenizer: The model's.
        top_k: How many words.

    Raises:
        ValueError: The text has no mask, or several; or there are not so many words.

    Source: :cite:t:`wolf2020`, section 3.

    >>> from lessons.models import load
    >>> encoder = load("encoder", source="book")
    >>> [answer] = fill_mask("the dog [MASK] .", encoder.model, encoder.tokenizer, top_k=1)
    >>> sorted(answer)
    ['score', 'sequence', 'token', 'token_str']
    """
    # 1. Preprocess: text to tensors.
    batch = tokenizer(text, return_tensors="pt")
    [ids] = batch.input_ids
    places = (ids == tokenizer.mask_token_id).nonzero().flatten().tolist()
    if len(places) != 1:
        raise ValueError(
            f"the text has {len(places)} masks: write {tokenizer.mask_token} for one missing word"
        )
    words = model.config.vocab_size
    if not 1 <= top_k <= words:
        raise ValueError(f"top_k={top_k}: pass a number from 1 to {words}, the model's words")
    # 2. Forward: tensors through the model.
    logits = model(**batch).logits[0, places[0]]
    # 3. Postprocess: tensors to what a person asked for.
    best = logits.softmax(dim=-1).topk(top_k)
    answers = []
    for score, token in zip(best.values.tolist(), best.indices.tolist(), strict=True):
        filled = ids.index_fill(0, torch.tensor(places), token)
        answers.append(
            {
                "score": score,
                "token": token,
                "token_str": tokenizer.decode([token]),
                "sequence": tokenizer.decode(filled, skip_special_tokens=True),
            }
        )
    return answers


@torch.no_grad()
def complete(
    prompts: list[str],
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    *,
    max_new_tokens: int,
    side: str = "left",
) -> list[str]:
    """Return each prompt's greedy continuation, all computed in one batch.

    Args:
        prompts: Of any lengths; the shorter ones are padded.
        model: A decoder, in evaluation mode.
        tokenizer: The model's, with a padding token.
        max_new_tokens: At most so many tokens are written.
        side: Where the padding stands. `left` is right: a decoder goes on at the last place of each
            row, and there a prompt's own last token must stand.

    Raises:
        ValueError: There is no such side, or no prompt.

    >>> from lessons.models import load
    >>> gpt = load("decoder", source="book")
    >>> len(complete(["tom thanks"], gpt.model, gpt.tokenizer, max_new_tokens=3))
    1
    """
    if side not in ("left", "right"):
        raise ValueError(f"side={side!r}: pad on the 'left' or on the 'right'")
    if not prompts:
        raise ValueError("there is no prompt: pass at least one")
    batch = tokenizer(prompts, return_tensors="pt", padding=True, padding_side=side)
    texts = model.generate(  # type: ignore[operator]  # torch's __getattr__ hides transformers' mixin
        **batch,
        max_new_tokens=max_new_tokens,
        do_sample=False,
        pad_token_id=tokenizer.pad_token_id,
    )
    written = texts[:, batch.input_ids.shape[1] :]
    return tokenizer.batch_decode(written, skip_special_tokens=True)
