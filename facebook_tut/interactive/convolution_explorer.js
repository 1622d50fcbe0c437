/**
 * The convolution explorer: a 3 x 3 kernel slides over a picture. Each pixel of the feature map
 * is the sum of the nine pixels under the window, each times its weight.
 */
import { bind, bitmap, choose, fill, fixed, levels, pointing, widget } from "./live.js";

const MARGIN = 3; // pixels around the pictures: the widest ring of zeros
const OWN = "your own"; // what the menu calls any other kernel
const DIALS = ["kernel", "stride", "padding", "dilation", "row", "column"];

/** One direction: the input's pixels, the output's, and the zeros before and after the input. */
export function axis(side, stride, padding, span) {
  if (padding === "valid")
    return { side, size: Math.floor((side - span) / stride) + 1, before: 0, after: 0 };
  const size = Math.ceil(side / stride);
  const zeros = Math.max((size - 1) * stride + span - side, 0);
  const before = Math.floor(zeros / 2);
  return { side, size, before, after: zeros - before };
}

/** The nine pixels under the window of one output pixel, row by row; 0 outside the input. */
function taps(pixels, axes, { stride, dilation }, row, column) {
  const top = stride * row - axes[0].before;
  const left = stride * column - axes[1].before;
  const offsets = [0, dilation, 2 * dilation];
  return offsets.flatMap((i) => offsets.map((j) => pixels[top + i]?.[left + j] ?? 0));
}

/** The feature map; Python sums the nine products in the same order. */
export function correlate(pixels, axes, dials) {
  const weights = dials.kernel.flat();
  const weigh = (sum, pixel, k) => sum + weights[k] * pixel;
  const value = (row, column) => taps(pixels, axes, dials, row, column).reduce(weigh, 0) / 255;
  const count = ({ size }) => Array.from({ length: size }, (_, i) => i);
  return count(axes[0]).map((row) => count(axes[1]).map((column) => value(row, column)));
}

/** A value with three decimals and a true minus. */
const number = (value) => fixed(value, 3).replace("-", "−");

/**
 * Where the ring of zeros, the window and the feature map lie, in input pixels. Each pixel of the
 * feature map is as large as the stride, and its centre is its window's.
 */
function places(axes, at, stride, span) {
  const shown = { rows: axes[0].size, columns: axes[1].size, row: at[0], column: at[1] };
  ["y", "x"].forEach((name, k) => {
    const { side, before, after } = axes[k];
    shown[`ring_${name}`] = MARGIN - before;
    shown[`ring_size_${name}`] = before + side + after;
    shown[`window_${name}`] = MARGIN - before + stride * at[k];
    shown[`map_${name}`] = MARGIN - before + (span - stride) / 2;
  });
  for (const name in shown) shown[name] = String(shown[name]);
  return { ...shown, span: String(span), stride: String(stride) };
}

/** The nine pixels under the window, their greys, and their products. */
function products(window, weights) {
  const shown = {};
  window.forEach((pixel, k) => {
    shown[`grey${k}`] = String(pixel);
    shown[`pixel${k}`] = fixed(pixel / 255, 3);
    shown[`product${k}`] = number((weights[k] * pixel) / 255);
  });
  return shown;
}

/** How the output's size follows; the brackets of a floor stand where they matter. */
function formula({ side, size, before, after }, stride, span) {
  const zeros = before + after;
  const steps = `(${side}${zeros ? ` + ${zeros}` : ""} − ${span}) / ${stride}`;
  const exact = (side + zeros - span) % stride === 0;
  return `${exact ? steps : `⌊${steps}⌋`} + 1 = ${size}`;
}

/** The sums that give the feature map's size and cost. */
function facts(axes, stride, dilation) {
  const span = 2 * dilation + 1;
  const [rows, columns] = axes.map(({ size }) => size);
  return {
    size: `${rows} × ${columns}`,
    zeros: axes.some(({ before, after }) => before + after) ? "hatched: zeros" : "unpadded",
    taps: `2 × ${dilation} + 1 = ${span}`,
    formula_y: formula(axes[0], stride, span),
    formula_x: formula(axes[1], stride, span),
    multiplications: `${rows} × ${columns} × 9 = ${rows * columns * 9}`,
  };
}

/** The feature map as a picture, with its legend and its extremes. */
function values(features) {
  const all = features.flat();
  const [smallest, largest] = [Math.min(...all), Math.max(...all)];
  const limit = Math.max(-smallest, largest);
  const [grey, palette] = levels(features, limit);
  const legends = {
    grey: `black 0, white ${number(limit || 1)}`,
    signed: "blue −, orange +",
  };
  return {
    map: bitmap(grey, palette),
    legend: legends[palette],
    smallest: number(smallest),
    largest: number(largest),
  };
}

/** What the figure shows, by the name of its slot. */
export function reading(pixels, dials) {
  const { kernel, stride, padding, dilation, row, column } = dials;
  const span = 2 * dilation + 1;
  const sides = [pixels.length, pixels[0].length];
  const axes = sides.map((side) => axis(side, stride, padding, span));
  const at = [Math.min(row, axes[0].size - 1), Math.min(column, axes[1].size - 1)];
  const features = correlate(pixels, axes, dials);
  return {
    ...places(axes, at, stride, span),
    ...products(taps(pixels, axes, dials, ...at), kernel.flat()),
    ...facts(axes, stride, dilation),
    ...values(features),
    sum: number(features[at[0]][at[1]]),
    dilation: String(dilation),
  };
}

/** The name of the preset with these weights. */
export const presetName = (presets, kernel) =>
  Object.keys(presets).find((name) => String(presets[name]) === String(kernel)) ?? OWN;

/** The same in one sentence, for a screen reader. */
export const sentence = ({ size, row, column, sum }) =>
  `Feature map ${size}. Row ${row}, column ${column}: ${sum}.`;

/** Show a weight with at most three decimals, but leave one that may be amid typing. */
function shorten(input, kernel) {
  const [row, column] = input.dataset.cell.split(" ");
  if (!input.matches(":focus")) input.value = Number(fixed(kernel[row][column], 3));
}

/** Let a slider end with the feature map; the dial itself keeps its value for a larger one. */
function limit(slider, count, value) {
  slider.max = count - 1;
  slider.value = value;
}

export function hydrate(root, model) {
  const { pixels, presets } = model.get("data");
  const find = (selector) => root.querySelector(selector);
  const menu = find(".ft-preset");
  const weights = root.querySelectorAll("[data-cell]");
  const settle = () => weights.forEach((input) => shorten(input, model.get("kernel")));
  let shown;
  const redraw = () => {
    shown = reading(pixels, Object.fromEntries(DIALS.map((name) => [name, model.get(name)])));
    fill(root, shown);
    limit(find("[data-dial=row]"), shown.rows, shown.row);
    limit(find("[data-dial=column]"), shown.columns, shown.column);
    settle();
    choose(menu, presetName(presets, model.get("kernel")));
  };
  const set = (dials) => {
    for (const name in dials) model.set(name, dials[name]);
    model.save_changes();
  };
  bind(root, model, redraw);
  menu.addEventListener("input", () => set({ kernel: presets[menu.value] }));
  for (const area of root.querySelectorAll(".ft-map"))
    pointing(area, () => [shown.rows, shown.columns], (row, column) => set({ row, column }));
  root.addEventListener("focusout", settle); // what was half typed gives way to the weight
  root.addEventListener("change", () => (find("[aria-live]").textContent = sentence(shown)));
}

export default widget(hydrate);
