/**
 * A convolution of 3 × 3 with stride 1 in tiles of 4 × 4 places, with a quarter of the products.
 *
 * A tile reads 6 × 6 places and would need 144 products for each channel and filter. Turned by the
 * matrices below, it needs 36: Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A. Lavin and Gray, "Fast Algorithms for
 * Convolutional Neural Networks" (2016), section 4, after Winograd (1980). The turned tiles and
 * kernels are in 64 bits, so that the result is the same to the digits that 32 bits keep.
 */
const [TILE, READ, PLACES] = [4, 6, 36]; // edges of what a tile gives and reads; numbers it holds
// The inner loops take no list apart: that costs more than what it computes.
const MANY = 16; // tiles at a time: their numbers and one place's weights fit the nearest memory
const G = [
  [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
];

/** Whether a layer is worth it: with few channels or places, turning costs more than it saves. */
export const inTiles = ({ stride, shape: [size, , channels] }, height, width) =>
  size === 3 && stride === 1 && channels >= 8 && Math.min(height, width) >= 2 * TILE;

/** y of `convolution` for x with its zeros about it, [H, W, C], where a place is wanted. */
export function tiled(layer, { data, line }, [height, width], wanted) {
  const { shape: [, , channels, filters], bias } = layer;
  const kernel = (layer.turned ??= turnedKernel(layer));
  const columns = kernel.length / PLACES / channels; // the filters, to an even number
  const out = new Float32Array(height * width * filters);
  const read = new Float64Array(PLACES * channels * MANY); // (36, C, tiles)
  const sums = new Float64Array(PLACES * MANY * columns); // (36, tiles, F)
  const tiles = tilesOf(height, width, wanted);
  for (let first = 0; first < tiles.length; first += MANY) {
    const some = tiles.slice(first, first + MANY);
    for (let t = 0; t < some.length; t++)
      readTile(data, some[t][0] * line + some[t][1] * channels, line, channels, read, t);
    for (let k = 0; k < PLACES; k++) multiply(read, kernel, sums, k, some.length, channels, columns);
    for (let t = 0; t < some.length; t++)
      writeTile(sums, t, columns, bias, out, (some[t][0] * width + some[t][1]) * filters, width);
  }
  return { data: out, shape: [height, width, filters] };
}

/** Where tiles begin that hold a wanted place; the last ones lie on those before them. */
function tilesOf(height, width, wanted) {
  const starts = (length) =>
    Array.from({ length: Math.ceil(length / TILE) }, (_, k) => Math.min(k * TILE, length - TILE));
  const found = [];
  for (const i of starts(height))
    for (const j of starts(width)) if (!wanted || anyOf(wanted, i, j, width)) found.push([i, j]);
  return found;
}

function anyOf(wanted, top, left, width) {
  for (let i = top; i < top + TILE; i++)
    for (let j = left; j < left + TILE; j++) if (wanted[i * width + j]) return true;
  return false;
}

/** G g Gᵀ of each channel and filter, (36, C, F), a last column of zeros if F is odd. */
function turnedKernel({ kernel, scale, shape: [, , channels, filters] }) {
  const columns = filters + (filters % 2);
  const out = new Float64Array(PLACES * channels * columns);
  for (let c = 0; c < channels; c++)
    for (let f = 0; f < filters; f++) {
      const g = (u, v) => kernel[((3 * u + v) * channels + c) * filters + f] * scale[f];
      const sum = (row, v) => row[0] * g(0, v) + row[1] * g(1, v) + row[2] * g(2, v);
      const down = G.map((row) => [0, 1, 2].map((v) => sum(row, v))); // G g
      for (let k = 0; k < PLACES; k++) {
        const [own, row] = [down[Math.floor(k / READ)], G[k % READ]];
        out[(k * channels + c) * columns + f] = own[0] * row[0] + own[1] * row[1] + own[2] * row[2];
      }
    }
  return out;
}

const held = new Float64Array(PLACES); // one tile of one channel or filter

/** Bᵀ d B of tile t, for each channel. */
function readTile(data, from, line, channels, read, t) {
  for (let c = 0; c < channels; c++) {
    for (let i = 0, k = 0; i < READ; i++)
      for (let j = 0, at = from + i * line + c; j < READ; j++, k++, at += channels)
        held[k] = data[at];
    for (let k = 0; k < READ; k++) turnIn(held, k, READ);
    for (let k = 0; k < PLACES; k += READ) turnIn(held, k, 1);
    for (let k = 0; k < PLACES; k++) read[(k * channels + c) * MANY + t] = held[k];
  }
}

/** Bᵀ x in place, for six numbers `step` apart. */
function turnIn(x, at, step) {
  const b = at + step, c = b + step, d = c + step, e = d + step, f = e + step;
  const x0 = x[at], x1 = x[b], x2 = x[c], x3 = x[d], x4 = x[e], x5 = x[f];
  x[at] = 4 * x0 - 5 * x2 + x4;
  x[b] = x4 + x3 - 4 * (x2 + x1);
  x[c] = x4 - x3 - 4 * (x2 - x1);
  x[d] = x4 - x2 + 2 * (x3 - x1);
  x[e] = x4 - x2 - 2 * (x3 - x1);
  x[f] = 4 * x1 - 5 * x3 + x5;
}

/** The sums over channels at place k: a matrix product, by four tiles and two filters. */
function multiply(read, kernel, sums, k, count, channels, columns) {
  const end = (k + 1) * channels * MANY;
  for (let t = 0; t < count; t += 4)
    for (let f = 0; f < columns; f += 2) {
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
      let w = k * channels * columns + f;
      for (let x = k * channels * MANY + t; x < end; x += MANY, w += columns) {
        const v = kernel[w], u = kernel[w + 1];
        const x0 = read[x], x1 = read[x + 1], x2 = read[x + 2], x3 = read[x + 3];
        a0 += x0 * v;
        a1 += x1 * v;
        a2 += x2 * v;
        a3 += x3 * v;
        b0 += x0 * u;
        b1 += x1 * u;
        b2 += x2 * u;
        b3 += x3 * u;
      }
      const to = (k * MANY + t) * columns + f;
      sums[to] = a0;
      sums[to + 1] = b0;
      sums[to + columns] = a1;
      sums[to + columns + 1] = b1;
      sums[to + 2 * columns] = a2;
      sums[to + 2 * columns + 1] = b2;
      sums[to + 3 * columns] = a3;
      sums[to + 3 * columns + 1] = b3;
    }
}

/** Aᵀ M A of tile t and the bias, for each filter. */
function writeTile(sums, t, columns, bias, out, to, width) {
  const filters = bias.length;
  for (let f = 0; f < filters; f++) {
    for (let k = 0; k < PLACES; k++) held[k] = sums[(k * MANY + t) * columns + f];
    for (let k = 0; k < READ; k++) turnOut(held, k, READ);
    for (let k = 0; k < TILE * READ; k += READ) turnOut(held, k, 1);
    for (let i = 0; i < TILE; i++)
      for (let j = 0, at = to + i * width * filters + f; j < TILE; j++, at += filters)
        out[at] = held[i * READ + j] + bias[f];
  }
}

/** Aᵀ x in place, of six numbers `step` apart four. */
function turnOut(x, at, step) {
  const b = at + step, c = b + step, d = c + step, e = d + step;
  const x0 = x[at], x1 = x[b], x2 = x[c], x3 = x[d], x4 = x[e], x5 = x[e + step];
  x[at] = x0 + x1 + x2 + x3 + x4;
  x[b] = x1 - x2 + 2 * (x3 - x4);
  x[c] = x1 + x2 + 4 * (x3 + x4);
  x[d] = x1 - x2 + 8 * (x3 - x4) + x5;
}
