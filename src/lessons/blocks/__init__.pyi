"""Where the names of `lessons.blocks` are defined; each is loaded when it is asked for."""

from .activations import gelu as gelu, gelu_tanh as gelu_tanh, relu as relu, silu as silu
from .attention_layer import (
    Attention as Attention,
    Remembered as Remembered,
    dot_scores as dot_scores,
    scaled_scores as scaled_scores,
)
from .block_cost import (
    attention_flops as attention_flops,
    block_flops as block_flops,
    block_parameters as block_parameters,
    feed_forward_flops as feed_forward_flops,
    feed_forward_parameters as feed_forward_parameters,
    gated_feed_forward_parameters as gated_feed_forward_parameters,
)
from .decoder import DecoderBlock as DecoderBlock
from .encoder import EncoderBlock as EncoderBlock
from .feed_forward import FeedForward as FeedForward, GatedFeedForward as GatedFeedForward
from .initialization import xavier as xavier
from .norms import (
    LayerNorm as LayerNorm,
    RMSNorm as RMSNorm,
    layer_norm as layer_norm,
    rms_norm as rms_norm,
)
from .probes import Probe as Probe, edit as edit, record as record
from .residual import post_norm as post_norm, pre_norm as pre_norm
from .transformer_block.depth import (
    deep_stack as deep_stack,
    gradient_norms as gradient_norms,
    neither_norm_nor_residual as neither_norm_nor_residual,
    norm_without_residual as norm_without_residual,
    pulled_at_the_end as pulled_at_the_end,
    residual_without_norm as residual_without_norm,
    token_spread as token_spread,
)
from .whole_transformer.decoder_cost import (
    decoder_flops as decoder_flops,
    decoder_parameters as decoder_parameters,
    parameters_by_part as parameters_by_part,
)
