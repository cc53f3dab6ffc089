"""A server for a folder, and what a visit to a page shows."""

import contextlib
import functools
import http.server
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Locator, Page

PHONE, DESKTOP = 390, 1440
VIEWS = {
    "light": {"viewport": {"width": DESKTOP, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": DESKTOP, "height": 900}, "color_scheme": "dark"},
    "phone": {
        "viewport": {"width": PHONE, "height": 844},
        "color_scheme": "light",
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    },
}
# How `look` visits a page: the view that it is loaded in, and the theme that is then put on.
VISITS = {"desktop": ("dark", "light"), "phone": ("phone", None)}


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # As web hosts name them, whatever the machine's own table says.
    extensions_map = {  # noqa: RUF012
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".svg": "image/svg+xml",
        ".woff2": "font/woff2",
        ".safetensors": "application/octet-stream",
    }

    def log_message(self, *args):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a browser may close a connection early


@contextlib.contextmanager
def serve(folder: Path, handler=Handler):
    """Serve a folder while the block lasts, and give its address without a final slash."""
    with _Server(("127.0.0.1", 0), functools.partial(handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def open_view(browser: Browser, view: str, **options) -> BrowserContext:
    """Open a reader's browser: `light`, `dark` or `phone`, with the theme already chosen.

    A visit's name opens the view that it begins in.
    """
    view, _ = VISITS.get(view, (view, None))
    context = browser.new_context(**VIEWS[view], locale="en-US", **options)
    theme = VIEWS[view]["color_scheme"]
    # Only where nothing is stored yet, so that a reader's own choice survives a reload.
    context.add_init_script(
        "for (const key of ['mode', 'theme'])"
        f" localStorage.getItem(key) ?? localStorage.setItem(key, '{theme}');"
    )
    context.set_default_timeout(15_000)
    return context


@dataclass
class Look:
    """What one visit to a page shows."""

    path: str
    view: str
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    overflow: list[str] = field(default_factory=list)
    images: list[dict] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    passed: int = 0  # how many tests found nothing wrong with it


def _watchers(origin: str) -> tuple[list[str], list[str], dict[str, Callable]]:
    foreign, errors = [], []

    def requested(request):
        if re.match(r"(?!data:|blob:|about:)", request.url) and not request.url.startswith(origin):
            foreign.append(f"{request.method} {request.url}")

    def note(error):
        if error not in errors:
            errors.append(error)

    def told(message):
        if message.type in ("error", "warning"):
            text = message.text.replace("\n", " ")
            note(f"console {message.type}: {text} ({message.location['url']})")

    def answered(response):
        if response.status >= 400:
            note(f"status {response.status}: {response.url}")

    def failed(error):
        note(f"script error: {error}")

    told_by = {"request": requested, "console": told, "response": answered, "pageerror": failed}
    return foreign, errors, told_by


def watch(page: Page, origin: str) -> tuple[list[str], list[str]]:
    """Return two lists that fill as the page runs: requests to other hosts, and errors."""
    foreign, errors, told_by = _watchers(origin)
    for event, note in told_by.items():
        page.on(event, note)
    return foreign, errors


def look(context: BrowserContext, origin: str, path: str, view: str) -> Look:
    """Visit a page and return all that the checks need, so that it is loaded once.

    On a desktop it is loaded dark; then the reader chooses light. Whatever colors or a theme can
    change is looked at in both. All is laid out, as where the reader has been everywhere. The tab
    stays for the next page: what it has compiled serves again.

    Args:
        context: What `open_view` opened for this view.
        origin: The server.
        path: The page.
        view: One of `VISITS`, or a view of `open_view`, which then is the only one.
    """
    first, second = VISITS.get(view, (view, None))
    width, theme = VIEWS[first]["viewport"]["width"], VIEWS[first]["color_scheme"]
    page = context.pages[0] if context.pages else _tab(context)
    seen = Look(path, view)
    seen.foreign, seen.errors, told_by = _watchers(origin)
    for event, note in told_by.items():
        page.on(event, note)
    try:
        page.emulate_media(color_scheme=theme)
        page.goto(f"{origin}/{path}", wait_until="load")
        # Lazy images ask only when they come near: ask for each of them now.
        page.evaluate(
            "document.querySelectorAll('[loading=lazy]').forEach(e => e.loading = 'eager')"
        )
        page.evaluate("document.fonts.ready.then(() => null)")
        seen.errors += come_to_all(page)
        page.add_style_tag(content="* { content-visibility: visible !important }")
        seen.overflow, seen.images, seen.headings = _shown(page, width)
        page.evaluate(AXE_SCRIPT)
        if second:
            page.evaluate(KEEP_THESE_COLORS)
            _put_on(page, second)
            overflow, images, headings = _shown(page, width)
            seen.overflow += [one for one in overflow if one not in seen.overflow]
            seen.images += [one for one in images if one not in seen.images]
            if headings != seen.headings:
                seen.errors.append(f"in {second}, the headings are others: {headings}")
        seen.violations = page.evaluate(AXE, [AXE_TAGS, False])
        if second:
            _put_on(page, theme)
            wrong = page.evaluate(AXE, [AXE_TAGS, True])
            seen.violations += [f"{one} (in {theme})" for one in wrong]
    finally:
        for event, note in told_by.items():
            page.remove_listener(event, note)
        page.goto("about:blank")
    return seen


def _tab(context: BrowserContext) -> Page:
    """Open a tab in which each page begins as in a new one."""
    page = context.new_page()
    page.add_init_script("if (window === top) sessionStorage.clear();")
    return page


def come_to(page: Page, figure: str) -> Locator:
    """Come to a live figure, and return it when it has started."""
    page.locator(figure).first.scroll_into_view_if_needed()
    page.locator(f"{figure}.live").first.wait_for()
    return page.locator(figure).first


def come_to_all(page: Page) -> list[str]:
    """Let all figures and questions start, as where a reader passes; tell which did not."""
    return [f"has not started: {one}" for one in page.evaluate(COME)]


def _shown(page: Page, width: int) -> tuple[list[str], list[dict], list[list]]:
    return page.evaluate(OVERFLOW, width), page.evaluate(IMAGES), page.evaluate(HEADINGS)


def _put_on(page: Page, theme: str) -> None:
    """Let a page be as after its reader and its machine changed to another theme."""
    page.emulate_media(color_scheme=theme)
    page.evaluate(PUT_ON, theme)


NAME = """const name = e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') +
  [...e.classList].slice(0, 3).map(c => '.' + c).join('') +
  ' "' + (e.getAttribute('aria-label') || e.textContent).replace(/\\s+/g, ' ').trim().slice(0, 60) +
  '"';
"""

# What answers starts when it is near and not covered; then the reader is back at the top.
COME = (
    "async () => {"
    + NAME
    + """
  const all = [...document.querySelectorAll('[data-live], .question')]
    .filter(e => e.checkVisibility());
  const started = e => e.matches('.live, :has(.question-form)');
  for (const one of all) {
    one.scrollIntoView();
    for (let i = 0; i < 200 && !started(one); i++)
      await new Promise(later => setTimeout(later, 50));
  }
  scrollTo(0, 0);
  return all.filter(e => !started(e)).map(name);
}"""
)

# What cannot be seen: `visibility` counts here, as in a phone's closed sidebar.
SHOWN = "const shown = e => e.checkVisibility({visibilityProperty: true});"

# Sideways scrolling belongs to an element that can scroll, never to the page, and nothing lies
# where no scrolling brings it: left of its scroller, or beyond a box that hides its overflow.
OVERFLOW = (
    "(width) => {"
    + NAME
    + SHOWN
    + """
  const found = [];
  const root = document.documentElement;
  const styles = new Map();
  const style = e => styles.get(e) || styles.set(e, getComputedStyle(e)).get(e);
  const boxed = e => {
    for (let p = e; p && p !== document.body; p = p.parentElement)
      if (style(p).overflowX !== 'visible' || style(p).position === 'fixed') return true;
    return false;
  };
  if (root.scrollWidth > width + 1) {
    const wide = [...document.body.querySelectorAll('*')].filter(e => {
      const box = e.getBoundingClientRect();
      return box.width && !boxed(e) &&
        Math.max(box.right, box.left + e.scrollWidth) + scrollX > width + 1;
    });
    const inner = wide.filter(e => !wide.some(other => other !== e && e.contains(other)));
    found.push(`the page is ${root.scrollWidth - width} px wider than its ${width}: ` +
      inner.slice(0, 3).map(name).join('; '));
  }
  const scrolled = e => {
    for (let p = e; p; p = p.parentElement) if (p.scrollLeft > 0) return true;
    return false;
  };
  const left = e => {
    const box = e.getBoundingClientRect();
    return box.width > 2 && box.height > 2 && box.left + scrollX < -1 && box.right > 0;
  };
  // No scrolling helps where each line of a text is longer than the screen.
  for (const e of document.querySelectorAll('article :is(p, li, dt, dd, figcaption, caption)')) {
    const box = e.getBoundingClientRect();
    if (box.width > width && !e.closest('pre, svg, .katex') && shown(e))
      found.push(`a text of ${Math.round(box.width)} px, wider than the screen: ` + name(e));
  }
  for (const e of document.querySelectorAll('main *')) {
    if (left(e) && !left(e.parentElement) && !scrolled(e) && shown(e))
      found.push(`${Math.round(-e.getBoundingClientRect().left)} px left of the page: ` + name(e));
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 2 && e.clientHeight > 2 &&
        ['hidden', 'clip'].includes(style(e).overflowX) && shown(e) && !(e instanceof SVGElement))
      found.push(`cut off, ${e.scrollWidth - e.clientWidth} px cannot be reached: ` + name(e));
  }
  return found;
}"""
)

# A drawing inside a button that has a name needs none of its own.
IMAGES = (
    "() => {"
    + SHOWN
    + """
  const named = e => { const b = e.closest('button, summary, a');
    return b && b !== e && (b.innerText.trim() || b.getAttribute('aria-label') || b.title); };
  return [...document.querySelectorAll('img, svg, [role=img]')]
    .filter(e => !e.closest('[aria-hidden=true]') && shown(e))
    .filter(e => !(e instanceof SVGElement && (e.closest('.katex') || named(e))))
    .map(e => ({
      what: e.outerHTML.replace(/\\s+/g, ' ').slice(0, 100), tag: e.tagName.toLowerCase(),
      role: e.getAttribute('role'), address: e.getAttribute('src') || '',
      lost: e.tagName === 'IMG' && e.complete && !e.naturalWidth,
      alt: e.getAttribute('alt') ?? e.getAttribute('aria-label') ??
        (e.querySelector(':scope > title') || {}).textContent ?? null,
    }));
}"""
)

HEADINGS = (
    "() => {"
    + SHOWN
    + """
  return [...document.querySelectorAll('h1, h2, h3, h4, h5, h6, [role=heading]')]
    .filter(e => shown(e) && !e.closest('[aria-hidden=true]'))
    .map(e => [+(e.getAttribute('aria-level') || e.tagName[1]),
               e.innerText.replace(/[#\\s]+$/, '')]);
}"""
)

# As the theme's button does it; what fades from one color to the other has done so.
PUT_ON = """theme => {
  Object.assign(document.documentElement.dataset, {theme, mode: theme});
  for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
}"""

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# Axe would spend most of its time measuring contrast. It depends on letters, colors and what
# stands behind them, so of all elements that are alike in these it measures one. (It looks at no
# single letter.) Bare spans, of which code and maths have thousands, can have no other fault: their
# words stay, as plain text.
UNLIKE = """
  const bare = e => e.matches('pre span, .katex span') && !e.childElementCount &&
    [...e.attributes].every(a => ['class', 'style', 'data-measured'].includes(a.name));
  const unlike = () => {
    const behind = new Map();  // what stands behind an element's letters
    const ground = e => {
      if (!e) return '';
      if (!behind.has(e)) {
        const {backgroundColor, backgroundImage, opacity} = getComputedStyle(e);
        const own = `${backgroundColor} ${backgroundImage} ${opacity}`;
        const clear = own === 'rgba(0, 0, 0, 0) none 1';
        behind.set(e, clear ? ground(e.parentElement) : own + '/' + ground(e.parentElement));
      }
      return behind.get(e);
    };
    const kinds = new Map(), spans = [];
    for (const e of document.querySelectorAll('body, body *')) {
      const field = e.matches('input, select, textarea');
      const words = [...e.childNodes].some(c => c.nodeType === Node.TEXT_NODE && c.data.trim());
      if (!words && !field && !bare(e)) continue;
      const style = getComputedStyle(e), around = getComputedStyle(e.parentElement);
      const kind = [bare(e) || e.tagName, style.color, style.fontSize, style.fontWeight,
        style.textShadow, style.visibility, around.color, ground(e)].join();
      const tells = (field || e.textContent.trim().length > 1) && e.checkVisibility();
      if (tells && !kinds.has(kind)) kinds.set(kind, e); else if (bare(e)) spans.push(e);
    }
    return [[...kinds.values()], spans];
  };
"""
# Spans that are alike in one theme need not be in the other: what stands for a kind in the theme
# that is on now is kept for a later run in this theme.
KEEP_THESE_COLORS = "() => {" + UNLIKE + "window.keptForColors = new Set(unlike()[0]); }"
# One run for all rules, so that axe takes stock of the page once. The rules for colors look where
# they would if only those elements, with all that is in them, were given.
AXE = (
    "async ([tags, colorsAlone]) => {"
    + UNLIKE
    + """
  const [measured, spans] = unlike();
  for (const e of spans) if (!window.keptForColors?.has(e)) e.replaceWith(...e.childNodes);
  document.body.normalize();
  for (const e of document.querySelectorAll('[data-measured]')) delete e.dataset.measured;
  for (const e of measured) e.dataset.measured = '';
  axe.configure({rules: [
    {id: 'color-contrast', selector: '[data-measured], [data-measured] *'},
    {id: 'link-in-text-block', selector: 'a[href][data-measured], [data-measured] a[href]'},
  ]});
  const only = colorsAlone ? {type: 'rule', values: ['color-contrast', 'link-in-text-block']} :
    {type: 'tag', values: tags};
  const found = await axe.run(document, {runOnly: only, resultTypes: ['violations'],
    rules: colorsAlone ? {} : {'target-size': {enabled: true}}});
  return found.violations.flatMap(rule =>
    rule.nodes.slice(0, 4).map((node, i) => i === 3 ?
      `${rule.id}: ${rule.nodes.length - 3} more` :
      `${rule.id} (${rule.help}): ${node.target.join(' ')} ` +
      ((node.any[0] || node.all[0] || node.none[0] || {}).message || '') +
      ` ${node.html.replace(/\\s+/g, ' ').slice(0, 160)}`));
}"""
)


def peaks(figure) -> list[float]:
    """Return the largest weight of each query, as the drawing of a map tells it."""
    alt = figure.locator("svg[role=img]").get_attribute("aria-label")
    return [float(one) for one in re.findall(r" (\d\.\d\d)[,.]", alt)]


@contextlib.contextmanager
def opening(chrome: Browser, origin: str) -> Iterator[Callable[..., Page]]:
    """Let pages be opened, each in a browser of its own; close them all in the end.

    What a page asks of other hosts is in its `foreign`, what its scripts could not do in its
    `errors`.

    Args:
        chrome: The program.
        origin: The server that is asked, if a call names no other `address`.
    """
    contexts = []

    def open_page(path="index.html", view="light", address=origin, **options):
        contexts.append(open_view(chrome, view, **options))
        page = contexts[-1].new_page()
        page.foreign, page.errors = watch(page, address)
        page.goto(path if "://" in path else f"{address}/{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
