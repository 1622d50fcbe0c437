/**
 * Photographs as arrays: what `preprocessing` and `alignment` do in Python, for the page.
 *
 * A picture is { width, height, data } as a canvas gives it, red, green, blue and opacity in bytes.
 * A plane is { data, shape }: a Float32Array or Float64Array and [H, W]. Points are (x, y) in
 * pixels, the centre of the first pixel at (0, 0); boxes are (top, left, bottom, right) between
 * pixels.
 */
import { Trouble } from "./forward.js";

/** Where the five landmarks lie in an aligned crop: `alignment.TEMPLATE`. */
export const TEMPLATE = [[0.34, 0.32], [0.66, 0.32], [0.5, 0.51], [0.35, 0.68], [0.65, 0.68]];

/** A picture's brightness from 0 to 1, [H, W]: `preprocessing.grayscale`. */
export function grey({ width, height, data }) {
  const out = new Float64Array(width * height);
  for (let i = 0, at = 0; i < out.length; i++, at += 4)
    out[i] = (0.2125 * data[at] + 0.7154 * data[at + 1] + 0.0721 * data[at + 2]) / 255;
  return { data: out, shape: [height, width] };
}

/** The three colours of a part of a picture, from 0 to 1, [H, W, 3]. */
export function colours({ width, data }, top = 0, left = 0, bottom, right) {
  const [rows, columns] = [bottom - top, right - left];
  const out = new Float32Array(rows * columns * 3);
  for (let i = 0, to = 0; i < rows; i++)
    for (let j = 0, at = ((top + i) * width + left) * 4; j < columns; j++, at += 4, to += 3)
      for (let c = 0; c < 3; c++) out[to + c] = data[at + c] / 255;
  return { data: out, shape: [rows, columns, 3] };
}

/** Means of blocks of edge × edge pixels; incomplete blocks are left out. */
export function blockMeans({ data, shape: [rows, columns, channels] }, edge) {
  const [height, width] = [Math.floor(rows / edge), Math.floor(columns / edge)];
  const out = new Float32Array(height * width * channels);
  for (let i = 0; i < height * edge; i++)
    for (let j = 0; j < width * edge; j++)
      for (let c = 0; c < channels; c++)
        out[(Math.floor(i / edge) * width + Math.floor(j / edge)) * channels + c] +=
          data[(i * columns + j) * channels + c] / edge ** 2;
  return { data: out, shape: [height, width, channels] };
}

/** Which index of a row of `length` stands for one beyond its ends. */
const AT_EDGES = {
  nearest: (i, length) => Math.max(0, Math.min(length - 1, i)),
  mirror(i, length) {
    if (length === 1) return 0;
    const period = 2 * (length - 1);
    const within = ((i % period) + period) % period;
    return Math.min(within, period - within);
  },
};

/** The weights of a Gaussian filter, as SciPy cuts them off; a single 1 for a sigma of 0. */
function gaussian(sigma) {
  const reach = Math.floor(4 * sigma + 0.5);
  const weight = (_, k) => (sigma ? Math.exp(-((k - reach) ** 2) / (2 * sigma ** 2)) : 1);
  const weights = Array.from({ length: 2 * reach + 1 }, weight);
  const total = weights.reduce((a, b) => a + b);
  return weights.map((one) => one / total);
}

/** A Gaussian filter down and across, as SciPy has it; sigmas of both in pixels. */
export function blurred(value, [down, across], edges) {
  return along(along(value, 0, down, edges), 1, across, edges);
}

function along({ data, shape }, axis, sigma, edges) {
  if (!sigma) return { data, shape };
  const [rows, columns, channels = 1] = shape;
  const weights = gaussian(sigma), reach = (weights.length - 1) / 2;
  const out = new data.constructor(data.length);
  const [length, step] = axis ? [columns, channels] : [rows, columns * channels];
  const place = (_, k) => step * AT_EDGES[edges](k - reach, length);
  const at = Array.from({ length: length + 2 * reach }, place);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const [line, own] = axis ? [i * columns * channels, j] : [j * channels, i];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * data[line + at[own + k] + c];
        out[(i * columns + j) * channels + c] = sum;
      }
    }
  return { data: out, shape };
}

