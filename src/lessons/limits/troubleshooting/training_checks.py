r"""Four diagnostics of what stands around attention: order, targets, first weights, step size.

The only training among them is a single step.
"""

import copy
import math

import torch
from torch import nn

from lessons.fit import fit
from lessons.limits.parts import IGNORED
from lessons.limits.patient import Patient, loss_of
from lessons.limits.saying_again import LETTERS, draw_texts
from lessons.limits.troubleshooting.finding import Finding


@torch.no_grad()
def ignores_order(model: nn.Module, *, seed: int = 0) -> Finding:
    r"""Say whether the model finds no difference between the places of one repeated letter.

    Without positions all tokens of the text `a a a a` are the same vector. Any mixture of equal
    vectors is that vector, so all outputs are equal, however many layers there are. (To swap two
    *different* earlier letters would not do: a causal mask alone tells something of the order.)

    Source: :cite:t:`haviv2022` for what the mask tells.

    >>> from lessons.limits import Parts
    >>> ignores_order(Patient(Parts())).raised
    False
    """
    letter = 1 + seed % LETTERS
    logits = model(torch.full((1, 8), letter), torch.tensor([0]))[0]
    spread = ((logits - logits[0]).abs().max() / logits.std()).item()
    if spread < 1e-3:
        return Finding(True, "a letter said 8 times gives 8 equal outputs: no positions")
    return Finding(False, f"a letter said 8 times gives outputs {spread:.1f} deviations apart")


def targets_misplaced(model: Patient, *, seed: int = 0) -> Finding:
    """Say whether a label is anything but the next token.

    A text in which no token comes twice tells how many places on a label is from.

    >>> from lessons.limits import Parts
    >>> targets_misplaced(Patient(Parts())).sentence
    'each label is the token 1 place on'
    """
    order = torch.randperm(LETTERS, generator=torch.Generator().manual_seed(seed))
    text = order[None, :10] + 1
    labels = model.parts.targets(text, torch.tensor([0]))[0]
    places = {int(letter): place for place, letter in enumerate(text[0])}
    offsets = {places[int(label)] - place for place, label in enumerate(labels) if label != IGNORED}
    if not offsets:
        return Finding(True, "no token has a label")
    told = " or ".join(f"{one} place{'' if one == 1 else 's'}" for one in sorted(offsets))
    if offsets == {1}:
        return Finding(False, f"each label is the token {told} on")
    return Finding(True, f"labels are the token {told} on, not 1")


def steps_too_far(model: Patient, *, seed: int = 0) -> Finding:
    r"""Say whether one step at the full learning rate moves the weights by a large share.

    .. math:: \frac{\lVert \theta_1 - \theta_0 \rVert}{\lVert \theta_0 \rVert}

    Adam's first step moves each number by about the learning rate, however small its gradient.

    >>> from lessons.limits import Parts
    >>> steps_too_far(Patient(Parts())).raised
    False
    """
    moved = copy.deepcopy(model)
    rate = model.parts.learning_rate
    fit(moved, draw_texts, loss_of, steps=1, learning_rate=rate, warm_up=0, seed=seed)
    before, after = (nn.utils.parameters_to_vector(one.parameters()) for one in (model, moved))
    share = ((after - before).norm() / before.norm()).item()
    return Finding(
        share > 0.2,
        f"one step moves the weights by {share:.1%} of their size"
        + (": lower the learning rate" if share > 0.2 else ""),
    )


@torch.no_grad()
def sure_from_the_start(model: Patient, *, seed: int = 0) -> Finding:
    r"""Say whether an *untrained* model's loss is far above that of guessing evenly.

    .. math:: L_0 \approx \ln(\text{vocab})

    The labels are drawn at random, so the answer says nothing of the targets. A trained model has
    reason to be sure; don't ask it.

    >>> from lessons.limits import Parts
    >>> sure_from_the_start(Patient(Parts())).raised
    False
    """
    generator = torch.Generator().manual_seed(seed)
    logits = model(*draw_texts(generator))
    random = torch.randint(logits.shape[-1], logits.shape[:2], generator=generator)
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), random.flatten()).item()
    even = math.log(logits.shape[-1])
    told = f"untrained, random labels cost {loss:.1f}; guessing evenly costs {even:.1f}"
    return Finding(loss > 1.5 * even, told + ": the initialization" * (loss > 1.5 * even))
