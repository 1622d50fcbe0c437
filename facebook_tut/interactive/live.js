/**
 * What every live figure shares. A figure is a function hydrate(root, model): root holds the
 * figure's finished HTML, and model its values. On a static page the model is pageModel(), in
 * Jupyter it is the widget's own, and the figure cannot tell them apart.
 */

/** The values of a figure on a static page, with the calls of a Jupyter model. */
export function pageModel(values) {
  const listeners = {};
  return {
    get: (name) => values[name],
    set(name, value) {
      if (value === values[name]) return;
      values[name] = value;
      (listeners[`change:${name}`] ?? []).forEach((listener) => listener());
    },
    on: (event, listener) => (listeners[event] ??= []).push(listener),
    save_changes() {},
  };
}

/**
 * Hand the figure to its script. Until then nothing answers, and its controls are disabled; from
 * then on the keys that they need are theirs, which JupyterLab else takes for its own shortcuts.
 */
function start(root, model, hydrate) {
  hydrate(root, model);
  for (const control of root.querySelectorAll("input, button")) {
    control.disabled = false;
    control.dataset.lmSuppressShortcuts = "";
  }
}

/** Bring the static figures with this key to life, each one once. */
export function mount(key, hydrate) {
  for (const root of document.querySelectorAll(`[data-live="${key}"]`)) {
    root.removeAttribute("data-live");
    const values = root.querySelector("script[type='application/json']").textContent;
    start(root, pageModel(JSON.parse(values)), hydrate);
  }
}

/** The same figure as a Jupyter widget, in the form that anywidget wants. */
export const widget = (hydrate) => ({
  render({ model, el }) {
    el.classList.add("ft-live");
    el.innerHTML = model.get("markup");
    start(el, model, hydrate);
  },
});

/** Tie each input with data-dial="name" to the model's value of that name, both ways. */
export function bind(root, model, redraw) {
  for (const input of root.querySelectorAll("[data-dial]")) {
    const name = input.dataset.dial;
    input.addEventListener("input", () => {
      model.set(name, input.valueAsNumber);
      model.save_changes();
    });
    model.on(`change:${name}`, () => {
      input.value = model.get(name);
      redraw();
    });
    input.value = model.get(name);
  }
  redraw();
}

/**
 * Show the values: data-slot="name" takes one as its text (a path as its shape), and
 * data-places="name other" takes them as the CSS variables that place and size its parts.
 */
export function fill(root, values) {
  for (const slot of root.querySelectorAll("[data-slot]")) {
    const value = values[slot.dataset.slot];
    if (slot.localName === "path") slot.setAttribute("d", value);
    else slot.textContent = value;
  }
  for (const part of root.querySelectorAll("[data-places]"))
    for (const name of part.dataset.places.split(" "))
      part.style.setProperty(`--${name}`, values[name]);
}

/** A number with so many decimals, halves rounded up; a dash where there is no number. */
export function fixed(number, digits) {
  const unit = 10 ** digits;
  return Number.isNaN(number) ? "–" : (Math.floor(number * unit + 0.5) / unit).toFixed(digits);
}
