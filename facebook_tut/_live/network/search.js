/**
 * Chapter 8's detector over a whole photograph: `cascade.detect_in_stages` in a quicker order.
 *
 * In Python each window is cut out, given even contrast and judged alone. Here all windows of one
 * size share the convolutions: neighbours overlap, and what one has computed the next reads. For
 * that they must also share the contrast. Each pixel is given the mean of the contrasts that the
 * windows over it ask for. `judgeWindow` is the slow way, window by window.
 */
import { chained, forward, mirrored } from "./forward.js";
import { overlapOf } from "./faces.js";
import {
  contrast, evenContrast, INPUT, interpolated, networkInput, PATCH, resize,
} from "./picture.js";

const [GROWTH, SHARE] = [1.25, 6.4]; // of window sizes; the shorter edge by the smallest window
const STEP = 8; // pixels of the network's input from window to window: what its pooling leaves as 1
const UNSURE = -3; // log-odds below which the mirror image is not asked
const SUREST = 1e-6; // probabilities are held so far from 0 and 1

/** log(p / (1 − p)), finite also where p is 0 or 1. */
export function logOdds(p) {
  const held = Math.min(1 - SUREST, Math.max(SUREST, p));
  return Math.log(held / (1 - held));
}

/** The window sizes to try on a picture: `detection.window_sizes`. */
export function windowSizes([height, width]) {
  const [shorter, sizes] = [Math.min(height, width), []];
  const smallest = Math.max(shorter / SHARE, PATCH);
  for (let size = smallest; size <= shorter; size *= GROWTH) sizes.push(size);
  return sizes;
}

/** A patch of 25 × 25 pixels of a plane. */
export function patchAt({ data, shape: [, columns] }, top, left) {
  const out = new Float64Array(PATCH * PATCH);
  for (let i = 0; i < PATCH; i++) {
    const from = (top + i) * columns + left;
    out.set(data.subarray(from, from + PATCH), i * PATCH);
  }
  return out;
}

/** The log-odds of the first stage, logistic regression on the pixels: `cascade.PixelFilter`. */
export function filtered({ weights, bias }, patch) {
  const pixels = evenContrast(patch);
  let sum = bias;
  for (let k = 0; k < pixels.length; k++) sum += weights[k] * (pixels[k] - 0.5);
  return sum;
}

/** The network's log-odds for one patch alone, and for its mirror image if that is asked. */
export function judgeWindow(network, patch, mirror = true) {
  const image = networkInput(patch);
  const judged = (x) => logOdds(forward(network, x).outputs[0].data[0]);
  return mirror ? (judged(image) + judged(mirrored(image))) / 2 : judged(image);
}

/** What the network says of all windows of one size: [{ box, score }], the scores log-odds. */
export function searchLevel(network, filter, plane, size, options = {}) {
  const { exact = false, mirror = true, sift = 0 } = options;
  const scale = PATCH / size;
  const small = resize(plane, plane.shape.map((side) => Math.round(side * scale)));
  const windows = survivors(filter, small, sift);
  if (exact) for (const one of windows) one.score = judgeWindow(network, one.patch, mirror);
  else judge(network, small, windows, mirror);
  return windows.map(({ row, column, score }) => {
    const [top, left] = [row, column].map((k) => (k * STEP * size) / INPUT);
    return { box: [top, left, top + size, left + size], score };
  });
}

/** The windows whose log-odds in the first stage are above `sift`, by their row and column. */
function survivors(filter, small, sift) {
  const [rows, columns] = gridOf(small);
  const found = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [top, left] = [row, column].map((k, axis) =>
        Math.min(Math.round((k * STEP * PATCH) / INPUT), small.shape[axis] - PATCH));
      const patch = patchAt(small, top, left);
      if (filtered(filter, patch) > sift) found.push({ row, column, top, left, patch });
    }
  return found;
}

const enlarged = ({ shape }) => shape.map((side) => Math.round((side * INPUT) / PATCH));
const gridOf = (small) => enlarged(small).map((side) => Math.floor((side - INPUT) / STEP) + 1);

/** Give each window its score, all of them with one pass over the copy, or two. */
function judge(network, small, windows, mirror) {
  score(network, small, windows, (one, found) => (one.score = found));
  if (!mirror) return;
  const [, columns] = gridOf(small);
  const [height, width] = enlarged(small);
  const shift = (width - INPUT) % STEP; // so that windows of the mirror image lie on the grid too
  const likely = windows.filter(({ score }) => score > UNSURE);
  const turned = likely.map((one) => ({ ...one, of: one, column: columns - 1 - one.column }));
  score(network, small, turned, ({ of }, found) => (of.score = (of.score + found) / 2), shift);
}

