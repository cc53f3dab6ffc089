r"""From a conversation to a text by a chat template: the prompt masked, the answer scored."""

from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from lessons.families.objectives import IGNORED

# For the book's decoder, whose words have no markers for who speaks: a question ends in "?".
BOOK_TEMPLATE = (
    "{{ bos_token }}{% for turn in messages %}"
    "{% if turn.role == 'user' %} {{ turn.content }} ?"
    "{% else %} {{ turn.content }} {{ eos_token }}{% endif %}"
    "{% endfor %}"
)


def answering(tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """Give the book's decoder's tokenizer a chat template, in place, and return it.

    >>> from lessons.models import load
    >>> tokenizer = answering(load("decoder", source="book").tokenizer)
    >>> asked = [{"role": "user", "content": "how are you"}]
    >>> tokenizer.apply_chat_template(asked, tokenize=False)
    '<|endoftext|> how are you ?'
    """
    tokenizer.chat_template = BOOK_TEMPLATE
    return tokenizer


def mask_prompt(prompt: Sequence[int], whole: Sequence[int]) -> list[int]:
    """Return the labels of a text that begins with a prompt: −100 for the prompt's tokens.

    Args:
        prompt: The ids of the prompt, with all that stands before the answer.
        whole: The ids of prompt and answer.

    Raises:
        ValueError: The text does not begin with the prompt, or has nothing after it.

    >>> mask_prompt([7, 8], [7, 8, 9])
    [-100, -100, 9]
    """
    prompt, whole = list(prompt), list(whole)
    if whole[: len(prompt)] != prompt:
        raise ValueError(
            "the text does not begin with the prompt's tokens: render both by one template"
        )
    if len(whole) == len(prompt):
        raise ValueError("the text ends with the prompt: pass one with an answer to score")
    return [IGNORED] * len(prompt) + whole[len(prompt) :]


def chat_text(
    tokenizer: PreTrainedTokenizerBase, question: str, answer: str, *, masked: bool = True
) -> tuple[list[int], list[int]]:
    """Return the ids of one question and its answer, and their labels.

    Args:
        tokenizer: One with a chat template.
        question: What the user says.
        answer: What the assistant should say.
        masked: Whether the question's tokens are left unscored.

    Raises:
        ValueError: The tokenizer has no chat template, or the answer is empty.

    >>> from lessons.models import load
    >>> tokenizer = answering(load("decoder", source="book").tokenizer)
    >>> ids, labels = chat_text(tokenizer, "how are you", "good")
    >>> tokenizer.decode(ids)
    '<|endoftext|> how are you ? good <|endoftext|>'
    >>> labels[:6]
    [-100, -100, -100, -100, -100, 120]
    """
    if tokenizer.chat_template is None:
        raise ValueError("the tokenizer has no chat template: set tokenizer.chat_template first")
    if not answer.strip():
        raise ValueError("the answer is empty: pass at least one word to score")
    asked = [{"role": "user", "content": question}]
    answered = [*asked, {"role": "assistant", "content": answer}]
    prompt, whole = (
        tokenizer(
            tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=opened),
            add_special_tokens=False,
        ).input_ids
        for turns, opened in ((asked, True), (answered, False))
    )
    labels = mask_prompt(prompt, whole)
    return whole, labels if masked else whole
