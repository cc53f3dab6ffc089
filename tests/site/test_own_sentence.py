"""A sentence of the reader's own is read in the browser, and what goes wrong is told in place."""

import re

import pytest
import torch
from playwright.sync_api import expect

from lessons import models
from lessons.models.grammar.draws import draw_translations
from support.visit import come_to, peaks

HEADS = "book/interpretation/what-heads-do.html"
NEXT = "book/generation/decoding.html"
TRANSLATED = "book/families/encoder-decoders.html"
READS = "[data-figure*='\"reads\"']"


def open_figure(page):
    """Return the figure, its text field, and what is told below the field."""
    figure = come_to(page, READS)
    return figure, figure.locator("textarea"), figure.locator(".live-text .live-told")


def alt(figure) -> str:
    return figure.locator("svg[role=img]").get_attribute("aria-label")


def write(page, field, text: str):
    field.fill(text)
    expect(field).to_have_value(text)


@pytest.mark.parametrize("view", ["light", "phone"])
def test_the_front_page_turns_it_to_the_street(visit, view):
    page = visit("index.html", view)
    figure, field, _told = open_figure(page)
    assert "it to animal" in alt(figure)
    write(page, field, field.input_value().replace("tired", "wide"))
    expect(figure.locator("svg[role=img]")).to_have_attribute(
        "aria-label", re.compile("it to street")
    )
    figure.get_by_role("button", name="First sentence").click()
    expect(figure.locator("svg[role=img]")).to_have_attribute(
        "aria-label", re.compile("it to animal")
    )
    assert figure.locator("svg").first.bounding_box()["width"] <= page.viewport_size["width"]
    assert (page.errors, page.foreign) == ([], [])


@pytest.mark.parametrize("view", ["light", "phone"])
def test_the_front_page_begins_with_a_sentence_and_with_it_lit(visit, view):
    """Without scrolling one sees the field, and the row of *it* with its bright cell."""
    page = visit("index.html", view)
    figure, field, _ = open_figure(page)
    page.evaluate("scrollTo(0, 0)")
    asking = figure.locator("svg[role=img] .live-chosen")
    expect(asking).to_have_text("it")
    for one in (field, asking, figure.locator(".live-cell").nth(9 * 15 + 2)):
        box = one.bounding_box()
        assert 0 <= box["y"] and box["y"] + box["height"] <= page.viewport_size["height"]
    expect(figure.locator(".live-arcs[visibility=visible]")).to_have_count(1)


def test_the_word_that_asks_is_found_in_another_sentence_until_the_reader_chooses(visit):
    page = visit("index.html")
    figure, field, _ = open_figure(page)
    asking, arcs = figure.locator("svg[role=img] .live-chosen"), figure.locator(".live-arcs")
    slider = figure.get_by_role("slider", name="Arcs from")
    for text, place in (
        ("the trophy does not fit in the suitcase because it is too big .", "it"),
        ("the dogs sleep", "all"),
        ("it does not fit in the suitcase .", "it"),
    ):
        write(page, field, text)
        expect(slider).to_have_attribute("aria-valuetext", place)
        expect(figure.locator("svg[role=img]")).to_have_attribute(
            "aria-label", re.compile(f"{text.split()[1]} to ")
        )
        expect(asking).to_have_count(int(place == "it"))
        count = 1 if place == "it" else arcs.count()
        expect(figure.locator(".live-arcs[visibility=visible]")).to_have_count(count)
    slider.fill("3")
    expect(asking).to_have_text("does")
    write(page, field, "the dogs near it sleep")
    expect(asking).to_have_text("dogs")
    figure.get_by_role("button", name="Reset").click()
    expect(asking).to_have_text("it")
    write(page, field, "the dogs near it sleep")
    expect(slider).to_have_attribute("aria-valuetext", "it")
    expect(figure.locator("svg[role=img]")).to_have_attribute("aria-label", re.compile("dogs to"))
    assert slider.input_value() == "5"
    assert page.errors == []


def test_the_map_is_the_one_of_pytorch(visit):
    page = visit(HEADS)
    figure, field, _ = open_figure(page)
    text = "the box does not hold the ball because it is too wide ."
    write(page, field, text)
    expect(figure.locator("svg[role=img]")).to_have_attribute("aria-label", re.compile("ball"))
    encoder = models.load("encoder", source="book")
    batch = encoder.tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        maps = encoder.model(**batch, output_attentions=True).attentions
    layer_slider, head_slider, _ = figure.locator("input[type=range]").all()
    for layer, head in ((0, 0), (1, 3), (2, 1)):
        layer_slider.fill(str(layer))
        head_slider.fill(str(head))
        expected = maps[layer][0, head].amax(dim=-1).tolist()
        assert peaks(figure) == pytest.approx(expected, abs=0.0051)


