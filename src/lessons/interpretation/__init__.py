"""What heads do: scored against the truth, and tested by taking them away."""

from lessons.interpretation.ablation import ablate_heads
from lessons.interpretation.sites import head_sites

__all__ = ["ablate_heads", "head_sites"]
