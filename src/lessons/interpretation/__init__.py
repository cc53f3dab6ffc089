"""What heads do: scored against the truth, and tested by taking them away."""

from lessons.interpretation.ablation import ablate_heads, ablation_effects
from lessons.interpretation.links import (
    baseline,
    diagonal,
    first_of,
    induction_links,
    nearest_before,
    previous_token_links,
)
from lessons.interpretation.patching import (
    edit_heads,
    patch_heads,
    patching_effects,
    record_heads,
)
from lessons.interpretation.redundancy import (
    heads_by_importance,
    sentence_vectors,
    similarity_without,
)
from lessons.interpretation.scores import HeadScores, score_heads
from lessons.interpretation.senses import leaning, sense_vector, word_vectors
from lessons.interpretation.sites import head_sites, stream_sites
from lessons.interpretation.stream import (
    ablate_positions,
    edit_stream,
    patch_positions,
    record_stream,
)
from lessons.models.intervals import Proportion, wilson_interval
from lessons.models.links import link_hits, link_mass, shifted

__all__ = [
    "HeadScores",
    "Proportion",
    "ablate_heads",
    "ablate_positions",
    "ablation_effects",
    "baseline",
    "diagonal",
    "edit_heads",
    "edit_stream",
    "first_of",
    "head_sites",
    "heads_by_importance",
    "induction_links",
    "leaning",
    "link_hits",
    "link_mass",
    "nearest_before",
    "patch_heads",
    "patch_positions",
    "patching_effects",
    "previous_token_links",
    "record_heads",
    "record_stream",
    "score_heads",
    "sense_vector",
    "sentence_vectors",
    "shifted",
    "similarity_without",
    "stream_sites",
    "wilson_interval",
    "word_vectors",
]
