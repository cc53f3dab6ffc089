"""What is timed is generation of as many tokens as asked, by the right clock for the device."""

import time
from itertools import count

import pytest
import torch

from lessons.generation import clock_for, generate_seconds, product_seconds
from lessons.models import load


@pytest.fixture(scope="module")
def model():
    return load("decoder", source="book").model


@pytest.mark.parametrize("cached", [False, True])
def test_each_token_is_generated_once_and_read_with_the_cache_or_without(model, cached):
    read = []
    hook = model.transformer.register_forward_hook(
        lambda _, given, output: read.append(given[0].shape[-1])
    )
    ticks = count(0.0)
    seconds = generate_seconds(
        model, torch.tensor([[5, 6, 7]]), new=4, cached=cached, clock=ticks.__next__
    )
    hook.remove()
    assert seconds == [1.0]
    assert read == ([3, 1, 1, 1] if cached else [3, 4, 5, 6])


def test_a_text_does_not_end_before(model):
    end = model.generation_config.eos_token_id
    assert end is not None
    calls = []
    hook = model.register_forward_hook(lambda *_: calls.append(1))
    prompt = load("decoder", source="book").tokenizer("tom sleeps .", return_tensors="pt").input_ids
    model.generate(prompt, max_new_tokens=30, do_sample=False, pad_token_id=0)
    ends_after = len(calls)
    generate_seconds(model, prompt, new=30, cached=True)
    hook.remove()
    assert ends_after < 30 == len(calls) - ends_after


def test_a_gpus_clock_waits_until_its_work_is_done(monkeypatch):
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: waited.append(1))
    assert clock_for("cpu") is time.process_time
    clock = clock_for(torch.device("cuda", 0))
    assert clock() <= clock() and len(waited) == 2


@pytest.mark.parametrize("new", [0, 545])
def test_bad_input(model, new):
    with pytest.raises(ValueError, match="544 positions"):
        generate_seconds(model, torch.tensor([[5]]), new=new, cached=True)


def test_two_hundred_matrices_take_longer_than_one():
    clock = count(0.0, 2.0).__next__
    assert product_seconds(torch.ones(3, 2), [torch.ones(2, 4)] * 5, clock=clock) == [2.0]
    longer = [product_seconds(torch.ones(8, 256), [torch.ones(256, 256)] * n) for n in (1, 200)]
    assert longer[1][0] > 5 * longer[0][0]
