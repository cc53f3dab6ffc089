/**
 * Start each element when the reader is a screen away from it. Few readers of a page come to all that answers, and what has not
 * started costs a slow phone no time: for a form alone, a browser lays out what is around it, to see what it could fill in.
 */
export function whenNear(elements, start) {
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      start(target);
    }
  }, { rootMargin: "100% 0px" });
  for (const one of elements) near.observe(one);
}
