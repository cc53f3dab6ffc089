"""Where the names of `lessons.tokens` are defined; each is loaded when it is asked for."""

from .byte_tokens import readable as readable, single_bytes as single_bytes
from .choosing_a_vocabulary.openai_vocabularies import openai_tokenizer as openai_tokenizer
from .choosing_a_vocabulary.patterns import (
    split_as_gpt4 as split_as_gpt4,
    split_as_gpt4o as split_as_gpt4o,
)
from .choosing_a_vocabulary.ranks import (
    RankedTokenizer as RankedTokenizer,
    merge_by_rank as merge_by_rank,
)
from .choosing_a_vocabulary.unigram_training import (
    costs_of_dropping as costs_of_dropping,
    em_round as em_round,
    expected_counts as expected_counts,
    train_unigram as train_unigram,
)
from .choosing_a_vocabulary.wordpiece_training import (
    PairScore as PairScore,
    marked as marked,
    merge_marked as merge_marked,
    pair_scores as pair_scores,
    train_wordpiece as train_wordpiece,
)
from .clay_text import sample_text as sample_text
from .embeddings.embedding_table import look_up as look_up, one_hot as one_hot
from .embeddings.index import VectorIndex as VectorIndex
from .embeddings.overlap import word_overlap as word_overlap
from .embeddings.similarity import (
    cosines as cosines,
    exchange_gaps as exchange_gaps,
    nearest as nearest,
    random_pair_cosines as random_pair_cosines,
)
from .languages import parallel_sentences as parallel_sentences
from .longest_beginning import wordpiece as wordpiece
from .pieces import split_pieces as split_pieces
from .tokenization.bpe_training import (
    count_pairs as count_pairs,
    merge_pair as merge_pair,
    train_bpe as train_bpe,
)
from .tokenization.bytepair import (
    BytePairTokenizer as BytePairTokenizer,
    apply_merges as apply_merges,
)
from .tokenization.merge_queue import apply_merges_by_queue as apply_merges_by_queue
from .tokenization.vocabulary import Vocabulary as Vocabulary
from .unigram import (
    best_segmentation as best_segmentation,
    segmentations as segmentations,
)
