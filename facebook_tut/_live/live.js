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

const none = () => ({});

/**
 * A figure as a function hydrate(root, model). Its author says what is seen:
 *
 * - view(values): all that a redraw changes, by name, from the data and the dials;
 * - furnish(data): the HTML of what a figure has several of, by name, made once (data-parts); what
 *   nothing else needs is in data.once, which a page that has the parts goes without;
 * - sentence(shown): the same for a screen reader, said after each change;
 * - follow(values, changed): what else changes with a dial that the reader sets, or instead, if an
 *   input shows by data-dial="name" what is no dial;
 * - listen(root, { values, shown, set, keep, announce, model }): what else the reader can do.
 *   keep(own) adds values that the page alone has, such as a photograph, and redraws.
 *
 * hydrate.still(values) is what the frame shows without a script: the book's build asks for it.
 */
export function figure({ view, sentence, furnish = none, follow = none, listen = none }) {
  const all = (values) => ({ ...values, ...view(values) });
  const hydrate = (root, model) => {
    unfold(root, model, furnish);
    const dials = model.get("dials");
    let [shown, waiting, stale, kept] = [{}, false, false, {}];
    const given = () => Object.fromEntries(["data", ...dials].map((n) => [n, model.get(n)]));
    const values = () => ({ ...given(), ...kept });
    const redraw = () => (stale = waiting) || fill(root, (shown = all(values())));
    const keep = (own) => redraw((kept = { ...kept, ...own }));
    const announce = () => (root.querySelector("[aria-live]").textContent = sentence(shown));
    const set = (changed) => {
      waiting = true; // until all are set, to draw once
      for (const name of dials) if (name in changed) model.set(name, changed[name]);
      waiting = false;
      if (stale) redraw();
      else fill(root, shown); // an input may say what is not so
      model.save_changes();
    };
    for (const name of dials) model.on(`change:${name}`, redraw);
    redraw();
    answer(root, model, (changed) => set({ ...follow(values(), changed), ...changed }), announce);
    root.addEventListener("focusout", () => fill(root, shown)); // what was half typed gives way
    listen(root, { values, shown: () => shown, set, keep, announce, model });
  };
  hydrate.still = (values) => ({ ...furnish(values.data), ...texts(all(values)) });
  return hydrate;
}

/** A number with as many decimals as it has, at most three. */
const short = (number) => Number(fixed(number, 3));

/** What is shown, numbers and tables of numbers as JavaScript writes them. */
function texts(shown) {
  const text = (value) => {
    if (Array.isArray(value?.[0])) return value.map((row) => row.map(short).map(String));
    return typeof value === "number" ? String(value) : value;
  };
  return Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, text(value)]));
}

/** Put the frame where so far a sentence says that it is live elsewhere, and its parts in it. */
function unfold(root, model, furnish) {
  const sentence = root.querySelector(".ft-elsewhere");
  if (sentence) sentence.outerHTML = model.get("markup");
  const parts = [...root.querySelectorAll("[data-parts]")];
  if (parts.some((part) => part.children.length)) return; // the page has them
  insert(root, furnish(model.get("data")));
}

/** Show the HTML of parts, by their names, where it is not shown yet. */
function insert(root, made) {
  for (const part of root.querySelectorAll("[data-parts]")) {
    const html = made[part.dataset.parts];
    if (html !== undefined && part.innerHTML !== html) part.innerHTML = html;
  }
}

/** Let the inputs with data-dial="name" and the buttons with data-set="name value" set dials. */
function answer(root, model, set, announce) {
  const own = `ft-${Math.random()}`; // radio buttons of two figures must not share a name
  for (const input of root.querySelectorAll("[data-dial]")) {
    const name = input.dataset.dial;
    if (input.type === "radio") input.name = `${own}-${name}`;
    input.addEventListener("input", () => {
      if (!input.checkValidity() || input.value === "") return; // half typed
      set({ [name]: read(input, model.get(name)) });
    });
  }
  for (const button of root.querySelectorAll("[data-set]"))
    button.addEventListener("click", () => {
      set(Object.fromEntries([setting(button)]));
      announce();
    });
  root.addEventListener("change", announce);
}

/** What a button sets: the name of a dial and its value. */
export function setting(button) {
  const [name, value] = button.dataset.set.split(" ");
  return [name, Number(value)];
}

/** A dial's value once its input is taken into it; an input with data-cell is one of a table. */
function read(input, value) {
  if (input.localName === "select") return input.value;
  if (input.type === "radio") return Number(input.value);
  if (!input.dataset.cell) return input.valueAsNumber;
  const [row, column] = input.dataset.cell.split(" ").map(Number);
  const table = value.map((line) => [...line]);
  table[row][column] = input.valueAsNumber;
  return table;
}

