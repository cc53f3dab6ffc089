"""What is done by hand equals transformers' pipelines; the faults of the chapter are there."""

import random
import re

import pytest
import torch
from transformers import logging, pipeline

from lessons.models import load
from lessons.practice import (
    PronounPipeline,
    complete,
    fill_mask,
    group_words,
    labels_right,
    logistic_head,
    movie_texts,
    named_texts,
    negation_edits,
    spans_found,
    text_classifier,
    token_classifier,
)


@pytest.fixture(scope="module")
def tagger(minilm):
    return token_classifier(minilm.model, minilm.tokenizer, *named_texts("validation", 60), "PER")


def made(task, loaded, **options):
    return pipeline(task, model=loaded.model, tokenizer=loaded.tokenizer, **options)


@pytest.mark.parametrize("text", ["the dog [MASK] .", "[MASK] thanks mary because she is sick ."])
@pytest.mark.parametrize("top_k", [1, 7])
def test_masks_are_filled_as_the_pipeline_fills_them(encoder, text, top_k):
    ours = fill_mask(text, encoder.model, encoder.tokenizer, top_k=top_k)
    theirs = made("fill-mask", encoder)(text, top_k=top_k)
    assert [one.keys() for one in ours] == [one.keys() for one in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert one.pop("score") == pytest.approx(other.pop("score"), abs=1e-6)
        assert one == other


@pytest.mark.parametrize(
    ("text", "top_k", "message"),
    [
        ("the dog sleeps .", 5, r"0 masks: write \[MASK\]"),
        ("the [MASK] [MASK] .", 5, "2 masks"),
        ("the [MASK] .", 0, "top_k=0: pass a number from 1"),
        ("the [MASK] .", 10**6, "top_k=1000000"),
    ],
)
def test_what_cannot_be_filled_is_told(encoder, text, top_k, message):
    with pytest.raises(ValueError, match=message):
        fill_mask(text, encoder.model, encoder.tokenizer, top_k=top_k)


PROMPTS = ["tom thanks mary because", "the dogs near the tree", "the cat"]


def test_padding_on_the_left_alone_changes_nothing(decoder, caplog):
    call = dict(model=decoder.model, tokenizer=decoder.tokenizer, max_new_tokens=5)
    alone = [complete([one], **call)[0] for one in PROMPTS]
    assert complete(PROMPTS, **call) == alone
    logging.set_verbosity_error()
    assert complete(PROMPTS, side="right", **call)[1:] != alone[1:]
    for prompts, side, message in ((["a"], "top", "side='top'"), ([], "left", "no prompt")):
        with pytest.raises(ValueError, match=message):
            complete(prompts, side=side, **call)


def test_the_pipeline_pads_on_the_left_and_loses_a_space():
    decoder = load("decoder", source="book")  # its tokenizer is changed
    assert decoder.tokenizer.padding_side == "right"
    call = dict(model=decoder.model, tokenizer=decoder.tokenizer, max_new_tokens=5)
    alone = [complete([one], **call)[0] for one in PROMPTS]
    write = made("text-generation", decoder)
    options = dict(max_new_tokens=5, do_sample=False, batch_size=3)
    texts = [one[0]["generated_text"] for one in write(PROMPTS, **options)]
    assert texts == [prompt + new for prompt, new in zip(PROMPTS, alone, strict=True)]
    assert not any(new.startswith(" ") for new in alone)
    assert decoder.tokenizer.padding_side == "left"


def test_a_head_is_the_one_of_least_loss():
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(200, 5, generator=draw)
    y = (x @ torch.randn(5, 3, generator=draw) + torch.randn(200, 3, generator=draw)).argmax(dim=-1)

    def loss(head, by=0.0):
        logits = x @ (head.weight + by).T + head.bias
        penalty = 1e-3 * (head.weight + by).square().sum()
        return (torch.nn.functional.cross_entropy(logits, y) + penalty).item()

    head = logistic_head(x, y, 3)
    for _ in range(20):
        assert loss(head) < loss(head, 0.05 * torch.randn(3, 5, generator=draw))
    assert torch.equal(head.weight, logistic_head(x, y, 3).weight)
    assert not head.weight.requires_grad
    with torch.no_grad():
        assert torch.equal(head.weight, logistic_head(x, y, 3).weight), "also without gradients"


@pytest.mark.parametrize(
    ("rows", "labels", "message"),
    [(0, [], "at least one row"), (2, [0, 3], "0 to 2"), (2, [-1, 0], "0 to 2")],
)
def test_what_a_head_cannot_learn_from_is_told(rows, labels, message):
    with pytest.raises(ValueError, match=message):
        logistic_head(torch.zeros(rows, 2), torch.tensor(labels, dtype=torch.int64), 3)


def test_a_classifier_leaves_the_encoder_as_it_was_and_is_judged(minilm):
    before = {name: value.clone() for name, value in minilm.model.state_dict().items()}
    texts, truth = movie_texts(40, seed=0)
    names = ["negative", "positive"]
    model = text_classifier(minilm.model, minilm.tokenizer, texts, truth, names)
    feeling = pipeline("text-classification", model=model, tokenizer=minilm.tokenizer)
    said = [names[label] for label in truth]
    assert sum(labels_right(feeling, texts, said)) > 0.7 * len(texts)
    right = labels_right(feeling, texts[:6], said[:6])
    turned = labels_right(feeling, texts[:6], [names[1 - names.index(one)] for one in said[:6]])
    assert turned == [not one for one in right]
    after = minilm.model.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert minilm.model.config.id2label.get(0) != "negative"
    with pytest.raises(ValueError, match="6 texts and 5 names"):
        labels_right(feeling, texts[:6], said[:5])


@pytest.mark.slow
def test_what_not_does_is_known_word_by_word(minilm):
    """Whichever five adjectives never came with *not*, the head is worse on these five.

    It is not that it had fewer texts: as many that are dropped at random do less.
    """
    known, learned = movie_texts(300, seed=0)
    fresh, truth = movie_texts(200, seed=1)
    new = [at for at, text in enumerate(fresh) if text not in set(known)]
    edits = negation_edits([fresh[at] for at in new], truth[new].tolist())
    texts, labels = (a + b for a, b in zip(edits["with not"], edits["not put in"], strict=True))

    def pooled(some):
        with torch.no_grad():
            return minilm.model(
                **minilm.tokenizer(some, return_tensors="pt", padding=True)
            ).pooler_output

    taught, asked, said = pooled(known), pooled(texts), torch.tensor(labels)
    adjectives, draw, shares = (
        [text.split()[-2] for text in texts],
        random.Random(0),
        {True: [], False: []},
    )
    for _ in range(10):
        five = set(draw.sample(sorted(set(adjectives)), 5))
        never = [
            at
            for at, text in enumerate(known)
            if not any(
                "not" in clause.split() and five & {*clause.split()}
                for clause in text.split(" but ")
            )
        ]
        of_five = torch.tensor([one in five for one in adjectives])
        for lacking, rows in (
            (True, never),
            (False, draw.sample(range(len(known)), len(never))),
        ):
            head = logistic_head(taught[rows], learned[rows], 2, penalty=1e-7)
            right = (head(asked).argmax(dim=-1) == said).float()
            shares[lacking].append(right[of_five].mean().item())
    assert 0.25 < min(shares[True]) < max(shares[True]) < 0.7
    assert 0.72 < min(shares[False]) < max(shares[False]) < 0.95
    gaps = [more - less for less, more in zip(*shares.values(), strict=True)]
    assert min(gaps) > 0.2


LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


@pytest.mark.parametrize("seed", range(30))
def test_groups_are_those_of_the_pipeline(minilm, tagger, seed):
    """transformers' own grouping, on labels drawn by chance."""
    ner = pipeline("ner", model=tagger, tokenizer=minilm.tokenizer)
    text = "Henry Kaya called Emma Okafor in Zagreb."
    batch = minilm.tokenizer(text, return_offsets_mapping=True)
    spans = batch["offset_mapping"]
    draw = torch.Generator().manual_seed(seed)
    labels = [LABELS[at] for at in torch.randint(5, (len(spans),), generator=draw).tolist()]
    scores = torch.rand(len(spans), generator=draw).tolist()
    entities = [
        {"entity": label, "score": score, "index": at, "word": "", "start": a, "end": b}
        for at, ((a, b), label, score) in enumerate(zip(spans, labels, scores, strict=True))
        if a < b
    ]
    theirs = [one for one in ner.group_entities(entities) if one["entity_group"] != "O"]
    ours = group_words(text, spans, labels, scores)
    facts = ("entity_group", "start", "end")
    assert [[one[f] for f in facts] for one in ours] == [[one[f] for f in facts] for one in theirs]
    assert [one["score"] for one in ours] == pytest.approx([float(one["score"]) for one in theirs])
    assert all(one["word"] == text[one["start"] : one["end"]] for one in ours)


def test_lists_of_different_lengths_are_told(minilm, tagger):
    with pytest.raises(ValueError, match="1 spans, 2 labels and 1 scores"):
        group_words("a", [(0, 1)], ["O", "O"], [1.0])
    ner = pipeline("ner", model=tagger, tokenizer=minilm.tokenizer)
    with pytest.raises(ValueError, match="1 texts and spans of 0"):
        spans_found(ner, ["a"], [])


def test_spans_count_only_where_both_ends_are_right(minilm, tagger):
    texts, spans = named_texts("validation", 20)
    ner = pipeline("ner", model=tagger, tokenizer=minilm.tokenizer, aggregation_strategy="simple")
    found, wrong = spans_found(ner, texts, spans)
    assert sum(found.values()) > 0.9 * len(found) and wrong < 3
    shorter = [[(begin, end - 1) for begin, end in one] for one in spans]
    lost, wrong = spans_found(ner, texts, shorter)
    assert not any(lost.values()) and wrong > 30


@pytest.mark.slow
@pytest.mark.parametrize(
    "families",
    [
        "Oyelaran Okonkwo Featherstone Quisenberry Wigglesworth Papadopoulos Kowalczyk Bianchi",
        "Thorvaldsen Babatunde Wigglesworth Ravensworth Papadopoulos Oyelaran Featherstone "
        "Lindqvist",
    ],
)
def test_other_names_in_pieces_teach_pieces_and_lose_whole_names(minilm, families):
    labeled = named_texts("validation", 160, families=families.split())
    other = token_classifier(minilm.model, minilm.tokenizer, *labeled, "PER")
    ner = pipeline("ner", model=other, tokenizer=minilm.tokenizer, aggregation_strategy="simple")
    found, _ = spans_found(ner, *named_texts("test", 160))
    shares = {}
    for whole in (True, False):
        two = [one for one in found if " " in one]
        two = [one for one in two if (len(minilm.tokenizer.tokenize(one)) == 2) == whole]
        shares[whole] = sum(found[one] for one in two) / len(two)
    assert shares[False] > 0.75 and shares[True] < 0.6


@pytest.mark.parametrize("split", ["validation", "test"])
def test_names_stand_where_they_are_said_to(split):
    texts, spans = named_texts(split, 40)
    names = [text[a:b] for text, found in zip(texts, spans, strict=True) for a, b in found]
    assert all(re.fullmatch(r"[A-Z][a-z]+( [A-Z][a-z]+)?", name) for name in names)
    assert sum(" " in name for name in names) == len(texts) // 2


def test_other_family_names_stand_in_the_same_sentences():
    usual, usual_spans = named_texts("test", 40)
    texts, spans = named_texts("test", 40, families=("Ng", "Papadopoulos"))
    for text, found, other, places in zip(texts, spans, usual, usual_spans, strict=True):
        names = [text[begin:end] for begin, end in found]
        assert [name.split()[0] for name in names] == [
            other[begin:end].split()[0] for begin, end in places
        ]
        assert {name.split()[1] for name in names if " " in name} <= {"Ng", "Papadopoulos"}
    assert any("Ng" in text for text in texts) and any("Papadopoulos" in text for text in texts)


def test_no_name_is_in_both_splits():
    words = []
    for split in ("validation", "test"):
        texts, spans = named_texts(split)
        both = zip(texts, spans, strict=True)
        words.append({word for text, found in both for a, b in found for word in text[a:b].split()})
    assert not words[0] & words[1] and min(map(len, words)) > 15


def test_edits_turn_the_truth_where_they_say_so():
    texts, truth = movie_texts(120, seed=2)
    assert len(set(texts)) == len(texts)
    edits = negation_edits(texts, truth.tolist())
    good = re.compile("good|great|funny|moving|brilliant")
    for some, labels in edits.values():
        assert len(some) > 10
        for text, label in zip(some, labels, strict=True):
            assert label == (bool(good.search(text)) ^ (" not " in text)), text
    assert all(" not " in text for text in edits["not put in"][0])
    assert not any(" not " in text for text in edits["not taken out"][0])
    assert all(" really " in text for text in edits["really in its place"][0])


def test_pronouns_alone_and_in_batches(encoder):
    which = PronounPipeline(model=encoder.model, tokenizer=encoder.tokenizer)
    start = "the trophy does not fit in the suitcase because it is too"
    texts = [f"{start} {adjective} ." for adjective in ("big", "small")] + [
        "tom thanks mary because she is kind ."
    ]
    alone = [which(text, top_k=2) for text in texts]
    assert [one[0]["word"] for one in alone] == ["trophy", "suitcase", "mary"]
    assert all(one[0]["score"] > one[1]["score"] for one in alone[:2])
    together = which(texts, top_k=2, batch_size=3)
    for one, other in zip(alone, together, strict=True):
        assert [a["word"] for a in one] == [b["word"] for b in other]
        assert [a["score"] for a in one] == pytest.approx([b["score"] for b in other], abs=1e-5)


@pytest.mark.parametrize(
    ("text", "message"),
    [("the dog sleeps .", "none of it, he, she"), ("it is big .", "nothing before 'it'")],
)
def test_a_text_without_an_answer_is_told(encoder, text, message):
    which = PronounPipeline(model=encoder.model, tokenizer=encoder.tokenizer)
    with pytest.raises(ValueError, match=message):
        which(text)


def test_a_task_without_a_tokenizer_is_told(encoder):
    with pytest.raises(ValueError, match="pass the model's tokenizer"):
        PronounPipeline(model=encoder.model)("the dog sleeps because it is sick .")


def test_an_unknown_option_is_told(encoder):
    with pytest.raises(TypeError, match="best: this task knows the option top_k alone"):
        PronounPipeline(model=encoder.model, tokenizer=encoder.tokenizer, best=3)
