// Predict first: what the cells of a section answer stays covered until the reader has said something.

import { button, element } from "./elements.js";

let forms = 0;

function cover(section) {
  const answers = [...section.querySelectorAll(".tag_predict > .cell_output")]
    .filter((answer) => answer.closest("section") === section);
  // Who follows a link to an answer wants to see it.
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!answers.length || answers.some((answer) => answer.contains(target))) return;
  forms += 1;
  const id = `live-prediction-${forms}`;
  const form = element("form", { class: "live-predict" }, section);
  answers[0].before(form);
  element("label", { for: id }, form).textContent = "Your prediction (it stays on this page)";
  const field = element("input", { id, type: "text", autocomplete: "off", maxlength: 80, required: "" }, form);
  button(form, "Compare", "submit");
  const told = element("p", { class: "live-told", role: "status" }, section);
  form.after(told);
  answers.forEach((answer) => answer.classList.add("live-covered"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    answers.forEach((answer) => answer.classList.remove("live-covered"));
    told.textContent = `You predicted: ${field.value.trim()}. Compare it with what follows.`;
    form.remove();
  });
}

document.querySelectorAll("section").forEach(cover);
