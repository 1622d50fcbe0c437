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
  for (const control of root.querySelectorAll("input, select, button")) {
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
      if (!input.checkValidity() || input.value === "") return; // half typed
      model.set(name, read(input, model.get(name)));
      model.save_changes();
    });
    model.on(`change:${name}`, () => write(input, model.get(name)));
    write(input, model.get(name));
  }
  for (const name of new Set([...root.querySelectorAll("[data-dial]")].map((i) => i.dataset.dial)))
    model.on(`change:${name}`, redraw);
  redraw();
}

/** A dial's value once its input is taken into it; an input with data-cell is one of a table. */
function read(input, value) {
  if (input.localName === "select") return input.value;
  if (!input.dataset.cell) return input.valueAsNumber;
  const [row, column] = input.dataset.cell.split(" ").map(Number);
  const table = value.map((line) => [...line]);
  table[row][column] = input.valueAsNumber;
  return table;
}

/** Let a menu show a choice, and the word for it where menus are not shown. */
export function choose(menu, name) {
  menu.value = name;
  menu.parentElement.querySelector(".ft-printed").textContent = name;
}

function write(input, value) {
  if (input.localName === "select") return choose(input, value);
  const [row, column] = (input.dataset.cell ?? "").split(" ");
  const own = input.dataset.cell ? value[row][column] : value;
  if (input.valueAsNumber !== own) input.value = own; // else it may be amid typing
}

/** Let the reader point at a cell of a picture: size() gives its rows and columns. */
export function pointing(picture, size, pick) {
  const point = (event) => {
    const box = picture.getBoundingClientRect();
    const [rows, columns] = size();
    const cell = (part, count) => Math.max(0, Math.min(count - 1, Math.floor(part * count)));
    pick(
      cell((event.clientY - box.top) / box.height, rows),
      cell((event.clientX - box.left) / box.width, columns),
    );
  };
  picture.addEventListener("pointermove", point);
  picture.addEventListener("pointerdown", point);
}

/** The ends of a bitmap's signed colours: blue, through white at the middle, to orange. */
const SIGNED = [[11, 95, 168], [166, 74, 6]];

function colour(level, palette) {
  if (palette === "grey") return [level, level, level];
  const [end, weight] = level < 128 ? [SIGNED[0], 128 - level] : [SIGNED[1], level - 128];
  return end.map((part) => 255 - Math.floor(((255 - part) * weight) / 128));
}

/** A picture of levels from 0 to 255 as a data URI: a bitmap, as `bitmap` of _live.py writes it. */
export function bitmap(levels, palette = "grey") {
  const [height, width] = [levels.length, levels[0].length];
  const [line, start] = [width + ((4 - (width % 4)) % 4), 14 + 40 + 4 * 256];
  const bytes = new Uint8Array(start + height * line);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  const long = { 2: bytes.length, 10: start, 14: 40, 18: width, 22: -height, 34: height * line };
  for (const at in long) view.setInt32(Number(at), long[at], true);
  view.setInt16(26, 1, true);
  view.setInt16(28, 8, true);
  view.setInt32(46, 256, true);
  for (let level = 0; level < 256; level++)
    bytes.set(colour(level, palette).reverse(), 54 + 4 * level);
  levels.forEach((row, i) => bytes.set(row, start + i * line));
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return `data:image/bmp;base64,${btoa(text)}`;
}

/** Values from 0 to `limit`, or to its negative, as levels, with the name of their palette. */
export function levels(values, limit) {
  const signed = values.some((row) => row.some((value) => value < 0));
  const [zero, scale] = signed ? [128.5, 127] : [0.5, 255];
  const level = (value) => Math.floor(zero + scale * (value / (limit || 1)));
  return [values.map((row) => row.map(level)), signed ? "signed" : "grey"];
}

/**
 * Show the values: data-slot="name" takes one as its text (a path as its shape, a picture as its
 * source), and
 * data-places="name other" takes them as the CSS variables that place and size its parts.
 */
export function fill(root, values) {
  for (const slot of root.querySelectorAll("[data-slot]")) {
    const value = values[slot.dataset.slot];
    const attribute = { path: "d", img: "src" }[slot.localName];
    if (attribute) slot.setAttribute(attribute, value);
    else slot.textContent = value;
  }
  for (const part of root.querySelectorAll("[data-places]"))
    for (const name of part.dataset.places.split(/\s+/))
      part.style.setProperty(`--${name}`, values[name]);
}

/** A number with so many decimals, halves rounded up; a dash where there is no number. */
export function fixed(number, digits) {
  const unit = 10 ** digits;
  return Number.isNaN(number) ? "–" : (Math.floor(number * unit + 0.5) / unit).toFixed(digits);
}
