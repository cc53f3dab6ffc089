"""Where the names of `lessons.training` are defined; each is loaded when it is asked for."""

from .dropped_residual import DroppedResidual as DroppedResidual
from .gpt_from_scratch.by_heart import recited as recited, share_copied as share_copied
from .gpt_from_scratch.fabric_loop import train_with_fabric as train_with_fabric
from .gpt_from_scratch.gpt_recipe import (
    Recipe as Recipe,
    finite_loss as finite_loss,
    optimizer_for as optimizer_for,
)
from .gpt_from_scratch.larger_gpt import (
    kept_losses as kept_losses,
    kept_runs as kept_runs,
    larger_gpt as larger_gpt,
    load_gpt as load_gpt,
    mark_of_tokens as mark_of_tokens,
    save_gpt as save_gpt,
)
from .gpt_from_scratch.lightning_loop import (
    LanguageModel as LanguageModel,
    StopAfter as StopAfter,
    Text as Text,
    checkpoints as checkpoints,
    train_with_lightning as train_with_lightning,
)
from .gpt_from_scratch.longer_counts import kneser_ney_loss as kneser_ney_loss
from .gpt_from_scratch.next_word_baselines import (
    bigram_loss as bigram_loss,
    unigram_loss as unigram_loss,
)
from .gpt_from_scratch.plain_loop import (
    losses_by_seed as losses_by_seed,
    read_checkpoint as read_checkpoint,
    train_by_hand as train_by_hand,
    write_checkpoint as write_checkpoint,
)
from .large_language_models.by_seed import (
    losses_on as losses_on,
    some_rows as some_rows,
    train_by_seed as train_by_seed,
)
from .large_language_models.facts_by_heart import (
    draw_facts as draw_facts,
    right_places as right_places,
)
from .large_language_models.in_context import (
    Examples as Examples,
    draw_examples as draw_examples,
    label_at_random as label_at_random,
    label_truly as label_truly,
    right_after as right_after,
    word_kinds as word_kinds,
)
from .large_language_models.pair_language import (
    PairLanguage as PairLanguage,
    pair_language as pair_language,
)
from .large_language_models.power_law import (
    PowerLaw as PowerLaw,
    bootstrap_laws as bootstrap_laws,
    fit_power_law as fit_power_law,
    interval as interval,
)
from .large_language_models.shared_out import (
    pipeline_idle as pipeline_idle,
    split_feed_forward as split_feed_forward,
    zero_bytes as zero_bytes,
)
from .large_language_models.shared_runs import (
    jaccard as jaccard,
    minhash as minhash,
    near_pairs as near_pairs,
    shingles as shingles,
)
from .large_language_models.training_cost import (
    activation_bytes as activation_bytes,
    bytes_by_part as bytes_by_part,
    counted_flops as counted_flops,
    energy_mwh as energy_mwh,
    multiplied as multiplied,
    training_flops as training_flops,
    without_numbers as without_numbers,
)
from .large_language_models.two_processes import (
    farthest as farthest,
    gradients_of_processes as gradients_of_processes,
    one_process as one_process,
)
from .prose import (
    Prose as Prose,
    paragraphs as paragraphs,
    read_prose as read_prose,
)
from .sentiment_from_scratch.confusion import (
    confusion_matrix as confusion_matrix,
    recalls as recalls,
)
from .sentiment_from_scratch.movie_texts import (
    broken_off as broken_off,
    movie_texts as movie_texts,
    praise_by_word as praise_by_word,
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
    SentimentEncoder as SentimentEncoder,
    mean_of_visible as mean_of_visible,
)
from .sentiment_from_scratch.sentiment_training import (
    Trained as Trained,
    label_loss as label_loss,
    train_classifier as train_classifier,
)
from .text_batches import Batches as Batches, rows_of as rows_of
from .training_loop.adamw import (
    Moments as Moments,
    adamw_step as adamw_step,
    inverse_root_rate as inverse_root_rate,
    no_moments as no_moments,
)
