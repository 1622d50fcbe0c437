/**
 * The curves explorer: measured curves, and what they say at any place of their axis. Axes, shapes
 * and the slider's stops come from Python with each panel; here the curves are read at a stop.
 */
import { bind, fill, fixed, widget } from "./live.js";

const STEPS = 100; // of the slider
const SPARE = 4; // decimals that settle a half before it is rounded

const along = (x, log) => (log ? Math.log(x) : x);

/** Which part of the axis lies before x. */
function place(x, ends, log) {
  const [low, high] = ends.map((end) => along(end, log));
  return (along(x, log) - low) / (high - low);
}

/** A number as text, of which noise far below its last digit moves no half. */
function settled(number, digits) {
  const unit = 10 ** (digits + SPARE);
  return fixed(Math.floor(number * unit + 0.5) / unit, digits).replace("-", "−");
}

/** Which part of the y axis lies below a value. */
const height = (value, { low, high, scale }) => (scale * value - low) / (high - low);

/** The value at x on the straight lines between points as drawn; NaN outside. */
export function interpolate(xs, values, x, log) {
  if (!values || x < xs[0] || x > xs.at(-1)) return NaN;
  const after = xs.findIndex((end) => end >= x);
  if (xs[after] === x) return values[after];
  const part = place(x, [xs[after - 1], xs[after]], log);
  return values[after - 1] + part * (values[after] - values[after - 1]);
}

function signed(number, digits) {
  const text = settled(number, digits);
  return parseFloat(text) > 0 ? `+${text}` : text;
}

/** What the table and the plot tell about one curve, by the name of its slot. */
function told({ digits, y_axis, percent, log }, curve, x, first) {
  const at = (part) => interpolate(curve.x, curve[part], x, log);
  const shown = (value) => settled(y_axis.scale * value, digits);
  const [value, end] = [at("y"), percent ? " %" : ""];
  const inside = !Number.isNaN(value);
  const range = `${shown(at("low"))} to ${shown(at("high"))}${end}`;
  return {
    [`value_${curve.look}`]: shown(value) + (inside ? end : ""),
    [`interval_${curve.look}`]: inside && curve.low ? range : "",
    [`difference_${curve.look}`]: signed(y_axis.scale * (value - first), digits),
    [`y_${curve.look}`]: inside ? settled(height(value, y_axis), 5) : "0",
    [`on_${curve.look}`]: inside ? "1" : "0",
  };
}

/** What a look shows that has no curve in the panel. */
const nothing = (k) => ({
  [`value_${k}`]: "", [`interval_${k}`]: "", [`difference_${k}`]: "", [`y_${k}`]: "0",
  [`on_${k}`]: "0",
});

/** What the controls change, by the name of its slot. */
export function reading(data, { panel, at }) {
  const { shown, curves, ends, stops } = data.panels[panel];
  const [x, text] = stops[at];
  const first = interpolate(curves[0].x, curves[0].y, x, data.log);
  const all = { ...shown, x: text, place: settled(place(x, ends, data.log), 5) };
  for (let k = 0; k < data.looks; k++) Object.assign(all, nothing(k));
  for (const curve of curves) Object.assign(all, told(data, curve, x, first));
  all[`difference_${curves[0].look}`] = "";
  return all;
}

/** What is told about one curve, for a screen reader. */
function clause({ name, look }, shown, against) {
  const [value, interval] = [shown[`value_${look}`], shown[`interval_${look}`]];
  if (value === "–") return `${name} has no value`;
  const difference = shown[`difference_${look}`];
  const known = difference && difference !== "–";
  return (
    `${name} ${value}` + (interval && `, from ${interval}`) +
    (known ? `, ${against} ${difference}` : "")
  );
}

/** The same in a sentence, for a screen reader. */
export function sentence(data, { panel, at }) {
  const shown = reading(data, { panel, at });
  const which = Object.keys(data.panels).length > 1 ? `${panel}, ` : "";
  const told = data.panels[panel].curves.map((curve) => clause(curve, shown, shown.against));
  return `${which}${data.x_label} ${shown.x}: ${told.join("; ")}.`;
}

/** The stop nearest to a part of the axis. */
export const stopAt = (part) => Math.max(0, Math.min(STEPS, Math.round(STEPS * part)));

/** The nearest stop before (-1) or after (1) this one that is a measured place; else this one. */
export function neighbour(marked, at, way) {
  const beyond = marked.filter((stop) => way * (stop - at) > 0);
  return beyond.length ? beyond.at(way > 0 ? 0 : -1) : at;
}

/** Let the reader drag in the plot, or tap it: pick(x) takes the part of its width. */
function dragging(plot, pick, done) {
  const point = (event) => {
    const box = plot.getBoundingClientRect();
    pick((event.clientX - box.left) / box.width);
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

export function hydrate(root, model) {
  const data = model.get("data");
  const slider = root.querySelector("[data-dial=at]");
  const dials = () => ({ panel: model.get("panel"), at: model.get("at") });
  const redraw = () => {
    const shown = reading(data, dials());
    fill(root, shown);
    slider.setAttribute("aria-valuetext", shown.x);
  };
  const announce = () =>
    (root.querySelector("[aria-live]").textContent = sentence(data, dials()));
  const set = (at) => {
    model.set("at", at);
    model.save_changes();
  };
  bind(root, model, redraw);
  root.addEventListener("change", announce);
  dragging(root.querySelector(".ft-plot"), (part) => set(stopAt(part)), announce);
  for (const button of root.querySelectorAll("button"))
    button.addEventListener("click", () => {
      const { panel, at } = dials();
      set(neighbour(data.panels[panel].marked, at, Number(button.value)));
      announce();
    });
}

export default widget(hydrate);
