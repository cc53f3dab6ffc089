// Results while one types: below each field of the search stand the first pages that Sphinx's own index finds, in the
// order of the page of results. The index is fetched when somebody first goes there, before the first letter is typed.

const SHOWN = 8;
const fields = [...document.querySelectorAll("form.bd-search input[name=q]")];
const root = document.documentElement.dataset.content_root;
const typed = new Map();
let index;

// All come at once, and run in the order in which they were asked for.
const fetched = (file) => new Promise((done, failed) => {
  const script = document.createElement("script");
  Object.assign(script, { src: `${root}${file}`, async: false, onload: done, onerror: failed });
  document.head.append(script);
});

// Sphinx's script empties all fields as it starts: what was typed comes back at once.
const started = () => {
  for (const [field, words] of typed) field.value ||= words;
  improve();
};

// The page of results has them already.
const load = () => {
  const tools = typeof Search === "undefined" ? ["_static/language_data.js", "_static/searchtools.js"] : [];
  const all = tools.map(fetched);
  if (tools.length || !Search.hasIndex()) all.push(fetched("searchindex.js"));
  if (tools.length) all[1] = all[1].then(started);
  return Promise.all(all);
};

// The titles of sections, by their addresses: a result that leads to a section says so, and its page is not listed again.
let sections;

const titleOf = (address) => {
  const { alltitles, docnames } = Search._index;
  sections ??= new Map(Object.entries(alltitles).flatMap(([title, places]) =>
    places.filter(([, id]) => id).map(([file, id]) => [`${docnames[file]}#${id}`, title])));
  return sections.get(address);
};

const named = (results) => {
  const seen = new Set();
  return results.reverse().filter((result) => {
    const [page, title, anchor, told] = result;
    if (told) return true; // a function
    const section = anchor && titleOf(`${page}${anchor}`);
    if (section && !title.endsWith(` > ${section}`)) result[1] = `${title} > ${section}`;
    const known = seen.has(`${page}${anchor ?? ""}`) || (!anchor && seen.has(page));
    seen.add(page).add(`${page}${anchor ?? ""}`);
    return !known;
  }).reverse();
};

// What the page of results shows of a page: the sentences around the word, which is not the part of another, and no code.
const excerpt = (html, words, anchor) => {
  const whole = new DOMParser().parseFromString(html, "text/html");
  const article = (anchor && whole.querySelector(anchor)) || whole.querySelector("article") || whole.body;
  article.querySelectorAll("script, .headerlink, .katex-html, annotation").forEach((one) => one.remove());
  const texts = (tags) => [...article.querySelectorAll(tags)].map((one) => one.textContent.replace(/\s+/g, " ").trim()).filter(Boolean);
  const places = [...words].map((word) => new RegExp(`(?<![\\p{L}\\p{N}])${word}`, "iu"));
  const said = texts("p, li, dd, td");
  const text = said.find((one) => places.every((place) => place.test(one)))
    ?? [...said, ...texts("h2, h3, h4, dt")].find((one) => places.some((place) => place.test(one)))
    ?? said[0] ?? "";
  const at = Math.max(0, ...places.map((place) => text.search(place)));
  const start = at < 160 ? 0 : text.indexOf(" ", at - 120) + 1;
  const told = document.createElement("p");
  told.className = "context";
  told.textContent = `${start ? "…" : ""}${text.slice(start, start + 240).trim()}${start + 240 < text.length ? "…" : ""}`;
  return told;
};

const improve = () => {
  const perform = Search._performSearch;
  Search._performSearch = (...query) => named(perform(...query));
  Search.makeSearchSummary = excerpt;
};

const found = (words) => {
  const pages = new Map();
  const results = Search._performSearch(...Search._parseQuery(words)).reverse();
  localStorage.removeItem("sphinx_highlight_terms"); // that is for the page of results
  for (const [page, title, anchor] of results) {
    if (!pages.has(page)) pages.set(page, { title, address: `${root}${page}.html${anchor ?? ""}` });
  }
  return [...pages.values()];
};

if (typeof Search !== "undefined") improve(); // before the page of results begins to search

for (const field of fields) {
  const list = document.createElement("ul");
  const said = document.createElement("p");
  list.className = "found-pages";
  said.className = "found-said visually-hidden";
  said.setAttribute("role", "status");
  field.form.after(list, said);

  const ready = async () => {
    index ??= load();
    try {
      await index;
    } catch {
      index = undefined; // offline, perhaps: the next letter tries again
    }
  };

  const show = async () => {
    typed.set(field, field.value);
    await ready();
    if (!index) return;
    document.getElementById("search-results")?.replaceChildren(); // of what was asked before
    const words = field.value.trim();
    const pages = words.length > 1 ? found(words) : [];
    list.replaceChildren(...pages.slice(0, SHOWN).map(({ title, address }) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = address;
      link.innerHTML = title; // as Sphinx's own list shows it
      item.append(link);
      return item;
    }));
    const more = pages.length > SHOWN ? `; the first ${SHOWN} stand below, Enter shows all` : "";
    said.textContent = words.length > 1 ? `Pages found: ${pages.length}${more}` : "";
  };

  field.addEventListener("focus", ready);
  field.addEventListener("input", show);
}
