"""What the book's models are held to: every number of the model cards, and of the tests.

Heads are chosen on the validation split and scored on the test split; both hold out word pairs.
"""

from collections.abc import Iterable, Sequence

from lessons.models.grammar import (
    Sentence,
    Translation,
    agreement,
    finish,
    people,
    repeat,
    winograd,
)
from lessons.models.grammar.draws import distinct, draw_schema, draw_sentences, draw_translations
from lessons.models.judging.baselines import diagonal, noun_baselines, word_by_word
from lessons.models.judging.measure import (
    Heads,
    agreement_hits,
    aligned,
    antecedent_hits,
    antecedent_masses,
    best_head,
    cross_attention,
    induction_masses,
    translate,
)
from lessons.models.judging.model_scores import Score, average, proportion
from lessons.models.loading.loader import Loaded


def evaluate(loaded: Loaded, *, count: int = 1000, seed: int = 0) -> list[Score]:
    """Score a book model on `count` sentences of each kind.

    Args:
        loaded: One of the book's own models.
        count: How many sentences of each kind.
        seed: Decides which sentences are drawn.
    """
    score = {"encoder": encoder_scores, "decoder": decoder_scores, "translator": translator_scores}
    return score[loaded.name](loaded, count=count, seed=seed)


def encoder_scores(loaded: Loaded, *, count: int, seed: int = 0) -> list[Score]:
    """Score how well one head points from a pronoun to its antecedent."""
    it = {split: draw_sentences("winograd", split, count, seed) for split in ("validation", "test")}
    head = best_head(antecedent_hits(loaded, it["validation"]))
    hits, masses = antecedent_hits(loaded, it["test"]), antecedent_masses(loaded, it["test"])
    halves = distinct(draw_schema, f"halves/{seed}", count)
    both = [_hits_of(loaded, [finish(winograd.english(half)) for half in side], head)
            for side in (halves, [winograd.flip(half) for half in halves])]  # fmt: skip
    names = {
        split: draw_sentences("people", split, count, seed, keep=people.same_gender)
        for split in ("validation", "test")
    }
    namer = best_head(antecedent_hits(loaded, names["validation"]))
    return [
        proportion("'it' → antecedent, best head", _at(hits, head), head=head, bar=0.97,
                   baselines=noun_baselines(it["test"])),
        average("'it' → antecedent, attention mass of that head", masses[:, *head], head=head),
        proportion("both halves of an adjective pair right, same head",
                   [a and b for a, b in zip(*both, strict=True)], head=head, bar=0.95,
                   baselines={"always the nearest noun": 0.0, "always the first noun": 0.0}),
        proportion("same-gender names → antecedent, best head",
                   _hits_of(loaded, names["test"], namer), head=namer, bar=0.95,
                   baselines=noun_baselines(names["test"])),
    ]  # fmt: skip


def decoder_scores(loaded: Loaded, *, count: int, seed: int = 0) -> list[Score]:
    """Score agreement across an attractor, and the heads that continue a repetition."""
    lured = draw_sentences("agreement", "test", count, seed, keep=agreement.has_attractor)
    every = draw_sentences(
        "agreement", "test", count, seed, keep=lambda drawn: bool(drawn.subjects)
    )
    drawn = {
        split: distinct(repeat, f"repeat/{split}/{seed}", count) for split in ("validation", "test")
    }
    head = best_head(induction_masses(loaded, drawn["validation"]))
    masses = induction_masses(loaded, drawn["test"])
    others = masses.mean(0).flatten().sort(descending=True).values
    uniform = [1 / (later + 1) for one in drawn["test"] for later, _ in one.repeats[:-1]]
    return [
        proportion("agreement with an attractor", agreement_hits(loaded, lured), bar=0.97,
                   baselines={"agree with the nearest noun": 0.0, "chance": 0.5}),
        proportion("agreement, all sentences", agreement_hits(loaded, every),
                   baselines={"agree with the nearest noun":
                              sum(not agreement.has_attractor(one) for one in every) / count}),
        average("induction: mass on the word after the earlier occurrence, best head",
                masses[:, *head], head=head, bar=0.85,
                baselines={"uniform attention": sum(uniform) / len(uniform),
                           "median head": others[len(others) // 2].item()}),
    ]  # fmt: skip


def translator_scores(loaded: Loaded, *, count: int, seed: int = 0) -> list[Score]:
    """Score greedy translations, the gender of pronouns, and the last layer's alignment."""
    test = draw_translations(count, seed)
    outputs = translate(loaded, [one.source.text for one in test])
    lookup = [word_by_word(one.source) for one in test]
    exact = [out == one.text for out, one in zip(outputs, test, strict=True)]
    gender = _pronouns(zip(outputs, test, strict=True))
    weights = cross_attention(loaded, test)
    links = [one.content for one in test]
    function = [tuple(set(one.alignment) - set(one.content)) for one in test]
    return [
        proportion("translation, exact match", exact, bar=0.95,
                   baselines={"word by word from a dictionary":
                              sum(a == b.text for a, b in zip(lookup, test, strict=True)) / count}),
        proportion("il or elle, by the antecedent's gender", [out == true for out, true in gender],
                   baselines={"always il": sum(true == "il" for _, true in gender) / len(gender)}),
        average("alignment of content words, mean of the last layer's heads",
                aligned(weights, links), bar=0.93, baselines={"diagonal": diagonal(test)}),
        average("alignment of function words, the same mean", aligned(weights, function)),
    ]  # fmt: skip


def _pronouns(translated: Iterable[tuple[str, Translation]]) -> list[tuple[str, str]]:
    """Return, for the Winograd sentences, the pronouns that were written and that are right."""

    def only(words: Iterable[str]) -> str:
        return " ".join(word for word in words if word in ("il", "elle"))

    return [(only(out.split()), only(one.target)) for out, one in translated
            if one.source.kind == "winograd"]  # fmt: skip


def _at(hits: Heads, head: tuple[int, int]) -> list[bool]:
    return [bool(hit) for hit in hits[:, *head]]


def _hits_of(loaded: Loaded, sentences: Sequence[Sentence], head: tuple[int, int]) -> list[bool]:
    return _at(antecedent_hits(loaded, sentences), head)
