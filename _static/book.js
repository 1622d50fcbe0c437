// What scrolls sideways can be scrolled from the keyboard too.
function markScrollable() {
  for (const box of document.querySelectorAll(".bd-article :is(pre, div.math, .cell_output)")) {
    if (box.scrollWidth > box.clientWidth + 1) {
      box.tabIndex = 0;
    } else if (box.tabIndex === 0 && box.matches("pre, div.math, .cell_output")) {
      box.removeAttribute("tabindex");
    }
  }
}
addEventListener("load", markScrollable);
addEventListener("resize", markScrollable);
