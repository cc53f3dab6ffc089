r"""Short answers of a real model: what it is asked, and the rule that judges them, blind.

The rule looks at an answer's form alone. Whether what it says is true no rule here knows.
"""

import random
import re
from collections.abc import Mapping, Sequence

from lessons.models.open_english.capitals import CAPITALS

MOST_WORDS = 20

# To learn from: things of every day. To be judged by: terms of this book, asked in other words.
THINGS = """anchor, apron, backpack, bakery, balloon, barn, basket, battery, bell, bicycle, blanket,
bottle, bridge, broom, bucket, calendar, camera, candle, carpet, castle, clock, coin, compass,
curtain, diary, drum, envelope, fence, flute, fountain, garden, glove, hammer, harbor, helmet,
island, jacket, kettle, kite, ladder, lamp, library, lighthouse, mailbox, map, market, mirror,
museum, needle, orchard, oven, paddle, passport, pencil, piano, pillow, puzzle, raincoat, river,
saddle, scarf, shovel, sponge, telescope""".replace("\n", " ").split(", ")
TERMS = """accuracy, activation, algorithm, attention, autoencoder, backpropagation, batch,
benchmark, bias, checkpoint, classifier, clustering, compiler, convolution, corpus, dataset,
decoder, derivative, divergence, dropout, embedding, encoder, entropy, epoch, evaluation,
fine-tuning, function, gradient, hallucination, inference, kernel, label, latency, layer,
likelihood, logarithm, matrix, memory, metric, model, network, neuron, normalization, optimizer,
overfitting, parameter, perplexity, pretraining, probability, prompt, quantization, query, recall,
regression, regularization, reward, sampling, seed, softmax, tensor, token, tokenizer, training,
vocabulary""".replace("\n", " ").split(", ")
# Where the rule does not apply.
LISTS = """animals, birds, colors, countries, drinks, flowers, fruits, games, insects, jobs,
languages, rivers""".replace("\n", " ").split(", ")
COUNTRIES = tuple(CAPITALS)[:12]

ASKED = "In one short sentence: what is {article} {name}?"
REASKED = 'What does the term "{name}" mean? One short sentence, please.'
DEMANDS = (
    " Name the term, use at most 20 words, repeat nothing, write no second sentence, and end with "
    "a period."
)
LISTED = "Name five {name}, each on a line of its own."


def thing_prompt(name: str) -> str:
    """Return what is asked about a thing.

    >>> thing_prompt("anchor")
    'In one short sentence: what is an anchor?'
    """
    return ASKED.format(article="an" if name[0] in "aeiou" else "a", name=name)


def term_prompt(name: str) -> str:
    """Return what is asked about a term: in other words, about another kind of thing.

    >>> term_prompt("softmax")
    'What does the term "softmax" mean? One short sentence, please.'
    """
    return REASKED.format(name=name)


def form_faults(answer: str, name: str) -> list[str]:
    """Return in which points an answer breaks the rule; none means that it keeps the form.

    One sentence that ends with a period, of at most 20 words, that names what was asked for and
    has no three words twice.

    Args:
        answer: A text.
        name: What was asked for.

    >>> form_faults("A kite is a toy that flies in the wind.", "kite")
    []
    >>> form_faults("Kites fly! They fly in the wind, in the wind", "kite")
    ['no period', 'not one sentence', 'repeats']
    """
    text = answer.strip()
    words = re.findall(r"[\w'’-]+", text.lower())
    threes = list(zip(words, words[1:], words[2:], strict=False))
    found = {
        "no period": not text.endswith(".") or text.endswith(".."),
        "not one sentence": re.search(r"[.!?]\W*\s|\n", text) is not None,
        "too long": len(words) > MOST_WORDS,
        "not named": name.lower() not in text.lower(),
        "repeats": len(set(threes)) < len(threes),
    }
    return [fault for fault, there in found.items() if there]


def first_sentence(answer: str) -> str:
    """Return an answer up to the end of its first sentence or line: the simplest way to be short.

    Args:
        answer: A text.

    >>> first_sentence("A kite flies. It needs wind.")
    'A kite flies.'
    >>> first_sentence("It costs 1.50 a piece")
    'It costs 1.50 a piece'
    """
    return re.split(r"(?<=[.!?])\W*\s|\n", answer.strip(), maxsplit=1)[0]


def judge_blind(
    answers: Mapping[str, Sequence[str]], names: Sequence[str], *, seed: int = 0
) -> dict[str, list[bool]]:
    """Judge answers in a random order, without their makers, and sort the verdicts afterwards.

    Args:
        answers: By maker, an answer for each name.
        names: What was asked for.
        seed: Decides the order.

    Raises:
        ValueError: A maker has not as many answers as there are names.

    >>> judge_blind({"one": ["A kite flies."], "other": ["What?"]}, ["kite"])
    {'one': [True], 'other': [False]}
    """
    for maker, some in answers.items():
        if len(some) != len(names):
            raise ValueError(
                f"{maker} has {len(some)} answers to {len(names)} names: pass one each"
            )
    pile = [(maker, at) for maker in answers for at in range(len(names))]
    random.Random(seed).shuffle(pile)
    told = [not form_faults(answers[maker][at], names[at]) for maker, at in pile]
    sorted_back: dict[str, list[bool]] = {maker: [False] * len(names) for maker in answers}
    for (maker, at), kept in zip(pile, told, strict=True):
        sorted_back[maker][at] = kept
    return sorted_back
