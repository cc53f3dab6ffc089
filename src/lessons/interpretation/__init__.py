"""What heads do: scored against the truth, and tested by taking them away."""

from lessons.interpretation.ablation import ablate_heads, ablation_effects
from lessons.interpretation.behavior import (
    agreeing_share,
    antecedent_margins,
    mean_margin,
    right_share,
)
from lessons.interpretation.links import (
    baseline,
    diagonal,
    first_of,
    induction_links,
    nearest_before,
    previous_token_links,
)
from lessons.interpretation.lists import copied_share, exchange_word, said_twice
from lessons.interpretation.parking import marker_mass
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
from lessons.interpretation.truth import (
    adjective_links,
    content_links,
    maps_for,
    noun_places,
    other_noun_links,
    pronoun_links,
    repeat_links,
    verb_links,
)
from lessons.interpretation.watching import (
    Changes,
    Watched,
    changes_between,
    watch_reading,
    watch_translating,
)
from lessons.models.intervals import Proportion, wilson_interval
from lessons.models.links import link_hits, link_mass, shifted

__all__ = [
    "Changes",
    "HeadScores",
    "Proportion",
    "Watched",
    "ablate_heads",
    "ablate_positions",
    "ablation_effects",
    "adjective_links",
    "agreeing_share",
    "antecedent_margins",
    "baseline",
    "changes_between",
    "content_links",
    "copied_share",
    "diagonal",
    "edit_heads",
    "edit_stream",
    "exchange_word",
    "first_of",
    "head_sites",
    "heads_by_importance",
    "induction_links",
    "leaning",
    "link_hits",
    "link_mass",
    "maps_for",
    "marker_mass",
    "mean_margin",
    "nearest_before",
    "noun_places",
    "other_noun_links",
    "patch_heads",
    "patch_positions",
    "patching_effects",
    "previous_token_links",
    "pronoun_links",
    "record_heads",
    "record_stream",
    "repeat_links",
    "right_share",
    "said_twice",
    "score_heads",
    "sense_vector",
    "sentence_vectors",
    "shifted",
    "similarity_without",
    "stream_sites",
    "verb_links",
    "watch_reading",
    "watch_translating",
    "wilson_interval",
    "word_vectors",
]
