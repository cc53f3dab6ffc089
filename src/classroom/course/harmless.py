"""Make what a student wrote safe to look at in a browser.

A notebook's Markdown may hold HTML and scripts. nbgrader's formgrader shows it on a page that may
do all that the instructor may; so nothing of a student reaches it but code, text, and pixels.
Outputs are reduced to these by `classroom.grading.executed` already.
"""

import re

# Markdown that becomes markup: tags, entities, links, images; and TeX that becomes links or style.
MARKUP = re.compile(
    r"[<&]|\](?=[(:\[])|!(?=\[)"
    r"|\\(?=(?:href|url|style|class|cssid|require|unicode|mmltoken|bbox|texttip|tooltip|toggle)\b)",
    re.IGNORECASE,
)
GAP = "\u200b"  # a space of no width: the text reads the same, and is no markup any longer


def harmless_markdown(text: str) -> str:
    r"""Return Markdown in which HTML, links and images are plain text.

    >>> print(harmless_markdown("**yes** <b>[x](javascript:y)").replace(GAP, "·"))
    **yes** <·b>[x]·(javascript:y)
    """
    return MARKUP.sub(lambda found: found[0] + GAP, text)
