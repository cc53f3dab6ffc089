"""The truths that the grammar hands out, on sentences worked by hand."""

import random

import pytest

from lessons.models import grammar
from lessons.models.grammar import (
    agreement,
    corpus,
    lexicon,
    people,
    phrases,
    plain,
    variety,
    winograd,
)
from lessons.models.grammar.annotation import Draft, Sentence

TROPHY, SUITCASE = lexicon.THINGS[:2]


def schema(meant: int, **changes) -> winograd.Schema:
    """The trophy and the suitcase."""
    first, second = phrases.Phrase(TROPHY), phrases.Phrase(SUITCASE)
    made = winograd.Schema("fit", first, second, ("big", "small"), past=False, meant=meant)
    return made._replace(**changes)


def test_one_adjective_decides_what_it_means():
    big, small = winograd.english(schema(0)), winograd.english(schema(1))
    assert big.text == "the trophy does not fit in the suitcase because it is too big"
    assert small.text == "the trophy does not fit in the suitcase because it is too small"
    assert big.antecedents == ((9, 1),) and big.tokens[1] == "trophy"
    assert small.antecedents == ((9, 7),) and small.tokens[7] == "suitcase"
    assert big.subjects == ((2, 1), (10, 9))
    assert big.pair == small.pair == {"trophy", "suitcase"}


def test_flip_changes_the_meaning_and_nothing_else():
    rng = random.Random(0)
    for _ in range(200):
        one = winograd.choose_schema(rng)
        left, right = winograd.english(one), winograd.english(winograd.flip(one))
        assert left.tokens[:-1] == right.tokens[:-1] and left.tokens[-1] != right.tokens[-1]
        assert left.antecedents != right.antecedents
        assert winograd.flip(winograd.flip(one)) == one


def test_french_pronoun_follows_the_antecedent():
    masculine, feminine = winograd.french(schema(0)), winograd.french(schema(1))
    assert masculine.text == "le trophée ne rentre pas dans la valise parce qu' il est trop grand"
    assert feminine.text == "le trophée ne rentre pas dans la valise parce qu' elle est trop petite"
    words = [(feminine.target[t], feminine.source.tokens[s]) for t, s in feminine.content]
    assert words == [
        ("trophée", "trophy"),
        ("rentre", "fit"),
        ("valise", "suitcase"),
        ("petite", "small"),
    ]
    assert (10, 9) in feminine.alignment  # elle ← it


def test_colors_stand_after_the_noun_and_past_tenses_have_an_auxiliary():
    red = phrases.Phrase(SUITCASE, color="white")
    sentence = winograd.french(schema(1, frame="hold", second=red, past=True))
    assert sentence.source.text == (
        "the trophy did not hold the white suitcase because it was too small"
    )
    assert sentence.text == (
        "le trophée n' a pas porté la valise blanche parce qu' elle était trop petite"
    )
    pairs = {(sentence.target[t], sentence.source.tokens[s]) for t, s in sentence.alignment}
    assert {("blanche", "white"), ("valise", "suitcase"), ("porté", "hold")} <= pairs


def test_possessive_and_adjective_before_the_noun():
    phrase = phrases.Phrase(lexicon.THINGS[10], color="green", owner="tom")
    english, french = Draft(), phrases.FrenchDraft()
    noun = phrases.add_english(english, phrase)
    phrases.add_french(french, phrase, noun)
    done = french.finish(english.finish("plain"))
    assert (done.source.text, done.text) == ("tom 's green car", "la voiture verte de tom")
    assert done.alignment == ((1, 3), (2, 2), (3, 1), (4, 0))
    english, french = Draft(), phrases.FrenchDraft()
    before = phrases.Phrase(lexicon.THINGS[10], color="green", before="pretty")
    phrases.add_french(french, before, phrases.add_english(english, before))
    assert " ".join(french.words) == "la jolie voiture verte"
    assert french.alignment == [(0, 0), (1, 1), (2, 3), (3, 2)]


