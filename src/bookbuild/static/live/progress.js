// The page of progress: which questions of each chapter are answered; exported, imported and erased.

import { button, element } from "./elements.js";
import { erase, KEY, merged, parse, read, REFUSED, storage, text, write } from "./kept.js";

const LARGEST = 1e6; // bytes of an import
const FILE = "attention-under-the-hood-progress.json";

function start(table) {
  const place = storage();
  const box = table.closest(".table-box") ?? table;
  const rows = [...table.tBodies[0].rows].map((row) => ({
    labels: row.dataset.questions.split(" "),
    right: row.cells[2],
    tried: row.cells[3],
  }));
  const controls = element("div", { class: "progress-controls" }, box.parentElement);
  box.after(controls);
  const sum = document.querySelector(".progress-sum");
  const buttons = element("div", {}, controls);
  const save = button(buttons, "Export");
  const forget = button(buttons, "Erase");
  const undo = button(buttons, "Bring it back");
  undo.hidden = true;
  element("label", { for: "progress-import" }, controls).textContent = "Import what you exported here or in another browser";
  const file = element("input", { id: "progress-import", type: "file", accept: ".json,application/json" }, controls);
  const told = element("p", { class: "live-told", role: "status" }, controls);
  let erased = null;

  function show() {
    const { answers, problem } = read(place);
    let [all, done, begun] = [0, 0, 0];
    for (const { labels, right, tried } of rows) {
      const kept = labels.map((label) => answers.get(label)).filter(Boolean);
      const good = kept.filter((one) => one.right).length;
      right.textContent = String(good);
      tried.textContent = String(kept.length);
      all += labels.length;
      done += good;
      begun += kept.length;
    }
    sum.textContent = `Of ${all} questions you have tried ${begun}, and answered ${done} right.`;
    save.disabled = !answers.size;
    return problem;
  }

  /** Keep what a file holds besides what is kept; tell how that went. */
  async function take(chosen) {
    if (chosen.size > LARGEST) throw new Error("it is too large for a progress");
    const theirs = parse(await chosen.text());
    const { answers, problem } = read(place);
    if (problem) throw new Error(problem);
    const hindered = write(place, merged(answers, theirs));
    if (hindered) throw new Error(hindered);
    const here = new Set(rows.flatMap(({ labels }) => labels));
    const foreign = [...theirs.keys()].filter((label) => !here.has(label)).length;
    return `Imported: ${theirs.size} answered questions, added to what was here.`
      + (foreign ? ` ${foreign} of them stand in no chapter of this edition.` : "");
  }

  save.addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([text(read(place).answers)], { type: "application/json" }));
    const link = element("a", { href: address, download: FILE }, controls);
    link.click();
    link.remove();
    URL.revokeObjectURL(address);
    told.textContent = `Exported as ${FILE}.`;
  });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    try {
      told.textContent = await take(chosen);
    } catch (error) {
      told.textContent = `Nothing was imported, and what was here stays: ${error.message}.`.replace("..", ".");
    }
    file.value = "";
    show();
  });
  forget.addEventListener("click", () => {
    try {
      erased = place.getItem(KEY);
    } catch {
      erased = null;
    }
    const problem = erase(place);
    undo.hidden = erased === null || Boolean(problem);
    told.textContent = problem || "Erased. Until you leave this page you can bring it back.";
    show();
  });
  undo.addEventListener("click", () => {
    try {
      place.setItem(KEY, erased);
      told.textContent = "It is back.";
    } catch {
      told.textContent = REFUSED;
    }
    undo.hidden = true;
    forget.focus();
    show();
  });
  addEventListener("storage", show); // another tab has answered
  addEventListener("pageshow", (event) => event.persisted && show());
  told.textContent = show();
}

document.querySelectorAll(".progress-table").forEach(start);
