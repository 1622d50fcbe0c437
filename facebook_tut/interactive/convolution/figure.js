/**
 * The convolution explorer: a 3 x 3 kernel slides over a picture. Each pixel of the feature map
 * is the sum of the nine pixels under the window, each times its weight.
 */
import {
  bitmap,
  figure,
  fixed,
  inside,
  lasting,
  levels,
  options,
  pointing,
  range,
  signed,
  widget,
} from "../../_live/live.js";

const MARGIN = 3; // pixels around the pictures: the widest ring of zeros
const OWN = "your own"; // what the menu calls any other kernel

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

/** The feature map: for each pixel the sum of nine products. */
export function correlate(pixels, axes, dials) {
  const weights = dials.kernel.flat();
  const weigh = (sum, pixel, k) => sum + weights[k] * pixel;
  const value = (row, column) => taps(pixels, axes, dials, row, column).reduce(weigh, 0) / 255;
  const [rows, columns] = axes.map(({ size }) => range(size));
  return rows.map((row) => columns.map((column) => value(row, column)));
}

/**
 * Where the ring of zeros, the window and the feature map lie, in input pixels. Each pixel of the
 * feature map is as large as the stride, and its centre is its window's.
 */
function places(axes, { row, column }, stride, span) {
  const shown = { rows: axes[0].size, columns: axes[1].size, span };
  for (const [name, { side, before, after }, at] of [
    ["y", axes[0], row],
    ["x", axes[1], column],
  ]) {
    shown[`ring_${name}`] = MARGIN - before;
    shown[`ring_size_${name}`] = before + side + after;
    shown[`window_${name}`] = MARGIN - before + stride * at;
    shown[`map_${name}`] = MARGIN - before + (span - stride) / 2;
  }
  return shown;
}

/** The nine pixels under the window, their greys, and their products. */
function products(window, weights) {
  const shown = {};
  window.forEach((pixel, k) => {
    shown[`grey${k}`] = pixel;
    shown[`pixel${k}`] = fixed(pixel / 255, 3);
    shown[`product${k}`] = signed((weights[k] * pixel) / 255, 3);
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
    grey: `black 0, white ${signed(limit || 1, 3)}`,
    signed: "blue −, orange +",
  };
  return {
    map: bitmap(grey, palette),
    legend: legends[palette],
    smallest: signed(smallest, 3),
    largest: signed(largest, 3),
  };
}

/** The name of the preset with these weights. */
export function presetName(presets, kernel) {
  const weights = kernel.flat();
  const is = (name) => presets[name].flat().every((w, k) => Math.abs(w - weights[k]) < 1e-9);
  return Object.keys(presets).find(is) ?? OWN;
}

/** What no dial changes: the input and its size. */
const fixture = lasting((pixels) => {
  const [height, width] = [pixels.length, pixels[0].length];
  const frame = { down: height + 2 * MARGIN, across: width + 2 * MARGIN };
  return { ...frame, input: bitmap(pixels), input_size: `${height} × ${width}` };
});

/** All that is seen. */
export function view({ data: { pixels, presets }, ...dials }) {
  const { kernel, stride, padding, dilation } = dials;
  const span = 2 * dilation + 1;
  const sides = [pixels.length, pixels[0].length];
  const axes = sides.map((side) => axis(side, stride, padding, span));
  const cell = inside(axes.map(({ size }) => size), dials);
  const features = correlate(pixels, axes, dials);
  return {
    ...fixture(pixels),
    ...places(axes, cell, stride, span),
    ...products(taps(pixels, axes, dials, cell.row, cell.column), kernel.flat()),
    ...facts(axes, stride, dilation),
    ...values(features),
    ...cell,
    sum: signed(features[cell.row][cell.column], 3),
    preset: presetName(presets, kernel),
  };
}

/** One of the nine cells: a pixel, its weight and their product. */
const cell = (row, column) => {
  const k = 3 * row + column;
  return (
    `<td style="--grey: var(--grey${k})">` +
    `<span><i></i> <span data-slot="pixel${k}"></span></span>\n` +
    `<span>× <input type="number" min="-9" max="9" step="any" data-dial="kernel" ` +
    `data-cell="${row} ${column}" aria-label="Weight, row ${row}, column ${column}" disabled>` +
    `</span>\n<span>= <b data-slot="product${k}"></b></span></td>`
  );
};

/** The cells and the menu of kernels; the reader cannot choose `OWN`, only come to it. */
const furnish = ({ presets }) => ({
  cells: range(3).map((i) => `<tr>${range(3).map((j) => cell(i, j)).join("")}</tr>`).join(""),
  presets: `${options(Object.keys(presets))}<option disabled>${OWN}</option>`,
});

/** A preset gives its kernel. */
const follow = ({ data: { presets } }, { preset }) =>
  preset in presets ? { kernel: presets[preset] } : {};

/** The same in one sentence, for a screen reader. */
export const sentence = ({ size, row, column, sum }) =>
  `Feature map ${size}. Row ${row}, column ${column}: ${sum}.`;

/** Let both pictures choose the output pixel. */
function listen(root, { shown, set }) {
  const size = () => [shown().rows, shown().columns];
  for (const area of root.querySelectorAll(".ft-map"))
    pointing(area, size, (row, column) => set({ row, column }));
}

export const hydrate = figure({ view, furnish, sentence, follow, listen });
export default widget(hydrate);
