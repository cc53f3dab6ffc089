"""The same mistake at each service."""

from collections.abc import Callable, Mapping

from lessons.practice.services import answering
from lessons.practice.services.serving import LocalServices
from lessons.practice.services.wire_tables import refusal_cell

ASKING: Mapping[str, Callable[..., str]] = {
    "OpenAI": answering.openai,
    "OpenAI, responses": answering.responses,
    "Azure OpenAI": answering.azure,
    "Cohere": answering.cohere,
    "Amazon Bedrock": answering.bedrock,
    "Google Gemini": answering.gemini,
    "Google Vertex AI": answering.vertex,
    "Hugging Face": answering.huggingface,
    "IBM watsonx": answering.watsonx,
}


def refused_by_all(services: LocalServices, *asked, **options) -> list[str]:
    """Ask each service what it refuses, and return how it says so, in the order of `ASKING`.

    Args:
        services: Whose record holds the answers; the environment leads the clients there.
        asked: What each function of `answering` takes.
        options: As well.

    Raises:
        ValueError: A service answers.
    """
    cells = []
    for name, ask in ASKING.items():
        try:
            answer = ask(*asked, **options)
        except Exception as error:  # each client has its own
            cells.append(refusal_cell(services.exchanges[-1], error))
        else:
            raise ValueError(f"{name} answers {answer!r}: pass something that it refuses")
    return cells
