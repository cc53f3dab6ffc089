r"""DistilBERT's three losses in one, each with a weight: soft targets, right words, directions.

Reference: :cite:t:`sanh2019`, section 3; the weights are those of the first command that the
authors published, the temperature is their script's.
"""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn
from transformers import DistilBertForMaskedLM

from lessons.adaptation.distillation.soft_targets import cosine_loss, soft_loss
from lessons.adaptation.distillation.taught_rows import TaughtRows
from lessons.families.objectives import IGNORED


class TripleLoss(NamedTuple):
    """A loss for `fit`: a weight for each of its parts, and the temperature of the soft one."""

    soft: float = 5.0
    hard: float = 2.0
    cosine: float = 1.0
    temperature: float = 2.0

    def __call__(self, student: DistilBertForMaskedLM, rows: TaughtRows) -> Float[Tensor, ""]:
        """Return the weighted sum: soft targets and directions at all real places, hard at asked.

        A part whose weight is 0 is not computed.
        """
        mask = rows.real.long()
        said = student(input_ids=rows.ids, attention_mask=mask, output_hidden_states=True)
        loss = said.logits.new_zeros(())
        if self.soft:
            soft = soft_loss(
                said.logits[rows.real], rows.logits[rows.real], temperature=self.temperature
            )
            loss = loss + self.soft * soft
        if self.hard:
            hard = nn.functional.cross_entropy(
                said.logits.flatten(0, 1), rows.labels.flatten(), ignore_index=IGNORED
            )
            loss = loss + self.hard * hard
        if self.cosine:
            hidden = said.hidden_states[-1]
            loss = loss + self.cosine * cosine_loss(hidden[rows.real], rows.hidden[rows.real])
        return loss