/** A plane at another size, by bilinear interpolation between the centres of pixels. */
export function interpolated({ data, shape: [rows, columns] }, [height, width]) {
  const places = (length, count) =>
    Array.from({ length: count }, (_, i) => {
      const x = ((i + 0.5) * length) / count - 0.5;
      const low = Math.floor(x);
      return [AT_EDGES.nearest(low, length), AT_EDGES.nearest(low + 1, length), x - low];
    });
  const [down, across] = [places(rows, height), places(columns, width)];
  const out = new data.constructor(height * width);
  let to = 0;
  for (const [top, bottom, v] of down)
    for (const [left, right, u] of across) {
      const above = data[top * columns + left] * (1 - u) + data[top * columns + right] * u;
      const below = data[bottom * columns + left] * (1 - u) + data[bottom * columns + right] * u;
      out[to++] = above * (1 - v) + below * v;
    }
  return { data: out, shape: [height, width] };
}

/** A plane scaled, smoothed first where it shrinks: `preprocessing.resize`. */
export function resize({ data, shape: [rows, columns] }, [height, width]) {
  const [down, across] = [resized(rows, height), resized(columns, width)];
  const narrow = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < width; j++) narrow[i * width + j] = weighted(across[j], data, i * columns, 1);
  const out = new Float64Array(height * width);
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) out[i * width + j] = weighted(down[i], narrow, j, width);
  return { data: out, shape: [height, width] };
}

function weighted({ places, weights }, data, start, step) {
  let sum = 0;
  for (let k = 0; k < places.length; k++) sum += weights[k] * data[start + step * places[k]];
  return sum;
}

/** For each new place of a row the old ones that it reads, and their weights. */
function resized(length, count) {
  const bell = gaussian(Math.max(0, (length / count - 1) / 2));
  return Array.from({ length: count }, (_, i) => {
    const x = ((i + 0.5) * length) / count - 0.5;
    const low = Math.floor(x), first = low - (bell.length - 1) / 2;
    const places = Int32Array.from({ length: bell.length + 1 }, (_, k) =>
      AT_EDGES.mirror(first + k, length));
    const weights = Float64Array.from(places, (_, k) =>
      (bell[k] ?? 0) * (1 - x + low) + (bell[k - 1] ?? 0) * (x - low));
    return { places, weights };
  });
}

/** A patch with mean 1/2 and standard deviation 1/3, unless it is flat: `even_contrast`. */
export function evenContrast(patch) {
  const [mean, gain] = contrast(patch);
  return patch.map((v) => Math.min(1, Math.max(0, 0.5 + (v - mean) * gain)));
}

/** A patch's mean, and by what its contrast is multiplied. */
export function contrast(patch) {
  let [sum, squares] = [0, 0];
  for (const v of patch) sum += v;
  const mean = sum / patch.length;
  for (const v of patch) squares += (v - mean) ** 2;
  return [mean, 1 / (3 * Math.max(Math.sqrt(squares / patch.length), 0.1))];
}

export const [PATCH, INPUT] = [25, 64]; // pixels: edges of a patch and of what the network reads

/** A grey patch of 25 × 25 as the classifier reads it, [64, 64, 3]: `to_network_input`. */
export function networkInput(patch) {
  const even = { data: evenContrast(Float64Array.from(patch)), shape: [PATCH, PATCH] };
  const { data } = interpolated(even, [INPUT, INPUT]);
  const out = new Float32Array(data.length * 3);
  for (let i = 0; i < out.length; i++) out[i] = data[Math.floor(i / 3)];
  return { data: out, shape: [INPUT, INPUT, 3] };
}

/**
 * The shift, turn and change of size that best takes points onto others, as [a, b, x₀, y₀]: (x, y)
 * goes to (a x − b y + x₀, b x + a y + y₀). `alignment.similarity_transform` has the same matrix:
 * in the plane a turn with a change of size is a complex number, and least squares has one answer.
 */
export function similarity(source, target) {
  const mean = (points, k) => points.reduce((sum, point) => sum + point[k], 0) / points.length;
  const [x0, y0, u0, v0] = [mean(source, 0), mean(source, 1), mean(target, 0), mean(target, 1)];
  let [real, imaginary, squares] = [0, 0, 0];
  source.forEach(([px, py], k) => {
    const [x, y, u, v] = [px - x0, py - y0, target[k][0] - u0, target[k][1] - v0];
    real += x * u + y * v;
    imaginary += x * v - y * u;
    squares += x * x + y * y;
  });
  if (!(Math.hypot(real, imaginary) > 1e-9))
    throw new Trouble("points", "The eyes lie on one spot. Move one of them.");
  const [a, b] = [real / squares, imaginary / squares];
  return [a, b, u0 - a * x0 + b * y0, v0 - b * x0 - a * y0];
}

