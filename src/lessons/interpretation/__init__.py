"""What heads do: scored against the truth, and tested by taking them away."""

from lessons.interpretation.ablation import ablate_heads
from lessons.interpretation.redundancy import (
    heads_by_importance,
    sentence_vectors,
    similarity_without,
)
from lessons.interpretation.senses import leaning, sense_vector, word_vectors
from lessons.interpretation.sites import head_sites

__all__ = [
    "ablate_heads",
    "head_sites",
    "heads_by_importance",
    "leaning",
    "sense_vector",
    "sentence_vectors",
    "similarity_without",
    "word_vectors",
]
