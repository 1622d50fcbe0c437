/**
 * The pooling explorer: each window of a picture gives one pixel, its largest value or its mean.
 * Levels and sums of levels are whole numbers, so every machine draws the same figure.
 */
import { bitmap, figure, fixed, inside, minus, pointing, range, widget } from "../../_live/live.js";

const WORDS = {
  max: "Max pooling keeps the largest value",
  average: "Average pooling keeps the mean",
};

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** The image moved by whole pixels; its border is repeated where it leaves. */
export function shift(image, right, down) {
  const from = (length, move) =>
    range(length).map((i) => Math.max(0, Math.min(length - 1, i - move)));
  const columns = from(image[0].length, right);
  return from(image.length, down).map((row) => columns.map((column) => image[row][column]));
}

/** Where in a window its largest level is, in reading order; the first one of equals. */
function largest(image, side, top, left) {
  let won = 0;
  let best = image[top][left];
  for (let i = 1; i < side * side; i++) {
    const level = image[top + Math.floor(i / side)][left + (i % side)];
    if (level > best) [won, best] = [i, level];
  }
  return [best, won];
}

function total(image, side, top, left) {
  let levels = 0;
  for (let row = top; row < top + side; row++)
    for (let column = left; column < left + side; column++) levels += image[row][column];
  return [levels, null];
}

/** Each window's largest level or sum of levels, and where in it the winner is. */
export function pool(image, kind, side, stride) {
  const starts = (length) =>
    range(Math.floor((length - side) / stride) + 1).map((i) => i * stride);
  const read = kind === "max" ? largest : total;
  const [rows, columns] = [starts(image.length), starts(image[0].length)];
  const cells = rows.map((row) => columns.map((column) => read(image, side, row, column)));
  const part = (k) => cells.map((line) => line.map((cell) => cell[k]));
  return { totals: part(0), won: kind === "max" ? part(1) : null };
}

/** Every pixel that wins a window, each once, as dots of an SVG path. */
function winners(won, side, stride) {
  const dot = (i, row, column) =>
    `M${stride * column + (i % side)} ${stride * row + Math.floor(i / side)}h0`;
  const dots = won?.flatMap((line, row) => line.map((i, column) => dot(i, row, column))) ?? [];
  return [...new Set(dots)].join("");
}

/** Which rows, or columns, lie in a window. */
const seen = (length, windows, side, stride) =>
  range(length).map((at) => at % stride < side && at < (windows - 1) * stride + side);

/** The rows and columns that lie in no window, as an SVG path. */
function veil(rows, columns) {
  const across = (isSeen, at) => (isSeen ? "" : `M0 ${at}h${columns.length}v1H0z`);
  const down = (isSeen, at) => (isSeen ? "" : `M${at} 0h1v${rows.length}h-1z`);
  return [...rows.map(across), ...columns.map(down)].join("");
}

/** The sizes, and which pixels lie in no window. */
function size([height, width], [rows, columns], side, stride) {
  const formula = (windows, length) => `${windows} = ⌊(${length} − ${side}) / ${stride}⌋ + 1`;
  const lines = [seen(height, rows, side, stride), seen(width, columns, side, stride)];
  const [down, across] = lines.map((line) => line.filter(Boolean).length);
  return {
    size: `${rows} × ${columns}`,
    formula: [...new Set([formula(rows, height), formula(columns, width)])].join(", "),
    unseen: `${height * width - down * across} of ${height * width} pixels in no window`,
    veil: veil(...lines),
  };
}

/** The rows of a table; the winner is strong, and grey cells know their level. */
function table(values, winner, grey = false) {
  const side = Math.sqrt(values.length);
  const style = (value) => (grey ? ` style="--level: ${value}"` : "");
  const text = (value, at) => (at === winner ? `<b>${value}</b>` : value);
  const cell = (value, at) => `<td${style(value)}>${text(value, at)}</td>`;
  const cells = values.map(cell);
  const line = (row) => `<tr>${cells.slice(row * side, (row + 1) * side).join("")}</tr>`;
  return range(side).map(line).join("");
}

/** A window's largest value, where it is, and that it gets the gradient. */
function maxWindow(values, winner, top, left, side) {
  const [row, column] = [top + Math.floor(winner / side), left + (winner % side)];
  const tied = values.filter((value) => value === values[winner]).length;
  return {
    result: `max = ${values[winner]}`,
    told: `Winner: row\u00a0${row}, column\u00a0${column}.`,
    tied: tied > 1 ? `${tied} pixels tie: the first in reading order wins.` : "",
    backward: `All to the winner, none to the other ${values.length - 1}.`,
    backward_cells: table(values.map((_, at) => (at === winner ? 1 : 0)), winner),
    won: 1,
    won_row: row,
    won_column: column,
  };
}

