// Results while one types: below each field of the search stand the first pages that Sphinx's own index finds, in the
// order of the page of results. The index is fetched when somebody first writes there.

const SHOWN = 8;
const fields = [...document.querySelectorAll("form.bd-search input[name=q]")];
const root = document.documentElement.dataset.content_root;
const typed = new Map();
let index;

const fetched = (file) => new Promise((done, failed) => {
  const script = document.createElement("script");
  Object.assign(script, { src: `${root}${file}`, onload: done, onerror: failed });
  document.head.append(script);
});

// The page of results has them already. Sphinx's script empties all fields as it starts: what was typed comes back at once.
const load = async () => {
  if (typeof Search === "undefined") {
    await fetched("_static/language_data.js");
    await fetched("_static/searchtools.js");
    for (const [field, words] of typed) field.value ||= words;
  }
  if (!Search.hasIndex()) await fetched("searchindex.js");
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

for (const field of fields) {
  const list = document.createElement("ul");
  const said = document.createElement("p");
  list.className = "found-pages";
  said.className = "found-said visually-hidden";
  said.setAttribute("role", "status");
  field.form.after(list, said);

  const show = async () => {
    typed.set(field, field.value);
    index ??= load();
    try {
      await index;
    } catch {
      index = undefined; // offline, perhaps: the next letter tries again
      return;
    }
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

  field.addEventListener("input", show);
}
