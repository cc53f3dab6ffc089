"""One small stylesheet for the site, and fonts with only the characters that pages show.

The theme and the extensions bring a dozen stylesheets of 450 KB, most of which no page uses.
After a build they are joined in their order into `_static/book.css`, without the rules whose
classes or ids occur in no page and no script. Then the fonts of icons and of maths are cut.
"""

import hashlib
import logging
import posixpath
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont

logging.getLogger("fontTools").setLevel(logging.WARNING)

BUNDLE = "book.css"
VERSION = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
ICONS = "vendor/fontawesome/6.5.2"
# In each page these stand first, in this order; what Sphinx and its extensions add follows.
THEME_SHEETS = (
    "basic.css",
    "styles/bootstrap.css",
    "styles/pydata-sphinx-theme.css",
    f"{ICONS}/css/all.min.css",
)


def write_bundle(
    site: Path, sheets: Iterable[str], names: set[str], characters: set[str], kept: Path
) -> None:
    """Write the site's one stylesheet, and cut its fonts to what pages show.

    Args:
        site: The folder of the built site.
        sheets: The stylesheets that pages ask for, relative to `_static`, in their order.
        names: Every class and id of the site's pages.
        characters: Every character of the site's pages.
        kept: A folder with what the last build wrote, which is used again if it would be the same.
    """
    static = site / "_static"
    sources = [
        _with_urls_from(sheet, (static / sheet).read_text("utf8"))
        for sheet in (*THEME_SHEETS, *sheets)
    ]
    asked = set().union(*(_words(source) for source in sources))
    used = asked & (names | words_of_scripts(static))
    made_of = repr([VERSION, sources, sorted(used), sorted(characters)]).encode()
    key = kept / hashlib.sha256(made_of).hexdigest()[:32]
    if not key.exists():
        shutil.rmtree(kept, ignore_errors=True)
        new = kept / "new"
        (new / "fonts").mkdir(parents=True)
        css = "\n".join(prune(source, used) for source in sources)
        css = _with_cut_fonts(css, static, new / "fonts", characters)
        (new / BUNDLE).write_text(f'@charset "utf-8";\n{css}', "utf8")
        new.rename(key)
    shutil.copytree(key, static, dirs_exist_ok=True)


def names_of(page: str) -> set[str]:
    """Return every class and id of a page.

    >>> sorted(names_of('<p id="top" class="shown seen">x</p>'))
    ['seen', 'shown', 'top']
    """
    values = re.findall(r'\b(?:class|id)="([^"]*)"', page)
    return {name for value in values for name in value.split()}


def words_of_scripts(static: Path) -> set[str]:
    """Return every word of the site's scripts, which may give elements classes."""
    scripts = (script.read_text("utf8") for script in static.rglob("*.js"))
    return set().union(*(re.findall(r"[\w-]+", script) for script in scripts))


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


def cut_font(font: Path, shown: set[str], to: Path) -> bool:
    """Write a font with only the characters shown, and say if it has any of them."""
    with TTFont(font, recalcTimestamp=False) as whole:
        if not shown & {chr(code) for code in whole.getBestCmap()}:
            return False
        cutter = subset.Subsetter()
        cutter.populate(text="".join(sorted(shown)))
        cutter.subset(whole)
        whole.flavor = "woff2"
        whole.save(to)
    return True


def _with_cut_fonts(css: str, static: Path, to: Path, characters: set[str]) -> str:
    """Cut the fonts of icons and of maths to what pages show, and drop those that show nothing."""
    icons = set(re.findall("[\ue000-\uf8ff]", css))  # where icon fonts have their characters
    css = re.sub(r",\s*url\([^)]*\.ttf\)\s*format\([^)]*\)", "", css)
    for folder, shown in ((f"{ICONS}/webfonts", icons), ("katex/fonts", characters)):
        for font in sorted((static / folder).glob("*.woff2")):
            if not cut_font(font, shown, to / font.name):
                css = re.sub(rf"@font-face\s*{{[^}}]*{font.name}[^}}]*}}", "", css)
        css = css.replace(folder, "fonts")
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