/** Let an input show a dial's value, a menu also in words where menus are not shown. */
function write(input, value) {
  if (input.type === "radio") return (input.checked = input.value === String(value));
  if (input.localName === "select") {
    input.parentElement.querySelector(".ft-printed").textContent = value;
    return (input.value = value);
  }
  const [row, column] = (input.dataset.cell ?? "").split(" ");
  const own = input.dataset.cell ? value[row][column] : value;
  const text = input.type === "range" || input.matches(":focus") ? own : short(own);
  if (input.valueAsNumber !== text) input.value = text; // else it may be amid typing
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

/** Let the reader drag in a plot, or tap it: pick(x, y, box) takes parts from its lower left. */
export function dragging(plot, pick, done) {
  const point = (event) => {
    const box = plot.getBoundingClientRect();
    pick((event.clientX - box.left) / box.width, (box.bottom - event.clientY) / box.height, box);
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    plot.setPointerCapture(event.pointerId);
    point(event);
  });
  plot.addEventListener("pointermove", (event) => {
    if (plot.hasPointerCapture(event.pointerId)) point(event);
  });
  plot.addEventListener("lostpointercapture", done);
}

/** The ends of a bitmap's signed colours: blue, through white at the middle, to orange. */
const SIGNED = [[11, 95, 168], [166, 74, 6]];

function colour(level, palette) {
  if (palette === "grey") return [level, level, level];
  const [end, weight] = level < 128 ? [SIGNED[0], 128 - level] : [SIGNED[1], level - 128];
  return end.map((part) => 255 - Math.floor(((255 - part) * weight) / 128));
}

/** A picture of levels from 0 to 255 as a data URI: a bitmap of 8 bits, from the top. */
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

/** Give an element an attribute: true leaves it without a value, false takes it away. */
function put(element, name, value) {
  if (value === false) return element.removeAttribute(name);
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/**
 * Show values, by their names, in the elements that ask for them:
 *
 * - data-slot="name": as text, a path's shape, a picture's source;
 * - data-places="name other": as CSS variables;
 * - data-attributes="max=last hidden=gone": as attributes, which false takes away;
 * - data-dial="name": as what an input is set to;
 * - data-set="name value": a button is pressed if that is the value;
 * - data-parts="name": as HTML, if a view rather than `furnish` makes it.
 *
 * extensions/live_figures.py does the same when the book is built.
 */
export function fill(root, shown) {
  insert(root, shown);
  for (const slot of root.querySelectorAll("[data-slot]")) {
    const text = String(shown[slot.dataset.slot]);
    const attribute = { path: "d", img: "src" }[slot.localName];
    if (attribute) put(slot, attribute, text);
    else if (slot.textContent !== text) slot.textContent = text;
  }
  for (const part of root.querySelectorAll("[data-places]"))
    for (const name of part.dataset.places.split(/\s+/))
      part.style.setProperty(`--${name}`, shown[name]);
  for (const part of root.querySelectorAll("[data-attributes]"))
    for (const pair of part.dataset.attributes.split(/\s+/)) {
      const [attribute, name] = pair.split("=");
      put(part, attribute, shown[name]);
    }
  for (const input of root.querySelectorAll("[data-dial]")) write(input, shown[input.dataset.dial]);
  for (const button of root.querySelectorAll("[data-set]")) {
    const [name, value] = setting(button);
    button.setAttribute("aria-pressed", shown[name] === value);
  }
}

/** A function that keeps its last result, for as long as it is asked for the same. */
export function lasting(compute) {
  let [asked, kept] = [[], undefined];
  return (...given) => {
    if (given.length !== asked.length || given.some((one, i) => one !== asked[i]))
      [asked, kept] = [given, compute(...given)];
    return kept;
  };
}

/** A number with so many decimals, halves rounded up; a dash where there is no number. */
export function fixed(number, digits) {
  const unit = 10 ** digits;
  return Number.isNaN(number) ? "–" : (Math.floor(number * unit + 0.5) / unit).toFixed(digits);
}

/** A number's text with the sign that is as wide as a plus. */
export const minus = (number) => String(number).replace("-", "−");

/** The same with so many decimals. */
export const signed = (number, digits) => minus(fixed(number, digits));

/** Text as HTML, whatever it holds. */
export const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The options of a menu, by their names. */
export const options = (names) =>
  names.map((name) => `<option value="${escape(name)}">${escape(name)}</option>`).join("");

/** The numbers from 0 up to a count. */
export const range = (count) => Array.from({ length: count }, (_, i) => i);

/** The dials of a cell as they are drawn, and their ends: in a small table, its last cell. */
export function inside([rows, columns], { row, column }) {
  const last = { last_row: rows - 1, last_column: columns - 1 };
  return { row: Math.min(row, rows - 1), column: Math.min(column, columns - 1), ...last };
}
