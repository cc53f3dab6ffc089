r"""Vision transformer (ViT): a picture is cut into patches, and patches are read as tokens.

Each patch, flattened, passes one linear layer; a learned class token stands before them, and
learned positions are added. From there on it is an encoder like any other.

Reference: :cite:t:`dosovitskiy2021`; transformers' ViT is the tests' oracle.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from lessons.blocks import Attention, EncoderBlock, FeedForward, LayerNorm, Probe, pre_norm
from lessons.families.patches import PatchEmbedding
from lessons.families.renamed_weights import activation, fill, require

NAMES = {
    "embed.to_vector": "vit.embeddings.patch_embeddings.projection",
    "embed.first": "vit.embeddings.cls_token",
    "embed.positions.table": "vit.embeddings.position_embeddings",
    "layers.#.attention_norm": "vit.layers.#.layernorm_before",
    "layers.#.attention.to_query": "vit.layers.#.attention.q_proj",
    "layers.#.attention.to_key": "vit.layers.#.attention.k_proj",
    "layers.#.attention.to_value": "vit.layers.#.attention.v_proj",
    "layers.#.attention.to_output": "vit.layers.#.attention.o_proj",
    "layers.#.feed_norm": "vit.layers.#.layernorm_after",
    "layers.#.feed_forward.to_hidden": "vit.layers.#.mlp.fc1",
    "layers.#.feed_forward.to_output": "vit.layers.#.mlp.fc2",
    "norm": "vit.layernorm",
    "head": "classifier",
}


class VisionTransformer(nn.Module):
    """Patches as tokens, layers of self-attention without a mask, classes from the class token.

    Args:
        embed: From pictures to vectors.
        layers: Encoder blocks.
        norm: Applied to the last layer's vectors.
        head: From the class token's vector to a logit for each class.

    Source: :cite:t:`dosovitskiy2021`, section 3.1.

    >>> import torch
    >>> embed = PatchEmbedding(4, channels=1, patches=16, d_model=8)
    >>> model = VisionTransformer(embed, [], nn.Identity(), nn.Linear(8, 3))
    >>> model(torch.rand(2, 1, 16, 16)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self, embed: nn.Module, layers: Iterable[nn.Module], norm: nn.Module, head: nn.Module
    ):
        super().__init__()
        self.embed = embed
        self.embedded = Probe()
        self.layers = nn.ModuleList(layers)
        self.norm = norm
        self.head = head

    def forward(
        self, pictures: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Return a logit for each class."""
        stream = self.embedded(self.embed(pictures))
        for layer in self.layers:
            stream = layer(stream)
        return self.head(self.norm(stream)[:, 0])


def vit(config: Any, tensors: Mapping[str, Tensor]) -> VisionTransformer:
    """Return a ViT with these weights.

    Args:
        config: A `ViTConfig` of transformers.
        tensors: The state dict of a `ViTForImageClassification`.

    Raises:
        ValueError: A tensor is missing, superfluous or of another shape.

    Source: :cite:t:`dosovitskiy2021`, section 3.1.
    """
    require(config.qkv_bias, "this ViT has no biases for its queries: pass one with qkv_bias=True")
    tensors = dict(tensors)
    for name in ("cls_token", "position_embeddings"):
        tensors[f"vit.embeddings.{name}.weight"] = tensors.pop(f"vit.embeddings.{name}")[0]
    kernel = "vit.embeddings.patch_embeddings.projection.weight"
    tensors[kernel] = tensors[kernel].flatten(1)  # a convolution without overlap is a linear layer
    table = tensors["vit.embeddings.position_embeddings.weight"]
    classes = tensors["classifier.weight"]
    d_model = config.hidden_size

    def norm() -> LayerNorm:
        return LayerNorm(d_model, epsilon=config.layer_norm_eps)

    def block() -> EncoderBlock:
        attention = Attention(d_model, config.num_attention_heads)
        feed = FeedForward(d_model, config.intermediate_size, activation(config.hidden_act))
        return EncoderBlock(attention, feed, norm=norm, residual=pre_norm)

    def build() -> VisionTransformer:
        embed = PatchEmbedding(
            config.patch_size,
            channels=config.num_channels,
            patches=len(table) - 1,
            d_model=d_model,
        )
        layers = [block() for _ in range(config.num_hidden_layers)]
        return VisionTransformer(embed, layers, norm(), nn.Linear(d_model, len(classes)))

    return fill(build, tensors, NAMES)
