"""Where the names of `lessons.recurrence` are defined; each is loaded when it is asked for."""

from .additive import (
    ConcatScore as ConcatScore,
    additive_scores as additive_scores,
    concat_scores as concat_scores,
)
from .alignment import (
    aligned as aligned,
    diagonal as diagonal,
    moved_words as moved_words,
    strongest as strongest,
    words_of as words_of,
)
from .bahdanau import BahdanauDecoder as BahdanauDecoder
from .batches import Batch as Batch, batch_of as batch_of, draw_batch as draw_batch
from .bleu import bleu as bleu, clipped_precision as clipped_precision
from .cells import Cell as Cell, RNNCell as RNNCell, rnn_step as rnn_step
from .cost import (
    longest_chain as longest_chain,
    recurrent_flops as recurrent_flops,
    state_bytes as state_bytes,
)
from .encoder_decoder import (
    Decoder as Decoder,
    Encoder as Encoder,
    EncoderDecoder as EncoderDecoder,
    Memory as Memory,
)
from .gradients import (
    gradients_through_time as gradients_through_time,
    linear_gradients as linear_gradients,
    mean_gradients as mean_gradients,
    orthogonal_matrix as orthogonal_matrix,
    spectral_radius as spectral_radius,
)
from .gru import GRUCell as GRUCell, gru_step as gru_step
from .linear import scan as scan, step_by_step as step_by_step
from .local import (
    MonotonicReader as MonotonicReader,
    PredictiveReader as PredictiveReader,
    favor_center as favor_center,
    predicted_centers as predicted_centers,
    window as window,
)
from .lstm import LSTMCell as LSTMCell, lstm_step as lstm_step
from .luong import LuongDecoder as LuongDecoder
from .movies import (
    draw_reviews as draw_reviews,
    ids_of as ids_of,
    negations as negations,
    reviews_of as reviews_of,
    truth as truth,
)
from .multiplicative import (
    DotScore as DotScore,
    GeneralScore as GeneralScore,
    dot_scores as dot_scores,
    general_scores as general_scores,
)
from .phrases import (
    Pair as Pair,
    chain as chain,
    joined as joined,
    noun_phrase as noun_phrase,
    sentences as sentences,
    small_talk as small_talk,
)
from .reader import (
    Reader as Reader,
    chances as chances,
    review_loss as review_loss,
    share_right as share_right,
)
from .reading import GlobalReader as GlobalReader, read as read
from .recall import (
    draw_mixed as draw_mixed,
    draw_recall as draw_recall,
    learned_recall as learned_recall,
    recall_loss as recall_loss,
    recall_rate as recall_rate,
)
from .translation import (
    exact_match as exact_match,
    forced_right as forced_right,
    free_right as free_right,
    teacher_forcing_loss as teacher_forcing_loss,
    translate as translate,
    write as write,
)
from .unroll import unroll as unroll
from .vocabulary import Vocabulary as Vocabulary, fragment as fragment, join as join, split as split
