"""Where the names of `lessons.limits` are defined; each is loaded when it is asked for."""

from .efficient_attention.associative_recall import (
    Asked as Asked,
    draw_recall as draw_recall,
    draw_recalls as draw_recalls,
)
from .efficient_attention.layer_costs import layer_costs as layer_costs
from .efficient_attention.linear_attention import (
    linear_attention as linear_attention,
    linear_recurrence as linear_recurrence,
    positive_features as positive_features,
    state_numbers as state_numbers,
)
from .efficient_attention.memory import HeldBytes as HeldBytes, most_bytes as most_bytes
from .efficient_attention.online import (
    Partial as Partial,
    finished as finished,
    merge as merge,
    nothing_read as nothing_read,
    read_block as read_block,
)
from .efficient_attention.recaller import (
    Recaller as Recaller,
    read_by_features as read_by_features,
    read_by_products as read_by_products,
    read_by_softmax as read_by_softmax,
    read_last as read_last,
    read_linearly as read_linearly,
    recall_loss as recall_loss,
    share_recalled as share_recalled,
)
from .efficient_attention.tiled import (
    sees_all as sees_all,
    sees_past as sees_past,
    sees_window as sees_window,
    tiled_attention as tiled_attention,
)
from .efficient_attention.tiled_backward import (
    flash_attention as flash_attention,
    tiled_gradients as tiled_gradients,
)
from .efficient_attention.traffic import (
    rows_that_fit as rows_that_fit,
    table_traffic as table_traffic,
    tile_traffic as tile_traffic,
)
from .efficient_attention.windows import (
    pairs_compared as pairs_compared,
    pattern as pattern,
    reach as reach,
    sees_stripes as sees_stripes,
    sees_window_and_first as sees_window_and_first,
)
from .limitations.ambiguity import (
    antecedent_chances as antecedent_chances,
    undecidable as undecidable,
)
from .limitations.calibration import (
    Reliability as Reliability,
    calibration_error as calibration_error,
    reliability as reliability,
)
from .limitations.clause_order import clause_first as clause_first
from .limitations.distance import (
    agreement_shares as agreement_shares,
    attractor_chain as attractor_chain,
    earlier_text as earlier_text,
    hits_by_place as hits_by_place,
    repetition_hits as repetition_hits,
)
from .limitations.facts import likeliest_next as likeliest_next
from .limitations.growth import (
    counted_decoder_step as counted_decoder_step,
    counted_lstm_step as counted_lstm_step,
    decoder_state_bytes as decoder_state_bytes,
    decoder_step_flops as decoder_step_flops,
    lstm_state_bytes as lstm_state_bytes,
    lstm_step_flops as lstm_step_flops,
)
from .limitations.head_noise import chosen_and_fresh as chosen_and_fresh, untrained as untrained
from .limitations.hunger import learned_from as learned_from
from .parts import (
    Parts as Parts,
    add_positions as add_positions,
    honest_mask as honest_mask,
    modest_start as modest_start,
    next_tokens as next_tokens,
    shifted_by as shifted_by,
)
from .patient import Patient as Patient, loss_of as loss_of, train as train
from .saying_again import (
    draw_texts as draw_texts,
    drawing_from as drawing_from,
    loss_floor as loss_floor,
    share_right as share_right,
)
from .troubleshooting.attention_checks import (
    heeds_padding as heeds_padding,
    reads_the_future as reads_the_future,
    rows_miss_one as rows_miss_one,
    scores_miss_scale as scores_miss_scale,
)
from .troubleshooting.data_checks import (
    draw_mistyped_texts as draw_mistyped_texts,
    overlap_share as overlap_share,
    repeated_share as repeated_share,
)
from .troubleshooting.diagnosis import (
    diagnose as diagnose,
    diagnosis_table as diagnosis_table,
    smoothed as smoothed,
)
from .troubleshooting.faults import (
    faults as faults,
    forget_positions as forget_positions,
    leaky_mask as leaky_mask,
    mask_without_padding as mask_without_padding,
    softmax_over_queries as softmax_over_queries,
    unit_start as unit_start,
)
from .troubleshooting.finding import Finding as Finding
from .troubleshooting.letter_reader import LetterReader as LetterReader
from .troubleshooting.training_checks import (
    ignores_order as ignores_order,
    steps_too_far as steps_too_far,
    sure_from_the_start as sure_from_the_start,
    targets_misplaced as targets_misplaced,
)
