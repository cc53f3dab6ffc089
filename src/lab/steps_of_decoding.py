"""Step 3: where a translator's cross-attention looks in two steps of decoding."""

import torch
from jaxtyping import Float
from torch import Tensor

from lab.machine import read, words
from lab.showing import Shown, plain, table
from lessons.models import Loaded


class Shift(Shown):
    """Cross-attention in two steps: a table, and the last layer's mean weights for figures."""

    def __init__(self, markdown: str, facts: dict, weights: Tensor):
        super().__init__(markdown, facts)
        self.weights = weights


@torch.no_grad()
def follow_steps(loaded: Loaded, sentence: str, first: int) -> Shift:
    """Follow cross-attention over two decoding steps, the `first` one and the next.

    Args:
        loaded: A translator; T5 of the hub wants the sentence to begin with
            "translate English to French: ".
        sentence: What is translated, greedily.
        first: The number of the first of the two steps, from 0.

    Raises:
        ValueError: The sentence cannot be read, or the translation has no such two steps.

    >>> from lab.machine import load_model
    >>> follow_steps(load_model("translator", source="book"), "tom sees the cat .", 2).facts["written"]
    ['le', 'chat']
    """  # noqa: E501
    encoded, source = read(loaded, sentence, "the sentence", by=["translator"])
    output = loaded.model.generate(  # type: ignore[operator]  # torch's __getattr__ hides transformers' mixin
        **encoded, max_new_tokens=40, do_sample=False, num_beams=1,
        return_dict_in_generate=True, output_attentions=True,
    )  # fmt: skip
    written = words(loaded, output.sequences[0, 1:].tolist())
    if not isinstance(first, int) or not 0 <= first <= len(written) - 2:
        raise ValueError(
            f"there are no steps {first} and the next: the translation has {len(written)} steps, "
            + (f"so pass first=0 to first={len(written) - 2}" if len(written) > 1
               else "so pass a longer sentence")
        )  # fmt: skip
    two = [_weights(output.cross_attentions[step]) for step in (first, first + 1)]
    looks = {
        name: [[source[int(row.argmax())], round(float(row.max()), 2)] for row in rows]
        for name, rows in _named(two).items()
    }
    last = torch.stack([one[-1].mean(dim=0) for one in two])
    moved = round(float((last[0] - last[1]).abs().sum() / 2), 2)
    facts = {"model": loaded.provenance, "sentence": sentence, "first": first, "moved": moved}
    facts |= {"translation": written, "written": written[first : first + 2]}
    facts |= {"source": source, "looks": looks}
    return Shift(_told(facts), facts, last)


def _weights(layers: tuple[Tensor, ...]) -> Float[Tensor, "layers heads source"]:
    """Return one step's weights of all layers and heads."""
    return torch.cat([layer[:, :, -1] for layer in layers]).cpu()


def _named(two: list[Tensor]) -> dict[str, list[Tensor]]:
    """Return two rows for each layer's mean, and for each head of the last layer."""
    layers, heads = two[0].shape[:2]
    rows = {f"layer {n}, mean": [one[n].mean(dim=0) for one in two] for n in range(layers)}
    return rows | {f"head {layers - 1}.{n}": [one[-1, n] for one in two] for n in range(heads)}


def _told(facts: dict) -> str:
    columns = [
        f"step {facts['first'] + n} writes {word}" for n, word in enumerate(facts["written"])
    ]
    rows = [
        [name, *(f"{token} {weight:.2f}" for token, weight in ends)]
        for name, ends in facts["looks"].items()
    ]
    return (
        f"Model: {plain(facts['model'])}. It writes: {plain(' '.join(facts['translation']))}\n\n"
        f"{table(['looks at', *columns], rows)}\n\nFrom the one step to the next, "
        f"{facts['moved']:.2f} of the last layer's mean weight moves to other words."
    )
