"""Where the names of `lessons.positions` are defined; each is loaded when it is asked for."""

from .alibi import Alibi as Alibi, alibi_bias as alibi_bias, alibi_slopes as alibi_slopes
from .learned import LearnedPositions as LearnedPositions
from .longer_contexts.controls import Ending as Ending, Parted as Parted, Shifted as Shifted
from .longer_contexts.place_losses import place_losses as place_losses
from .longer_contexts.placed_texts import (
    Texts as Texts,
    accuracy as accuracy,
    answer_loss as answer_loss,
    names_and_secret as names_and_secret,
    three_back as three_back,
)
from .longer_contexts.rotary_scaling import (
    ScaledRotary as ScaledRotary,
    interpolated as interpolated,
    ntk_base as ntk_base,
    rotary_frequencies as rotary_frequencies,
    wavelengths as wavelengths,
    yarn_by_turns as yarn_by_turns,
    yarn_frequencies as yarn_frequencies,
    yarn_stretch as yarn_stretch,
)
from .relative import RelativeBias as RelativeBias, relative_bucket as relative_bucket
from .rotary import (
    Rotary as Rotary,
    rotary_angles as rotary_angles,
    rotate_halves as rotate_halves,
    rotate_neighbors as rotate_neighbors,
)
from .sinusoidal import SinusoidalPositions as SinusoidalPositions, sinusoids as sinusoids