/** The mean of a window, and that all its pixels share the gradient. */
function averageWindow(values, top, left) {
  const [area, levels] = [values.length, sum(values)];
  return {
    result: `${levels} / ${area} = ${fixed(levels / area, 2)}`,
    told: `The sum of ${area} levels, divided by ${area}.`,
    tied: "",
    backward: `Each of the ${area} pixels gets 1/${area} of it.`,
    backward_cells: table(values.map(() => `1/${area}`), null),
    won: 0,
    won_row: top,
    won_column: left,
  };
}

/** What the window of one pooled pixel holds, gives, and gets back. */
function windowOf(image, winner, at, side, stride) {
  const [top, left] = at.map((index) => stride * index);
  const lines = image.slice(top, top + side);
  const values = lines.flatMap((line) => line.slice(left, left + side));
  const averaged = winner === null;
  return {
    ...(averaged ? averageWindow(values, top, left) : maxWindow(values, winner, top, left, side)),
    overlap: stride < side ? "Windows overlap: a pixel adds up its gradients." : "",
    span: `rows ${top}–${top + side - 1}, columns ${left}–${left + side - 1}`,
    window_cells: table(values, winner, true),
  };
}

/** The mean absolute change in levels, and how many pixels changed by at most one. */
export function change(before, after, area) {
  const [old, now] = [before.flat(), after.flat()];
  const differences = now.map((level, i) => Math.abs(level - old[i]));
  const same = differences.filter((difference) => difference <= area).length;
  return { mean: sum(differences) / (area * now.length), same, count: now.length };
}

/** How much of the shift reaches the pooled map, in a sentence. */
function moved(right, down, inputChange, mapChange) {
  const move = (by, more, less) => (by ? [`${Math.abs(by)} ${by > 0 ? more : less}`] : []);
  const moves = [...move(right, "right", "left"), ...move(down, "down", "up")].join(" and ");
  if (!moves) return "The input is in its place. Move it to see how much reaches the pooled map.";
  if (!inputChange) return `Moved ${moves}: this input looks the same there.`;
  const percent = fixed((100 * mapChange) / inputChange, 0);
  return `Moved ${moves}: the map’s mean change is ${percent} % of the input’s.`;
}

/** How much the input and the pooled map changed: [before, after, area] of each. */
function changes(right, down, pairs) {
  const shown = {};
  const means = ["input", "map"].map((name, i) => {
    const { mean, same, count } = change(...pairs[i]);
    shown[`${name}_change`] = fixed(mean, 1);
    shown[`${name}_same`] = `${same} of ${count}`;
    shown[`${name}_share`] = fixed((100 * same) / count, 1);
    return mean;
  });
  return { ...shown, moved: moved(right, down, ...means) };
}

/** The numbers that place the marks and stand beside the sliders. */
const places = ([height, width], [rows, columns], { shift_right, shift_down }) => ({
  height,
  width,
  rows,
  columns,
  input_size: `${height} × ${width}`,
  corners: `0 0 ${width} ${height}`,
  centres: `-.5 -.5 ${width} ${height}`,
  right: minus(shift_right),
  down: minus(shift_down),
});

/** All that is seen. */
export function view({ data: { image }, ...dials }) {
  const { kind, stride, window: side, shift_right: right, shift_down: down } = dials;
  const input = shift(image, right, down);
  const area = kind === "max" ? 1 : side * side;
  const { totals, won } = pool(input, kind, side, stride);
  const before = pool(image, kind, side, stride).totals;
  const sizes = [input, totals].map((grid) => [grid.length, grid[0].length]);
  const cell = inside(sizes[1], dials);
  const winner = won ? won[cell.row][cell.column] : null;
  const level = (value) => Math.floor((2 * value + area) / (2 * area));
  return {
    title: `${WORDS[kind]} of each window`,
    input: bitmap(input),
    map: bitmap(totals.map((line) => line.map(level))),
    winners: winners(won, side, stride),
    dot: kind === "max" ? "each window’s winner" : "",
    ...size(...sizes, side, stride),
    ...windowOf(input, winner, [cell.row, cell.column], side, stride),
    ...changes(right, down, [[image, input, 1], [before, totals, area]]),
    ...places(...sizes, dials),
    ...cell,
  };
}

/** The same in a few sentences, for a screen reader. */
export const sentence = ({ title, row, column, result, moved }) =>
  `${title}. Pooled row ${row}, column ${column}: ${result}. ${moved}`;

/** Let the map choose a pixel, and the button put the image back. */
function listen(root, { shown, set, announce }) {
  const map = root.querySelector(".ft-output .ft-pixels");
  pointing(map, () => [shown().rows, shown().columns], (row, column) => set({ row, column }));
  root.querySelector("button").addEventListener("click", () => {
    set({ shift_right: 0, shift_down: 0 });
    announce();
  });
}

export const hydrate = figure({ view, sentence, listen });
export default widget(hydrate);
