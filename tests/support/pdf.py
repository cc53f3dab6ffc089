"""The rules of PDF/UA-1 that a program can judge, read from the file itself."""

import collections
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Object, Pdf

STANDARD = set(
    "Document Part Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5"
    " H6 L LI Lbl LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code"
    " Link Annot Figure Formula Form".split()
)
PAINTING = set("Tj TJ ' \" f F f* B B* b b* S s sh Do".split())


def problems(file: Path) -> list[str]:
    """Return what in a PDF breaks a rule, in one sentence each."""
    with pikepdf.open(file) as pdf:
        if (
            not pdf.Root.get("/MarkInfo", Dictionary()).get("/Marked")
            or "/StructTreeRoot" not in pdf.Root
        ):
            return ["the PDF is not tagged"]
        elements = list(_elements(pdf.Root.StructTreeRoot.K))
        found = [
            *_document(pdf),
            *_kinds(pdf, elements),
            *_structure(elements),
            *_links(pdf),
            *_painted(pdf),
            *_fonts(pdf),
        ]
    return list(dict.fromkeys(found))


def _kids(element: Object) -> list:
    kids = element.get("/K", Array())
    return [*kids] if isinstance(kids, Array) else [kids]


def _elements(kids: Object) -> Iterator[Dictionary]:
    """Yield the tags in the order in which they are read."""
    waiting = [*reversed([*kids] if isinstance(kids, Array) else [kids])]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Dictionary) and "/S" in one:
            yield one
            waiting += reversed(_kids(one))


def _document(pdf: Pdf) -> Iterator[str]:
    if not str(pdf.Root.get("/Lang", "")):
        yield "the PDF names no language"
    if not pdf.Root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle"):
        yield "a reader shows the file's name, not the title"
    with pdf.open_metadata() as about:
        if not about.get("dc:title"):
            yield "the metadata have no title"
        if about.get("pdfuaid:part") != "1":
            yield "the metadata do not name PDF/UA-1"
    if "/Outlines" not in pdf.Root:
        yield "there is no outline"
    for number, page in enumerate(pdf.pages, 1):
        if "/Annots" in page and page.get("/Tabs") != "/S":
            yield f"page {number}: the keyboard goes another way than the tags"


def _kinds(pdf: Pdf, elements: list[Dictionary]) -> Iterator[str]:
    roles = pdf.Root.StructTreeRoot.get("/RoleMap", Dictionary())
    for one in elements:
        kind = str(roles.get(str(one.S), one.S))[1:]
        if kind not in STANDARD:
            yield f"no reader knows the tag {kind}"


def _structure(elements: list[Dictionary]) -> Iterator[str]:
    level = 0
    for one in elements:
        kind, parent = str(one.S)[1:], str(one.P.get("/S", "/"))[1:]
        inside = [
            str(kid.S)[1:] for kid in _kids(one) if isinstance(kid, Dictionary) and "/S" in kid
        ]
        if kind in ("Figure", "Formula") and not str(one.get("/Alt", "")).strip():
            yield f"a {kind} has no alternative"
        if kind in ("H1", "H2", "H3", "H4", "H5", "H6"):
            if int(kind[1]) > level + 1:
                yield f"an {kind} follows an H{level}"
            level = int(kind[1])
        if kind == "LI" and parent != "L":
            yield "an item stands in no list"
        if kind == "LI" and not {*inside} <= {"Lbl", "LBody"}:
            yield f"an item of a list holds {inside}"
        if kind == "L" and not {*inside} <= {"LI", "L", "Caption"}:
            yield f"a list holds {inside}"
        if kind == "TR" and not {*inside} <= {"TH", "TD"}:
            yield f"a row of a table holds {inside}"
        if kind == "TH" and not any("/Scope" in one for one in _attributes(one)):
            yield "a head of a table does not say what it heads"
        if kind == "Table" and not any(each.S == "/TH" for each in _elements(one.K)):
            yield "a table has no heads"


def _attributes(element: Dictionary) -> list:
    held = element.get("/A", Array())
    return [*held] if isinstance(held, Array) else [held]


def _links(pdf: Pdf) -> Iterator[str]:
    parents = dict(pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree))
    for number, page in enumerate(pdf.pages, 1):
        for link in page.get("/Annots", []):
            if link.Subtype != "/Link":
                yield f"page {number}: {link.Subtype} is no link"
            if not str(link.get("/Contents", "")).strip():
                yield f"page {number}: a link does not say where it leads"
            key = int(link.get("/StructParent", -1))
            element = parents.get(key, Dictionary())
            kids = [one for one in _kids(element) if isinstance(one, Dictionary) and "/Obj" in one]
            if element.get("/S") != "/Link" or link.objgen not in [kid.Obj.objgen for kid in kids]:
                yield f"page {number}: a link stands in no tag"
            if "/Dest" in link and str(link.Dest) not in pdf.Root.Dests:
                yield f"page {number}: a link leads nowhere"


def _painted(pdf: Pdf) -> Iterator[str]:
    for number, page in enumerate(pdf.pages, 1):
        wrong = collections.Counter(_outside(page.obj))
        if wrong:
            yield f"page {number}: neither tagged nor an artifact: {dict(wrong)}"


def _outside(place: Object, within: bool = False) -> Iterator[str]:
    """Yield each operator that paints outside of tags, also in the drawings that are placed."""
    drawings = place.get("/Resources", Dictionary()).get("/XObject", Dictionary())
    depth = 0
    for instruction in pikepdf.parse_content_stream(place):
        word, operands = str(instruction.operator), instruction.operands
        if word in ("BDC", "BMC"):
            depth += 1
        elif word == "EMC":
            depth -= 1
            if depth < 0:
                yield "a tag ends that did not begin"
        elif word in PAINTING and not (depth or within):
            drawing = drawings.get(str(operands[0])) if word == "Do" else None
            if drawing is not None and drawing.Subtype == "/Form":
                yield from _outside(drawing)
            else:
                yield word
    if depth:
        yield "a tag does not end"


def _fonts(pdf: Pdf) -> Iterator[str]:
    for one in pdf.objects:
        if not isinstance(one, Dictionary) or one.get("/Type") != "/Font":
            continue
        if one.Subtype in ("/Type0", "/Type3") and "/ToUnicode" not in one:
            yield f"nobody can tell the letters of the font {one.get('/BaseFont', one.Subtype)}"
        described = one.get("/FontDescriptor")
        if described is not None and not {"/FontFile", "/FontFile2", "/FontFile3"} & {*described}:
            if one.Subtype != "/Type3":
                yield f"the font {one.get('/BaseFont')} is not in the file"
