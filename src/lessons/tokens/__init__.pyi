"""Where the names of `lessons.tokens` are defined; each is loaded when it is asked for."""

from .bytepair import (
    BytePairTokenizer as BytePairTokenizer,
    apply_merges as apply_merges,
    readable as readable,
)
from .corpus import sample_text as sample_text
from .embedding import look_up as look_up, one_hot as one_hot
from .index import VectorIndex as VectorIndex
from .languages import parallel_sentences as parallel_sentences
from .overlap import word_overlap as word_overlap
from .pieces import split_pieces as split_pieces
from .similarity import (
    cosines as cosines,
    nearest as nearest,
    random_pair_cosines as random_pair_cosines,
)
from .training import (
    count_pairs as count_pairs,
    merge_pair as merge_pair,
    single_bytes as single_bytes,
    train_bpe as train_bpe,
)
from .unigram import best_segmentation as best_segmentation, segmentations as segmentations
from .vocabulary import Vocabulary as Vocabulary
from .wordpiece import wordpiece as wordpiece
