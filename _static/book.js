// What waits until it comes near, since for all of a page at once it would hold up a phone: to find
// out what scrolls sideways, which then can be scrolled from the keyboard (the theme asks this of
// every box while the page loads), and to start the live figures, or to load those that are heavy.
{
  const PART = ".bd-article > section > section";  // the browser lays it out when it comes near
  const BOXES = ".bd-article :is(pre, div.math, .cell_output > .output, .pst-scrollable-table-container)";
  const starts = new Map();  // of figures that wait
  const arrived = new WeakSet();

  function mark(boxes) {
    const scrolls = boxes.map((box) => box.scrollWidth > box.clientWidth + 1);  // read all, then write
    boxes.forEach((box, at) => {
      if (scrolls[at]) { box.tabIndex = 0; } else { box.removeAttribute("tabindex"); }
    });
  }

  function begin(figure) {
    starts.get(figure)?.();
    starts.delete(figure);
  }

  const near = new IntersectionObserver((entries) => {
    for (const { target: part } of entries.filter((entry) => entry.isIntersecting)) {
      arrived.add(part);
      mark([...part.querySelectorAll(BOXES)]);
      part.querySelectorAll("[data-live]").forEach(begin);
    }
  }, { rootMargin: "50%" });

  function watch() {
    near.disconnect();
    document.querySelectorAll(PART).forEach((part) => near.observe(part));
    mark([...document.querySelectorAll(BOXES)].filter((box) => !box.closest(PART)));
  }

  globalThis.whenNear = (key, start) => {
    for (const figure of document.querySelectorAll(`[data-live="${key}"]`)) {
      const part = figure.closest(PART);
      starts.set(figure, start);
      if (!part || arrived.has(part)) { begin(figure); }
    }
  };

  // A figure whose script and data have a file of their own; the script brings it to life.
  const loading = new Set();
  globalThis.loadFigure = (key, src) => {
    if (loading.has(src)) { return; }
    loading.add(src);
    const script = Object.assign(document.createElement("script"), { src });
    script.addEventListener("error", () => {
      const sentence = "This figure could not be loaded. Check the connection and reload the page.";
      for (const figure of document.querySelectorAll(`[data-live="${key}"]`)) {
        figure.append(Object.assign(document.createElement("p"), { textContent: sentence }));
      }
    });
    document.head.append(script);
  };

  addEventListener("load", watch);
  addEventListener("resize", watch);
  addEventListener("toggle", (event) => mark([...event.target.querySelectorAll(BOXES)]), true);
  // Controls answer only once their figure has started, and Tab is to find them all.
  addEventListener("keydown", () => [...starts.keys()].forEach(begin), { once: true, capture: true });
}

// Still pictures open at a size at which their words read on a phone too.
{
  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  function enlarge(picture, name) {
    const close = make("form", { method: "dialog" }, make("button", { textContent: "Close" }));
    const box = make("div", { tabIndex: 0, role: "group", ariaLabel: name }, picture.cloneNode());
    const dialog = make("dialog", { className: "enlarged", ariaLabel: name }, close, box);
    box.style.setProperty("--natural", `${picture.naturalWidth}px`);
    const hold = (event) => event.stopPropagation();  // the page would answer Escape, and it is ours
    addEventListener("keydown", hold, true);
    dialog.addEventListener("close", () => {
      removeEventListener("keydown", hold, true);
      dialog.remove();  // the focus is back on the button
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  for (const picture of document.querySelectorAll("figure.numbered-figure > img")) {
    const caption = picture.parentElement.querySelector("figcaption");
    const name = caption.firstChild.textContent.trim();
    const look = { type: "button", className: "enlarge", textContent: "Enlarge" };
    const button = make("button", { ...look, ariaLabel: `Enlarge ${name}` });
    button.addEventListener("click", () => enlarge(picture, name));
    caption.append(button);
  }
}
