/**
 * What `preprocessing.quality` measures of an aligned face of 64 × 64 pixels, and which limits it
 * is beyond. image: { data, shape: [H, W, 3] }, values from 0 to 1.
 */
const [SHARP, RICH, NOISY, INPUT_SIZE] = [0.07, 0.4, 0.03, 64]; // as in picture_quality.py
const SHARES = [0.2125, 0.7154, 0.0721]; // of red, green and blue in brightness
const [DARKEST, BRIGHTEST] = [1.5 / 255, 253.5 / 255];
const DIFFERENCE = [1, -2, 1, -2, 4, -2, 1, -2, 1].map((part) => part / 6); // of two Laplacians
const MOUTH = { top: 40, bottom: 60, left: 16, right: 48 }; // of 64 × 64 pixels
const REACH = 4; // standard deviations of a Gaussian

const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function spread(values) {
  const middle = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - middle) ** 2)));
}

function median(values) {
  const sorted = values.slice().sort(); // of a typed array: by number
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}

/** An index beyond the ends of a row of `length`, reflected with the last pixel repeated. */
const reflected = (i, length) => (i < 0 ? -1 - i : i >= length ? 2 * length - 1 - i : i);

/** A plane [H, W] filtered down (axis 0) or across (axis 1) by a symmetric kernel. */
function filteredAlong(plane, [rows, columns], axis, kernel) {
  const reach = (kernel.length - 1) / 2;
  return plane.map((_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return kernel.reduce((sum, weight, k) => {
      const row = axis ? i : reflected(i + k - reach, rows);
      const column = axis ? reflected(j + k - reach, columns) : j;
      return sum + weight * plane[row * columns + column];
    }, 0);
  });
}

/** The Laplacian of a plane smoothed by a Gaussian of one pixel: SciPy's `gaussian_laplace`. */
function laplacian(plane, shape) {
  const steps = Array.from({ length: 2 * REACH + 1 }, (_, k) => k - REACH);
  const bell = steps.map((x) => Math.exp((-x * x) / 2));
  const total = bell.reduce((sum, weight) => sum + weight, 0);
  const smooth = bell.map((weight) => weight / total);
  const bend = smooth.map((weight, k) => weight * (steps[k] ** 2 - 1));
  const [down, across] = [[bend, smooth], [smooth, bend]].map(([first, second]) =>
    filteredAlong(filteredAlong(plane, shape, 0, first), shape, 1, second));
  return down.map((value, at) => value + across[at]);
}

/** The noise of a plane: what a mask that sees neither slopes nor edges leaves, at the median. */
function noiseOf(plane, [rows, columns]) {
  const left = plane.map((_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    const value = (k) => {
      const row = reflected(i + Math.floor(k / 3) - 1, rows);
      return plane[row * columns + reflected(j + (k % 3) - 1, columns)];
    };
    return Math.abs(DIFFERENCE.reduce((sum, weight, k) => sum + weight * value(k), 0));
  });
  return median(left) / 0.6745;
}

/** The spread of colours beside what brightness explains of them, by least squares. */
function colourOf(data, plane) {
  const middle = meanOf(plane);
  const light = plane.map((value) => value - middle);
  const squares = Math.max(light.reduce((sum, value) => sum + value * value, 0), 1e-12);
  const opponents = [
    plane.map((_, i) => data[3 * i] - data[3 * i + 1]),
    plane.map((_, i) => (data[3 * i] + data[3 * i + 1]) / 2 - data[3 * i + 2]),
  ];
  const rest = opponents.map((values) => {
    const mean = meanOf(values);
    const follows = values.reduce((sum, v, i) => sum + (v - mean) * light[i], 0) / squares;
    return spread(values.map((v, i) => v - mean - follows * light[i]));
  });
  return Math.hypot(...rest);
}

/** How bright the darker half is, left or right, by the other. */
function evennessOf(plane, columns) {
  const half = Math.ceil(columns / 2);
  const halves = [true, false].map((left) =>
    meanOf(plane.filter((_, at) => at % columns < half === left)));
  return Math.min(...halves) / Math.max(...halves, 1 / 255);
}

/** Whether a pixel is around mouth and chin. */
const aroundMouth = (at, columns) => {
  const [row, column] = [Math.floor(at / columns), at % columns];
  return row >= MOUTH.top && row < MOUTH.bottom && column >= MOUTH.left && column < MOUTH.right;
};

/** The measures of a face and their score; size: its edge in the photograph, in pixels. */
export function quality({ data, shape: [rows, columns] }, size) {
  const shape = [rows, columns];
  const sum = (_, i) => SHARES.reduce((all, share, c) => all + share * data[3 * i + c], 0);
  const plane = Float64Array.from({ length: rows * columns }, sum);
  const extreme = (value) => value < DARKEST || value > BRIGHTEST;
  const clipped = (_, i) => data.subarray(3 * i, 3 * i + 3).some(extreme);
  const brightness = meanOf(plane);
  const mean = Math.max(brightness, 1 / 255);
  const measures = {
    sharpness: spread(laplacian(plane, shape)) / mean,
    contrast: spread(plane) / mean,
    brightness,
    clipped: Array.from(plane, clipped).filter(Boolean).length / plane.length,
    noise: noiseOf(plane, shape) / mean,
    size,
    colour: colourOf(data, plane) / mean,
    evenness: evennessOf(plane, columns),
    mouth: spread(plane.filter((_, at) => aroundMouth(at, columns))) / mean,
  };
  return { ...measures, score: scoreOf(measures) };
}

/** The product of six shares, each 1 if there is nothing to mend: `Quality.score`. */
function scoreOf({ sharpness, contrast, brightness, clipped, noise, size }) {
  const shares = [
    sharpness / SHARP,
    contrast / RICH,
    5 * Math.min(brightness, 1 - brightness),
    1 - clipped,
    1 / (1 + (noise / NOISY) ** 2),
    size / INPUT_SIZE,
  ];
  return shares.reduce((product, share) => product * Math.max(0, Math.min(1, share)), 1);
}

/** The names of the limits that a face is beyond: `Quality.beyond`. */
export const beyond = (measures, limits) =>
  Object.keys(limits).filter((name) => {
    const { measure, least = null, most = null } = limits[name];
    const value = measures[measure];
    return (least !== null && value < least) || (most !== null && value > most);
  });
