"""Where the names of `lessons.tokens` are defined; each is loaded when it is asked for."""

from .embeddings.embedding_table import look_up as look_up, one_hot as one_hot
from .embeddings.index import VectorIndex as VectorIndex
from .embeddings.overlap import word_overlap as word_overlap
from .embeddings.similarity import (
    cosines as cosines,
    exchange_gaps as exchange_gaps,
    nearest as nearest,
    random_pair_cosines as random_pair_cosines,
)
from .tokenization.bpe_training import (
    count_pairs as count_pairs,
    merge_pair as merge_pair,
    single_bytes as single_bytes,
    train_bpe as train_bpe,
)
from .tokenization.bytepair import (
    BytePairTokenizer as BytePairTokenizer,
    apply_merges as apply_merges,
    readable as readable,
)
from .tokenization.clay_text import sample_text as sample_text
from .tokenization.languages import parallel_sentences as parallel_sentences
from .tokenization.merge_queue import apply_merges_by_queue as apply_merges_by_queue
from .tokenization.pieces import split_pieces as split_pieces
from .tokenization.unigram import (
    best_segmentation as best_segmentation,
    segmentations as segmentations,
)
from .tokenization.vocabulary import Vocabulary as Vocabulary
from .tokenization.wordpiece import wordpiece as wordpiece
