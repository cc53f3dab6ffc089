// Results while one types: below the field of the search's dialog stand the first pages that Sphinx's own index finds, in
// the order of the page of results. The index is fetched when somebody first writes there.

const SHOWN = 8;
const FILES = ["_static/language_data.js", "_static/searchtools.js", "searchindex.js"];
const field = document.querySelector(".search-button__search-container input[name=q]");
const root = document.documentElement.dataset.content_root;
let index;

const fetched = (file) => new Promise((done, failed) => {
  const script = document.createElement("script");
  Object.assign(script, { src: `${root}${file}`, onload: done, onerror: failed });
  document.head.append(script);
});

// The page of results has them already.
const load = async () => {
  if (typeof Search === "undefined") {
    for (const file of FILES) {
      await fetched(file);
      if (file.includes("searchtools")) await settled();
    }
  }
};

// Sphinx's script empties all fields as it starts; what was typed meanwhile comes back.
const settled = async () => {
  const typed = field.value;
  await new Promise((done) => setTimeout(done));
  field.value ||= typed;
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

if (field) {
  const list = document.createElement("ul");
  const said = document.createElement("p");
  list.className = "found-pages";
  said.className = "found-said visually-hidden";
  said.setAttribute("role", "status");
  field.form.after(list, said);

  const show = async () => {
    const typed = field.value;
    index ??= load();
    try {
      await index;
    } catch {
      index = undefined; // offline, perhaps: the next letter tries again
      return;
    }
    field.value ||= typed;
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
    const all = pages.length > SHOWN ? `, Enter shows all ${pages.length}` : "";
    said.textContent = words.length > 1 ? `${Math.min(pages.length, SHOWN)} pages found${all}` : "";
  };

  field.addEventListener("input", show);
}