/** Judge windows with shared convolutions; shift: of a mirror image, pixels cut off its left. */
function score(network, small, windows, give, shift) {
  if (!windows.length) return;
  const [height, width] = enlarged(small);
  let { data } = interpolated(shared(small, windows), [height, width]);
  let shape = [height, width];
  if (shift !== undefined) ({ data, shape } = flipped(data, height, width, shift));
  const grey = oneChannel(network);
  const end = grey.layers.findIndex(({ kind }) => kind === "flatten");
  const image = { data: Float32Array.from(data), shape: [...shape, 1] };
  const masks = masksOf(grey, shape, windows);
  const maps = forward(grey, image, { until: end, masks }).values[end];
  const head = headOf(grey, end);
  const features = windows.map(({ row, column }) => blockOf(maps, row, column, head.side));
  chained(head, features).forEach(({ data }, k) => give(windows[k], logOdds(data[0])));
}

function flipped(data, height, width, shift) {
  const out = new Float64Array(height * (width - shift));
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width - shift; j++)
      out[i * (width - shift) + j] = data[i * width + width - shift - 1 - j];
  return { data: out, shape: [height, width - shift] };
}

/** The copy with the contrast that the windows over each pixel ask for, on average. */
function shared(small, windows) {
  const [rows, columns] = small.shape;
  const [means, gains, counts] = [0, 1, 2].map(() => new Float64Array(rows * columns));
  for (const { top, left, patch } of windows) {
    const [mean, gain] = contrast(patch);
    for (let i = top; i < top + PATCH; i++)
      for (let at = i * columns + left; at < i * columns + left + PATCH; at++) {
        means[at] += mean;
        gains[at] += gain;
        counts[at]++;
      }
  }
  const data = small.data.map((v, at) => {
    const count = counts[at];
    if (!count) return 0.5;
    return Math.min(1, Math.max(0, 0.5 + (v - means[at] / count) * (gains[at] / count)));
  });
  return { data, shape: small.shape };
}

/** The network for one channel: the three of a grey picture are equal, and their weights add up. */
function oneChannel(network) {
  if (network.grey) return network.grey;
  const [first, ...rest] = network.layers;
  const [size, , channels, filters] = first.shape;
  const kernel = new Float32Array(size * size * filters);
  first.kernel.forEach((w, at) => {
    const [f, place] = [at % filters, Math.floor(at / filters / channels)];
    kernel[place * filters + f] += w * first.scale[f];
  });
  const scale = new Float32Array(filters).fill(1);
  const layer = { ...first, kernel, scale, shape: [size, size, 1, filters], grouped: undefined };
  return (network.grey = { ...network, layers: [layer, ...rest] });
}

/** For each layer the places of its map that the windows read. */
function masksOf({ layers }, [height, width], windows) {
  const masks = [];
  let [sides, edge, step] = [[height, width], INPUT, STEP]; // of the map, a window and the grid
  for (const { kind, shape, size, stride } of layers) {
    if (kind === "flatten") break;
    const reach = kind === "convolution" ? shape[0] : size;
    sides = sides.map((side) => Math.floor((side - reach) / stride) + 1);
    edge = Math.floor((edge - reach) / stride) + 1;
    step /= stride;
    masks.push(kind === "convolution" ? marked(sides, edge, step, windows) : undefined);
  }
  return masks;
}

function marked([rows, columns], edge, step, windows) {
  const mask = new Uint8Array(rows * columns);
  for (const { row, column } of windows)
    for (let i = row * step; i < row * step + edge; i++) {
      const from = i * columns + column * step;
      mask.fill(1, from, from + edge);
    }
  return mask;
}

/** The layers from the flattening on, and the edge of the map that they read. */
function headOf(network, end) {
  if (network.head) return network.head;
  const layers = network.layers.slice(end);
  const units = layers.find(({ kind }) => kind === "dense").shape[0];
  const before = network.layers.slice(0, end).filter(({ kind }) => kind === "convolution");
  const channels = before.at(-1).shape[3];
  return (network.head = { layers, side: Math.sqrt(units / channels) });
}

/** What one window reads of the last map. */
function blockOf({ data, shape: [, columns, channels] }, row, column, side) {
  const out = new Float32Array(side * side * channels);
  for (let i = 0; i < side; i++) {
    const from = ((row + i) * columns + column) * channels;
    out.set(data.subarray(from, from + side * channels), i * side * channels);
  }
  return { data: out, shape: [side, side, channels] };
}

/** Windows that lie on each other, merged: `cascade.group_log_odds`, most votes first. */
export function group(windows, { floor = 0, overlap = 0.3 } = {}) {
  let rest = windows
    .filter(({ score }) => score > floor)
    .map(({ box, score }) => ({ box, vote: score - floor, score }))
    .sort((a, b) => b.vote - a.vote);
  const found = [];
  while (rest.length) {
    const [best] = rest;
    const joins = (one) => one === best || overlapOf(best.box, one.box) > overlap;
    const own = rest.filter(joins);
    const votes = own.reduce((sum, { vote }) => sum + vote, 0);
    const mean = (k) => own.reduce((sum, { box, vote }) => sum + box[k] * vote, 0) / votes;
    const [top, left, bottom] = [mean(0), mean(1), mean(2)];
    found.push({ top, left, size: bottom - top, score: 1 / (1 + Math.exp(-best.score)), votes });
    rest = rest.filter((one) => !joins(one));
  }
  return found.sort((a, b) => b.votes - a.votes);
}
