// What pages use of Bootstrap, under its names, for the theme's templates and sheets know these: menus behind buttons, tips,
// the mark of the section in view, and the way back to the top. All of Bootstrap would be three fifths of a page's scripts.

(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Menus. They are also open while the pointer is over them, which the theme's sheet sees to.

  const menus = all("[data-bs-toggle=dropdown]").map((button) => [button, button.parentElement.querySelector(".dropdown-menu")]);
  const isOpen = (menu) => menu.classList.contains("show");

  function open(button, menu, opened) {
    button.classList.toggle("show", opened);
    button.setAttribute("aria-expanded", opened);
    menu.classList.toggle("show", opened);
    menu.style.marginLeft = "";
    if (!opened) return;
    const { left, right } = menu.getBoundingClientRect();
    const inside = Math.max(8 - left, Math.min(0, document.documentElement.clientWidth - 8 - right));
    if (inside) menu.style.marginLeft = `${inside}px`;
  }

  const closeOthers = (own) => menus.forEach(([button, menu]) => button !== own && isOpen(menu) && open(button, menu, false));

  for (const [button, menu] of menus) {
    button.addEventListener("click", () => open(button, menu, !isOpen(menu)));
    button.parentElement.addEventListener("keydown", (event) => {
      const { key } = event;
      const step = { ArrowDown: 1, ArrowUp: -1 }[key];
      if (key === "Escape" && isOpen(menu)) {
        open(button, menu, false);
        button.focus();
      } else if (step) {
        const items = all(".dropdown-item", menu);
        const at = items.indexOf(document.activeElement);
        open(button, menu, true);
        items.at(at < 0 ? Math.min(0, step) : Math.max(0, Math.min(items.length - 1, at + step))).focus();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
    button.parentElement.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !button.parentElement.contains(relatedTarget)) open(button, menu, false);
    });
  }
  document.addEventListener("click", ({ target }) => closeOthers(target.closest("[data-bs-toggle=dropdown]")));

  // Tips: half a second after the pointer comes or the focus, until it goes, or Escape.

  const [SHOWS, HIDES] = [500, 100];
  const NEAR = 6; // from an element to its tip: the room of the arrow
  let [tip, named, timer] = [null, null, 0];

  function made(kind, parent) {
    const box = document.createElement("div");
    box.className = kind;
    parent.append(box);
    return box;
  }

  function hide() {
    clearTimeout(timer);
    tip?.remove();
    named?.removeAttribute("aria-describedby");
    [tip, named] = [null, null];
  }

  function show(element) {
    hide();
    named = element;
    tip = made("tooltip bs-tooltip-auto show", document.body);
    tip.id = "theme-tip";
    tip.setAttribute("role", "tooltip");
    const arrow = made("tooltip-arrow", tip);
    made("tooltip-inner", tip).textContent = element.dataset.bsOriginalTitle;
    element.setAttribute("aria-describedby", tip.id);
    Object.assign(tip.style, { position: "fixed", left: 0, top: 0 });
    arrow.style.position = "absolute";
    put(element.getBoundingClientRect(), element.dataset.bsPlacement, arrow);
  }

  /** Put the tip on the side of its element that is asked for or, where there is no room, on another one. */
  function put({ left, right, top, bottom }, asked, arrow) {
    const { clientWidth, clientHeight } = document.documentElement;
    const { offsetWidth: width, offsetHeight: height } = tip;
    const within = (middle, length, end) => Math.max(4, Math.min(end - length - 4, middle - length / 2));
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const [level, column] = [within(y, height, clientHeight), within(x, width, clientWidth)];
    const places = {
      left: [left - width - NEAR, level],
      right: [right + NEAR, level],
      bottom: [column, bottom + NEAR],
      top: [column, top - height - NEAR],
    };
    const fits = (side) => Math.min(...places[side]) >= 0
      && places[side][0] + width <= clientWidth && places[side][1] + height <= clientHeight;
    const side = [asked, ...Object.keys(places)].find(fits) ?? "bottom";
    const at = places[side];
    tip.dataset.popperPlacement = side; // by which the sheet draws the arrow
    if (at[1] === level) arrow.style.top = `${y - level - arrow.offsetHeight / 2}px`;
    else arrow.style.left = `${x - column - arrow.offsetWidth / 2}px`;
    tip.style.transform = `translate(${Math.round(at[0])}px, ${Math.round(at[1])}px)`;
  }

  const later = (what, wait) => () => {
    clearTimeout(timer);
    timer = setTimeout(what, wait);
  };

  for (const element of all("[data-bs-toggle=tooltip][title]")) {
    const { title } = element;
    if (!element.ariaLabel && !element.textContent.trim()) element.setAttribute("aria-label", title);
    element.dataset.bsOriginalTitle = title; // or the browser would show another tip
    element.removeAttribute("title");
    for (const kind of ["mouseenter", "focus"]) element.addEventListener(kind, later(() => named !== element && show(element), SHOWS));
    for (const kind of ["mouseleave", "blur"]) element.addEventListener(kind, later(hide, HIDES));
  }
  document.addEventListener("keydown", ({ key }) => key === "Escape" && hide());

  // The section in view: the last one that begins in the upper two fifths of the window, or above. At the page's end, the last.

  const links = all(`${document.body.dataset.bsTarget} a[href^='#']`);
  const sections = links.map(({ hash }) => document.getElementById(decodeURIComponent(hash.slice(1))));
  let marked;

  function mark() {
    const isEnd = scrollY + innerHeight > document.documentElement.scrollHeight - 2;
    const line = isEnd ? innerHeight : 0.4 * innerHeight;
    // A part of a section that is not laid out yet would be for this.
    const isLaidOut = (section) => section.checkVisibility?.({ contentVisibilityAuto: true }) ?? true;
    const begins = (section) => section && isLaidOut(section) && section.getBoundingClientRect().top < line;
    const current = links[sections.findLastIndex(begins)];
    if (current === marked) return;
    marked = current;
    for (const link of links) link.classList.toggle("active", Boolean(current && link.parentElement.contains(current)));
    dispatchEvent(new Event("activate.bs.scrollspy")); // the theme's script marks what stands around them
  }

  // Back to the top: the button comes when somebody scrolls up.

  const back = document.getElementById("pst-back-to-top");
  let last = 0; // to ask now would lay out the page

  function offer() {
    if (last === scrollY) return; // it scrolled sideways
    back.style.display = last > scrollY && scrollY > 0 ? "block" : "none";
    last = scrollY;
  }

  back.addEventListener("click", () => scrollTo(0, 0));
  for (const follow of [mark, offer]) addEventListener("scroll", follow, { passive: true });
  new ResizeObserver(mark).observe(document.body); // also at the start, when the page has been laid out
})();
