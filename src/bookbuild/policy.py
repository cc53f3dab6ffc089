"""Give each page a policy: scripts run from the site's own files alone, and nothing else comes in.

The few scripts that stand in a page, and what its buttons say to do, are named by their digests, so
a script that anyone else brings into a page does not run. Styles may stand in a page, for formulas
and figures have them. All else may come from the site, for Firefox fetches the next page ahead, and
knows no name for that in a policy. The policy is a `<meta>`, for many hosts let nobody set headers.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from html import unescape

INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
HANDLER = re.compile(r'\son[a-z]+="([^"]*)"')
CHARSET = re.compile(r'<meta charset="utf-8" ?/?>')


def digest(script: str) -> str:
    """Return what names a script in a policy.

    >>> digest("alert(1)")
    "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
    """
    hashed = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(hashed).decode()}'"


def scripts(page: str) -> Iterator[str]:
    """Yield the scripts that stand in a page and in its buttons."""
    yield from INLINE.findall(page)
    yield from map(unescape, HANDLER.findall(page))


def policy(page: str) -> str:
    """Return the policy that lets a page do what it does, and nothing else."""
    digests = sorted({digest(script) for script in scripts(page)})
    allowed = " ".join(["'self'", *(["'unsafe-hashes'"] if digests else []), *digests])
    return (
        f"default-src 'self'; script-src {allowed}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; object-src 'none'; form-action 'self'; base-uri 'none'"
    )


def with_policy(page: str) -> str:
    """Return a page with its policy, before anything that the policy is for.

    Raises:
        ValueError: The page does not say its encoding, behind which the policy would stand.
    """
    if not (place := CHARSET.search(page)):
        raise ValueError("the page has no <meta charset>")
    meta = f'\n<meta http-equiv="Content-Security-Policy" content="{policy(page)}">'
    return f"{page[: place.end()]}{meta}{page[place.end() :]}"
