"""The figure of all heads begins with one of them, and hands the page the others."""

import pytest
import torch

from lessons.plots import HeadRecord, attention_map, head_chooser

TOKENS = ["tom", "thanks", "ben"]


def weights() -> torch.Tensor:
    return torch.rand(2, 4, 3, 3, generator=torch.Generator().manual_seed(0)).softmax(-1)


def test_it_stands_still_as_the_map_of_its_head():
    figure = head_chooser(weights(), TOKENS, layer=1, head=2, model="M")
    still = attention_map(weights()[1, 2], TOKENS, title="M, layer 1, head 2")
    assert (figure.svg, figure.alt) == (still.svg, still.alt)
    assert figure.alt != head_chooser(weights(), TOKENS, layer=1, head=3, model="M").alt


def test_the_page_gets_every_head_in_hundredths():
    script, data = head_chooser(weights(), TOKENS, layer=1, head=2, model="M").live
    assert script == "head-chooser"
    assert (torch.tensor(data["weights"]) / 100 - weights()).abs().max() <= 0.005001
    assert data["keys"] == data["queries"] == TOKENS
    assert (data["layer"], data["head"]) == (1, 2)


def test_the_page_of_a_small_model_stays_small():
    many = torch.full((3, 4, 20, 20), 0.05)
    figure = head_chooser(many, ["token"] * 20, layer=0, head=0, model="M")
    assert len(figure._repr_html_()) - len(figure.svg) < 60_000


def test_cross_attention_has_keys_of_its_own():
    figure = head_chooser(weights()[..., :2], TOKENS, ["a", "b"], layer=0, head=0, model="M")
    assert figure.live[1]["keys"] == ["a", "b"]


@pytest.mark.parametrize(("layer", "head"), [(2, 0), (0, 4), (-1, 0)])
def test_bad_input(layer, head):
    with pytest.raises(ValueError, match="there is no head"):
        head_chooser(weights(), TOKENS, layer=layer, head=head, model="M")


def test_without_a_head_it_begins_with_the_mean():
    figure = head_chooser(weights(), TOKENS, layer=1, head=None, model="M")
    still = attention_map(weights()[1].mean(0), TOKENS, title="M, layer 1, mean of the heads")
    assert (figure.svg, figure.alt) == (still.svg, still.alt)
    assert figure.live[1]["head"] == 4  # the slider's last place


def test_the_page_knows_which_model_reads_and_what_it_read():
    options = dict(layer=0, head=0, model="M")
    figure = head_chooser(weights(), TOKENS, reads=("encoder", "tom thanks ben"), **options)
    assert figure.live[1]["reads"] == {"kind": "encoder", "text": "tom thanks ben"}
    with pytest.raises(ValueError, match="no page can run 'gpt2': pass one of encoder"):
        head_chooser(weights(), TOKENS, reads=("gpt2", "tom"), **options)
    real = head_chooser(weights(), TOKENS, reads=("minilm", "tom thanks ben"), **options)
    assert real.live[1]["reads"] == {"kind": "minilm", "text": "tom thanks ben"}


def test_the_page_knows_who_asks_first():
    options = dict(layer=0, head=0, model="M")
    figure = head_chooser(weights(), TOKENS, asks="ben", **options)
    assert figure.live[1]["asks"] == "ben"
    assert "asks" not in head_chooser(weights(), TOKENS, **options).live[1]
    with pytest.raises(ValueError, match="no token is 'tim': let one of the queries ask"):
        head_chooser(weights(), TOKENS, asks="tim", **options)


def test_the_page_knows_what_a_silent_head_writes():
    usual = {
        (one, other): torch.full((2,), one + other / 10) for one in (0, 1) for other in range(4)
    }
    options = dict(layer=0, head=0, model="M", usual=usual)
    figure = head_chooser(weights(), TOKENS, reads=("encoder", "tom"), **options)
    assert figure.live[1]["usual"][1][3] == [1.3, 1.3]
    with pytest.raises(ValueError, match="in the encoder only"):
        head_chooser(weights(), TOKENS, reads=("decoder", "tom"), **options)
    with pytest.raises(ValueError, match="in the encoder only"):
        head_chooser(weights(), TOKENS, reads=("minilm", "tom"), **options)


def test_a_head_s_record_stands_below_the_still_and_goes_to_the_page():
    rates = torch.arange(8).reshape(2, 4) / 8
    record = HeadRecord("it to <its> noun", rates, 150, "1 back", 0.25)
    options = dict(layer=1, head=2, model="M")
    figure = head_chooser(weights(), TOKENS, records=[record], **options)
    said = "it to <its> noun: 0.75 of 150; best simple rule (1 back): 0.25."
    assert figure.alt.endswith(said)
    assert said.replace("<its>", "&lt;its&gt;") in figure.svg
    [sent] = figure.live[1]["records"]
    assert sent["rates"] == rates.tolist()
    assert {key: sent[key] for key in ("what", "trials", "rule", "ruled")} == {
        "what": record.what, "trials": 150, "rule": "1 back", "ruled": 0.25
    }  # fmt: skip
    whole = head_chooser(weights(), TOKENS, records=[record], **(options | {"head": None}))
    assert "rule" not in whole.alt  # nobody asked the mean of the heads


def test_a_record_of_other_heads_is_refused():
    record = HeadRecord("it", torch.zeros(2, 3), 150, "1 back", 0.25)
    with pytest.raises(ValueError, match="not of 2 × 4 heads: pass a share for each head"):
        head_chooser(weights(), TOKENS, layer=0, head=0, model="M", records=[record])


def test_the_truth_of_the_sentence_that_was_read_is_framed():
    options = dict(layer=1, head=2, model="M", reads=("translator", "tom thanks ben"))
    known = {"tom thanks ben": (TOKENS, [(0, 0), (2, 2)]), "ben": (["ben"], [(0, 0)])}
    figure = head_chooser(weights(), TOKENS, known=known, **options)
    title = "M, layer 1, head 2"
    still = attention_map(weights()[1, 2], TOKENS, title=title, marked=[(0, 0), (2, 2)])
    assert (figure.svg, figure.alt) == (still.svg, still.alt)
    assert figure.live[1]["known"][1] == {"text": "ben", "written": ["ben"], "links": [[0, 0]]}
    for given in (options | {"reads": ("translator", "tom")}, options | {"reads": None}):
        with pytest.raises(ValueError, match="the truth is not known of what was read"):
            head_chooser(weights(), TOKENS, known=known, **given)
