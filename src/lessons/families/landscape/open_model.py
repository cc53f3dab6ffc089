"""An open model as a record of a few sizes: what it holds, what works for a token, what it keeps.

The record says what a published configuration says. What follows from it is counted here, in the
same way for all models: a table of the vocabulary counts as one row at the entrance, and whole
at the exit.

References: :cite:t:`deepseekv3`, :cite:t:`kaplan2020`; transformers' modules and caches, made on
the device `meta`, are the tests' oracles.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lessons.families.landscape.attention_sizes import Grouped, Latent
from lessons.families.landscape.expert_sizes import Dense, Experts
from lessons.families.landscape.recurrent_sizes import Recurrent

Layer = tuple[Grouped | Latent | Recurrent, Dense | Experts]


@dataclass(frozen=True)
class OpenModel:
    """A model with open weights.

    Args:
        name: Its name.
        year: When it came out: a year, and the month where it is known.
        source: Where its sizes stand: a key of the bibliography, or the name of a model card.
        config: The type of transformers' configuration whose defaults were read.
        changes: What the published configuration says otherwise than these defaults, by the
            configuration's names; from knowledge.
        layers: Mixer and feed-forward network of each layer.
        d_model: The numbers in a token's vector.
        vocab: The tokens of the vocabulary.
        context: The longest text, in tokens, that it is said to read.
        base: The base of the rotary positions; none, if nothing is rotated or it is not known.
        published: How many billion parameters it is said to have.
        working: How many billion work for one token, if that is said.
        tied: Whether one table serves both ends.
        norms: The gains of width `d_model` in a layer.
    """

    name: str
    year: str
    source: str
    config: str
    layers: tuple[Layer, ...] = field(repr=False)
    d_model: int
    vocab: int
    context: int
    base: int | None
    published: float | int
    working: float | int | None = None
    changes: Mapping[str, object] = field(default_factory=dict)
    tied: bool = False
    norms: int = 2


def parameters(model: OpenModel) -> int:
    """Return how many numbers a model has learned.

    Source: :cite:t:`deepseekv3`, section 4.2, for what is counted.

    >>> one = (Grouped(1, 1, 4), Dense(8))
    >>> parameters(OpenModel("a", "2026", "", "", (one,), 4, 10, 8, None, 0))
    252
    """
    d_model = model.d_model
    tables = model.vocab * d_model * (1 if model.tied else 2)
    layers = sum(
        mixer.parameters(d_model) + network.parameters(d_model) + model.norms * d_model
        for mixer, network in model.layers
    )
    return tables + layers + d_model  # the last norm


def working_parameters(model: OpenModel) -> int:
    """Return how many of them work for one token: not the idle experts, and one row of a table.

    (A tied table works whole, at the exit.)

    >>> one = (Grouped(1, 1, 4), Experts(8, 2, 10))
    >>> model = OpenModel("a", "2026", "", "", (one,), 4, 10, 8, None, 0)
    >>> parameters(model) - working_parameters(model)
    756
    """
    resting = sum(network.resting(model.d_model) for _, network in model.layers)
    rows = 0 if model.tied else (model.vocab - 1) * model.d_model
    return parameters(model) - resting - rows


def kept_numbers(model: OpenModel, tokens: int) -> int:
    """Return how many numbers are kept of a text of so many tokens.

    Raises:
        ValueError: There are fewer tokens than none.

    >>> one = (Grouped(1, 1, 4), Dense(8))
    >>> kept_numbers(OpenModel("a", "2026", "", "", (one,), 4, 10, 8, None, 0), 100)
    800
    """
    if tokens < 0:
        raise ValueError(f"a text of {tokens} tokens: pass 0 or more")
    return sum(mixer.kept(tokens) for mixer, _ in model.layers)


def bytes_of_the_next(model: OpenModel, *, bytes_per_number: int = 2) -> int:
    """Return by how many bytes a cache grows with one more token of a long text.

    Windows are full by then, and a recurrent mixer's table stays as it is.

    >>> window = (Grouped(1, 1, 4, window=16), Dense(8))
    >>> layers = (window, (Grouped(1, 1, 4), Dense(8)))
    >>> bytes_of_the_next(OpenModel("a", "2026", "", "", layers, 4, 10, 8, None, 0))
    16
    """
    far = 10_000_000
    return bytes_per_number * (kept_numbers(model, far + 1) - kept_numbers(model, far))


def features(model: OpenModel) -> list[str]:
    """Return in a few words each what a model has that Llama has not.

    >>> layers = 3 * ((Grouped(4, 4, 4, window=16, norm="head"), Dense(8)),)
    >>> layers += ((Grouped(4, 4, 4, positions=False, norm="head"), Dense(8)),)
    >>> features(OpenModel("a", "2026", "", "", layers, 16, 10, 8, None, 0, tied=True))
    ['window of 16 in 3 of 4', 'no positions in 1 of 4', 'QK-norm', 'tied']
    """
    mixers, networks = zip(*model.layers, strict=True)
    grouped = [one for one in mixers if isinstance(one, Grouped)]
    latent = [one for one in mixers if isinstance(one, Latent)]
    windows = [one.window for one in grouped if one.window]
    looking: list[Grouped | Latent] = [*grouped, *latent]
    experts = next((one for one in networks if isinstance(one, Experts)), None)
    said = {
        f"recurrent in {len(mixers) - len(looking)} of {len(mixers)}": len(mixers) > len(looking),
        "latent": bool(latent),
        "sparse by an indexer": any(one.index_heads for one in latent),
        "grouped": any(one.kv_heads < one.heads for one in grouped),
        f"window of {max(windows, default=0):,} in {len(windows)} of {len(mixers)}": bool(windows),
        f"no positions in {sum(not one.positions for one in looking)} of {len(looking)}": any(
            not one.positions for one in looking
        ),
        "QK-norm": any(one.norm for one in grouped),
        "gated reading": any(one.gate for one in grouped),
        "sinks": any(one.sinks for one in grouped),
        f"{experts and experts.chosen} of {experts and experts.number} experts": bool(experts),
        "and a shared one": bool(experts and experts.shared),
        "tied": model.tied,
    }
    return [words for words, true in said.items() if true]
