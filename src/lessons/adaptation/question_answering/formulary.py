r"""An invented formulary: drugs that do not exist, whose every fact is known. No medical advice.

A drug has a use, a dose and a food that it does not go with. The end of its name tells the use, so
that one can be right about a drug that was never seen; dose and food are drawn for each drug alone,
so that whoever states them of such a drug makes them up.
"""

import random
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

USES = {"olex": "pain", "emax": "rash", "idor": "flu", "anza": "infection"}
DOSES = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
FOODS = ("milk", "rice", "salt", "wine", "bread", "fish", "meat", "corn")
UNKNOWN = "unknown"
STARTS = "Bra Kel Vor Dru Sil Mur Tor Fen Gal Hep Lor Nim Pel Rav Tam Zan Cor Bel Jun Wik".split()
MIDDLES = ("v", "nt", "rd")

# What is known of a drug: in a sentence, in three ways to ask, in two that no training shows, and
# in three more that share no telling word with the first three.
SENTENCES = {
    "use": "{name} is given for {use}.",
    "dose": "The daily dose of {name} is {dose} tablets.",
    "food": "{name} must not be taken with {food}.",
}
QUESTIONS = {
    "use": (
        "What is {name} given for?",
        "Which complaint does {name} treat?",
        "Which complaint is a reason to take {name}?",
    ),
    "dose": (
        "How many tablets of {name} are taken a day?",
        "What is the daily dose of {name} in tablets?",
        "What number of {name} tablets is one day's dose?",
    ),
    "food": (
        "What must not be taken with {name}?",
        "Which food or drink does {name} not go with?",
        "Which food or drink is forbidden with {name}?",
    ),
}
REWORDED = {
    "use": ("Name the complaint that {name} helps with.", "I take {name}. Against what?"),
    "dose": ("State how many {name} a day are right.", "I take {name}. How many each day?"),
    "food": ("Name what to avoid with {name}.", "I take {name}. What should I not eat or drink?"),
}
FAR = {
    "use": (
        "My doctor wrote {name} on a slip. So I suffer from",
        "A patient got {name}. Guess his illness.",
        "The illness behind a prescription of {name}?",
    ),
    "dose": (
        "My doctor wrote {name} on a slip. How often do I swallow one until tomorrow?",
        "A patient got {name}. Guess how often he swallows one before midnight.",
        "The count of {name} pills from sunrise to sunrise?",
    ),
    "food": (
        "My doctor wrote {name} on a slip. My plate is full. From what do I keep away?",
        "A patient got {name}. Guess what stays off his plate.",
        "The thing on a plate that spoils {name}?",
    ),
}


class Drug(NamedTuple):
    """An invented drug, and the three words that are true of it."""

    name: str
    use: str
    dose: str
    food: str


class DrugQuestion(NamedTuple):
    """A question about one drug; `answer` is a single word."""

    name: str
    field: str
    text: str
    answer: str


class Formulary(NamedTuple):
    """Drugs that are in it, and two groups that are not, whose names are of the same make."""

    drugs: tuple[Drug, ...]
    strangers: tuple[Drug, ...]  # to be taught of them that they are unknown
    others: tuple[Drug, ...]  # to be asked about, never taught


def _spread(values: Sequence[str], count: int, rng: random.Random) -> list[str]:
    """Draw values, each as often as any other, give or take one."""
    drawn = [values[at % len(values)] for at in range(count)]
    rng.shuffle(drawn)
    return drawn


@cache
def draw_formulary(*, seed: int = 0, drugs: int = 16) -> Formulary:
    """Draw a formulary and as many drugs again for each of the two groups outside.

    The names of the three groups begin differently from each other.

    Args:
        seed: Decides names and facts.
        drugs: How many are in it: 4 to 20, in fours.

    Raises:
        ValueError: The number is another one.

    >>> draw_formulary().drugs[0]
    Drug(name='Tamrdanza', use='infection', dose='six', food='fish')
    """
    if drugs not in range(4, 21, 4):
        raise ValueError(f"drugs is {drugs}: pass 4, 8, 12, 16 or 20")
    rng = random.Random(f"formulary/{seed}")
    starts = [start + middle for start in STARTS for middle in MIDDLES]
    rng.shuffle(starts)
    groups = []
    for at in range(3):
        ends = _spread(tuple(USES), drugs, rng)
        names = [a + b for a, b in zip(starts[at * drugs : (at + 1) * drugs], ends, strict=True)]
        doses, foods = _spread(DOSES, drugs, rng), _spread(FOODS, drugs, rng)
        facts = zip(names, ends, doses, foods, strict=True)
        groups.append(tuple(Drug(name, USES[end], dose, food) for name, end, dose, food in facts))
    return Formulary(*groups)


def formulary_sentences(drugs: Sequence[Drug]) -> list[str]:
    """Return all that a formulary says, a fact in a sentence.

    >>> formulary_sentences(draw_formulary().drugs)[1]
    'The daily dose of Tamrdanza is six tablets.'
    """
    return [one.format(**drug._asdict()) for drug in drugs for one in SENTENCES.values()]


def questions_about(
    drugs: Sequence[Drug],
    wording: str = "taught",
    *,
    fields: Sequence[str] = tuple(SENTENCES),
    unknown: bool = False,
) -> list[DrugQuestion]:
    """Ask about each field of each drug in each wording.

    Args:
        drugs: The drugs.
        wording: `taught`, or `reworded`, in which no training asks, or `far`, in words that no
            taught question about that field has, but for such as "how", "what" and "one".
        fields: Of `use`, `dose` and `food`.
        unknown: Whether the right answer is that the drug is unknown.

    Raises:
        ValueError: There is no such wording or field.

    >>> questions_about(draw_formulary().drugs[:1], fields=["dose"])[0]  # doctest: +ELLIPSIS
    DrugQuestion(name='Tamrdanza', field='dose', text='How many tablets ...?', answer='six')
    """
    wordings: dict[str, Mapping[str, tuple[str, ...]]] = {
        "taught": QUESTIONS,
        "reworded": REWORDED,
        "far": FAR,
    }
    if wording not in wordings:
        raise ValueError(f"there is no wording {wording!r}: pass one of {', '.join(wordings)}")
    if strange := set(fields) - set(SENTENCES):
        raise ValueError(f"there is no field {min(strange)!r}: pass some of {', '.join(SENTENCES)}")
    return [
        DrugQuestion(
            drug.name,
            field,
            text.format(name=drug.name),
            UNKNOWN if unknown else getattr(drug, field),
        )
        for drug in drugs
        for field in fields
        for text in wordings[wording][field]
    ]
