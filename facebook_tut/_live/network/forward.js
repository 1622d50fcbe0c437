/**
 * The forward pass of chapters 4 to 6 in JavaScript: what `facebook_tut.layers` does in NumPy, for
 * one image at a time. Nothing here knows of pages: arrays in, arrays out.
 *
 * A value is { data, shape }: a Float32Array and [H, W, C], channels last as in Keras, or [D].
 * A network is what `facebook_tut.export.to_browser` wrote: its layers in their order, each with
 * `of`, the numbers of the values it reads. Value 0 is the image; value k is what layer k gives.
 */
import { inTiles, tiled } from "./tiles.js";

/** An error for the reader: what happened, and what can be done. */
export class Trouble extends Error {
  constructor(code, sentence) {
    super(sentence);
    Object.assign(this, { name: "Trouble", code });
  }
}

// The file

const [MAGIC, VERSION, START] = ["FTNN", 1, 16]; // bytes before the header

/** The checksum CRC-32 of bytes, as Python's zlib computes it. */
export function crc32(bytes) {
  const table = new Uint32Array(256).map((_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n;
  });
  let sum = -1;
  for (const byte of bytes) sum = (sum >>> 8) ^ table[(sum ^ byte) & 255];
  return ~sum >>> 0;
}

/** A file of networks, read: { networks, extra }. Throws Trouble if it is damaged. */
export function parse(buffer) {
  const view = new DataView(buffer);
  const letters = (from, to) => {
    let text = "";
    for (let i = from; i < to; i++) text += String.fromCharCode(view.getUint8(i));
    return text;
  };
  if (buffer.byteLength < START || letters(0, 4) !== MAGIC)
    throw new Trouble("damaged", "The file of the network is not one of this book. Load it again.");
  if (view.getUint32(4, true) !== VERSION)
    throw new Trouble("version", "The file of the network is of another edition than this page. " +
      "Reload the page.");
  if (crc32(new Uint8Array(buffer, START)) !== view.getUint32(8, true))
    throw new Trouble("damaged", "The file of the network arrived damaged. Load it again.");
  const base = START + view.getUint32(12, true);
  const { networks, extra, arrays } = JSON.parse(letters(START, base));
  const float32 = arrays.float32.map(([at, size]) => new Float32Array(buffer, base + at, size));
  const int8 = arrays.int8.map(([at, size]) => new Int8Array(buffer, base + at, size));
  for (const { layers } of Object.values(networks))
    for (const layer of layers) {
      for (const name of ["bias", "slopes"])
        if (name in layer) layer[name] = float32[layer[name]];
      if (!("kernel" in layer)) continue;
      layer.kernel = ("scale" in layer ? int8 : float32)[layer.kernel];
      layer.scale = float32[layer.scale] ?? new Float32Array(layer.bias.length).fill(1);
    }
  return { networks, extra };
}

// The network

/**
 * All values of a network for an image, or only its outputs: { outputs, values }. A value that is
 * not asked for is let go as soon as no layer needs it.
 *
 * until: the number of the last value wanted; masks: `wanted` of each layer, see `convolution`.
 */
export function forward(network, image, { keep = false, until = Infinity, masks } = {}) {
  const values = [image];
  const last = lastUses(network);
  network.layers.forEach((layer, i) => {
    if (i + 1 > until) return;
    const inputs = layer.of.map((number) => values[number]);
    values.push(activated(LAYERS[layer.kind](layer, ...inputs, masks?.[i]), layer.activation));
    if (!keep) for (const number of layer.of) if (last[number] === i) values[number] = null;
  });
  const outputs = network.outputs.map((number) => values[number]);
  return { outputs, values };
}

/** What a chain of layers makes of many values. */
export function chained({ layers }, values) {
  return layers.reduce((many, layer) => {
    const made =
      layer.kind === "dense"
        ? denseOfMany(layer, many)
        : many.map((x) => LAYERS[layer.kind](layer, x));
    return made.map((x) => activated(x, layer.activation));
  }, values);
}

/** For each value the last layer that reads it. */
function lastUses({ layers, outputs }) {
  const last = [];
  layers.forEach(({ of }, i) => of.forEach((number) => (last[number] = i)));
  for (const number of outputs) last[number] = Infinity;
  return last;
}

function activated(value, name) {
  return name ? LAYERS[name](null, value) : value;
}

/** What each kind of layer does to its values. */
export const LAYERS = {
  rescale: ({ scale, offset }, x) => each(x, (v) => scale * v + offset),
  convolution,
  max_pool: maxPool,
  dense,
  flatten: (_, x) => ({ data: x.data, shape: [x.data.length] }),
  add: (_, x, y) => ({ data: x.data.map((v, i) => v + y.data[i]), shape: x.shape }),
  relu,
  prelu,
  sigmoid: (_, x) => each(x, (v) => 1 / (1 + Math.exp(-v))),
  softmax,
  swap,
  unit_length: (_, x) => unitLength(x),
};

