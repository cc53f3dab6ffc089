"""Examples in a prompt: what is shown differs, what is asked does not."""

import pytest
import torch

from lessons.models import load
from lessons.training import (
    draw_examples,
    label_at_random,
    label_truly,
    right_after,
)
from lessons.training.large_language_models.in_context import ANIMALS_AND_FOODS

LABELERS = (label_truly, label_at_random)


@pytest.fixture(scope="module")
def smollm():
    return load("decoder", source="wheel")


def test_what_is_asked_does_not_depend_on_what_is_shown():
    true, drawn = (draw_examples(ANIMALS_AND_FOODS, 16, seed=3, show=show) for show in LABELERS)
    assert (true.words, true.right) == (drawn.words, drawn.right)
    assert true.shown == true.right != drawn.shown
    assert sorted(true.right) == 8 * ["animal"] + 8 * ["food"]
    assert len(set(true.words)) == 16


def test_random_labels_are_right_in_half_of_the_places():
    texts = [
        draw_examples(ANIMALS_AND_FOODS, 32, seed=seed, show=label_at_random) for seed in range(40)
    ]
    agree = [one == two for text in texts for one, two in zip(text.shown, text.right, strict=True)]
    assert 0.44 < sum(agree) / len(agree) < 0.56


def test_one_way_forward_is_as_good_as_one_for_each_number(smollm):
    text = draw_examples(ANIMALS_AND_FOODS, 6, seed=0, show=label_at_random)
    together = right_after(smollm, [text])[0]
    ids = []
    for place, (word, label) in enumerate(zip(text.words, text.shown, strict=True)):
        ids += smollm.tokenizer.encode(f"{word}:")
        with torch.no_grad():
            logits = smollm.model(torch.tensor([ids])).logits[0, -1]
        says = {one: logits[smollm.tokenizer.encode(f" {one}")[0]] for one in ("animal", "food")}
        assert (max(says, key=says.get) == text.right[place]) == together[place]
        ids += smollm.tokenizer.encode(f" {label}\n")


@pytest.mark.parametrize(
    ("kinds", "count"),
    [(ANIMALS_AND_FOODS, 3), (ANIMALS_AND_FOODS, 200), ({"a": "x", "b": "y", "c": "z"}, 2)],
)
def test_examples_that_cannot_be_drawn_are_refused(kinds, count):
    with pytest.raises(ValueError, match="pass two kinds"):
        draw_examples(kinds, count, seed=0)


def test_nothing_to_ask_and_labels_that_begin_alike_are_refused(smollm):
    alike = {"cat": "animal", "jam": "animal food"}
    for texts in ([], [draw_examples(alike, 2, seed=0)]):
        with pytest.raises(ValueError, match="begin with different tokens"):
            right_after(smollm, texts)


def test_who_counts_labels_guesses_balanced_texts_and_not_their_beginnings():
    """So the chapter asks about the first 16 of 60 lines."""

    def blind(lines):
        """Guess the label that was shown less often so far, from the ninth line on."""
        found = []
        for seed in range(100):
            right = draw_examples(ANIMALS_AND_FOODS, lines, seed=seed).right[:16]
            for at in range(8, 16):
                lead = 2 * right[:at].count("animal") - at
                found.append(0.5 if lead == 0 else float((right[at] == "animal") == (lead < 0)))
        return sum(found) / len(found)

    assert 0.65 < blind(16) < 0.75 and 0.42 < blind(60) < 0.58
