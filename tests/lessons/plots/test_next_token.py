"""The figure of the next token tells its numbers, and hands the page what it needs."""

import re

import pytest
import torch

from lessons.plots import next_token_figure
from lessons.plots.next_token import SENT

SETTINGS = dict(temperature=1.0, k=3, p=1.0)


def logits(vocab: int) -> torch.Tensor:
    return torch.randn(vocab, generator=torch.Generator().manual_seed(1))


def top_three(before: torch.Tensor) -> torch.Tensor:
    return before.masked_fill(before < before.topk(3).values[-1], -torch.inf)


def drawn(vocab: int, shown: int = 5):
    before = logits(vocab)
    tokens = [f"w{i}" for i in range(vocab)]
    return before, next_token_figure(tokens, before, top_three(before), shown=shown, **SETTINGS)


def test_alternative_text_tells_both_distributions():
    before, figure = drawn(20)
    told = re.findall(r"(w\d+|the 15 others) (\d\.\d\d) \((\d\.\d\d)\)", figure.alt)
    order = before.argsort(descending=True)[:5].tolist()
    assert [name for name, _, _ in told] == [f"w{i}" for i in order] + ["the 15 others"]
    for which, values in ((1, top_three(before)), (2, before)):
        shares = values.softmax(-1)[order].tolist()
        expected = [*shares, 1 - sum(shares)]
        assert [float(row[which]) for row in told] == pytest.approx(expected, abs=0.0051)


def test_the_page_gets_all_logits_the_most_probable_first():
    before, figure = drawn(20)
    script, data = figure.live
    assert script == "next-token"
    assert data["logits"] == pytest.approx(before.sort(descending=True).values.tolist(), abs=1e-4)
    assert data["tokens"][0] == f"w{before.argmax()}"
    assert (data["settings"], data["shown"]) == (SETTINGS, 5)
    assert 'data-live="next-token"' in figure._repr_html_()


def test_of_a_large_vocabulary_the_page_gets_a_part():
    _, figure = drawn(3 * SENT)
    assert len(figure.live[1]["logits"]) == len(figure.live[1]["tokens"]) == SENT
    assert len(figure._repr_html_()) < 60_000


def test_with_a_prompt_the_page_lets_the_decoder_read():
    tokens = [f"w{i}" for i in range(20)]
    live = next_token_figure(tokens, logits(20), logits(20), prompt="the", **SETTINGS).live
    assert live[1]["reads"] == {"kind": "decoder", "text": "the"}
    assert "reads" not in drawn(20)[1].live[1]


def test_bad_input():
    for tokens, vocab in (["a"] * 5, 5), (["a"] * 9, 8):
        with pytest.raises(ValueError, match="pass as many of each, and more than the 5"):
            next_token_figure(tokens, logits(vocab), logits(vocab), shown=5, **SETTINGS)
