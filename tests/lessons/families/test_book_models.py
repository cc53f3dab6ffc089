"""Our families give the logits of the book's own models, and write what they write."""

import pytest
import torch

from lessons import models
from lessons.families import from_transformers
from lessons.generation import beam_search, greedy

TEXTS = {
    "encoder": "the trophy does not fit in the suitcase because it is too big",
    "decoder": "the keys on the table",
    "translator": "the trophy does not fit in the suitcase because it is too big",
}


def loaded(prepared, name):
    """Return the model in float64 throughout, ours with its weights, and a text's ids."""
    book = models.load(name, source="book")
    theirs = prepared.exact(book.model)
    ids = book.tokenizer(TEXTS[name], return_tensors="pt").input_ids
    return theirs, from_transformers(theirs), ids


@pytest.mark.parametrize("name", TEXTS)
@torch.no_grad()
def test_same_logits(prepared, name):
    theirs, ours, ids = loaded(prepared, name)
    texts, inputs = [ids], {"input_ids": ids}
    if name == "translator":
        texts.append(ids.flip(-1))
        inputs["decoder_input_ids"] = ids.flip(-1)
    torch.testing.assert_close(ours(*texts), theirs(**inputs).logits, atol=1e-9, rtol=0)


@pytest.mark.parametrize("name", ["decoder", "translator"])
def test_same_tokens(prepared, name):
    theirs, ours, ids = loaded(prepared, name)
    prompt = ids
    if name == "translator":
        prompt = torch.tensor([[theirs.config.decoder_start_token_id]])
        with torch.no_grad():
            ours = ours.read(ids)
    end, length = theirs.config.eos_token_id, prompt.shape[1]
    options = dict(max_new_tokens=12, do_sample=False, attention_mask=torch.ones_like(ids))
    expected = theirs.generate(ids, pad_token_id=end, num_beams=1, **options)[0, length:]
    assert greedy(ours, prompt, max_new_tokens=12, end=end)[0].tolist() == expected.tolist()
    expected = theirs.generate(ids, pad_token_id=end, num_beams=3, **options)[0, length:]
    best = beam_search(ours, prompt, beams=3, max_new_tokens=12, end=end)[0]
    assert best.tokens == expected.tolist()
