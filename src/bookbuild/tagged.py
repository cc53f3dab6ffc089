"""What Chromium's tagged PDF lacks of PDF/UA-1, the standard of a PDF that can be read aloud.

What is painted outside of all tags (page numbers, grounds, lines) becomes an artifact, so that
nobody reads it aloud; each link says where it leads; formulas are told as formulas; lists have
bodies; and the file names its title and the standard. Beside the titles in the contents the numbers
of their pages are written.
"""

import bisect
import re
from collections.abc import Iterator
from html import unescape

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

# Where tagged content begins and ends; what stands in a string is no operator.
_MARK = re.compile(
    rb"(?P<begin>/[^\s/<>\[\]()]+\s*(?:<<.*?>>|/[^\s/<>\[\]()]+)?\s*\b(?:BDC|BMC)\b)"
    rb"|\b(?P<end>EMC)\b|\((?:\\.|[^\\()])*\)",
    re.DOTALL,
)
_PAINTS = re.compile(rb"(?<![/\w])(?:T[jJ]|f\*?|F|S|s|[Bb]\*?|sh|Do)(?!\w)|['\"]")
_PLACED = re.compile(rb"/([^\s/<>\[\]()]+)\s+Do\b")
# How the text of a formula begins, until it is told as one.
FORMULA = "formula: "
# The book's own kinds of tags, and what they are in the standard's.
_ROLES = {"/Em": Name.Span, "/Strong": Name.Span}
Numbers = dict[tuple[int, int], int]  # the pages', from 0, by their objects


def with_artifacts(content: bytes, tagged: frozenset[str] = frozenset()) -> bytes:
    r"""Return a page's content with what is painted outside of tags marked as an artifact.

    Args:
        content: The operators, as Chromium writes them.
        tagged: The names of drawings that have tags of their own.

    >>> content = b"0 0 9 9 re f /P <</MCID 0>> BDC BT (a) Tj ET EMC /X1 Do"
    >>> with_artifacts(content, frozenset({"X1"}))
    b'/Artifact BMC\n0 0 9 9 re f \nEMC\n/P <</MCID 0>> BDC BT (a) Tj ET EMC /X1 Do'
    """
    parts: list[bytes] = []
    depth = start = 0
    for mark in _MARK.finditer(content):
        if mark["begin"]:
            if depth == 0:
                parts += _outside(content[start : mark.start()], tagged)
                start = mark.start()
            depth += 1
        elif mark["end"]:
            depth -= 1
            if depth == 0:
                parts.append(content[start : mark.end()])
                start = mark.end()
    if depth:
        raise ValueError("tagged content does not end: print the page again")
    return b"".join([*parts, *_outside(content[start:], tagged)])


def _outside(content: bytes, tagged: frozenset[str]) -> Iterator[bytes]:
    start = 0
    for placed in _PLACED.finditer(content):
        if placed[1].decode("latin1") in tagged:
            yield _artifact(content[start : placed.start()])
            yield placed[0]
            start = placed.end()
    yield _artifact(content[start:])


def _artifact(content: bytes) -> bytes:
    return b"/Artifact BMC\n%b\nEMC\n" % content if _PAINTS.search(content) else content


def headings(html: str) -> dict[str, str]:
    """Return what each heading of a page says, by its letters.

    >>> headings('<h1 class="a">Two <em>words</em> &amp; more</h1>')
    {'Twowords&more': 'Two words & more'}
    """
    said = {}
    for heading in re.finditer(r"<(h[1-6])\b[^>]*>(.*?)</\1>", html, re.DOTALL):
        words = " ".join(unescape(re.sub(r"<[^>]*>", "", heading[2])).split())
        said[words.replace(" ", "")] = words
    return said


