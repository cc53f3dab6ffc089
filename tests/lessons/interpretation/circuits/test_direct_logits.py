"""The parts of the stream sum up to it, and what they add, to the margin."""

import pytest
import torch

from lessons.families import from_transformers
from lessons.interpretation import direct_margins, logit_lens, stream_parts
from lessons.interpretation.circuits import direct_logits as home


def close(one, other):
    torch.testing.assert_close(one, other, atol=1e-10, rtol=1e-10)


def test_parts_are_what_transformers_layers_add(prepared, pairs):
    from transformers import GPT2Config, GPT2LMHeadModel

    theirs = prepared(GPT2LMHeadModel(GPT2Config(vocab_size=20, n_embd=12, n_layer=2, n_head=3)))
    wrote = {}
    for number, block in enumerate(theirs.transformer.h):
        for name, part in ((f"attention {number}", block.attn), (f"mlp {number}", block.mlp)):

            def keep(module, inputs, output, name=name):
                wrote[name] = (output[0] if isinstance(output, tuple) else output)[:, -1]

            part.register_forward_hook(keep)
    with torch.no_grad():
        states = theirs(pairs.clean, output_hidden_states=True).hidden_states
    parts = stream_parts(from_transformers(theirs), pairs.clean)
    close(parts["embedding"], states[0][:, -1])
    for number in range(2):
        close(parts[f"mlp {number}"], wrote[f"mlp {number}"])
        heads = sum(parts[f"{number}.{head}"] for head in range(3)) + parts[f"bias {number}"]
        close(heads, wrote[f"attention {number}"])
    close(sum(parts.values()), (states[1] + wrote["attention 1"][:, None] * 0)[:, -1]
          + wrote["attention 1"] + wrote["mlp 1"])  # fmt: skip
    assert list(parts)[:3] == ["embedding", "0.0", "0.1"] and len(parts) == 1 + 2 * 5


def check_sums_to_the_margin(added, model, pairs):
    for ids in (pairs.clean, pairs.corrupted):
        close(sum(added(model, ids, pairs.right, pairs.wrong).values()), pairs.margins(model, ids))


def test_what_parts_add_sums_to_the_margin(model, pairs):
    check_sums_to_the_margin(direct_margins, model, pairs)


@torch.no_grad()
def one_at_a_time(model, ids, right, wrong):
    """The oracle: take one part out of the stream, and keep the norm's number."""
    parts = stream_parts(model, ids)
    stream = sum(parts.values())
    sigma = (stream.var(dim=-1, correction=0) + model.norm.epsilon).sqrt()

    def margin(of):
        centered = (of - of.mean(dim=-1, keepdim=True)) / sigma[:, None]
        logits = model.unembed(centered * model.norm.gain + model.norm.bias)
        return logits.gather(1, right[:, None])[:, 0] - logits.gather(1, wrong[:, None])[:, 0]

    return {name: margin(stream) - margin(stream - part) for name, part in parts.items()}


def test_a_part_adds_what_is_missed_without_it(model, pairs):
    found = direct_margins(model, pairs.clean, pairs.right, pairs.wrong)
    wanted = one_at_a_time(model, pairs.clean, pairs.right, pairs.wrong)
    assert set(found) == set(wanted) | {"bias"}
    for name, values in wanted.items():
        close(found[name], values)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(part - part.mean(dim=-1, keepdim=True))", "part"),
        (" * norm.gain", ""),
        (' | {"bias": toward @ norm.bias}', ""),
        ("correction=0", "correction=1"),
        (" - rows[wrong]", ""),
        ("(after - before)[:, -1]", "after[:, -1]"),
    ],
)
def test_broken_ones_are_noticed(model, pairs, before, after):
    import inspect

    source = inspect.getsource(home)
    assert source.count(before) == 1
    broken = {"__name__": "broken"}
    exec(compile(source.replace(before, after), "broken", "exec"), broken)
    with pytest.raises(AssertionError):
        check_sums_to_the_margin(broken["direct_margins"], model, pairs)


def test_the_lens_ends_in_the_logits(model, pairs):
    with torch.no_grad():
        close(logit_lens(model, model.stream(pairs.clean)), model(pairs.clean))


def test_other_norms_are_refused(model, pairs):
    model.norm = torch.nn.Identity()
    with pytest.raises(ValueError, match="no LayerNorm"):
        direct_margins(model, pairs.clean, pairs.right, pairs.wrong)
