"""Where the names of `lessons.recurrence` are defined; each is loaded when it is asked for."""

from .aligned_words import (
    aligned as aligned,
    diagonal as diagonal,
    moved_words as moved_words,
    strongest as strongest,
    table_of_places as table_of_places,
    words_of as words_of,
)
from .any_links import draw_any_links as draw_any_links, exchange_link as exchange_link
from .attention_in_seq2seq.additive import (
    ConcatScore as ConcatScore,
    additive_scores as additive_scores,
    concat_scores as concat_scores,
)
from .attention_in_seq2seq.bahdanau import BahdanauDecoder as BahdanauDecoder
from .attention_in_seq2seq.interventions import (
    follow_states_or_context as follow_states_or_context,
    right_without as right_without,
)
from .attention_in_seq2seq.local_attention import (
    MonotonicReader as MonotonicReader,
    PredictiveReader as PredictiveReader,
    favor_center as favor_center,
    predicted_centers as predicted_centers,
    window as window,
)
from .attention_in_seq2seq.luong import LuongDecoder as LuongDecoder
from .attention_in_seq2seq.multiplicative import (
    DotScore as DotScore,
    GeneralScore as GeneralScore,
    dot_scores as dot_scores,
    general_scores as general_scores,
)
from .attention_in_seq2seq.reading import GlobalReader as GlobalReader, read as read
from .encoder_decoder.bleu import bleu as bleu, clipped_precision as clipped_precision
from .encoder_decoder.memory_only import MemoryOnlyEncoder as MemoryOnlyEncoder
from .encoder_decoder.mistakes import after_mistake as after_mistake, in_order as in_order
from .encoder_decoder.studied import studied as studied, unseen as unseen
from .padded_pairs import (
    Batch as Batch,
    batch_of as batch_of,
    chosen as chosen,
    draw_batch as draw_batch,
)
from .phrase_pairs import (
    Pair as Pair,
    chain as chain,
    joined as joined,
    noun_phrase as noun_phrase,
    sentences as sentences,
    small_talk as small_talk,
)
from .rnn_limits.cells import Cell as Cell, RNNCell as RNNCell, rnn_step as rnn_step
from .rnn_limits.first_token import (
    draw_mixed as draw_mixed,
    draw_recall as draw_recall,
    learned_recall as learned_recall,
    recall_loss as recall_loss,
    recall_rate as recall_rate,
)
from .rnn_limits.gradients import (
    gradients_through_time as gradients_through_time,
    linear_gradients as linear_gradients,
    mean_gradients as mean_gradients,
    orthogonal_matrix as orthogonal_matrix,
    spectral_radius as spectral_radius,
)
from .rnn_limits.gru import GRUCell as GRUCell, gru_step as gru_step
from .rnn_limits.linear_rnn import scan as scan, step_by_step as step_by_step
from .rnn_limits.lstm import LSTMCell as LSTMCell, lstm_step as lstm_step
from .rnn_limits.movies import (
    draw_reviews as draw_reviews,
    ids_of as ids_of,
    negations as negations,
    reviews_of as reviews_of,
    truth as truth,
)
from .rnn_limits.reader import (
    Reader as Reader,
    chances as chances,
    review_loss as review_loss,
    share_right as share_right,
)
from .rnn_limits.recurrent_cost import (
    convolutions_between as convolutions_between,
    longest_chain as longest_chain,
    recurrent_flops as recurrent_flops,
    state_bytes as state_bytes,
)
from .rnn_limits.unroll import unroll as unroll
from .seq2seq import (
    Decoder as Decoder,
    Encoder as Encoder,
    EncoderDecoder as EncoderDecoder,
    Memory as Memory,
)
from .translation import (
    exact_match as exact_match,
    forced_right as forced_right,
    free_right as free_right,
    teacher_forcing_loss as teacher_forcing_loss,
    translate as translate,
    write as write,
)
from .word_ids import Vocabulary as Vocabulary, fragment as fragment, join as join, split as split
