"""Where the names of `lessons.training` are defined; each is loaded when it is asked for."""

from .adamw import (
    Moments as Moments,
    adamw_step as adamw_step,
    inverse_root_rate as inverse_root_rate,
    no_moments as no_moments,
)