/** A face cut out upright by five landmarks or two eyes, [size, size, 3]: `alignment.align`. */
export function align(picture, landmarks, size = INPUT) {
  const goal = TEMPLATE.slice(0, landmarks.length).map((p) => p.map((part) => part * size - 0.5));
  const [a, b, x, y] = similarity(landmarks, goal);
  return warped(picture, [[a, -b, x], [b, a, y]], size);
}

/** A box cut out as it is and scaled, [size, size, 3]: `alignment.crop`. */
export function crop(picture, [top, left, bottom, right], size = INPUT) {
  const [across, down] = [size / (right - left), size / (bottom - top)];
  const shift = (start, scale) => (0.5 - start) * scale - 0.5;
  return warped(picture, [[across, 0, shift(left, across)], [0, down, shift(top, down)]], size);
}

/** The crop to whose pixels the matrix takes those of the picture, smoothed where it shrinks. */
function warped(picture, matrix, size) {
  const back = inverse(matrix);
  const shrink = Math.sqrt(determinant(back)); // pixels of the picture per pixel of the crop
  let { part, top, left } = around(picture, back, shrink, size);
  back[0][2] -= left;
  back[1][2] -= top;
  const edge = Math.min(Math.max(1, Math.floor(shrink / 4)), part.shape[0], part.shape[1]);
  if (edge > 1) {
    part = blockMeans(part, edge);
    for (const row of back)
      row.forEach((v, k) => (row[k] = v / edge + (k === 2 ? 0.5 / edge - 0.5 : 0)));
  }
  const sigma = Math.max(0, (shrink / edge - 1) / 2);
  return sampled(blurred(part, [sigma, sigma], "nearest"), back, size);
}

/** The part of a picture that a crop reads, with a margin for smoothing. */
function around({ width, height, data }, back, shrink, size) {
  const ends = [[-1, -1], [-1, size], [size, -1], [size, size]];
  const corners = ends.map((corner) => moved(back, corner));
  const margin = 2 * shrink + 1;
  const clip = (v, low, high) => Math.trunc(Math.max(low, Math.min(high, v)));
  const span = (side, k) => {
    const places = corners.map((corner) => corner[k]);
    const start = clip(Math.min(...places) - margin, 0, side - 1);
    return [start, Math.min(side, clip(Math.max(...places) + margin, start, side) + 1)];
  };
  const [[left, right], [top, bottom]] = [width, height].map(span);
  return { part: colours({ width, data }, top, left, bottom, right), top, left };
}

const moved = ([[a, b, x], [c, d, y]], [u, v]) => [a * u + b * v + x, c * u + d * v + y];
const determinant = ([[a, b], [c, d]]) => a * d - b * c;

function inverse([[a, b, x], [c, d, y]]) {
  const all = a * d - b * c;
  return [[d / all, -b / all, (b * y - d * x) / all], [-c / all, a / all, (c * x - a * y) / all]];
}

/** Read a picture at the places where a matrix takes the pixels of a crop; edges are drawn out. */
function sampled({ data, shape: [rows, columns] }, matrix, size) {
  const out = new Float32Array(size * size * 3);
  const near = (x, length) => [AT_EDGES.nearest(x, length), AT_EDGES.nearest(x + 1, length)];
  for (let i = 0, to = 0; i < size; i++)
    for (let j = 0; j < size; j++, to += 3) {
      const [x, y] = moved(matrix, [j, i]);
      const [column, row] = [Math.floor(x), Math.floor(y)];
      const [[left, right], [top, bottom]] = [near(column, columns), near(row, rows)];
      const [u, v] = [x - column, y - row];
      for (let c = 0; c < 3; c++) {
        const at = (r, s) => data[(r * columns + s) * 3 + c];
        const above = at(top, left) * (1 - u) + at(top, right) * u;
        const below = at(bottom, left) * (1 - u) + at(bottom, right) * u;
        out[to + c] = above * (1 - v) + below * v;
      }
    }
  return { data: out, shape: [size, size, 3] };
}
