"""Write what was parsed as HTML in the stricter syntax of XHTML, which EPUB demands."""

from html import escape

from bs4 import NavigableString, PageElement, Tag
from bs4.element import PreformattedString, Stylesheet

# HTML's parser writes names in lower case; SVG's have these capitals.
CAPITALS = """
attributeName attributeType baseFrequency clipPath clipPathUnits gradientTransform gradientUnits
lengthAdjust linearGradient markerHeight markerUnits markerWidth maskContentUnits maskUnits
pathLength patternContentUnits patternTransform patternUnits preserveAspectRatio radialGradient refX
refY spreadMethod startOffset stdDeviation stopColor textLength textPath viewBox
""".split()
IN_SVG = {name.lower(): name for name in CAPITALS}
NAMESPACES = {
    "math": "http://www.w3.org/1998/Math/MathML",
    "svg": "http://www.w3.org/2000/svg",
}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
# Characters that XML cannot hold, not even escaped.
FORBIDDEN = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


def xhtml(node: PageElement, *, svg: bool = False) -> str:
    r"""Return an element with all that it holds as XHTML.

    Args:
        node: The element, or a text.
        svg: Whether it stands in a drawing, where names have capitals.

    >>> from bs4 import BeautifulSoup
    >>> page = BeautifulSoup("<p>a < b<br><svg viewBox='0 0 1 1'></svg></p>", "html.parser")
    >>> print(xhtml(page.p))
    <p>a &lt; b<br/><svg viewBox="0 0 1 1" xmlns="http://www.w3.org/2000/svg"/></p>
    """
    if isinstance(node, PreformattedString) and not isinstance(node, Stylesheet):
        return ""  # a comment, or a declaration
    if isinstance(node, NavigableString):
        return escape(str(node).translate(FORBIDDEN), quote=False)
    assert isinstance(node, Tag)
    drawn = svg or node.name == "svg"
    name = IN_SVG.get(node.name, node.name) if drawn else node.name
    attributes = {}
    for key, value in node.attrs.items():
        if not key.startswith("xmlns"):
            said = " ".join(value) if isinstance(value, list) else value
            attributes[IN_SVG.get(key, key) if drawn else key] = said
    if node.name in NAMESPACES:
        attributes["xmlns"] = NAMESPACES[node.name]
        if node.name == "svg" and node.find(lambda one: "xlink:href" in one.attrs):
            attributes["xmlns:xlink"] = "http://www.w3.org/1999/xlink"
    told = "".join(
        f' {key}="{escape(str(value or "").translate(FORBIDDEN))}"'
        for key, value in attributes.items()
    )
    inside = "".join(xhtml(child, svg=drawn) for child in node.children)
    if not inside and (drawn or node.name in VOID):
        return f"<{name}{told}/>"
    return f"<{name}{told}>{inside}</{name}>"
