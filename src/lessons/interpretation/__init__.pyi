"""Where the names of `lessons.interpretation` are defined; each is loaded when it is asked for."""

from .ablation import ablate_heads as ablate_heads, ablation_effects as ablation_effects
from .behavior import (
    antecedent_margins as antecedent_margins,
    antecedents_right as antecedents_right,
    logit_margins as logit_margins,
    mean_margin as mean_margin,
    verbs_right as verbs_right,
)
from .circuits.both_ways import (
    BothWays as BothWays,
    both_ways as both_ways,
    in_both_directions as in_both_directions,
    patching_map as patching_map,
)
from .circuits.direct_logits import (
    direct_margins as direct_margins,
    logit_lens as logit_lens,
    stream_parts as stream_parts,
)
from .circuits.head_circuits import (
    HeadCircuits as HeadCircuits,
    composition_score as composition_score,
    head_circuits as head_circuits,
)
from .circuits.head_paths import path_both_ways as path_both_ways
from .circuits.known_pairs import (
    Pairs as Pairs,
    number_pairs as number_pairs,
    other_rows as other_rows,
    swapped_lists as swapped_lists,
)
from .circuits.many_claims import flip_chances as flip_chances, holm as holm
from .circuits.slopes import attributed as attributed, slopes as slopes
from .edits import (
    drop as drop,
    exchange as exchange,
    front as front,
    insert as insert,
)
from .head_scores import HeadScores as HeadScores, score_heads as score_heads
from .head_trials import (
    Missed as Missed,
    Trial as Trial,
    TwoModels as TwoModels,
    as_table as as_table,
    borne_out as borne_out,
    miss_heads as miss_heads,
    try_heads as try_heads,
)
from .items_of_grammar import as_item as as_item, grammar_items as grammar_items
from .lists import (
    after_sentences as after_sentences,
    copied_right as copied_right,
    copied_share as copied_share,
    copied_sureness as copied_sureness,
    exchange_word as exchange_word,
    last_sureness as last_sureness,
    said_twice as said_twice,
)
from .missed_answers import answers_lost as answers_lost
from .paired import Paired as Paired, compare_paired as compare_paired
from .patching import (
    edit_sites as edit_sites,
    patch_sites as patch_sites,
    patching_effects as patching_effects,
    record_heads as record_heads,
    record_sites as record_sites,
)
from .redundancy import (
    heads_by_importance as heads_by_importance,
    mean_writing as mean_writing,
    similarity_without as similarity_without,
)
from .rules import (
    baseline as baseline,
    first_of as first_of,
    induction_links as induction_links,
    nearest_before as nearest_before,
    previous_token_links as previous_token_links,
)
from .silence import (
    alike as alike,
    losses as losses,
    silenced as silenced,
    silences as silences,
    silences_alike as silences_alike,
    skeleton as skeleton,
)
from .simple_rules import (
    Rule as Rule,
    best_place_rule as best_place_rule,
    best_rule as best_rule,
    best_step_rule as best_step_rule,
    best_word_rule as best_word_rule,
)
from .sites import Site as Site, find_sites as find_sites, head_sites as head_sites
from .subject_trials import (
    Beginnings as Beginnings,
    deciding_head as deciding_head,
    number_beginnings as number_beginnings,
    score_telling as score_telling,
    verbs_turned as verbs_turned,
)
from .truth import (
    adjective_links as adjective_links,
    ahead_links as ahead_links,
    content_links as content_links,
    first_noun_links as first_noun_links,
    maps_for as maps_for,
    noun_places as noun_places,
    other_noun_links as other_noun_links,
    pronoun_links as pronoun_links,
    repeat_links as repeat_links,
    verb_links as verb_links,
)
from .watching import (
    Changes as Changes,
    Watched as Watched,
    changes_between as changes_between,
    watch_reading as watch_reading,
    watch_translating as watch_translating,
)
from .what_heads_do.luck import looked_at as looked_at, lucky_bests as lucky_bests
from .what_heads_do.parking import ends_by_layer as ends_by_layer, marker_mass as marker_mass
from .what_heads_do.questions import (
    Question as Question,
    person_question as person_question,
    pronoun_question as pronoun_question,
    repeat_question as repeat_question,
    translation_question as translation_question,
    verb_question as verb_question,
)
from .word_renderings import Rendered as Rendered, rendered_words as rendered_words
from .word_senses import (
    leaning as leaning,
    leaning_in_frames as leaning_in_frames,
    moved_by_fillers as moved_by_fillers,
    sense_vector as sense_vector,
    word_vectors as word_vectors,
)
