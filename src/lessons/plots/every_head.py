"""All heads of a model on one sentence, one map at a time: the reader chooses which."""

from collections.abc import Mapping, Sequence

from jaxtyping import Float
from torch import Tensor

from lessons.plots.checked_weights import check_head, check_reader
from lessons.plots.maps import attention_map
from lessons.plots.style import ThemedFigure


def head_chooser(
    weights: Float[Tensor, "layers heads queries keys"],
    queries: Sequence[str],
    keys: Sequence[str] | None = None,
    *,
    layer: int,
    head: int | None,
    model: str,
    reads: tuple[str, str] | None = None,
    usual: Mapping[tuple[int, int], Float[Tensor, " d_head"]] | None = None,
) -> ThemedFigure:
    """Draw one head's map; on the website the reader can open all others, and the means.

    The page gets the weights of all heads in hundredths, and a script (`head-chooser.js`) draws
    the chosen one. With `reads` the reader can write other sentences, which a model of the book
    reads in the browser.

    Args:
        weights: The weights of every head.
        queries: The tokens that look.
        keys: The tokens that are looked at; None: the same as `queries`.
        layer: The layer that is shown first.
        head: The head that is shown first; None: the mean of the layer's heads.
        model: The model's name, for the title.
        reads: The book's model ("encoder", "decoder" or "translator") that made the weights (the
            translator's are of its cross-attention), and the sentence that it read.
        usual: What each head of the encoder writes on average. With it the reader can silence a
            head: it then writes this, whatever the sentence.

    Raises:
        ValueError: There is no such head or model, the tokens are not as many as the weights, or
            heads are to be silenced where the encoder does not read.

    >>> import torch
    >>> figure = head_chooser(torch.eye(2).expand(1, 3, 2, 2), ["a", "b"], layer=0, head=2,
    ...                       model="M")
    >>> figure.alt
    'Attention map, M, layer 0, head 2. Strongest key of each query: a to a 1.00, b to b 1.00.'
    """
    check_head(weights, layer, head or 0)
    if reads is not None:
        check_reader(reads[0])
    name = "mean of the heads" if head is None else f"head {head}"
    chosen = weights[layer].mean(dim=0) if head is None else weights[layer, head]
    still = attention_map(chosen, queries, keys, title=f"{model}, layer {layer}, {name}")
    data = {
        "weights": (100 * weights.detach()).round().int().tolist(),
        "queries": list(queries),
        "keys": list(queries if keys is None else keys),
        "layer": layer,
        "head": weights.shape[1] if head is None else head,
        "model": model,
    }
    if reads is not None:
        data["reads"] = dict(zip(("kind", "text"), reads, strict=True))
    if usual is not None:
        if reads is None or reads[0] != "encoder":
            raise ValueError("heads are silenced in the encoder only: pass reads=('encoder', …)")
        data["usual"] = [
            [[round(x, 4) for x in usual[one, other].tolist()] for other in range(weights.shape[1])]
            for one in range(weights.shape[0])
        ]
    return ThemedFigure(still.svg, still.alt, live=("head-chooser", data))