def test_a_blank_is_filled(visit):
    page = visit(HEADS)
    _figure, field, told = open_figure(page)
    write(page, field, "the dogs [MASK] old .")
    expect(told).to_contain_text("In place of [MASK] it expects: are")


def test_silenced_heads_change_what_the_model_expects_and_come_back(visit):
    page = visit(HEADS)
    figure, field, told = open_figure(page)
    write(page, field, "the trophy does not fit in the suitcase because it is too [MASK] .")
    expect(told).to_contain_text("In place of [MASK]")
    before, map_before = told.inner_text(), alt(figure)
    box = figure.get_by_role("checkbox")
    box.focus()
    page.keyboard.press("Space")
    expect(told).to_contain_text(f"With all heads: {before}")
    one = told.inner_text()
    assert not one.startswith(before)
    layer_slider, head_slider, _ = figure.locator("input[type=range]").all()
    head_slider.fill("4")  # the mean of the heads cannot be silenced, and silent heads stay so
    expect(box).to_be_disabled()
    head_slider.fill("3")
    expect(box).not_to_be_checked()
    box.check()
    expect(figure.locator(".live-controls .live-told")).to_contain_text("Silent: 0.0, 0.3.")
    expect(told).not_to_have_text(one)
    box.uncheck()
    expect(told).to_have_text(one)
    layer_slider.fill("2")
    figure.get_by_role("button", name="Reset").click()
    expect(told).to_contain_text("For “it” it names: suitcase")
    expect(box).not_to_be_checked()
    write(page, field, "the trophy does not fit in the suitcase because it is too [MASK] .")
    expect(told).to_have_text(before)
    assert alt(figure) == map_before
    assert page.errors == []


def test_what_a_pronoun_stands_for_is_what_pytorch_says(visit):
    page = visit(HEADS)
    _figure, field, told = open_figure(page)
    text = "the trophy does not fit in the suitcase because it is too big ."
    write(page, field, text)
    encoder = models.load("encoder", source="book")
    batch = encoder.tokenizer(text, return_tensors="pt")
    tokens = encoder.tokenizer.convert_ids_to_tokens(batch.input_ids[0])
    with torch.no_grad():
        shares = encoder.model(**batch).logits[0, tokens.index("it")].softmax(dim=-1)
    first = encoder.tokenizer.convert_ids_to_tokens(int(shares.argmax()))
    assert first == "trophy"
    expect(told).to_contain_text(f"For “it” it names: {first} {shares.max():.2f}")


def told_apart(*words: str) -> str:
    """Return words as they are told: of none can the direction turn those beside it."""
    return ", ".join(f"“\u2068{word}\u2069”" for word in words)


WRONG = {
    "": "write at least one word",
    "   ": "write at least one word",
    "🙂 مرحبا": f"It does not know {told_apart('🙂', 'مرحبا')}. ",
    "\u202eb\u202c": f"It does not know {told_apart('U+202E', 'b', 'U+202C')}. ",
    "a" * 200: f"It does not know {told_apart('a' * 24 + '…')}. ",
    "the dog " * 20: "tokens: this figure shows 24 at most",
    "the anmial sleeps": f"It does not know {told_apart('anmial')} (“animal”?). ",
}


@pytest.mark.parametrize(
    "text", WRONG, ids=["empty", "blank", "signs", "unseen", "endless", "long", "unknown"]
)
def test_what_cannot_be_read_is_told_and_the_map_stays(visit, text):
    page = visit(HEADS)
    figure, field, told = open_figure(page)
    before = alt(figure)
    write(page, field, text)
    expect(told).to_contain_text(WRONG[text])
    if "does not know" not in WRONG[text]:
        assert alt(figure) == before
    write(page, field, "the dog sleeps")
    expect(told).to_have_text("")
    assert "sleeps to" in alt(figure)
    assert page.errors == []


def test_text_is_never_html(visit):
    page = visit(HEADS)
    figure, field, told = open_figure(page)
    write(page, field, "<img src=x onerror=alert(1)> dog")
    expect(told).to_contain_text("does not know")
    assert figure.locator("img").count() == 0
    assert page.errors == []


def test_what_does_not_fit_is_told(visit):
    page = visit(HEADS)
    figure, field, _ = open_figure(page)
    full = figure.locator(".live-full")
    expect(full).to_have_text("")
    write_long = "the dog " * 2000
    field.fill(write_long)
    expect(field).to_have_value(write_long[:200])
    expect(full).to_contain_text("No more than 200 characters fit")
    write(page, field, "the dog")
    expect(full).to_have_text("")


