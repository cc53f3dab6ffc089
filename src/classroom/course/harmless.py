"""Make what a student wrote safe to look at in a browser.

A notebook's Markdown and outputs may hold HTML and scripts. nbgrader's formgrader shows them on
a page that may do all that the instructor may; so nothing of a student reaches it but code,
text, and pixels.
"""

import base64
import binascii
import re

# Markdown that becomes markup: tags, entities, links, images; and TeX that becomes links or style.
MARKUP = re.compile(
    r"[<&]|\](?=[(:\[])|!(?=\[)"
    r"|\\(?=(?:href|url|style|class|cssid|require|unicode|mmltoken|bbox|texttip|tooltip|toggle)\b)",
    re.IGNORECASE,
)
GAP = "\u200b"  # a space of no width: the text reads the same, and is no markup any longer
IMAGES = ("image/png", "image/jpeg")
MOST_TEXT = 10_000  # characters of one output
MOST_IMAGE = 2_000_000  # characters of one picture, in base64


def harmless_markdown(text: str) -> str:
    r"""Return Markdown in which HTML, links and images are plain text.

    >>> print(harmless_markdown("**yes** <b>[x](javascript:y)").replace(GAP, "·"))
    **yes** <·b>[x]·(javascript:y)
    """
    return MARKUP.sub(lambda found: found[0] + GAP, text)


def harmless_outputs(outputs: object) -> list[dict]:
    """Return the text and the pictures of a cell's outputs, and nothing else.

    Args:
        outputs: What the student's notebook or its execution holds, in any form.
    """
    if not isinstance(outputs, list):
        return []
    safe = []
    for output in outputs:
        if not isinstance(output, dict):
            continue
        kind = output.get("output_type")
        if kind == "stream":
            safe.append(text_output(_text(output.get("text"))))
        elif kind == "error":
            trace = output.get("traceback")
            lines = trace if isinstance(trace, list) and trace else [output.get("evalue")]
            safe.append(text_output("\n".join(_text(line) for line in lines)))
        elif kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
            safe.extend(_data(output["data"]))
    return safe


def text_output(text: str) -> dict:
    """Return an output that shows text."""
    text = text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "\n… (cut)"
    return {"output_type": "stream", "name": "stdout", "text": text}


def _data(data: dict) -> list[dict]:
    for kind in IMAGES:
        if picture := _base64(data.get(kind)):
            return [{"output_type": "display_data", "data": {kind: picture}, "metadata": {}}]
    text = _text(data.get("text/plain"))
    return [text_output(text + "\n")] if text else []


def _base64(value: object) -> str:
    """Return a picture's text if it is base64 and nothing else."""
    text = "".join(_text(value).split())
    if not text or len(text) > MOST_IMAGE:
        return ""
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return text


def _text(value: object) -> str:
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
