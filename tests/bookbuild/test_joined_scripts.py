"""The site's one script runs what the pages asked for, in their order."""

import subprocess
from types import SimpleNamespace

import pytest

from bookbuild import assets
from bookbuild.builder import BookBuilder, Page
from support.node import NODE


def script(filename: str | None, **attributes: str) -> SimpleNamespace:
    return SimpleNamespace(filename=filename, attributes=attributes)


@pytest.fixture
def static(tmp_path):
    (tmp_path / "scripts").mkdir()
    first = '"use strict"\nconst told = [typeof undeclared]\n//# sourceMappingURL=first.js.map\n'
    (tmp_path / "first.js").write_text(first)
    (tmp_path / "scripts" / "second.js").write_text("(() => { told.push(free = 2) })()")
    return tmp_path


def test_joined_scripts_run_in_their_order_as_they_do_apart(static):
    assets.join_scripts(static, ["first.js", "scripts/second.js"])
    joined = (static / "book.js").read_text("utf8")
    assert "sourceMappingURL" not in joined
    # Joined by lines alone, the second would be a call of what the first ends with; and under the
    # first one's "use strict" it could not set a name that nobody declared.
    assert run(f"{joined}\nconsole.log(told, free)") == "[ 'undefined', 2 ] 2"
    apart = [(static / name).read_text("utf8") for name in ("first.js", "scripts/second.js")]
    for text in ("\n".join(apart), ";\n".join(apart)):
        with pytest.raises(subprocess.CalledProcessError):
            run(text)


def test_the_theme_s_scripts_run_one_by_one_after_all_others(static):
    for name in ("bootstrap.js", "copy.js"):
        (static / name).write_text(f"(() => {{ told.push('{name}') }})()")
    assets.join_scripts(static, ["bootstrap.js", "copy.js", "first.js"])
    joined = (static / "book.js").read_text("utf8")
    now, later = "console.log(told.join())", "setTimeout(() => console.log(told.join()))"
    assert run(f"{joined}\n{now};{later}") == "undefined\nundefined,bootstrap.js,copy.js"


def test_a_theme_that_measures_in_another_way_is_told(static):
    theme = static / assets.THEME
    theme.write_text(f"(() => {{ start(){assets.MEASURES} }})()")
    assets.join_scripts(static, [assets.THEME])
    assert "T()" not in (static / "book.js").read_text("utf8")
    theme.write_text('(() => { start(),window.addEventListener("load",measure) })()')
    with pytest.raises(ValueError, match="no longer says"):
        assets.join_scripts(static, [assets.THEME])


def run(code: str) -> str:
    """Return what Node prints for a classic script, as a page would run it."""
    ran = subprocess.run(
        [NODE, "--input-type=commonjs", "-e", code], capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def test_a_page_gets_what_waits_joined_and_keeps_the_rest():
    builder = BookBuilder.__new__(BookBuilder)
    builder.page = Page()
    context = {
        "css_files": [SimpleNamespace(filename="_static/own.css?v=1")],
        "script_files": [
            script("_static/options.js?v=1"),
            script("_static/first.js?v=1", defer="defer"),
            script(None, body="let here = 1"),
            script("_static/scripts/second.js", defer="defer"),
        ],
    }
    assets.collect(SimpleNamespace(builder=builder), "page", "page.html", context, None)
    assert builder.page.sheets == ["own.css"]
    assert builder.page.scripts == ["first.js", "scripts/second.js"]
    assert context["css_files"] == []
    assert [one.filename for one in context["script_files"]] == ["_static/options.js?v=1", None]
