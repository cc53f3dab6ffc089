"""What search engines ask for: a list of all pages, and where it stands."""

from pathlib import Path
from xml.sax.saxutils import escape

from sphinx.application import Sphinx

from bookbuild.builder import BookBuilder


def write_sitemap(app: Sphinx, error: Exception | None) -> None:
    if error is None and isinstance(app.builder, BookBuilder):
        base = app.config.html_baseurl
        pages = sorted(app.builder.get_target_uri(name) for name in app.env.found_docs)
        entries = "\n".join(f"<url><loc>{escape(base + page)}</loc></url>" for page in pages)
        site = Path(app.outdir)
        (site / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}\n</urlset>\n',
            "utf8",
        )
        (site / "robots.txt").write_text(f"User-agent: *\nSitemap: {base}sitemap.xml\n", "utf8")


def setup(app: Sphinx) -> None:
    app.connect("build-finished", write_sitemap)
