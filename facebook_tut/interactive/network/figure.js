/**
 * The network explorer: what every layer makes of an image, and which pixels one value sees. The
 * first convolution is computed here, from the image and the filters; the others' maps are stored.
 */
import {
  bitmap,
  figure,
  fixed,
  inside,
  lasting,
  pointing,
  range,
  widget,
} from "../../_live/live.js";
import { grid, picture, sheet, SHOWN, thin, unpacked } from "../../_live/network/maps.js";

const UNIT = 10 ** 6; // the weights are whole numbers of millionths
const [FLATTEN, DENSE, LAST] = [7, 8, 9];

/** The levels of one map of the first convolution; a grey image is three equal planes. */
export function convolve(planes, filter, bias, limit) {
  const terms = filter.map((weight, at) => {
    const plane = planes[Math.min(planes.length - 1, Math.floor(at / 9))];
    return [weight, plane, Math.floor(at / 3) % 3, at % 3];
  });
  return grid(planes[0].length - 2, planes[0][0].length - 2, (row, column) => {
    let sum = bias;
    for (const [weight, plane, i, j] of terms) sum += weight * plane[row + i][column + j];
    const value = Math.max(0, sum) / (255 * UNIT);
    return Math.min(255, Math.floor(0.5 + (value / limit) * 255));
  });
}

/** The largest of each 2 x 2 levels: the level of the largest value. */
export function pool(map) {
  const size = (edge) => Math.floor(edge / 2);
  return grid(size(map.length), size(map[0].length), (i, j) => {
    const [above, below] = [map[2 * i], map[2 * i + 1]];
    return Math.max(above[2 * j], above[2 * j + 1], below[2 * j], below[2 * j + 1]);
  });
}

/** The planes of an image, then each layer's maps. */
export function mapsOf(data, image) {
  const planes = unpacked(data.images[image], 64, 64);
  const first = data.filters.map((filter, i) =>
    convolve(planes, filter, data.biases[i], data.limits[0][i]),
  );
  const packed = data.maps[image];
  const [second, third] = [unpacked(packed[0], 29, 29), unpacked(packed[1], 12, 12)];
  const last = third.map(pool);
  const answer = [[[Math.floor(0.5 + 255 * data.probabilities[image])]]];
  return [
    planes, first, first.map(pool), second, second.map(pool), third, last, last,
    unpacked(packed[2], 16, 32), answer,
  ];
}

/** A layer's rows and columns as they are drawn; layer 0 is the input. */
const size = (layers, layer) =>
  layer ? [layers[layer - 1].rows, layers[layer - 1].columns] : [64, 64];

/**
 * What one value of a layer sees in the input and in each layer up to its own: first row, first
 * column, rows and columns. Going back through a layer, a window of n values that starts at s
 * becomes one of (n - 1) stride + kernel at s stride.
 */
export function windowsOf(layers, layer, row, column) {
  const windows = [[row, column, 1, 1]];
  for (let index = layer; index > 0; index--) {
    const { kernel, stride } = layers[index - 1];
    const [top, left, rows, columns] = windows[0];
    const grown = [rows, columns].map((edge) => (edge - 1) * stride + kernel);
    const window = [top * stride, left * stride, ...grown];
    windows.unshift(kernel ? window : [0, 0, ...size(layers, index - 1)]);
  }
  return windows;
}

/** How far a window is from the four sides of its picture, as CSS writes it. */
export function inset([top, left, height, width], [rows, columns]) {
  const [right, bottom] = [columns - left - width, rows - top - height];
  const parts = [top / rows, right / columns, bottom / rows, left / columns];
  return parts.map((part) => `${fixed(100 * part, 3)}%`).join(" ");
}

/** The pictures by the name of their slot. */
export function pictures(maps, layer, channel) {
  const shown = { card0: picture(maps[0].map(thin)), input: picture(maps[0]) };
  const own = (index) => maps[index][Math.min(channel, maps[index].length - 1)];
  for (let index = 1; index <= LAST; index++) {
    const small = thin(own(index));
    shown[`card${index}`] = bitmap(index === FLATTEN ? small.flat().map((one) => [one]) : small);
  }
  return { ...shown, sheet: sheet(maps[layer]), map: bitmap(own(layer)) };
}

/** Which convolution a layer of maps belongs to. */
const blockOf = (layer) => Math.floor((Math.min(layer, 6) - 1) / 2);

/** Which of its maps a layer shows: those of its convolution. */
const chosenOf = (data, layer) => data.chosen[blockOf(layer)];

/** The labels of the tiles, by the name of their slot. */
const labels = (text) =>
  Object.fromEntries(range(SHOWN).map((index) => [`label${index}`, text(index)]));

function mapTitles(data, layer, channel) {
  const [{ rows, columns }, chosen] = [data.layers[layer - 1], chosenOf(data, layer)];
  const thinned = layer === 1 ? " Every second pixel is drawn." : "";
  return {
    sheet_title: `${SHOWN} of ${data.layers[Math.min(layer, 6) - 1].outputs} maps`,
    sheet_note: `Most active first. White is a map’s largest value.${thinned}`,
    map_title: `Map ${chosen[channel]}: ${rows} × ${columns}`,
    cut: "none",
    ...labels((index) => chosen[index]),
  };
}

const denseTitles = (layer) => ({
  sheet_title: layer === DENSE ? "512 values" : "1 value",
  sheet_note: "There are no maps from here on.",
  map_title: layer === DENSE ? "All values: 16 × 32" : "The answer: 1 × 1",
  cut: "inset(0 50% 75% 0)",
  ...labels(() => "all"),
});

