/** How feature maps are drawn: eight of a layer in one picture. Levels are from 0 to 255. */
import { bitmap, range } from "../live.js";

export const SHOWN = 8; // maps of each layer

/** A table of what a function says of each row and column. */
export const grid = (rows, columns, value) =>
  range(rows).map((i) => range(columns).map((j) => value(i, j)));

/** The levels that the text holds, one byte each: maps, of rows, of columns. */
export function unpacked(text, rows, columns) {
  const bytes = atob(text);
  const value = (map) => (i, j) => bytes.charCodeAt((map * rows + i) * columns + j);
  return range(bytes.length / (rows * columns)).map((map) => grid(rows, columns, value(map)));
}

/** Every second row and column of a map that is too fine for a small picture. */
export function thin(map) {
  if (map.length <= 32) return map;
  return grid(Math.ceil(map.length / 2), Math.ceil(map[0].length / 2), (i, j) => map[2 * i][2 * j]);
}

/** An image as a data URI: grey if it has one plane, else in colour. */
export function picture(planes) {
  if (planes.length === 1) return bitmap(planes[0]);
  const [rows, columns] = [planes[0].length, planes[0][0].length];
  const bytes = new Uint8Array(54 + 3 * rows * columns); // lines of whole groups of 4
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  const long = { 2: bytes.length, 10: 54, 14: 40, 18: columns, 22: -rows, 34: bytes.length - 54 };
  for (const at in long) view.setInt32(Number(at), long[at], true);
  view.setInt16(26, 1, true);
  view.setInt16(28, 24, true);
  grid(rows, columns, (i, j) =>
    bytes.set([planes[2][i][j], planes[1][i][j], planes[0][i][j]], 54 + 3 * (i * columns + j)),
  );
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return `data:image/bmp;base64,${btoa(text)}`;
}

/** The maps of a layer in one picture, two a line; a single one comes first. */
export function sheet(maps) {
  const tiles = maps.map(thin);
  const [rows, columns] = [tiles[0].length, tiles[0][0].length];
  const level = (i, j) => {
    const tile = tiles[2 * Math.floor(i / rows) + Math.floor(j / columns)];
    return tile ? tile[i % rows][j % columns] : 0;
  };
  return bitmap(grid((SHOWN / 2) * rows, 2 * columns, level));
}

/** The eight most active maps of a layer's values, [H, W, C], as levels: white is a map's largest value. */
export function mostActive({ data, shape: [rows, columns, channels] }) {
  const all = range(channels).map((channel) => {
    let [total, most] = [0, 0];
    for (let at = channel; at < data.length; at += channels) {
      total += data[at];
      if (data[at] > most) most = data[at];
    }
    return { channel, total, most };
  });
  const value = ({ channel, most }) => (i, j) =>
    Math.floor(0.5 + (255 * Math.max(0, data[(i * columns + j) * channels + channel])) / (most || 1));
  const best = all.sort((a, b) => b.total - a.total).slice(0, SHOWN);
  return best.map((one) => grid(rows, columns, value(one)));
}