def test_without_a_connection_it_is_told_and_comes_when_there_is_one(visit):
    page = visit(HEADS)
    figure, field, told = open_figure(page)
    before = alt(figure)
    page.context.set_offline(True)
    write(page, field, "the dog sleeps")
    expect(told).to_contain_text("no connection")
    expect(told).to_contain_text("What is drawn stays")
    assert alt(figure) == before
    page.context.set_offline(False)
    write(page, field, "the dog sleeps .")
    expect(told).to_have_text("")
    assert "sleeps to" in alt(figure)


BROKEN = {
    "lost": "The model did not read this: the model's files cannot be loaded: is there a conn",
    "cut off": "The model did not read this: the weights are cut off",
    "other": "The model did not read this: one of the model's files is not whole",
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_model_that_does_not_arrive_is_told_and_asked_for_again(visit, broken):
    page = visit(HEADS)
    figure, field, told = open_figure(page)
    before = alt(figure)

    def answer(route):
        if broken == "lost":
            route.abort()
        elif broken == "other":
            route.fulfill(body=b"<!doctype html>")
        else:
            route.fulfill(body=b"\x99\x19\x00\x00\x00\x00\x00\x00{}")

    file = "**/encoder/config.json" if broken == "other" else "**/model.safetensors"
    page.context.route(file, answer)
    write(page, field, "the dog sleeps")
    expect(told).to_contain_text(BROKEN[broken])
    assert alt(figure) == before
    page.context.unroute(file)
    write(page, field, "the dog sleeps .")
    expect(told).to_have_text("")
    assert "sleeps to" in alt(figure)


def test_the_model_is_loaded_at_the_first_edit_and_works_offline_then(visit):
    page = visit(HEADS)
    asked = []
    page.context.on("request", lambda request: asked.append(request.url))
    figure, field, told = open_figure(page)
    assert not [url for url in asked if "models/" in url]
    write(page, field, "the dog sleeps")
    expect(told).to_have_text("")
    page.context.set_offline(True)
    write(page, field, "the dogs sleep")
    expect(figure.locator("svg[role=img]")).to_have_attribute("aria-label", re.compile("dogs to"))


def test_a_text_grows_by_words_that_are_chosen_and_drawn(visit):
    page = visit(NEXT)
    figure, field, told = open_figure(page)
    write(page, field, "the dogs near the cat")
    expect(told).to_have_text("What it expects next:")
    choice = figure.locator(".live-choices button").first
    word = choice.inner_text().split()[0]
    choice.focus()
    page.keyboard.press("Enter")
    expect(field).to_have_value(f"the dogs near the cat {word}")
    expect(choice).to_be_focused()
    longer = field.input_value()
    figure.get_by_role("button", name="Draw a token").click()
    expect(field).to_have_value(re.compile(re.escape(longer) + r" \S+$"))
    decoder = models.load("decoder", source="book")
    batch = decoder.tokenizer(field.input_value(), return_tensors="pt")
    with torch.no_grad():
        shares = decoder.model(**batch).logits[0, -1].softmax(dim=-1)
    first = decoder.tokenizer.convert_ids_to_tokens(int(shares.argmax()))
    expect(choice).to_have_text(f"{first} {shares.max():.2f}")
    assert f"{first} " in alt(figure)


def test_the_translator_writes_what_it_writes_in_python(visit):
    page = visit(TRANSLATED)
    figure, field, told = open_figure(page)
    text = draw_translations(1, seed=0)[0].source.text
    write(page, field, text)
    translator = models.load("translator", source="book")
    batch = translator.tokenizer(text, return_tensors="pt")
    written = translator.model.generate(**batch, max_new_tokens=24, do_sample=False, num_beams=1)
    tokens = translator.tokenizer.convert_ids_to_tokens(written[0][1:-1])
    expect(told).to_have_text(f"It writes: {' '.join(tokens)}")
    assert f"{tokens[0]} to " in alt(figure)


def test_minilm_comes_when_it_is_asked_for_in_its_chapter(visit):
    page = visit("book/attention/multi-head.html")
    figure, field, told = open_figure(page)
    figure.get_by_role("button", name=re.compile("Load MiniLM")).click()
    expect(figure.locator(".live-demand")).to_contain_text("kept in this browser")
    write(page, field, "The dog slept.")
    expect(told).to_have_text("It reads 6 tokens.")
    assert "dog to" in alt(figure)
    assert (page.errors, page.foreign) == ([], [])


def test_from_a_file_the_still_map_answers_that_there_is_no_server(chrome, site):
    page = chrome.new_page()
    page.goto((site / HEADS).as_uri())
    expect(page.locator(f"{READS} svg[role=img]").first).to_be_visible()
    page.close()
