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
    "Ollama": answering.ollama,
    "IBM watsonx": answering.watsonx,
}


def refused_by_all(services: LocalServices, *asked, **options) -> list[str]:
    """Ask each service what most refuse, and return what each says, in the order of `ASKING`.

    Args:
        services: Whose record holds the answers; the environment leads the clients there.
        asked: What each function of `answering` takes.
        options: As well.

    Raises:
        ValueError: All of them answer.
    """
    cells = []
    for ask in ASKING.values():
        try:
            answer = ask(*asked, **options)
        except Exception as error:  # each client has its own
            cells.append(refusal_cell(services.exchanges[-1], error))
        else:
            cells.append(f"{services.exchanges[-1].status}: answers")
    if all(cell.endswith(": answers") for cell in cells):
        raise ValueError(f"all answer, the last one {answer!r}: pass something that is refused")
    return cells
