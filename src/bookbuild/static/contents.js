// The list of pages, which a narrow page opens with a button. Who comes to it stands at the page that is open, not at its top.

(() => {
  "use strict";
  const list = document.querySelector(".bd-sidebar-primary");
  const opened = document.getElementById("pst-primary-sidebar-checkbox"); // on a wide page it says that the list is hidden

  list?.addEventListener("focusin", ({ relatedTarget }) => {
    const current = list.querySelector("a.current");
    if (!current || !opened.checked || list.contains(relatedTarget)) return;
    current.focus({ preventScroll: true });
    current.scrollIntoView({ block: "center" });
  });
})();
