// bertviz's views: each frame gets its page, and with it its libraries, when the reader comes near. A frame with
// `srcdoc` would get them at once, for browsers obey loading="lazy" for addresses only.

const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    target.srcdoc = target.dataset.page;
  }
}, { rootMargin: "600px" });

document.querySelectorAll("iframe[data-page]").forEach((frame) => near.observe(frame));
