"""The words and the code of a flow's steps, where the families differ."""

from typing import NamedTuple

EMBEDDING = "lessons.families.input_embedding.Embedding"
ATTENTION = "lessons.blocks.attention_layer.Attention"
SOFTMAX = "lessons.attention.scaled_dot.masked_softmax"
CAUSAL = "lessons.attention.multi_head.masks.causal_mask"
JOIN = "lessons.attention.multi_head.heads.merge_heads"
FEED = "lessons.blocks.feed_forward.FeedForward"


class Family(NamedTuple):
    """In what a family's steps differ from another's."""

    model: str
    embedded: str
    before: str
    after: str
    norm: str
    scores: tuple[str, str]
    bend: str
    logits: tuple[str, str]


FAMILIES = {
    "encoder": Family(
        "encoder-only",
        "Each token gets its row of the table. The row of its place is added, and a norm follows.",
        "the vectors",
        "added to the vectors that came in. A norm follows.",
        "lessons.blocks.residual.post_norm",
        (
            "Each query meets each key: their dot product, divided by the root of their width.",
            "lessons.attention.scaled_dot.scaled_scores",
        ),
        "GELU",
        (
            "A matrix, GELU and a norm. Then each vector is compared with a row for each token of "
            "the vocabulary: at each place, a logit for each.",
            "lessons.families.encoder_only.MaskedTokenHead",
        ),
    ),
    "decoder": Family(
        "decoder-only",
        "Each token gets its row of the table, and the row of its place is added.",
        "the vectors, behind a norm,",
        "added to the vectors that came in.",
        "lessons.blocks.residual.pre_norm",
        (
            "Each query meets each key: their dot product, divided by the root of their width.",
            "lessons.attention.scaled_dot.scaled_scores",
        ),
        "GELU",
        (
            "A norm. Then each vector is compared with each row of the embedding: at each place, "
            "a logit for each token that may come next.",
            "lessons.families.decoder_only.DecoderOnly",
        ),
    ),
    "translator": Family(
        "encoder–decoder",
        "Each token gets its row of the table. No place is added: T5 tells places in the scores.",
        "the vectors, behind a norm,",
        "added to the vectors that came in.",
        "lessons.blocks.residual.pre_norm",
        (
            "Each query meets each key: their dot product, which T5 does not divide, and a number "
            "learned for their distance.",
            "lessons.blocks.attention_layer.dot_scores",
        ),
        "ReLU",
        (
            "A norm. Then each vector, made smaller, is compared with each row of the embedding: "
            "at each place, a logit for each token that may come next.",
            "lessons.families.t5.ScaledUnembedding",
        ),
    ),
}
