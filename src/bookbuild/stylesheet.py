"""One small stylesheet for the site, and fonts with only the characters that pages show.

The theme and the extensions bring a dozen stylesheets of 450 KB, most of which no page uses.
After a build they are joined in their order into `_static/book.css`, without the rules whose
classes or ids occur in no page and no script, and without the variables and animations that
nothing asks for. Then the fonts of text, of icons and of maths are cut.
"""

import hashlib
import logging
import posixpath
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path

import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

logging.getLogger("fontTools").setLevel(logging.WARNING)

BUNDLE = "book.css"
VERSION = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
ICONS = "vendor/fontawesome/6.5.2"
# Folders of scripts that no page runs, or not before they are joined.
NOT_ON_PAGES = {"locales", "scripts", "vendor"}
# In each page these stand first, in this order; what Sphinx and its extensions add follows.
THEME_SHEETS = (
    "basic.css",
    "styles/bootstrap.css",
    "styles/pydata-sphinx-theme.css",
    f"{ICONS}/css/all.min.css",
)
# The weights that face.css gives to text; all others are cut off.
WEIGHTS = {
    "literata-latin-wght-normal.woff2": (400, 700),
    "literata-latin-wght-italic.woff2": (400, 400),
}


def write_bundle(
    site: Path, sheets: Iterable[str], names: set[str], characters: set[str], kept: Path
) -> None:
    """Write the site's one stylesheet, and cut its fonts to what pages show.

    Args:
        site: The folder of the built site.
        sheets: The stylesheets that pages ask for, relative to `_static`, in their order.
        names: Every class and id of the site's pages.
        characters: Every character of the site's pages.
        kept: A folder with what the last build cut; what would be the same is used again.
    """
    static = site / "_static"
    sources = [
        _with_urls_from(sheet, (static / sheet).read_text("utf8"))
        for sheet in (*THEME_SHEETS, *sheets)
    ]
    asked = set().union(*(_words(source) for source in sources))
    used = asked & (names | words_of_scripts(static))
    pieces = Pieces(kept)
    css = "\n".join(pieces.pruned(source, used) for source in sources)
    css = without_unasked(css, names | words_of_scripts(static))
    css = _with_cut_fonts(css, static, pieces, characters)
    (static / BUNDLE).write_text(f'@charset "utf-8";\n{css}', "utf8")
    pieces.forget_others()


class Pieces:
    """What was cut out of sheets and fonts, each under a digest of what it was made of."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.used: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def pruned(self, css: str, used: set[str]) -> str:
        """Return `prune` of a sheet."""
        matters = sorted(_words(css) & used)
        return self.piece([css, matters], lambda: prune(css, used).encode()).decode()

    def cut(self, font: Path, shown: set[str]) -> bytes:
        """Return `cut_font` of a font."""
        whole = hashlib.sha256(font.read_bytes()).hexdigest()
        has = self.piece([whole], lambda: "".join(_characters_of(font)).encode()).decode()
        matters = "".join(sorted(shown.intersection(has)))
        return self.piece([whole, matters], lambda: cut_font(font, matters))

    def forget_others(self) -> None:
        """Keep what was asked for alone."""
        for file in self.folder.iterdir():
            if file.name not in self.used:
                file.unlink()

    def piece(self, made_of: list, make: Callable[[], bytes]) -> bytes:
        """Return what is made of something, made now if no earlier build did."""
        name = hashlib.sha256(repr([VERSION, *made_of]).encode()).hexdigest()[:32]
        self.used.add(name)
        file = self.folder / name
        if not file.exists():
            new = self.folder / "new"  # for a build that is killed
            new.write_bytes(make())
            new.replace(file)
        return file.read_bytes()


def names_of(page: str) -> set[str]:
    """Return every class and id of a page, and every variable that its own styles ask for.

    >>> sorted(names_of('<p id="top" class="shown seen" style="color: var(--blue)">x</p>'))
    ['--blue', 'seen', 'shown', 'top']
    """
    values = re.findall(r'\b(?:class|id)="([^"]*)"', page)
    return {name for value in values for name in value.split()} | set(
        re.findall(r"var\(\s*(--[\w-]+)", page)
    )


def words_of_scripts(static: Path) -> set[str]:
    """Return every word of the site's scripts, which may give elements classes."""
    scripts = static.rglob("*.js")
    run = [one for one in scripts if one.relative_to(static).parts[0] not in NOT_ON_PAGES]
    return set().union(*(re.findall(r"[\w-]+", one.read_text("utf8")) for one in run))


def _words(css: str) -> set[str]:
    """Return all that may be the name of a class or id in a stylesheet."""
    names = re.findall(r"[.#]((?:\\.|[\w-])+)", css)
    return {name.replace("\\", "") for name in names}


def prune(css: str, used: set[str]) -> str:
    """Return the stylesheet without comments and without rules that no page can match.

    >>> prune(".shown, .never { color: red } .never { top: 0 } p { left: 0 }", {"shown"})
    '.shown{ color: red }p{ left: 0 }'
    """
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return "".join(_pruned(rules, used))