def mend(pdf: Pdf, said: dict[str, str]) -> None:
    """Give a PDF that Chromium printed what PDF/UA-1 asks for, as far as a program can tell.

    Args:
        pdf: The PDF, which is changed.
        said: The `headings` of what was printed, for an outline loses the spaces at lines' ends.
    """
    _space_outline(pdf, said)
    numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    titles = list(_titles(pdf, numbers))
    _number_contents(pdf, titles, numbers)
    _mark_artifacts(pdf)
    _describe_links(pdf, titles, numbers)
    told = [
        one for one in pdf.objects if isinstance(one, Dictionary) and "/S" in one and "/P" in one
    ]
    _name_formulas(told)
    _complete_lists(pdf, [one for one in told if one.S == "/LI"])
    roles = pdf.Root.StructTreeRoot.get("/RoleMap", Dictionary())
    for kind, standard in _ROLES.items():
        roles[kind] = standard
    pdf.Root.StructTreeRoot.RoleMap = roles
    with pdf.open_metadata(set_pikepdf_as_editor=False) as about:
        about["dc:title"] = str(pdf.docinfo["/Title"])
        about["dc:language"] = [str(pdf.Root.Lang)]
        about["pdfuaid:part"] = "1"


def _mark_artifacts(pdf: Pdf) -> None:
    drawings = {
        one.objgen: one.read_bytes()
        for one in pdf.objects
        if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Form"
    }
    tagged = {key for key, content in drawings.items() if b"/MCID" in content}
    for key in tagged:
        drawing = pdf.get_object(*key)
        drawing.write(with_artifacts(drawings[key], _tagged_in(drawing, tagged)))
    for page in pdf.pages:
        page.contents_coalesce()
        content = page.Contents.read_bytes()
        page.Contents.write(with_artifacts(content, _tagged_in(page.obj, tagged)))


def _tagged_in(place: Object, tagged: set[tuple[int, int]]) -> frozenset[str]:
    drawings = place.get("/Resources", Dictionary()).get("/XObject", Dictionary())
    return frozenset(name[1:] for name, one in drawings.items() if one.objgen in tagged)


def _titles(pdf: Pdf, numbers: Numbers) -> Iterator[tuple[tuple[int, float], str, int]]:
    """Yield where each heading stands, what it says, and how deep it is, in the book's order."""

    def below(entries: list[pikepdf.OutlineItem], depth: int) -> Iterator:
        for entry in entries:
            if isinstance(entry.destination, Array):
                yield _place(entry.destination, numbers), entry.title, depth
            yield from below(entry.children, depth + 1)

    with pdf.open_outline() as outline:
        yield from below(outline.root, 0)


def _place(destination: Object, numbers: Numbers) -> tuple[int, float]:
    """Return the page, from 0, and how far down on it something is."""
    return numbers[destination[0].objgen], -float(destination[3])


def _space_outline(pdf: Pdf, said: dict[str, str]) -> None:
    def below(entries: list[pikepdf.OutlineItem]) -> None:
        for entry in entries:
            entry.title = said.get("".join(entry.title.split()), entry.title)
            below(entry.children)

    with pdf.open_outline() as outline:
        below(outline.root)


def _describe_links(pdf: Pdf, titles: list, numbers: Numbers) -> None:
    places = [place for place, _, _ in titles]
    for page in pdf.pages:
        for link in page.get("/Annots", []):
            if "/Dest" not in link:
                link.Contents = String(str(link.A.URI))
                continue
            number, down = _place(pdf.Root.Dests[str(link.Dest)], numbers)
            # A section begins a little above its heading; a page of the site at the sheet's edge.
            above = 100 if -down > float(page.MediaBox[3]) - 5 else 60
            last = max(bisect.bisect(places, (number, down + above)) - 1, 0)
            link.Contents = String(f"{titles[last][1]}, page {number + 1}")


def _name_formulas(told: list[Dictionary]) -> None:
    for one in told:
        if one.S == "/Figure" and str(one.get("/Alt", "")).startswith(FORMULA):
            one.S = Name.Formula
            one.Alt = String(str(one.Alt).removeprefix(FORMULA))


