"""Where the names of `lessons.alignment` are defined; each is loaded when it is asked for."""

from .answers import (
    Place as Place,
    draw_answers as draw_answers,
    drift as drift,
    place_of as place_of,
    success as success,
    token_log_probabilities as token_log_probabilities,
)
from .best_possible import frontier as frontier
from .deepseek.checked_answers import (
    Checked as Checked,
    answer_logs as answer_logs,
    answered_by as answered_by,
    first_layers as first_layers,
    imitate as imitate,
    learn_from_checks as learn_from_checks,
    right_answers as right_answers,
    share_right as share_right,
)
from .deepseek.even_experts import (
    EvenExperts as EvenExperts,
    balance_loss as balance_loss,
    balanced_loss as balanced_loss,
    expert_decoder as expert_decoder,
    experts_of as experts_of,
    rise_without as rise_without,
)
from .deepseek.float_formats import (
    FloatFormat as FloatFormat,
    e4m3 as e4m3,
    e5m2 as e5m2,
    int8 as int8,
    rounded as rounded,
    rounded_in_blocks as rounded_in_blocks,
    summed as summed,
)
from .deepseek.next_but_one import (
    Foresighted as Foresighted,
    NextButOne as NextButOne,
    two_token_loss as two_token_loss,
)
from .deepseek.one_key_head import (
    Kept as Kept,
    kept_with as kept_with,
    read_as_one_head as read_as_one_head,
)
from .deepseek.speculative import (
    Drafted as Drafted,
    drafts_by_count as drafts_by_count,
    drafts_by_module as drafts_by_module,
    write_all as write_all,
    write_with_drafts as write_with_drafts,
)
from .dpo.kept_answers import (
    by_way as by_way,
    gives_lists as gives_lists,
    kept_answers as kept_answers,
    kept_makers as kept_makers,
    kept_samples as kept_samples,
    lead_of as lead_of,
    names_capitals as names_capitals,
    shorter_chosen as shorter_chosen,
)
from .dpo.short_answers import (
    first_sentence as first_sentence,
    form_faults as form_faults,
    judge_blind as judge_blind,
    term_prompt as term_prompt,
)
from .dpo.upper_blocks import answers_to as answers_to, with_adapter as with_adapter
from .dpo_relatives import ipo_loss as ipo_loss, kto_loss as kto_loss, orpo_loss as orpo_loss
from .grpo.checked_sums import (
    Sums as Sums,
    asked as asked,
    carried as carried,
    digits as digits,
    most_agree as most_agree,
    right_last_digit as right_last_digit,
    right_sum as right_sum,
    two_digit_sums as two_digit_sums,
)
from .grpo.gradient_scatter import (
    drawn_gradients as drawn_gradients,
    raised_reward as raised_reward,
    relative_scatter as relative_scatter,
)
from .grpo.learned_sums import (
    chance_of as chance_of,
    draw_sums as draw_sums,
    learn_from_sums as learn_from_sums,
    likeliest_sums as likeliest_sums,
    sum_logs as sum_logs,
    taught_by_pupils as taught_by_pupils,
)
from .grpo.prices_of_seeds import kept_prices as kept_prices
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
    answer_of as answer_of,
    bernoulli_kl as bernoulli_kl,
    cheerful_words as cheerful_words,
    open_playground as open_playground,
    tilted as tilted,
    true_reward as true_reward,
    written as written,
)
from .policy_gradient import (
    Rollout as Rollout,
    as_they_are as as_they_are,
    centered as centered,
    clipped as clipped,
    distance_estimate as distance_estimate,
    evenly_weighted_loss as evenly_weighted_loss,
    group_relative as group_relative,
    grpo_loss as grpo_loss,
    reinforce_loss as reinforce_loss,
)
from .preference_losses import (
    PairLogs as PairLogs,
    dpo_loss as dpo_loss,
    margins as margins,
    with_likelihood as with_likelihood,
)
from .preferences.best_of_n import (
    best_of_n_bound as best_of_n_bound,
    best_of_n_share as best_of_n_share,
)
from .preferences.plane_of_seeds import (
    kept_places as kept_places,
    trained_by as trained_by,
)
from .preferences.ppo import (
    Judged as Judged,
    learn_by_ppo as learn_by_ppo,
    ppo_loss as ppo_loss,
    token_advantages as token_advantages,
    token_rewards as token_rewards,
)
from .preferences.scalar_head import (
    Scored as Scored,
    answer_scores as answer_scores,
    learn_reward as learn_reward,
    preference_loss as preference_loss,
    score_of as score_of,
    scores_along as scores_along,
)
from .relatives_of_seeds import kept_relatives as kept_relatives
from .rewarded import (
    Drawn as Drawn,
    learn_from_rewards as learn_from_rewards,
    roll_out as roll_out,
)
