"""The guided lab, the learner's side: what its steps call, and the journal that keeps it."""

from lab.behaviors import BEHAVIORS
from lab.claims import Claim, read_claim
from lab.export import read_export
from lab.guide import guide
from lab.journal import Journal, open_journal
from lab.limitations import LIMITATIONS
from lab.machine import load_model
from lab.prefixes import compare_prefixes
from lab.sentences import compare_sentences
from lab.steps import STEPS
from lab.steps_of_decoding import follow_steps
from lab.timing import time_generation
from lab.verdicts import ClaimTest

__all__ = [
    "BEHAVIORS",
    "LIMITATIONS",
    "STEPS",
    "Claim",
    "ClaimTest",
    "Journal",
    "compare_prefixes",
    "compare_sentences",
    "follow_steps",
    "guide",
    "load_model",
    "open_journal",
    "read_claim",
    "read_export",
    "time_generation",
]
