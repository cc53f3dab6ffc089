"""Span corruption loses nothing, hides what it should, and each broken variant is caught."""

import itertools

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.families import corrupt_spans, draw_spans, restore, sentinel
from support import caught_by, few

texts = st.lists(st.tuples(st.sampled_from("abcde"), st.booleans()), max_size=12)


def split(pairs):
    return [token for token, _ in pairs], [hide for _, hide in pairs]


def check_restored(corrupt, tokens, hidden):
    assert restore(*corrupt(tokens, hidden)) == tokens


def check_hidden_tokens_are_in_the_target_alone(corrupt, tokens, hidden):
    source, target = corrupt(tokens, hidden)
    kept = [token for token, hide in zip(tokens, hidden, strict=True) if not hide]
    taken = [token for token, hide in zip(tokens, hidden, strict=True) if hide]
    assert [token for token in source if not token.startswith("<")] == kept
    assert [token for token in target if not token.startswith("<")] == taken


def check_one_sentinel_a_span_and_one_for_the_end(corrupt, tokens, hidden):
    source, target = corrupt(tokens, hidden)
    spans = sum(key for key, _ in itertools.groupby(hidden))
    inside = [token for token in source if token.startswith("<")]
    assert inside == [sentinel(number) for number in range(spans)]
    assert [token for token in target if token.startswith("<")] == [*inside, sentinel(spans)]
    assert target[-1] == sentinel(spans)


CHECKS = (
    check_restored,
    check_hidden_tokens_are_in_the_target_alone,
    check_one_sentinel_a_span_and_one_for_the_end,
)


@pytest.mark.parametrize("check", CHECKS)
@few
@given(texts)
def test_corruption(check, pairs):
    check(corrupt_spans, *split(pairs))


def one_sign_for_all(tokens, hidden):
    source, target = corrupt_spans(tokens, hidden)
    return tuple(
        [sentinel(0) if t.startswith("<") else t for t in side] for side in (source, target)
    )


def a_sentinel_for_each_token(tokens, hidden):
    source, target, number = [], [], 0
    for token, hide in zip(tokens, hidden, strict=True):
        if hide:
            source.append(sentinel(number))
            target += [sentinel(number), token]
            number += 1
        else:
            source.append(token)
    return source, [*target, sentinel(number)]


def no_last_sentinel(tokens, hidden):
    source, target = corrupt_spans(tokens, hidden)
    return source, target[:-1]


def writes_the_whole_text(tokens, hidden):
    source, target = corrupt_spans(tokens, hidden)
    return source, [*target, *tokens]


CATCHES = {
    check_restored: [one_sign_for_all],
    check_hidden_tokens_are_in_the_target_alone: [writes_the_whole_text],
    check_one_sentinel_a_span_and_one_for_the_end: [
        one_sign_for_all,
        a_sentinel_for_each_token,
        no_last_sentinel,
    ],
}


@pytest.mark.parametrize(("check", "mutant"), caught_by(CATCHES))
def test_broken_corruption_is_caught(check, mutant):
    with pytest.raises(AssertionError):
        check(mutant, list("abcdefg"), [False, True, True, False, False, True, False])


def test_the_example_of_the_paper():
    text = "Thank you for inviting me to your party last week .".split()
    hidden = [word in ("for", "inviting", "last") for word in text]
    source, target = corrupt_spans(text, hidden)
    assert " ".join(source) == "Thank you <extra_id_0> me to your party <extra_id_1> week ."
    assert " ".join(target) == "<extra_id_0> for inviting <extra_id_1> last <extra_id_2>"


@few
@given(st.integers(2, 200), st.floats(0.05, 0.6), st.floats(1, 6), st.integers(0, 99))
def test_drawn_spans(tokens, share, mean, seed):
    marks = draw_spans(
        tokens, generator=torch.Generator().manual_seed(seed), share=share, mean=mean
    ).tolist()
    count = sum(marks)
    assert len(marks) == tokens
    assert count == min(max(round(tokens * share), 1), tokens - 1)
    spans = sum(key for key, _ in itertools.groupby(marks))
    assert spans == min(max(round(count / mean), 1), tokens - count)
    assert not marks[0] and marks[-1]


def test_all_places_are_drawn():
    """Only the first token can't be hidden; the last one always is, the others often."""
    generator = torch.Generator().manual_seed(0)
    often = sum(draw_spans(12, generator=generator, share=0.5, mean=2.0).int() for _ in range(400))
    assert often[0] == 0 and often[-1] == 400 and often[1:-1].min() > 100


@pytest.mark.parametrize("options", [{"tokens": 1}, {"share": 0.0}, {"share": 1.5}, {"mean": 0.5}])
def test_bad_draws(options):
    with pytest.raises(ValueError, match="pass at least 2 tokens"):
        draw_spans(generator=torch.Generator(), **{"tokens": 9} | options)


def test_bad_input():
    with pytest.raises(ValueError, match="2 tokens, 1 marks"):
        corrupt_spans(["a", "b"], [True])
    with pytest.raises(ValueError, match="holds a sentinel"):
        corrupt_spans(["<extra_id_0>"], [False])
    with pytest.raises(ValueError, match="no span <extra_id_1>"):
        restore(["<extra_id_1>"], ["<extra_id_0>", "a"])