def _complete_lists(pdf: Pdf, items: list[Dictionary]) -> None:
    for item in items:
        held = [*item.K] if isinstance(item.K, Array) else [item.K]
        told = [one for one in held if isinstance(one, Dictionary) and "/S" in one]
        words = [one for one in told if one.S not in ("/Lbl", "/LBody")]
        if words:
            body = pdf.make_indirect(
                Dictionary(Type=Name.StructElem, S=Name.LBody, P=item, K=Array(words))
            )
            rest = [one for one in held if all(one is not word for word in words)]
            item.K = Array([*rest, body])
            for word in words:
                word.P = body
        if item.P.S != "/L":
            parent = item.P
            new = pdf.make_indirect(
                Dictionary(Type=Name.StructElem, S=Name.L, P=parent, K=Array([item]))
            )
            siblings = [*parent.K] if isinstance(parent.K, Array) else [parent.K]
            parent.K = Array([new if _same(one, item) else one for one in siblings])
            item.P = new


def _same(one: object, other: Object) -> bool:
    return isinstance(one, Dictionary) and one.objgen == other.objgen


def _number_contents(pdf: Pdf, titles: list, numbers: Numbers) -> None:
    """Write the page's number beside each title in the contents, in the letters of page numbers."""
    parts = [(place, title) for place, title, depth in titles if depth == 0]
    first = next((n for n, (_, title) in enumerate(parts) if title == "Contents"), None)
    if first is None or first + 1 == len(parts):
        return
    begin, end = parts[first][0][0], parts[first + 1][0][0]
    font, digits, wide = _digits(pdf)
    for page in pdf.pages[begin:end]:
        lines: dict[str, float] = {}
        for link in page.get("/Annots", []):
            if "/Dest" in link:
                height = float(link.Rect[1])
                lines[str(link.Dest)] = min(lines.get(str(link.Dest), height), height)
        drawn = []
        for name, height in lines.items():
            number = str(_place(pdf.Root.Dests[name], numbers)[0] + 1)
            x = float(page.MediaBox[2]) - 51 - _SIZE * wide * len(number)
            codes = b"".join(digits[digit] for digit in number)
            drawn.append(b"1 0 0 1 %.2f %.2f Tm <%b> Tj" % (x, height + 4, codes))
        if drawn:
            page.Resources.Font["/PageNumbers"] = font
            page.contents_add(b"q\n", prepend=True)
            page.contents_add(
                b"Q\nBT 0.29 0.33 0.41 rg /PageNumbers %d Tf %b ET" % (_SIZE, b"\n".join(drawn))
            )


_SIZE = 9  # points


def _digits(pdf: Pdf) -> tuple[Object, dict[str, bytes], float]:
    """Return the font of the page numbers, its code for each digit, and a digit's width in ems."""
    page = pdf.pages[min(len(pdf.pages), 10) - 1]
    page.contents_coalesce()
    name = re.findall(rb"/(\w+) [\d.]+ Tf", page.Contents.read_bytes())[-1].decode()
    font = page.Resources.Font[f"/{name}"]
    codes = {}
    for line in re.findall(rb"<(\w{4})> (?:<(\w{4})> )?<(\w{4})>\n", font.ToUnicode.read_bytes()):
        low, high, unicode = line[0], line[1] or line[0], int(line[2], 16)
        for step in range(int(high, 16) - int(low, 16) + 1):
            codes[chr(unicode + step)] = b"%04X" % (int(low, 16) + step)
    inner = font.DescendantFonts[0]
    known = {digit: codes[digit] for digit in "0123456789" if digit in codes}
    return font, known, _width(inner, next(iter(known.values())))


def _width(font: Object, code: bytes) -> float:
    wanted, widths = int(code, 16), [*font.get("/W", Array())]
    while widths:
        first, second = int(widths.pop(0)), widths.pop(0)
        if isinstance(second, Array):
            if first <= wanted < first + len(second):
                return float(second[wanted - first]) / 1000
        elif first <= wanted <= int(second):
            return float(widths.pop(0)) / 1000
        else:
            widths.pop(0)
    return float(font.get("/DW", 1000)) / 1000
