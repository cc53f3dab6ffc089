"""Where the names of `lessons.foundations` are defined; each is loaded when it is asked for."""

from .intervals import Proportion as Proportion, wilson_interval as wilson_interval
from .learning.descent import descend as descend, descent_step as descent_step
from .learning.early_stopping import Watch as Watch
from .learning.examples import (
    Examples as Examples,
    draw_corners as draw_corners,
    draw_from as draw_from,
    mean_loss as mean_loss,
)
from .learning.interval_coverage import (
    coverage as coverage,
    plus_minus_interval as plus_minus_interval,
)
from .learning.overfitting import Losses as Losses, Outcome as Outcome, train_on_few as train_on_few
from .learning.signal_spread import spread_by_layer as spread_by_layer
from .learning.small_network import Dropout as Dropout, drop as drop, small_network as small_network
from .tensors_and_gradients.merged_layers import merge_layers as merge_layers
from .tensors_and_gradients.numerical_gradient import numerical_gradient as numerical_gradient
from .two_layers import (
    TwoLayers as TwoLayers,
    draw_two_layers as draw_two_layers,
    two_layer_gradients as two_layer_gradients,
    two_layer_logits as two_layer_logits,
    two_layer_loss as two_layer_loss,
)
