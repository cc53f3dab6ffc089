r"""Pictures as sequences of ids: each patch is replaced by the nearest entry of a codebook.

With ids for patches, a picture is a text in another vocabulary, and a decoder-only model can
write it, one patch after the other, after a caption. DALL·E learned its codebook together with
a network that draws pictures from codes (a discrete variational autoencoder); here the codebook
comes from k-means, which is the same idea without the network.

References: :cite:t:`ramesh2021`, section 2.1; :cite:t:`oord2017`.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lessons.families.images.pictures import KINDS, PLACES, SIDE, draw_batch
from lessons.families.patches import cut_patches, join_patches
from lessons.tensors import widened

PATCH = 4  # pixels
WORDS = (*KINDS, *PLACES)  # the caption's words are the first ids, the codes follow


def nearest_codes(
    patches: Float[Tensor, "*batch numbers"], codebook: Float[Tensor, "codes numbers"]
) -> Int[Tensor, "*batch"]:
    r"""Return the id of the codebook's entry that is nearest to each patch.

    .. math:: \operatorname{id}(x) = \arg\min_k \lVert x - c_k \rVert

    Source: :cite:t:`oord2017`, equation 1.

    >>> nearest_codes(torch.tensor([[0.1, 0.0], [0.9, 1.0]]), torch.tensor([[0.0, 0], [1, 1]]))
    tensor([0, 1])
    """
    distances = torch.cdist(widened(patches).flatten(0, -2), widened(codebook))
    return distances.argmin(dim=-1).view(patches.shape[:-1])


def learn_codebook(
    patches: Float[Tensor, "patches numbers"],
    codes: int,
    *,
    generator: torch.Generator,
    rounds: int = 20,
) -> Float[Tensor, "codes numbers"]:
    """Find entries such that patches lie near one of them, by k-means.

    Each round assigns every patch to its nearest entry and moves every entry to the mean of its
    patches; an entry without patches moves to the patch that is farthest from its own entry.

    Args:
        patches: Flattened patches.
        codes: How many entries; no more than there are different patches.
        generator: Chooses the patches that the entries start from.
        rounds: How often this is repeated.

    Raises:
        ValueError: There are fewer different patches than codes.

    Source: :cite:t:`lloyd1982`.

    >>> patches = torch.tensor([[0.0], [0.2], [5.0], [5.2]])
    >>> learn_codebook(patches, 2, generator=torch.Generator().manual_seed(0)).sort(dim=0)[0]
    tensor([[0.1000],
            [5.1000]])
    """
    different = patches.unique(dim=0)
    if not 1 <= codes <= len(different):
        raise ValueError(
            f"{codes} codes for {len(different)} different patches: pass 1 to {len(different)}"
        )
    codebook = different[torch.randperm(len(different), generator=generator)[:codes]].clone()
    for _ in range(rounds):
        ids = nearest_codes(patches, codebook)
        counts = ids.bincount(minlength=codes)
        sums = torch.zeros_like(codebook).index_add_(0, ids, patches)
        codebook = torch.where(counts[:, None] > 0, sums / counts.clamp(min=1)[:, None], codebook)
        lonely = (counts == 0).nonzero()[:, 0]
        if len(lonely):
            distance = (patches - codebook[ids]).norm(dim=-1)
            codebook[lonely] = patches[distance.topk(len(lonely)).indices]
    return codebook


def to_sequences(
    pictures: Float[Tensor, "batch 1 height width"],
    kinds: Int[Tensor, " batch"],
    places: Int[Tensor, " batch"],
    *,
    codebook: Float[Tensor, "codes numbers"],
) -> Int[Tensor, "batch tokens"]:
    """Write each caption and its picture as one text: kind, place, then a code for each patch.

    Source: :cite:t:`ramesh2021`, section 2.2.

    >>> codebook = torch.zeros(1, 16)
    >>> to_sequences(torch.zeros(1, 1, 16, 16), torch.tensor([0]), torch.tensor([3]),
    ...              codebook=codebook)[0, :4]
    tensor([0, 7, 8, 8])
    """
    codes = nearest_codes(cut_patches(pictures, PATCH), codebook)
    return torch.cat([captions(kinds, places), len(WORDS) + codes], dim=1)


def captions(kinds: Int[Tensor, " batch"], places: Int[Tensor, " batch"]) -> Int[Tensor, "batch 2"]:
    """Return the ids of the captions, two words each.

    >>> [WORDS[i] for i in captions(torch.tensor([1]), torch.tensor([0]))[0]]
    ['square', 'top left']
    """
    return torch.stack([kinds, len(KINDS) + places], dim=1)


def to_pictures(
    ids: Int[Tensor, "batch patches"], *, codebook: Float[Tensor, "codes numbers"]
) -> Float[Tensor, "batch 1 16 16"]:
    """Draw the pictures whose codes these are; an id that is no code is an empty patch.

    >>> to_pictures(torch.full((1, 16), 8), codebook=torch.ones(1, 16)).mean().item()
    1.0
    """
    codes = ids - len(WORDS)
    patches = torch.where((codes >= 0)[..., None], codebook[codes.clamp(min=0)], 0.0)
    return join_patches(patches, PATCH, columns=SIDE // PATCH)


def draw_sequences(
    generator: torch.Generator, *, codebook: Float[Tensor, "codes numbers"], size: int = 64
) -> Int[Tensor, "{size} 18"]:
    """Draw captions and pictures by chance, as texts.

    >>> draw_sequences(torch.Generator().manual_seed(0), codebook=torch.zeros(1, 16), size=5).shape
    torch.Size([5, 18])
    """
    return to_sequences(*draw_batch(generator, size=size), codebook=codebook)


def draw_from_codes(
    generator: torch.Generator, *, codebook: Float[Tensor, "codes numbers"], size: int = 64
) -> tuple[Float[Tensor, "{size} 1 16 16"], Int[Tensor, "{size}"], Int[Tensor, "{size}"]]:
    """Draw pictures by chance, each made of a codebook's entries; return them, kinds and places.

    They are those of `draw_batch`, with each patch replaced by the nearest entry.

    Args:
        generator: Chooses kinds, places, and how far each shape is off.
        codebook: The entries.
        size: How many pictures.

    Source: :cite:t:`ramesh2021`, section 2.1.

    >>> black = torch.zeros(1, 16)
    >>> pictures, kinds, places = draw_from_codes(torch.Generator(), codebook=black, size=5)
    >>> pictures.max().item(), len(kinds), len(places)
    (0.0, 5, 5)
    """
    pictures, kinds, places = draw_batch(generator, size=size)
    ids = to_sequences(pictures, kinds, places, codebook=codebook)
    return to_pictures(ids[:, 2:], codebook=codebook), kinds, places
