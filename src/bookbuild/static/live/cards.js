// Cards: who points or tabs to a link sees what it leads to: a term's meaning, an equation, a figure,
// a source, or how a section begins. Where a page cannot be read, as in a folder, there is no card.

const LINKS = "article a.reference.internal[href*='#'], article a.reference.internal[title]";
const WAIT = 250; // milliseconds, so that a pointer can pass over a link, and reach the card

const documents = new Map([[location.pathname, Promise.resolve(document)]]);
const card = document.createElement("div");
card.className = "link-card";
card.id = "link-card";
card.setAttribute("role", "tooltip");

let shown = null; // the link whose card is there
let timer = 0;

function documentAt(url) {
  if (!documents.has(url.pathname)) {
    const read = fetch(url.pathname)
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((text) => new DOMParser().parseFromString(text, "text/html"));
    documents.set(url.pathname, read.catch(() => null));
  }
  return documents.get(url.pathname);
}

/** Return what tells most about the place that a link leads to. */
function told(place) {
  if (place.matches("dl.glossary dt")) return [place.parentElement.querySelector(`#${CSS.escape(place.id)} ~ dd`)];
  if (place.matches("dt")) return [place, place.nextElementSibling?.firstElementChild];
  const section = place.closest("section");
  const leads = section && (place === section || place.parentElement === section) && !place.matches("figure, .math");
  if (!leads) return place.matches("figure, .math, .citation") ? [place] : [];
  return [...section.children].filter((child) => child.matches("h1, h2, h3, h4, p")).slice(0, 2);
}

/** Return a copy that has no identities, links, keys or scripts of its own. */
function inert(part) {
  const copy = part.cloneNode(true);
  copy.querySelectorAll("script, .headerlink, .live-controls").forEach((one) => one.remove());
  [copy, ...copy.querySelectorAll("[tabindex], [role]")].forEach((one) => {
    ["tabindex", "role", "aria-label"].forEach((name) => one.removeAttribute(name));
  });
  copy.querySelectorAll("a").forEach((link) => link.replaceWith(...link.childNodes));
  const holder = document.createElement("div");
  // A drawing refers to parts of itself by their names.
  holder.innerHTML = copy.outerHTML.replaceAll(/(\sid="|url\(#|href="#)/g, "$1card-");
  return holder.firstElementChild;
}

function hide() {
  clearTimeout(timer);
  if (!shown) return;
  if (shown.dataset.title) shown.title = shown.dataset.title;
  shown.removeAttribute("aria-describedby");
  shown = null;
  card.remove();
}

/** Put the card below its link, or above where there is no room. */
function place(link) {
  const box = link.getClientRects()[0];
  const room = document.documentElement.clientWidth - card.offsetWidth - 8;
  const below = box.bottom + card.offsetHeight < innerHeight || box.top < card.offsetHeight;
  card.style.left = `${Math.max(8, Math.min(box.left, room)) + scrollX}px`;
  card.style.top = `${(below ? box.bottom : box.top - card.offsetHeight) + scrollY}px`;
}

async function show(link) {
  const parts = [];
  if (link.title) {
    parts.push(document.createElement("p"));
    parts[0].textContent = link.title;
  } else {
    const url = new URL(link.href);
    const page = url.origin === location.origin && (await documentAt(url));
    const target = page && page.getElementById(decodeURIComponent(url.hash.slice(1)));
    if (!target || (page === document && isSeen(target))) return;
    parts.push(...told(target).filter(Boolean).map(inert));
  }
  if (!parts.length || !isMeant(link)) return;
  hide();
  shown = link;
  if (link.title) {
    link.dataset.title = link.title;
    link.title = ""; // or the browser would show it as well
  }
  card.replaceChildren(...parts);
  document.body.append(card);
  link.setAttribute("aria-describedby", card.id);
  place(link);
}

function isSeen(target) {
  const box = target.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
}

function isMeant(link) {
  return link.matches(":hover, :focus-visible");
}

function soon(action) {
  clearTimeout(timer);
  timer = setTimeout(action, WAIT);
}

document.querySelectorAll(LINKS).forEach((link) => {
  link.addEventListener("pointerenter", ({ pointerType }) => pointerType === "mouse" && soon(() => show(link)));
  link.addEventListener("pointerleave", () => soon(hide));
  link.addEventListener("focus", () => isMeant(link) && show(link));
  link.addEventListener("blur", hide);
});
card.addEventListener("pointerenter", () => clearTimeout(timer));
card.addEventListener("pointerleave", () => soon(hide));
document.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