function each({ data, shape }, f) {
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = f(data[i]);
  return { data: out, shape };
}

/** How many rows or columns a window leaves, and how many zeros come before the first. */
function spread(length, size, stride, padding) {
  if (padding === "valid") return [Math.floor((length - size) / stride) + 1, 0];
  const count = Math.ceil(length / stride); // "same", as TensorFlow pads
  return [count, Math.max(0, (count - 1) * stride + size - length) >> 1];
}

const GROUP = 8; // filters that are computed together: so many sums fit the processor's registers

/**
 * y[i, j, f] = b[f] + Σ_{u, v, c} x[s i + u, s j + v, c] w[u, v, c, f]: the formula of chapter 4.
 *
 * The sum over v and c runs along one stretch of x, since a row lies in memory column by column
 * and channel by channel. wanted: of each place (i, j), whether it is; others need not be computed.
 * Large maps are computed by `tiled`.
 */
export function convolution(layer, x, wanted) {
  const { stride, padding, shape: [size, , channels, filters], bias } = layer;
  const [height, above] = spread(x.shape[0], size, stride, padding);
  const [width, left] = spread(x.shape[1], size, stride, padding);
  const rows = (height - 1) * stride + size;
  const columns = (width - 1) * stride + size;
  const { data } = padding === "same" ? padded(x, rows, columns, above, left) : x;
  const line = (padding === "same" ? columns : x.shape[1]) * channels;
  if (inTiles(layer, height, width)) return tiled(layer, { data, line }, [height, width], wanted);
  const w = grouped(layer); // (F / 8, k k C, 8)
  const stretch = size * channels;
  const out = new Float32Array(height * width * filters);
  for (let group = 0; group < filters; group += GROUP) {
    const start = group * size * stretch;
    const many = Math.min(GROUP, filters - group);
    const b = Array.from({ length: GROUP }, (_, f) => bias[group + f] ?? 0);
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        const place = i * width + j;
        if (wanted && !wanted[place]) continue;
        let s0 = b[0], s1 = b[1], s2 = b[2], s3 = b[3];
        let s4 = b[4], s5 = b[5], s6 = b[6], s7 = b[7];
        let at = start;
        for (let u = 0; u < size; u++) {
          const from = (i * stride + u) * line + j * stride * channels;
          for (let k = from; k < from + stretch; k++, at += GROUP) {
            const v = data[k];
            s0 += v * w[at];
            s1 += v * w[at + 1];
            s2 += v * w[at + 2];
            s3 += v * w[at + 3];
            s4 += v * w[at + 4];
            s5 += v * w[at + 5];
            s6 += v * w[at + 6];
            s7 += v * w[at + 7];
          }
        }
        const to = place * filters + group;
        out[to] = s0;
        if (many > 1) out[to + 1] = s1;
        if (many > 2) out[to + 2] = s2;
        if (many > 3) out[to + 3] = s3;
        if (many > 4) out[to + 4] = s4;
        if (many > 5) out[to + 5] = s5;
        if (many > 6) out[to + 6] = s6;
        if (many > 7) out[to + 7] = s7;
      }
  }
  return { data: out, shape: [height, width, filters] };
}

/** A value with zeros about it. */
function padded({ data, shape: [height, width, channels] }, rows, columns, above, left) {
  const out = new Float32Array(rows * columns * channels);
  const kept = Math.min(width, columns - left) * channels;
  for (let i = 0; i < Math.min(height, rows - above); i++) {
    const from = i * width * channels;
    out.set(data.subarray(from, from + kept), ((i + above) * columns + left) * channels);
  }
  return { data: out };
}

/** A kernel's numbers, eight filters side by side: (F / 8, k k C, 8). Made once. */
function grouped(layer) {
  const { kernel, scale, shape } = layer;
  const filters = shape.at(-1);
  const each = kernel.length / filters; // numbers of one filter
  if (layer.grouped) return layer.grouped;
  const groups = Math.ceil(filters / GROUP);
  const out = new Float64Array(groups * each * GROUP);
  for (let f = 0; f < filters; f++) {
    const start = (f - (f % GROUP)) * each + (f % GROUP);
    for (let k = 0; k < each; k++) out[start + k * GROUP] = kernel[k * filters + f] * scale[f];
  }
  return (layer.grouped = out);
}