/** What the layer and its maps are called, by the name of their slot. */
export function titles(data, layer, channel) {
  const { note } = data.layers[layer - 1];
  const shown = layer < DENSE ? mapTitles(data, layer, channel) : denseTitles(layer);
  return { ...shown, note };
}

/** In words, which value of the layer this is. */
function place(data, layer, channel, row, column) {
  const { columns, outputs } = data.layers[layer - 1];
  const [number, at] = [chosenOf(data, layer)[channel], row * columns + column];
  if (layer === LAST) return "is the probability of a face and";
  if (layer === DENSE) return `is number ${at} of ${outputs} and`;
  if (layer === FLATTEN) return `is number ${at * 128 + number} of ${outputs} and`;
  return `at row ${row}, column ${column} of map ${number}`;
}

/** What one value is, where it is and what it sees, by the name of its slot. */
export function reading(data, maps, image, layer, channel, row, column) {
  const windows = windowsOf(data.layers, layer, row, column);
  const [top, left, rows, columns] = windows[0];
  const limit = data.limits[layer < DENSE ? blockOf(layer) : 3][channel];
  const probability = fixed(data.probabilities[image], 3);
  const value = fixed((maps[layer][channel][row][column] * limit) / 255, 2);
  const shown = {
    value: layer === LAST ? probability : value,
    place: place(data, layer, channel, row, column),
    size: `sees ${rows} × ${columns} pixels of the image:`,
    rows: `rows ${top}–${top + rows - 1},`,
    columns: `columns ${left}–${left + columns - 1}.`,
    probability,
    pixel: inset([row, column, 1, 1], size(data.layers, layer)),
  };
  for (let index = 0; index <= LAST; index++) {
    const seen = index <= layer;
    shown[`window${index}`] = seen ? inset(windows[index], size(data.layers, index)) : "auto";
  }
  return shown;
}

/** The dials as they are drawn: what a layer lacks becomes its last one. */
export const clamped = (layers, { image, layer, channel, row, column }) => ({
  image,
  layer,
  channel: layer < DENSE ? channel : 0,
  ...inside(size(layers, layer), { row, column }),
});

/** The value of another layer that stands at the same place of the picture. */
export function moved(layers, { layer, row, column }, next) {
  const [[rows, columns], [rowsNext, columnsNext]] = [size(layers, layer), size(layers, next)];
  const to = (at, count, other) => Math.floor(((at + 0.5) * other) / count);
  return { row: to(row, rows, rowsNext), column: to(column, columns, columnsNext), layer: next };
}

/** The same in one sentence, for a screen reader. */
export const sentence = (shown) =>
  `${shown.value} ${shown.place} ${shown.size} ${shown.rows} ${shown.columns}`;

/** Which filter is the map's, as long as it is one of the first two layers'. */
const marks = (layer, channel) =>
  Object.fromEntries(range(SHOWN).map((k) => [`filter${k}`, String(layer < 3 && k === channel)]));

/**
 * The filters of the first convolution as one picture, with a gap between two planes. The style
 * sheet relies on it: each plane is 3 pixels wide, and 3 more follow on a filter.
 */
export function strip(filters) {
  const strongest = Math.max(...filters.flat().map(Math.abs)) || 1;
  const level = (row, at) => {
    const [filter, plane, column] = [Math.floor(at / 14), Math.floor((at % 14) / 4), (at % 14) % 4];
    const weight = plane < 3 && column < 3 ? filters[filter][9 * plane + 3 * row + column] : 0;
    return Math.floor(128.5 + 127 * (weight / strongest));
  };
  return bitmap(grid(3, 14 * SHOWN - 3, level), "signed");
}

/** The buttons and the filters, of which there are several. */
const furnish = (data) => ({
  thumbnails: data.images
    .map((text, index) => {
      const source = picture(unpacked(text, 64, 64).map(thin));
      const image = `<img src="${source}" alt="image ${index}">`;
      return `<button type="button" data-set="image ${index}" disabled>${image}</button>`;
    })
    .join("\n"),
  tiles: range(SHOWN)
    .map(
      (k) =>
        `<button type="button" data-set="channel ${k}"` +
        `${k ? ' data-attributes="hidden=single"' : ""} disabled>\n` +
        `<span class="ft-hidden">map </span><span data-slot="label${k}"></span></button>`,
    )
    .join("\n"),
  filters: data.chosen[0]
    .map(
      (number, k) =>
        `<span data-filter="${k}" data-attributes="data-on=filter${k}">` +
        `<i style="--at: ${k}"></i><small>map ${number}</small></span>`,
    )
    .join("\n"),
});

const known = lasting(() => []); // the maps of the images seen so far
const drawn = lasting(pictures);
const filters = lasting(strip);

/** All that is seen. */
export function view({ data, ...dials }) {
  const cell = clamped(data.layers, dials);
  const { image, layer, channel, row, column } = cell;
  const maps = (known(data)[image] ??= mapsOf(data, image));
  return {
    ...drawn(maps, layer, dials.channel), // also where a dense layer, which has but one, is chosen
    ...titles(data, layer, channel),
    ...reading(data, maps, image, layer, channel, row, column),
    ...marks(layer, channel),
    ...cell,
    strip: `url(${filters(data.filters)})`,
    single: layer >= DENSE,
  };
}

/** Another layer is entered at the same place of the picture. */
const follow = ({ data: { layers }, ...dials }, { layer }) =>
  layer === undefined ? {} : moved(layers, clamped(layers, dials), layer);

/** Let the enlarged map choose a value. */
function listen(root, { values, set }) {
  const map = root.querySelector(".ft-map .ft-pixels");
  const cells = () => size(values().data.layers, values().layer);
  pointing(map, cells, (row, column) => set({ row, column }));
}

export const hydrate = figure({ view, furnish, sentence, follow, listen });
export default widget(hydrate);
