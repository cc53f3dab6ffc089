// A button beside each piece of code that copies it. Its look is that of sphinx-copybutton's sheet; the script that belongs to
// that and the library behind it are eight times as long, for prompts that the book does not have and browsers of long ago.

(() => {
  "use strict";
  const COPY = `<svg role="img" aria-label="Copy" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5">
    <rect x="8" y="8" width="12" height="12" rx="2"/><path d="M16 8V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h2"/></svg>`;
  const DONE = `<svg role="img" aria-label="Copied!" viewBox="0 0 24 24" fill="none" stroke="#22863a" stroke-width="2">
    <path d="M5 12l5 5l10 -10"/></svg>`;
  const TOLD = 1500; // milliseconds

  /** Copy where the browser has no clipboard for scripts, as on an address without https. */
  function copyByHand(text) {
    const field = document.createElement("textarea");
    const focused = document.activeElement;
    field.value = text;
    field.style.cssText = "position: fixed; opacity: 0";
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    focused.focus();
    if (!copied) throw new Error("the browser does not let scripts copy");
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copyByHand(text);
    }
  }

  function say(button, tip, icon, state) {
    button.dataset.tooltip = tip;
    button.innerHTML = icon;
    button.classList.toggle("success", state);
  }

  for (const code of document.querySelectorAll("div.highlight pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copybtn o-tooltip--left";
    button.addEventListener("click", async () => {
      try {
        await copy(code.textContent.replace(/\n$/, "")); // a line's end would make a terminal run it
        say(button, "Copied!", DONE, true);
      } catch {
        say(button, "Failed to copy", COPY, false);
      }
      setTimeout(say, TOLD, button, "Copy", COPY, false);
    });
    say(button, "Copy", COPY, false);
    code.after(button);
  }
})();