def test_clitics_stand_before_the_verb_and_lose_their_vowel():
    seen = set()
    for seed in range(300):
        drawn = plain.clitic(random.Random(seed))
        (it, noun), *_ = drawn.source.antecedents
        (place,) = [t for t, s in drawn.alignment if s == it]
        verb = drawn.target[place + 1]
        gender = {n.singular: n.gender for n in lexicon.NOUNS}[drawn.source.tokens[noun]]
        full = {"m": "le", "f": "la"}[gender]
        assert drawn.target[place] == ("l'" if verb[0] in "aeiou" else full)
        seen.add(drawn.target[place])
    assert seen == {"le", "la", "l'"}


def test_same_gender_names_are_told_apart_by_the_verb():
    blames = people.Story(("tom", "ben"), "annoys", "embête", False, "kind", 0)
    thanks = people.Story(("tom", "ben"), "thanks", "remercie", False, "kind", 1)
    assert people.english(blames).antecedents == ((4, 0),)
    assert people.english(thanks).antecedents == ((4, 2),)
    rng = random.Random(0)
    for _ in range(300):
        story = people.choose_story(rng)
        causes = {verb: c for present, past, _, c in lexicon.CAUSAL for verb in (present, past)}
        if people.same_gender(people.english(story)) and story.deed in causes:
            assert story.meant == causes[story.deed]


def test_pronoun_and_antecedent_share_their_gender():
    rng = random.Random(1)
    for _ in range(300):
        drawn = grammar.sentence("people", "train", rng)
        pronoun, name = drawn.antecedents[0]
        assert drawn.tokens[pronoun] == {"m": "he", "f": "she"}[people.gender(drawn.tokens[name])]


def test_story_without_french_says_so():
    story = people.Story(("tom", "ben"), "could not lift", "", True, "too weak", 0)
    with pytest.raises(ValueError, match="translatable=True"):
        people.french(story)


def test_verbs_agree_with_their_subjects_across_attractors():
    rng, lured = random.Random(2), 0
    for _ in range(200):
        drawn = agreement.agreement(rng)
        for verb, subject in drawn.subjects:
            words = drawn.tokens[verb], drawn.tokens[subject]
            assert agreement.number(words[0]) == agreement.number(words[1])
        lured += agreement.has_attractor(drawn)
    assert 40 < lured < 160


def test_a_subject_is_the_head_noun_not_the_nearest():
    boy, girls = (phrases.Phrase(lexicon.PEOPLE[i], plural=i == 1) for i in range(2))
    draft = Draft()
    subject = agreement.object_relative(draft, boy, girls, random.Random(0))
    draft.verb("falls", subject)
    sentence = draft.finish("agreement")
    assert sentence.tokens[:5] == ("the", "boy", "that", "the", "girls")
    assert sentence.subjects == ((5, 4), (6, 1))
    assert agreement.has_attractor(sentence)
    near = Sentence(("the", "boys", "near", "the", "girls", "fall"), "x", subjects=((5, 1),))
    assert not agreement.has_attractor(near)


def test_repeats_say_every_word_twice():
    drawn = grammar.repeat(random.Random(3), length=8)
    assert drawn.tokens[:8] == drawn.tokens[8:] and len(set(drawn.tokens)) == 8
    assert all(drawn.tokens[a] == drawn.tokens[b] and b == a - 8 for a, b in drawn.repeats)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("hello , how are you ?", "bonjour , comment ça va ?"),
        ("the weather is nice today", "le temps est agréable aujourd'hui"),
    ],
)
def test_the_two_sentences_of_the_notes_are_in_the_grammar(english, french):
    drawn = (plain.greeting(random.Random(seed)) for seed in range(500))
    assert french in {one.text for one in drawn if one.source.text == english}


