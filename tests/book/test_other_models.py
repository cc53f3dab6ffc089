"""What the README says of other models: cells of chapters run with a folder in the hub's format."""

import re
from pathlib import Path

import pytest
import torch
import transformers
from myst_nb.core.read import read_myst_markdown_notebook

from lessons.models.making.word_tokenizer import make_tokenizer, words_of

ROOT = Path(__file__).parents[2]
TINY = {
    "gpt2": (
        transformers.GPT2Config(n_embd=32, n_layer=2, n_head=4, vocab_size=700),
        transformers.GPT2LMHeadModel,
    ),
    "llama": (
        transformers.LlamaConfig(
            hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, vocab_size=700, bos_token_id=None, eos_token_id=None,
        ),
        transformers.LlamaForCausalLM,
    ),
    "t5": (
        transformers.T5Config(
            d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, vocab_size=700,
            decoder_start_token_id=0,
        ),
        transformers.T5ForConditionalGeneration,
    ),
}  # fmt: skip
# A chapter, its model, and what marks the cells that open it and write with it.
CHAPTERS = {
    "generation/decoding": (
        "decoder",
        ("import math", "book = load(", "few = ["),
    ),
    "families/encoder-decoders": ("translator", ("import random", "translator = load(")),
}
CASES = [
    ("generation/decoding", "gpt2"),
    ("generation/decoding", "llama"),
    ("families/encoder-decoders", "t5"),
]


@pytest.fixture
def folder(tmp_path):
    """A function that writes a small model with random weights, as the hub keeps its models."""

    def write(kind: str, name: str) -> Path:
        config, model = TINY[kind]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            model(config).save_pretrained(tmp_path)
        make_tokenizer(name, words_of(name), max_length=512).save_pretrained(tmp_path)
        return tmp_path

    return write


def cells_of(chapter: str, marks: tuple[str, ...]) -> list[str]:
    page = ROOT / "book" / f"{chapter}.md"
    notebook = read_myst_markdown_notebook(page.read_text("utf8"), path=page)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return [next(cell for cell in cells if mark in cell) for mark in marks]


@pytest.mark.parametrize(("chapter", "kind"), CASES)
def test_a_chapter_runs_with_a_folder_of_the_hub(chapter, kind, folder):
    name, marks = CHAPTERS[chapter]
    place = folder(kind, name)
    code = "\n".join(cells_of(chapter, marks))
    other, exchanged = re.subn(r'source="book"', f'source="hub", where={str(place)!r}', code)
    assert exchanged == 1
    names: dict = {}
    exec(other, names)
    loaded = names["book" if name == "decoder" else "translator"]
    assert loaded.source == "hub" and loaded.model.config.model_type == kind
    assert loaded.provenance.endswith(f"from the local folder {place.name}")
    if name == "decoder":  # its texts were written by this model
        assert len(names["first"]) == 1 and len(names["texts"]) == 20
    else:
        assert 1 <= len(names["written"]) <= 40


def test_the_readme_tells_it():
    text = (ROOT / "README.md").read_text("utf8")
    for word in (
        'source="hub"',
        'where="owner/name"',
        'where="a/local/folder"',
        "gpt2",
        "t5-small",
    ):
        assert word in text
