// What scrolls sideways can be scrolled from the keyboard too. The theme asks this of every box of
// the page at once, which makes the browser lay all of it out; here each is asked when it comes near.
{
  const boxes = ".bd-article :is(pre, div.math, .cell_output > .output, .pst-scrollable-table-container)";

  const near = new IntersectionObserver((entries) => {
    const seen = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
    const scrolls = seen.map((box) => box.scrollWidth > box.clientWidth + 1);  // read all, then write
    seen.forEach((box, at) => {
      if (scrolls[at]) { box.tabIndex = 0; } else { box.removeAttribute("tabindex"); }
    });
  }, { rootMargin: "50%" });

  function watch() {
    near.disconnect();
    document.querySelectorAll(boxes).forEach((box) => near.observe(box));
  }

  addEventListener("load", watch);
  addEventListener("resize", watch);
}