def test_varied_sentences_keep_their_truth():
    drawn = winograd.french(schema(1))
    later = variety.insert(drawn, (0, "today"), (0, "aujourd'hui"))
    assert later.source.text == f"today {drawn.source.text}"
    assert later.text == f"aujourd'hui {drawn.text}"
    assert later.source.antecedents == ((10, 8),) and later.source.subjects == ((3, 2), (11, 10))
    assert later.alignment == ((0, 0), *((t + 1, s + 1) for t, s in drawn.alignment))
    seen = set()
    for seed in range(60):
        varied = variety.vary_winograd(drawn, random.Random(seed))
        (it, noun), *_ = varied.source.antecedents
        assert (varied.source.tokens[it], varied.source.tokens[noun]) == ("it", "suitcase")
        words = {(varied.target[t], varied.source.tokens[s]) for t, s in varied.alignment}
        assert {("elle", "it"), ("valise", "suitcase"), ("petite", "small")} <= words
        seen |= words & set((french, word) for word, french in variety.DEGREES.items())
    assert len(seen) == 4


def test_adverbs_follow_the_french_verb():
    story = people.Story(("tom", "mary"), "thanks", "remercie", False, "kind", 1)
    texts = set()
    for seed in range(100):
        varied = variety.vary_people(people.french(story), random.Random(seed))
        texts.add((varied.source.text, varied.text))
    pair = (
        "tom often thanks mary because she is very kind",
        "tom remercie souvent mary parce qu' elle est très gentille",
    )
    assert pair in texts


def test_exchanged_words_stay_in_place_and_keep_their_gender():
    drawn = winograd.french(schema(1))
    seen = set()
    for seed in range(50):
        changed = variety.exchange(drawn, random.Random(seed))
        assert changed.alignment == drawn.alignment and changed.source.antecedents == ()
        assert changed.target[:3] == ("le", "trophée", "ne") and changed.target[10] == "elle"
        adjective, french = changed.source.tokens[-1], changed.target[-1]
        assert french == phrases.inflect(adjective, "f")
        seen.add((changed.source.tokens[4], adjective))
    assert len(seen) > 40


def test_a_glossary_translates_word_by_word():
    drawn = variety.glossary(random.Random(0))
    assert len(drawn.target) == len(drawn.source.tokens) == len(drawn.alignment)
    assert all(t == s for t, s in drawn.alignment)


@pytest.mark.parametrize("kind", corpus.TRANSLATED)
def test_alignment_is_one_word_to_one_word(kind):
    rng = random.Random(4)
    for _ in range(100):
        drawn = grammar.finish(grammar.translation(kind, "train", rng))
        targets, sources = zip(*drawn.alignment, strict=True)
        assert len(set(targets)) == len(targets) and len(set(sources)) == len(sources)
        assert max(targets) < len(drawn.target) and max(sources) < len(drawn.source.tokens)
        content = {s for _, s in drawn.content}
        words = drawn.source.tokens
        wanted = {i for i, word in enumerate(words) if word not in lexicon.FUNCTION_WORDS}
        assert content == wanted, drawn.source.text


def test_finish_adds_one_full_stop_to_both_languages():
    drawn = grammar.finish(grammar.translation("people", "train", random.Random(0)))
    assert drawn.source.tokens[-1] == drawn.target[-1] == "."
    assert drawn.alignment[-1] == (len(drawn.target) - 1, len(drawn.source.tokens) - 1)
    assert grammar.finish(drawn) is drawn


def test_the_generator_alone_decides():
    def draw(seed: int) -> list[str]:
        rng = random.Random(seed)
        return [grammar.sentence(kind, "train", rng).text for kind in (*corpus.KINDS, "repeat")]

    random.seed(1)
    first = draw(5)
    random.seed(2)
    assert draw(5) == first != draw(6)


@pytest.mark.parametrize("bad", [("poem", "train"), ("winograd", "exam")])
def test_unknown_kinds_and_splits_name_the_known_ones(bad):
    with pytest.raises(ValueError, match="pass one of"):
        grammar.sentence(*bad, random.Random(0))
    with pytest.raises(ValueError, match="pass one of"):
        grammar.translation(*bad, random.Random(0))
