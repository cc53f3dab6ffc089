"""What the chapters rely on in the book's own texts."""

from lessons.tokens import parallel_sentences, sample_text


def test_sample_text_is_plain_english():
    paragraphs = sample_text().split("\n\n")
    assert len(paragraphs) == 10
    assert sample_text().isascii()
    assert not any("\n" in paragraph or "  " in paragraph for paragraph in paragraphs)
    assert all(paragraph.endswith(".") for paragraph in paragraphs)


def test_each_language_has_its_script():
    scripts = {
        "English": "aeiou",
        "German": "ü",
        "French": "éèœ",
        "Spanish": "ñáí",
        "Finnish": "äy",
        "Russian": "дж",
        "Greek": "αδ",
        "Hindi": "कन",
        "Chinese": "书茶",
        "Japanese": "のを",
    }
    sentences = parallel_sentences()
    assert set(sentences) == set(scripts)
    for language, signs in scripts.items():
        assert len(sentences[language]) == len(set(sentences[language])) == 4
        text = " ".join(sentences[language])
        assert all(sign in text for sign in signs)
        assert all(sentence.endswith((".", "।", "。")) for sentence in sentences[language])