def without_unasked(css: str, words: set[str]) -> str:
    """Return the stylesheet without variables and animations that neither it nor a script asks for.

    >>> css = ":root{ --a: 1px; --b: var(--a); --c: 2px; } p{ left: var(--b); color: red }"
    >>> without_unasked(css + "@keyframes turn{ to{ left: 0 } }", set())
    ':root{--a:1px;--b:var(--a);}p{left:var(--b);color:red}'
    """
    css = re.sub(r"\s*([;{}])\s*", r"\1", css)
    css = re.sub(r"([{;][\w-]+)\s*:\s+", r"\1:", css)
    of_scripts = {word.removeprefix("--") for word in words if word.startswith("--")}
    before = ""
    while css != before:  # a variable may be all that asks for another
        before, keep = css, of_scripts | set(re.findall(r"var\(\s*--([\w-]+)", css))
        css = re.sub(
            r"(?<=[{;])--([\w-]+):[^;{}]*(;|(?=}))",
            lambda found: found[0] if found[1] in keep else "",  # noqa: B023
            css,
        )
    animation = r"@(?:-webkit-)?keyframes\s+([\w-]+)\{(?:[^{}]*\{[^{}]*\})*\}"
    told = " ".join(re.findall(r"animation(?:-name)?:([^;{}]*)", re.sub(animation, "", css)))
    names = set(re.findall(r"[\w-]+", told))
    return re.sub(animation, lambda found: found[0] if found[1] in names else "", css)


def cut_font(font: Path, shown: str) -> bytes:
    """Return a font with only the characters shown, or nothing if they are none.

    Hints, which screens of today do without, are a sixth of it. Of a font of text the weights that
    are used stay, and of all that it can do, upright, the distances of pairs.
    """
    if not shown:
        return b""
    options = subset.Options(hinting=False)
    if font.name in WEIGHTS:
        options.layout_features = ["kern"] if "normal" in font.name else []
    with TTFont(font, recalcTimestamp=False) as whole, BytesIO() as file:
        cutter = subset.Subsetter(options)
        cutter.populate(text=shown)
        cutter.subset(whole)
        if font.name in WEIGHTS:
            whole = _with_weights(whole, *WEIGHTS[font.name])
        whole.flavor = "woff2"
        whole.save(file)
        return file.getvalue()


def _with_weights(font: TTFont, least: int, most: int) -> TTFont:
    """Return a variable font with the weights between two, or of one weight."""
    file = BytesIO()
    font.flavor = None
    font.save(file)  # what was cut is whole again only when it is read
    file.seek(0)
    limits = (least, most) if least < most else least
    return instancer.instantiateVariableFont(TTFont(file, recalcTimestamp=False), {"wght": limits})


def _characters_of(font: Path) -> list[str]:
    with TTFont(font, lazy=True) as whole:
        return sorted(map(chr, whole.getBestCmap()))


def _with_cut_fonts(css: str, static: Path, pieces: Pieces, characters: set[str]) -> str:
    """Cut all fonts to what pages show, and drop those that show nothing."""
    icons = set(re.findall("[\ue000-\uf8ff]", css))  # where icon fonts have their characters
    css = re.sub(r",\s*url\([^)]*\.ttf\)\s*format\([^)]*\)", "", css)
    to = static / "fonts"
    shutil.rmtree(to, ignore_errors=True)  # also of fonts that show nothing any more
    to.mkdir()
    kinds = ((f"{ICONS}/webfonts", icons), ("katex/fonts", characters), ("type", characters))
    for folder, shown in kinds:
        for font in sorted((static / folder).glob("*.woff2")):
            if cut := pieces.cut(font, shown):
                (to / font.name).write_bytes(cut)
            else:
                css = re.sub(rf"@font-face\s*{{[^}}]*{font.name}[^}}]*}}", "", css)
        css = css.replace(f"{folder}/", "fonts/")  # with the stroke: selectors speak of types, too
    return css


def _pruned(rules: list, used: set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            kept = [one for one in _selectors(rule.prelude) if _may_match(one, used)]
            if kept:
                yield f"{', '.join(kept)}{{{_text(rule.content)}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in {"media", "supports"}:
            inner = tinycss2.parse_rule_list(rule.content, True, True)
            if body := "".join(_pruned(inner, used)):
                yield f"@{rule.at_keyword}{_text(rule.prelude)}{{{body}}}"
        elif rule.type == "at-rule" and rule.content is not None:  # fonts, keyframes, pages
            yield f"@{rule.at_keyword}{_text(rule.prelude)}{{{_text(rule.content)}}}"


def _selectors(prelude: list) -> list[str]:
    """Split a rule's prelude at its top-level commas."""
    parts: list[list] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [_text(part).strip() for part in parts]


def _may_match(selector: str, used: set[str]) -> bool:
    """Say whether all the classes and ids that a selector asks for occur somewhere."""
    # What stands in :not(…), :is(…) or […] asks for nothing, or for one of several.
    asked = re.sub(r"\([^()]*\)|\[[^\]]*\]", "", re.sub(r"\([^()]*\)", "", selector))
    names = re.findall(r"[.#]((?:\\.|[\w-])+)", asked)
    return all(name.replace("\\", "") in used for name in names)


def _text(tokens: list) -> str:
    text = tinycss2.serialize([token for token in tokens if token.type != "comment"])
    return re.sub(r"\s+", " ", text)


def _with_urls_from(sheet: str, css: str) -> str:
    """Make a sheet's relative addresses relative to the bundle."""
    folder = posixpath.dirname(sheet)

    def moved(match: re.Match) -> str:
        return f"url({match[1]}{posixpath.normpath(posixpath.join(folder, match[2]))}{match[1]})"

    return re.sub(r"url\(([\"']?)(?!data:|https?:|#)([^)\"']+)\1\)", moved, css)
