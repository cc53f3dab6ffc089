"""The 2017 transformer equals torch's, with the paper's embedding around it."""

import math

import pytest
import torch
from torch import nn

from lessons.attention import causal_mask, padding_mask
from lessons.families import from_torch, transformer2017
from lessons.families.renamed_weights import their_name

# torch tells that its shortcut for padding, a prototype, does not serve every configuration.
pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor")


def oracle(d_model, heads, layers, d_ff, **changes):
    torch.manual_seed(0)
    transformer = nn.Transformer(
        d_model, heads, layers, layers, d_ff, dropout=0.0, batch_first=True, **changes
    ).double()
    transformer.encoder.norm = transformer.decoder.norm = None
    transformer.encoder.use_nested_tensor = False  # a prototype that warns
    for parameter in transformer.parameters():
        nn.init.normal_(parameter, std=0.4)
    return transformer.eval(), nn.Embedding(19, d_model, dtype=torch.float64)


def embedded(embedding, ids):
    """The paper's section 3.4 and 3.5, written once more."""
    d_model = embedding.embedding_dim
    vectors = embedding(ids) * math.sqrt(d_model)
    for position in range(ids.shape[1]):
        for i in range(0, d_model, 2):
            angle = position / 10000 ** (i / d_model)
            vectors[:, position, i] += math.sin(angle)
            vectors[:, position, i + 1] += math.cos(angle)
    return vectors


@pytest.mark.parametrize(("d_model", "heads", "layers", "d_ff"), [(8, 2, 2, 12), (12, 3, 1, 5)])
@torch.no_grad()
def test_equals_torch(d_model, heads, layers, d_ff):
    transformer, embedding = oracle(d_model, heads, layers, d_ff)
    ours = from_torch(transformer, embedding)
    source, target = torch.randint(19, (3, 7)), torch.randint(19, (3, 5))
    visible = padding_mask([7, 3, 1], 7)
    stream = transformer(
        embedded(embedding, source),
        embedded(embedding, target),
        tgt_mask=~causal_mask(5, 5),
        src_key_padding_mask=~visible[:, 0, 0],
        memory_key_padding_mask=~visible[:, 0, 0],
    )
    expected = stream @ embedding.weight.T
    output = ours(source, target, source_visible=visible)
    torch.testing.assert_close(output, expected, atol=1e-10, rtol=1e-11)
    ours.embed.scale = 1.0  # the broken variant: √d_model forgotten
    assert not torch.allclose(ours(source, target, source_visible=visible), expected, atol=1e-3)


def test_base_model_has_the_papers_size():
    """About 65 million parameters, with a vocabulary of 37000 (table 3, section 5.1)."""
    with torch.device("meta"):
        model = transformer2017(vocab=37000)
    count = sum(parameter.numel() for parameter in model.parameters())
    assert 60e6 < count < 66e6


def test_refuses_other_transformers():
    transformer, embedding = oracle(8, 2, 1, 4, norm_first=True)
    with pytest.raises(ValueError, match="pre-norm"):
        from_torch(transformer, embedding)
    transformer, embedding = oracle(8, 2, 1, 4)
    transformer.encoder.norm = nn.LayerNorm(8)
    with pytest.raises(ValueError, match="appends norms"):
        from_torch(transformer, embedding)
    lopsided = nn.Transformer(8, 2, 1, 2, 4, batch_first=True)
    lopsided.encoder.norm = lopsided.decoder.norm = None
    with pytest.raises(ValueError, match="different numbers of layers"):
        from_torch(lopsided, embedding)


def test_a_name_outside_the_table():
    with pytest.raises(ValueError, match=r"lacks 'layers\.#\.other'"):
        their_name("layers.1.other.weight", {})
