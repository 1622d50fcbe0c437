/** The curves explorer: measured curves, and what they say at any place of their axis. */
import {
  dragging, escape, figure, fixed, lasting, minus, options, range, widget,
} from "../../_live/live.js";

const STEPS = 100; // of the slider
const CURVES = 4; // of a panel, at most
const X_TICKS = 6; // at most
const DOTS = 30; // a curve of more points is drawn without them
const NICE = [1, 2, 2.5, 5]; // a tick's step, times a power of ten
const SPARE = 4; // decimals that settle a half before it is rounded

const along = (x, log) => (log ? Math.log(x) : x);

/** Which part of the axis lies before x. */
function place(x, ends, log) {
  const [low, high] = ends.map((end) => along(end, log));
  return (along(x, log) - low) / (high - low);
}

/** A number as text, of which noise far below its last digit moves no half. */
export function settled(number, digits) {
  const unit = 10 ** (digits + SPARE);
  return minus(fixed(Math.floor(number * unit + 0.5) / unit, digits));
}

/** The number that so many decimals leave of a number. */
const rounded = (number, digits) => Number(number.toFixed(digits));

// The axes and their ticks.

/** From 3 to 5 nice numbers, the last ones outside of low and high or not, and their decimals. */
export function ticks(low, high, outside) {
  if (low === high)
    [low, high] = [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
  const [down, up, noise] = outside
    ? [Math.floor, Math.ceil, 1e-9]
    : [Math.ceil, Math.floor, -1e-9];
  for (let power = Math.floor(Math.log10(high - low)) - 2; ; power++)
    for (const nice of NICE) {
      const [step, decimals] = [Number(`${nice}e${power}`), Math.max(0, (nice === 2.5) - power)];
      const [first, last] = [down(low / step + noise), up(high / step - noise)];
      if (last - first > 4) continue;
      const marks = range(last - first + 1).map((k) => rounded((first + k) * step, decimals));
      return { marks, decimals };
    }
}

/** From 3 to 5 of 1, 2 and 5 times powers of ten; none where there are too few. */
export function logTicks(low, high) {
  const [first, last] = [Math.floor(Math.log10(low)) - 1, Math.ceil(Math.log10(high))];
  const powers = range(last - first + 1).map((k) => first + k);
  const marks = (times, every) =>
    powers
      .filter((power) => power % every === 0)
      .flatMap((power) => times.map((nice) => Number(`${nice}e${power}`)))
      .filter((mark) => low <= mark && mark <= high);
  const found = [marks([1, 2, 5], 1), marks([1, 5], 1)].find(({ length }) => length <= 5);
  let [all, every] = [found ?? marks([1], 1), 1];
  while (all.length > 5) all = marks([1], ++every);
  return all.length >= 3 ? all : [];
}

/** From 3 to 5 nice places between the ends; a few even places are ticks themselves. */
export function xTicks(xs, log) {
  const [low, high] = [xs[0], xs.at(-1)];
  const found = log ? logTicks(low, high) : [];
  if (found.length) return found;
  const gap = (high - low) / (xs.length - 1);
  const even = xs.every((x, k) => !k || Math.abs(x - xs[k - 1] - gap) <= 1e-8 + 1e-5 * gap);
  if (!log && even && 3 <= xs.length && xs.length <= X_TICKS) return xs;
  return ticks(low, high, false).marks;
}

/** x with the fewest decimals that keep four significant digits. */
export function xText(x, digits) {
  while (digits < 12 && Math.abs(rounded(x, digits) - x) > 5e-4 * Math.abs(x)) digits++;
  const [whole, rest] = fixed(x, digits).split(".");
  const grouped = Math.abs(x) < 10_000 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return minus(rest ? `${grouped}.${rest}` : grouped);
}

/** The texts of the x axis; on a linear one all have as many decimals. */
export function tickTexts(marks, digits, log) {
  const texts = marks.map((mark) => xText(mark, digits));
  const most = Math.max(...texts.map((text) => (text.split(".")[1] ?? "").length));
  return log ? texts : marks.map((mark) => xText(mark, most));
}

/** The look of each curve, from 0, by panel and name: of a name, one if that can be. */
export function looks(panels) {
  const names = [...new Set(Object.values(panels).flatMap(Object.keys))];
  const by = (order) => (panel) =>
    Object.fromEntries(Object.keys(panel).map((name, at) => [name, order(name, at)]));
  const look = by(names.length <= CURVES ? (name) => names.indexOf(name) : (_, at) => at);
  return Object.fromEntries(Object.entries(panels).map(([name, panel]) => [name, look(panel)]));
}

/** What all panels have in common: the y axis, and the looks of their curves. */
const common = lasting(({ panels, percent }) => {
  const curves = Object.values(panels).flatMap(Object.values);
  const heights = curves.flatMap(({ y, low = [], high = [] }) => [...y, ...low, ...high]);
  const scale = percent ? 100 : 1;
  const ends = [Infinity, -Infinity];
  for (const height of heights) {
    ends[0] = Math.min(ends[0], scale * height);
    ends[1] = Math.max(ends[1], scale * height);
  }
  const { marks, decimals } = ticks(...ends, true);
  const texts = marks.map((mark) => minus(fixed(mark, decimals)) + (percent ? " %" : ""));
  const look = looks(panels);
  return {
    axis: { low: marks[0], high: marks.at(-1), scale },
    marks,
    texts,
    look,
    count: 1 + Math.max(...Object.values(look).flatMap(Object.values)),
    bands: curves.some(({ low }) => low),
  };
});

// One panel, and what the slider does not change of it.

/** A part of the plot in whole thousandths. */
const whole = (part) => Math.floor(1000 * part + 0.5);

/** Which part of the y axis lies below a value. */
const height = (value, { low, high, scale }) => (scale * value - low) / (high - low);

/** The lines of the ticks that are not the plot's own border, and once more that of zero. */
function grid(places, marks, axis) {
  const across = (mark) => `M0 ${1000 - whole(height(mark, { ...axis, scale: 1 }))}H1000`;
  const up = places.filter((part) => 0 < part && part < 1).map((part) => `M${whole(part)} 0V1000`);
  const zero = axis.low < 0 && 0 < axis.high ? across(0) : "";
  return marks.slice(1, -1).map(across).join("") + up.join("") + zero;
}

/** A curve's name, line, dots and band, by the name of their slot. */
function shape(curve, ends, axis, log) {
  const points = (values) =>
    values.map((value, k) => {
      const across = whole(place(curve.x[k], ends, log));
      return `${across} ${1000 - whole(height(value, axis))}`;
    });
  const line = points(curve.y);
  const band = () => [...points(curve.high), ...points(curve.low).reverse()];
  return {
    [`name_${curve.look}`]: curve.name,
    [`line_${curve.look}`]: `M${line.join("L")}`,
    [`dots_${curve.look}`]: line.length <= DOTS ? line.map((point) => `M${point}h0`).join("") : "",
    [`band_${curve.look}`]: curve.low ? `M${band().join("L")}z` : "",
  };
}

/**
 * The x at a part of the axis, rounded to about the slider's step. On a logarithmic axis it keeps
 * two digits, and is whole where all measured places are.
 */
function near(part, xs, log) {
  const [low, high] = [xs[0], xs.at(-1)];
  const x = log ? low * (high / low) ** part : low + (high - low) * part;
  const step = log ? 2.5 * x * ((high / low) ** (1 / STEPS) - 1) : (high - low) / STEPS;
  let power = Math.floor(Math.log10(step) + 1e-9);
  if (log) power = Math.min(power, Math.floor(Math.log10(x)) - 1);
  if (log && xs.every(Number.isInteger)) power = Math.max(power, 0);
  return power > 0 ? Math.round(x / 10 ** power) * 10 ** power : rounded(x, -power);
}

/**
 * The x of every stop of the slider, and which stops are measured places. A measured x within half
 * a step is a stop; others are rounded, but not past a measured one.
 */
export function stopsOf(xs, log) {
  const places = xs.map((x) => place(x, [xs[0], xs.at(-1)], log));
  const [stops, marked] = [[], []];
  for (const at of range(STEPS + 1)) {
    const off = places.map((part) => Math.abs(part - at / STEPS));
    const least = off.reduce((best, gap, k) => (gap < off[best] ? k : best), 0);
    if (off[least] <= 0.5 / STEPS + 1e-9) {
      stops.push(xs[least]);
      marked.push(at);
      continue;
    }
    const after = places.findIndex((part) => part >= at / STEPS);
    stops.push(Math.min(Math.max(near(at / STEPS, xs, log), xs[after - 1]), xs[after]));
  }
  return { stops, marked };
}

/** What a look shows that has no curve in the panel. */
const nothing = (k) => ({
  [`name_${k}`]: "", [`line_${k}`]: "", [`dots_${k}`]: "", [`band_${k}`]: "", [`value_${k}`]: "",
  [`interval_${k}`]: "", [`difference_${k}`]: "", [`y_${k}`]: "0", [`on_${k}`]: "0",
});

/** A panel: its curves, where the slider can stand, and what that does not change. */
export const prepared = lasting((data, panel) => {
  const { panels, log, x_digits } = data;
  const { axis, marks, look, count } = common(data);
  const curves = Object.entries(panels[panel]).map(([name, curve]) => ({
    ...curve, name, look: look[panel][name],
  }));
  const xs = [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const [ends, below] = [[xs[0], xs.at(-1)], xTicks(xs, log)];
  const [places, texts] = [below.map((x) => place(x, ends, log)), tickTexts(below, x_digits, log)];
  const shown = { grid: grid(places, marks, axis) };
  for (const k of range(X_TICKS)) {
    shown[`text_${k}`] = texts[k] ?? "";
    shown[`tick_${k}`] = k in places ? fixed(places[k], 5) : "0";
  }
  for (const k of range(count)) Object.assign(shown, nothing(k));
  for (const curve of curves) Object.assign(shown, shape(curve, ends, axis, log));
  shown.against = curves.length > 1 ? `difference to ${curves[0].name}` : "";
  return { curves, ends, shown, ...stopsOf(xs, log) };
});

// What the curves say at a stop.

/** The value at x on the straight lines between points as drawn; NaN outside. */
export function interpolate(xs, values, x, log) {
  if (!values || x < xs[0] || x > xs.at(-1)) return NaN;
  const after = xs.findIndex((end) => end >= x);
  if (xs[after] === x) return values[after];
  const part = place(x, [xs[after - 1], xs[after]], log);
  return values[after - 1] + part * (values[after] - values[after - 1]);
}

function difference(number, digits) {
  const text = settled(number, digits);
  return parseFloat(text) > 0 ? `+${text}` : text;
}

/** What the table and the plot tell about one curve, by the name of its slot. */
function told({ digits, percent, log }, axis, curve, x, first) {
  const at = (part) => interpolate(curve.x, curve[part], x, log);
  const shown = (value) => settled(axis.scale * value, digits);
  const [value, end] = [at("y"), percent ? " %" : ""];
  const inside = !Number.isNaN(value);
  const interval = `${shown(at("low"))} to ${shown(at("high"))}${end}`;
  return {
    [`value_${curve.look}`]: shown(value) + (inside ? end : ""),
    [`interval_${curve.look}`]: inside && curve.low ? interval : "",
    [`difference_${curve.look}`]: difference(axis.scale * (value - first), digits),
    [`y_${curve.look}`]: inside ? settled(height(value, axis), 5) : "0",
    [`on_${curve.look}`]: inside ? "1" : "0",
  };
}

/** All that is seen. */
export function view({ data, panel, at }) {
  const { x_label, y_label, log, percent, x_digits } = data;
  const { axis, texts, bands } = common(data);
  const { curves, ends, shown, stops } = prepared(data, panel);
  const [x, [{ look, ...one }]] = [stops[at], curves];
  const first = interpolate(one.x, one.y, x, log);
  return {
    ...shown,
    ...Object.assign({}, ...curves.map((curve) => told(data, axis, curve, x, first))),
    [`difference_${look}`]: "",
    x: xText(x, x_digits),
    place: settled(place(x, ends, log), 5),
    x_label,
    y_label,
    called: `Curves explorer: ${y_label}`,
    plotted:
      `Curves: ${y_label} against ${x_label}. The table gives the value of every curve at the ` +
      "slider.",
    axis: x_label + (log ? ", logarithmic" : ""),
    unit: percent ? "in percentage points" : "",
    wide: Math.max(...texts.map((text) => text.length)),
    bands,
    lone: Object.keys(data.panels).length === 1,
  };
}

// What there are several of: a path, a point and a row for each look, and the ticks of the y axis.

const path = (kind, slot, k) => `<path class="ft-${kind} ft-look-${k}" data-slot="${slot}_${k}"/>`;
const paths = (k) => path("line", "line", k) + path("dots", "dots", k) + path("hole", "dots", k);
const point = (k) => `<span class="ft-point ft-look-${k}" data-places="y_${k} on_${k}"
 style="--y: var(--y_${k}); --on: var(--on_${k});"></span>`;
const KEY = `<svg viewBox="0 0 40 12" aria-hidden="true"><path class="ft-line" d="M1 6H39"/>
<path class="ft-dots" d="M20 6h0"/><path class="ft-hole" d="M20 6h0"/></svg>`;
const row = (k) => `<tr class="ft-look-${k}">
<th scope="row">${KEY}<span class="ft-who" data-slot="name_${k}"></span></th>
<td><b data-slot="value_${k}"></b> <small data-slot="interval_${k}"></small></td>
<td data-slot="difference_${k}"></td></tr>`;

function furnish(data) {
  const { axis, marks, texts, count } = common(data);
  const tick = (mark, k) => {
    const at = fixed(height(mark, { ...axis, scale: 1 }), 5);
    return `<span class="ft-tick-y" style="--at: ${at};">${texts[k]}</span>`;
  };
  const each = range(count);
  return {
    panels: options(Object.keys(data.panels)),
    paths: [...each.map((k) => path("band", "band", k)), ...each.map(paths)].join(""),
    marks: [...marks.map(tick), ...each.map(point)].join("\n"),
    rows: each.map(row).join(""),
  };
}

/** What is told about one curve, for a screen reader. */
function clause({ name, look }, shown) {
  const [value, interval] = [shown[`value_${look}`], shown[`interval_${look}`]];
  if (value === "–") return `${name} has no value`;
  const gap = shown[`difference_${look}`];
  const known = gap && gap !== "–";
  return (
    `${name} ${value}` + (interval && `, from ${interval}`) +
    (known ? `, ${shown.against} ${gap}` : "")
  );
}

/** The same in a sentence, for a screen reader. */
export function sentence(shown) {
  const which = shown.lone ? "" : `${shown.panel}, `;
  const { curves } = prepared(shown.data, shown.panel);
  const clauses = curves.map((curve) => clause(curve, shown));
  return `${which}${shown.x_label} ${shown.x}: ${clauses.join("; ")}.`;
}

/** The stop nearest to a part of the axis. */
export const stopAt = (part) => Math.max(0, Math.min(STEPS, Math.round(STEPS * part)));

/** The nearest stop before (-1) or after (1) this one that is a measured place; else this one. */
export function neighbour(marked, at, way) {
  const beyond = marked.filter((stop) => way * (stop - at) > 0);
  return beyond.length ? beyond.at(way > 0 ? 0 : -1) : at;
}

/** Let the plot and the buttons set the stop. */
function listen(root, { values, set, announce }) {
  dragging(root.querySelector(".ft-plot"), (part) => set({ at: stopAt(part) }), announce);
  for (const button of root.querySelectorAll("button"))
    button.addEventListener("click", () => {
      const { data, panel, at } = values();
      set({ at: neighbour(prepared(data, panel).marked, at, Number(button.value)) });
      announce();
    });
}

export const hydrate = figure({ view, furnish, sentence, listen });
export default widget(hydrate);
