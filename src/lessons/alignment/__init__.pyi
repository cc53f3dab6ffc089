"""Where the names of `lessons.alignment` are defined; each is loaded when it is asked for."""

from .answers import (
    Place as Place,
    draw_answers as draw_answers,
    drift as drift,
    place_of as place_of,
    success as success,
    token_log_probabilities as token_log_probabilities,
)
from .pairs import (
    Look as Look,
    Pairs as Pairs,
    RenewedPairs as RenewedPairs,
    fixed_pairs as fixed_pairs,
    learn_from_pairs as learn_from_pairs,
    pair_logs as pair_logs,
    pair_up as pair_up,
)
from .playground import (
    Playground as Playground,
    bernoulli_kl as bernoulli_kl,
    cheerful_words as cheerful_words,
    open_playground as open_playground,
    tilted as tilted,
    true_reward as true_reward,
    written as written,
)
from .preference_losses import (
    PairLogs as PairLogs,
    dpo_loss as dpo_loss,
    ipo_loss as ipo_loss,
    kto_loss as kto_loss,
    margins as margins,
    orpo_loss as orpo_loss,
    with_likelihood as with_likelihood,
)
