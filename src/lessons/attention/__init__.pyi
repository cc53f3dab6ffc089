"""Where the names of `lessons.attention` are defined; each is loaded when it is asked for."""

from .attention_cost import (
    attention_parameters as attention_parameters,
    key_value_bytes as key_value_bytes,
    projection_flops as projection_flops,
    score_bytes as score_bytes,
    score_flops as score_flops,
)
from .head_sizes import group_size as group_size, head_size as head_size
from .multi_head.grouped import (
    GroupedQueryAttention as GroupedQueryAttention,
    grouped_query_attention as grouped_query_attention,
)
from .multi_head.heads import (
    MultiHeadAttention as MultiHeadAttention,
    merge_heads as merge_heads,
    split_heads as split_heads,
)
from .multi_head.masks import causal_mask as causal_mask, padding_mask as padding_mask
from .scaled_dot import (
    masked_softmax as masked_softmax,
    scaled_dot_product_attention as scaled_dot_product_attention,
    scaled_scores as scaled_scores,
)
from .scaled_dot_product.lookup import soft_lookup as soft_lookup
from .scaled_dot_product.scaling import (
    entropy as entropy,
    follow_gradient as follow_gradient,
    random_scores as random_scores,
    softmax_gradient as softmax_gradient,
)
from .scaled_dot_product.sources import (
    cross_attention as cross_attention,
    self_attention as self_attention,
)
from .visibility import (
    check_visible as check_visible,
    padding_before as padding_before,
    sees_any as sees_any,
)
