// Code and printed text are stops of the Tab key, so that the arrows scroll them; where all is seen, there is nothing to stop at.
// A box is measured when it has been laid out: to ask sooner would lay out all of the page.

(() => {
  "use strict";
  const scrolls = (box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;

  // All are measured before one is changed: between, the browser would style the page again for each.
  const watch = new ResizeObserver((entries) => {
    const measured = entries.map(({ target }) => [target, scrolls(target)]);
    for (const [box, stops] of measured) box.tabIndex = stops ? 0 : -1;
  });
  for (const box of document.querySelectorAll("pre, .cell_output > .output")) watch.observe(box);
})();
