"""Tokens: text cut into tokens, tokens to ids, ids to vectors, and vectors compared."""

from lessons.tokens.bytepair import BytePairTokenizer, apply_merges, readable
from lessons.tokens.corpus import sample_text
from lessons.tokens.embedding import look_up, one_hot
from lessons.tokens.index import VectorIndex
from lessons.tokens.languages import parallel_sentences
from lessons.tokens.overlap import word_overlap
from lessons.tokens.pieces import split_pieces
from lessons.tokens.similarity import cosines, nearest, random_pair_cosines
from lessons.tokens.training import count_pairs, merge_pair, single_bytes, train_bpe
from lessons.tokens.unigram import best_segmentation, segmentations
from lessons.tokens.vocabulary import Vocabulary
from lessons.tokens.wordpiece import wordpiece

__all__ = [
    "BytePairTokenizer",
    "VectorIndex",
    "Vocabulary",
    "apply_merges",
    "best_segmentation",
    "cosines",
    "count_pairs",
    "look_up",
    "merge_pair",
    "nearest",
    "one_hot",
    "parallel_sentences",
    "random_pair_cosines",
    "readable",
    "sample_text",
    "segmentations",
    "single_bytes",
    "split_pieces",
    "train_bpe",
    "word_overlap",
    "wordpiece",
]
