"""From a transformers model to ours, with the same weights and the same logits."""

from torch import nn

from lessons.families.bert import bert
from lessons.families.distilbert import distilbert
from lessons.families.gpt2 import gpt2
from lessons.families.llama import llama
from lessons.families.t5 import t5
from lessons.families.vit import vit

LOADERS = {
    "bert": bert,
    "distilbert": distilbert,
    "gpt2": gpt2,
    "llama": llama,
    "t5": t5,
    "vit": vit,
}


def from_transformers(model: nn.Module) -> nn.Module:
    """Return our model of the same kind, with copies of a transformers model's weights.

    Args:
        model: BERT or DistilBERT, with a head for masked tokens or none; GPT-2, Llama or T5
            with their language-modeling heads; ViT with its classifier.

    Raises:
        ValueError: The model is of another kind, or its weights don't fit its configuration.

    >>> import torch
    >>> from transformers import GPT2Config, GPT2LMHeadModel
    >>> theirs = GPT2LMHeadModel(GPT2Config(n_embd=8, n_head=2, n_layer=1, vocab_size=9)).eval()
    >>> ids = torch.tensor([[1, 2, 3]])
    >>> torch.allclose(from_transformers(theirs)(ids), theirs(ids).logits, atol=1e-5)
    True
    """
    config = getattr(model, "config", None)
    kind = getattr(config, "model_type", type(model).__name__)
    if kind not in LOADERS:
        raise ValueError(
            f"a model of kind {kind!r} cannot be loaded: pass one of {', '.join(LOADERS)}"
        )
    return LOADERS[kind](config, model.state_dict())
