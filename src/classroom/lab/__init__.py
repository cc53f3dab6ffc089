"""The guided lab, the learner's side: what its steps call, and the journal that keeps it."""

from classroom.lab.behaviors import BEHAVIORS
from classroom.lab.claims import Claim, read_claim
from classroom.lab.export import read_export
from classroom.lab.journal import Journal, open_journal
from classroom.lab.limitations import LIMITATIONS
from classroom.lab.machine import load_model
from classroom.lab.prefixes import compare_prefixes
from classroom.lab.sentences import compare_sentences
from classroom.lab.steps import STEPS
from classroom.lab.steps_of_decoding import follow_steps
from classroom.lab.timing import time_generation
from classroom.lab.verdicts import ClaimTest

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
    "load_model",
    "open_journal",
    "read_claim",
    "read_export",
    "time_generation",
]
