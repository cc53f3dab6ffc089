// Ways through the book by keyboard: a list of links is one stop of the tabulator, and the arrows move within it; a second
// link skips to the page's sections; and where nothing else wants them, the arrows left and right lead to the pages beside.

const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
const BESIDE = { ArrowLeft: "prev", ArrowRight: "next" };
const alone = (event) => !(event.altKey || event.ctrlKey || event.metaKey || event.shiftKey);

const makeOneStop = (list) => {
  const all = [...list.querySelectorAll("a, summary")];
  const stopAt = (stop) => all.forEach((one) => { one.tabIndex = one === stop ? 0 : -1; });
  stopAt(list.querySelector("a.current, .current > a") ?? all[0]);
  list.classList.add("one-stop");
  list.setAttribute("aria-description", "The arrow keys move among these links.");
  list.addEventListener("focusin", ({ target }) => stopAt(target));
  list.addEventListener("keydown", (event) => {
    if (!(event.key in STEPS) || !alone(event)) return;
    const shown = all.filter((one) => one.checkVisibility());
    const place = shown.indexOf(document.activeElement) + STEPS[event.key];
    shown[Math.max(0, Math.min(shown.length - 1, place))].focus();
    event.preventDefault();
  });
};

const sections = document.querySelector(".bd-toc-nav");
for (const list of [document.querySelector(".bd-docs-nav"), sections]) {
  if (list?.querySelector("a")) makeOneStop(list);
}

document.querySelector("#skip-to-sections a")?.addEventListener("click", (event) => {
  sections.querySelector("[tabindex='0']").focus();
  event.preventDefault(); // which would take the focus away again
});

for (const [key, way] of Object.entries(BESIDE)) {
  document.querySelector(`.prev-next-area [class$=-${way}]`)?.setAttribute("aria-keyshortcuts", key);
}
document.addEventListener("keydown", (event) => {
  const beside = document.querySelector(`link[rel="${BESIDE[event.key]}"]`);
  const free = event.target === document.body && document.getSelection().isCollapsed;
  if (beside && free && alone(event)) location.assign(beside.href);
});
