"""Where the names of `lessons.training` are defined; each is loaded when it is asked for."""

from .gpt_from_scratch.fabric_loop import train_with_fabric as train_with_fabric
from .gpt_from_scratch.gpt_recipe import (
    Recipe as Recipe,
    finite_loss as finite_loss,
    optimizer_for as optimizer_for,
)
from .gpt_from_scratch.lightning_loop import (
    LanguageModel as LanguageModel,
    StopAfter as StopAfter,
    Text as Text,
    checkpoints as checkpoints,
    train_with_lightning as train_with_lightning,
)
from .gpt_from_scratch.next_word_baselines import (
    bigram_loss as bigram_loss,
    unigram_loss as unigram_loss,
)
from .gpt_from_scratch.plain_loop import (
    losses_by_seed as losses_by_seed,
    train_by_hand as train_by_hand,
)
from .gpt_from_scratch.prose import Prose as Prose, read_prose as read_prose
from .gpt_from_scratch.text_batches import Batches as Batches, rows_of as rows_of
from .sentiment_from_scratch.confusion import (
    confusion_matrix as confusion_matrix,
    recalls as recalls,
)
from .sentiment_from_scratch.review_file import (
    Labeled as Labeled,
    labeled as labeled,
    read_reviews as read_reviews,
    write_reviews as write_reviews,
)
from .sentiment_from_scratch.review_grammar import (
    Clause as Clause,
    Review as Review,
    draw_reviews as draw_reviews,
)
from .sentiment_from_scratch.review_words import (
    Batch as Batch,
    batch_of as batch_of,
    clause_words_of as clause_words_of,
    draw_batches as draw_batches,
    padded as padded,
    padding_share as padding_share,
    sorted_words_of as sorted_words_of,
    vocabulary_of as vocabulary_of,
    words_and_pairs_of as words_and_pairs_of,
    words_of as words_of,
)
from .sentiment_from_scratch.sentiment_models import (
    Bag as Bag,
    DroppedResidual as DroppedResidual,
    SentimentEncoder as SentimentEncoder,
    mean_of_visible as mean_of_visible,
)
from .sentiment_from_scratch.sentiment_training import (
    Trained as Trained,
    label_loss as label_loss,
    train_classifier as train_classifier,
)
from .training_loop.adamw import (
    Moments as Moments,
    adamw_step as adamw_step,
    inverse_root_rate as inverse_root_rate,
    no_moments as no_moments,
)