/** The largest number of each window, for each channel: chapter 5. */
export function maxPool({ size, stride, padding }, { data, shape: [rows, columns, channels] }) {
  const [height, above] = spread(rows, size, stride, padding);
  const [width, left] = spread(columns, size, stride, padding);
  const out = new Float32Array(height * width * channels).fill(-Infinity);
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++)
      for (let u = 0; u < size; u++)
        for (let v = 0; v < size; v++) {
          const row = i * stride - above + u, column = j * stride - left + v;
          if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
          const to = (i * width + j) * channels, from = (row * columns + column) * channels;
          for (let c = 0; c < channels; c++) {
            const x = data[from + c];
            if (x > out[to + c]) out[to + c] = x;
          }
        }
  return { data: out, shape: [height, width, channels] };
}

/** y[f] = b[f] + Σ_k x[k] w[k, f]: chapter 6. */
export function dense(layer, x) {
  return denseOfMany(layer, [x])[0];
}

/**
 * The same for many x at once, eight sums at a time. A weight is read from its eight bits once for
 * all of them, and numbers that ReLU has set to 0 cost nothing.
 */
function denseOfMany(layer, rows) {
  const { kernel, scale, bias } = layer;
  const units = bias.length, count = kernel.length / units;
  const out = rows.map(() => ({ data: new Float32Array(units), shape: [units] }));
  const filled = rows.map(({ data }) => filledPlaces(data));
  const weights = new Float64Array(count * GROUP);
  for (let group = 0; group < units; group += GROUP) {
    const many = Math.min(GROUP, units - group);
    for (let k = 0; k < count; k++)
      for (let f = 0; f < many; f++) weights[k * GROUP + f] = kernel[k * units + group + f];
    rows.forEach(({ data }, n) => {
      const sums = eightSums(data, filled[n], weights);
      for (let f = 0; f < many; f++)
        out[n].data[group + f] = sums[f] * scale[group + f] + bias[group + f];
    });
  }
  return out;
}

/** Where numbers are not 0. */
function filledPlaces(data) {
  const places = new Int32Array(data.length);
  let count = 0;
  for (let k = 0; k < data.length; k++) if (data[k] !== 0) places[count++] = k;
  return places.subarray(0, count);
}

const eight = new Float64Array(GROUP);

function eightSums(data, filled, w) {
  let s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
  for (let n = 0; n < filled.length; n++) {
    const k = filled[n], v = data[k], at = k * GROUP;
    s0 += v * w[at];
    s1 += v * w[at + 1];
    s2 += v * w[at + 2];
    s3 += v * w[at + 3];
    s4 += v * w[at + 4];
    s5 += v * w[at + 5];
    s6 += v * w[at + 6];
    s7 += v * w[at + 7];
  }
  eight[0] = s0;
  eight[1] = s1;
  eight[2] = s2;
  eight[3] = s3;
  eight[4] = s4;
  eight[5] = s5;
  eight[6] = s6;
  eight[7] = s7;
  return eight;
}

/** max(0, x). */
function relu(_, { data, shape }) {
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) if (data[i] > 0) out[i] = data[i];
  return { data: out, shape };
}

/** x where it is above 0, a x below it, with a slope a for each channel. */
function prelu({ slopes }, { data, shape }) {
  const [out, channels] = [new Float32Array(data.length), slopes.length];
  for (let i = 0; i < data.length; i++)
    out[i] = data[i] > 0 ? data[i] : slopes[i % channels] * data[i];
  return { data: out, shape };
}

/** exp(x[c]) / Σ_c exp(x[c]) along the channels. */
function softmax(_, { data, shape }) {
  const [out, channels] = [new Float32Array(data.length), shape.at(-1)];
  for (let i = 0; i < data.length; i += channels) {
    const own = data.subarray(i, i + channels);
    const largest = Math.max(...own);
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += out[i + c] = Math.exp(own[c] - largest);
    for (let c = 0; c < channels; c++) out[i + c] /= sum;
  }
  return { data: out, shape };
}

/** Rows become columns. */
function swap(_, { data, shape: [height, width, channels] }) {
  const out = new Float32Array(data.length);
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++)
      for (let c = 0; c < channels; c++)
        out[(j * height + i) * channels + c] = data[(i * width + j) * channels + c];
  return { data: out, shape: [width, height, channels] };
}

/** x / ‖x‖. */
export function unitLength(x) {
  let squares = 0;
  for (const v of x.data) squares += v * v;
  const length = Math.max(Math.sqrt(squares), 1e-12);
  return each(x, (v) => v / length);
}

/** A value seen in the mirror: left becomes right. */
export function mirrored({ data, shape: [height, width, channels] }) {
  const out = new Float32Array(data.length);
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) {
      const from = (i * width + width - 1 - j) * channels;
      out.set(data.subarray(from, from + channels), (i * width + j) * channels);
    }
  return { data: out, shape: [height, width, channels] };
}

/** The sum of the products of two vectors: of embeddings of length 1, their cosine. */
export function cosine(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
