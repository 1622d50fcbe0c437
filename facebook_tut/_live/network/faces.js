/**
 * MTCNN as `detection.detect_with_mtcnn` runs it: P-Net proposes squares on copies of ever smaller
 * size, R-Net sorts out, O-Net decides and marks five points. Boxes are (top, left, bottom, right).
 */
import { forward } from "./forward.js";
import { blockMeans, colours, crop } from "./picture.js";

const [SMALLEST, LEAST] = [40, 20]; // pixels: of the faces looked for, and the least that works
const [WINDOW, STRIDE, SHRINK] = [12, 2, 0.709]; // P-Net's pixels; from one level to the next
const [PNET_SCORE, RNET_SCORE, LEAST_SCORE] = [0.6, 0.7, 0.9];

/** The faces of a picture, the surest first: { top, left, size, score, landmarks }. */
export function findFaces({ pnet, rnet, onet }, picture, options = {}) {
  const { smallest = SMALLEST, least = LEAST_SCORE } = options;
  const { width, height } = picture;
  if (Math.min(width, height) < LEAST) return [];
  const wanted = Math.max(LEAST, Math.min(smallest, width, height));
  const edge = Math.floor(wanted / LEAST);
  const small = blockMeans(colours(picture, 0, 0, height, width), edge);
  small.data = small.data.map((v) => Math.round(255 * v));
  const boxes = refined(rnet, small, proposals(pnet, small, wanted / edge));
  return faces(onet, picture, small, boxes, edge, least);
}

/** Squares in which P-Net sees a face. */
function proposals(pnet, small, smallest) {
  const [rows, columns] = small.shape;
  let [level, found] = [small, []];
  for (let scale = WINDOW / smallest; ; scale *= SHRINK) {
    const shape = [rows, columns].map((side) => evenRound(side * scale));
    if (Math.min(...shape) < WINDOW) break;
    level = areas(level, shape);
    const back = [rows / shape[0], columns / shape[1]];
    for (const { box, score } of suppressed(windowsOf(pnet, level), 0.5))
      found.push({ box: box.map((v, k) => v * back[k % 2]), score });
  }
  return suppressed(found, 0.7).map(({ box }) => square(box));
}

/** Half goes to the even neighbour, as in Python. */
function evenRound(x) {
  const low = Math.floor(x);
  return x - low === 0.5 ? low + (low % 2) : Math.round(x);
}

/** A picture at a smaller size: the mean of what each new pixel covers. */
function areas({ data, shape: [rows, columns, channels] }, [height, width]) {
  const across = shrunk(data, rows, columns, channels, width);
  const out = new Float32Array(height * width * channels);
  for (const [to, from, weight] of covers(rows, height))
    for (let k = 0; k < width * channels; k++)
      out[to * width * channels + k] += weight * across[from * width * channels + k];
  return { data: out, shape: [height, width, channels] };
}

function shrunk(data, rows, columns, channels, width) {
  const out = new Float32Array(rows * width * channels);
  const pieces = covers(columns, width);
  for (let i = 0; i < rows; i++)
    for (const [to, from, weight] of pieces)
      for (let c = 0; c < channels; c++)
        out[(i * width + to) * channels + c] += weight * data[(i * columns + from) * channels + c];
  return out;
}

/** Which old pixels each new one covers, and how much of it each of them is. */
function covers(length, count) {
  const [found, scale] = [[], length / count];
  for (let to = 0; to < count; to++)
    for (let from = Math.floor(to * scale); from < Math.min(length, (to + 1) * scale); from++) {
      const common = Math.min(from + 1, (to + 1) * scale) - Math.max(from, to * scale);
      if (common > 0) found.push([to, from, common / scale]);
    }
  return found;
}

const normalised = ({ data, shape }) => ({ data: data.map((v) => (v - 127.5) / 128), shape });

/** The windows of a level in which P-Net sees a face, moved, with their scores. */
function windowsOf(pnet, level) {
  const [moves, scores] = forward(pnet, normalised(level)).outputs;
  const [rows, columns] = scores.shape;
  const found = [];
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < columns; j++, at++) {
      const score = scores.data[2 * at + 1];
      if (!(score > PNET_SCORE)) continue;
      const [top, left] = [i * STRIDE, j * STRIDE];
      const box = [top, left, top + WINDOW, left + WINDOW];
      found.push({ box: shifted(box, moves.data, 4 * at), score });
    }
  return found;
}

/** The squares that R-Net leaves, moved. */
function refined(rnet, small, boxes) {
  const kept = [];
  for (const box of boxes) {
    const [moves, scores] = forward(rnet, normalised(cut(small, box, 24))).outputs;
    const score = scores.data[1];
    if (score > RNET_SCORE) kept.push({ box: shifted(box, moves.data), score });
  }
  return suppressed(kept, 0.7).map(({ box }) => square(box));
}

/** A box as R-Net reads it; grey where it reaches beyond the picture. */
function cut({ data, shape: [rows, columns] }, [top, left, bottom, right], size) {
  const out = new Float32Array(size * size * 3).fill(127.5);
  const place = (start, end, i) => start + ((i + 0.5) * (end - start)) / size - 0.5;
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const [y, x] = [place(top, bottom, i), place(left, right, j)];
      if (y < 0 || x < 0 || y > rows - 1 || x > columns - 1) continue;
      const [row, column] = [Math.floor(y), Math.floor(x)];
      const [below, beside] = [Math.min(row + 1, rows - 1), Math.min(column + 1, columns - 1)];
      for (let c = 0; c < 3; c++) {
        const at = (r, s) => data[(r * columns + s) * 3 + c];
        const upper = at(row, column) + (at(row, beside) - at(row, column)) * (x - column);
        const lower = at(below, column) + (at(below, beside) - at(below, column)) * (x - column);
        out[(i * size + j) * 3 + c] = upper + (lower - upper) * (y - row);
      }
    }
  return { data: out, shape: [size, size, 3] };
}

/** What O-Net takes for faces, the surest first. */
function faces(onet, picture, small, boxes, edge, least) {
  const found = [];
  for (const coarse of boxes) {
    const box = coarse.map((v) => v * edge);
    const image = normalised(ofFace(picture, small, coarse, edge));
    const [moves, points, scores] = forward(onet, image).outputs;
    const score = scores.data[1];
    if (score < least) continue;
    const [height, width] = [box[2] - box[0], box[3] - box[1]];
    const landmarks = [0, 1, 2, 3, 4].map((k) => [
      box[1] + points.data[k] * width - 0.5,
      box[0] + points.data[k + 5] * height - 0.5,
    ]);
    found.push({ box: shifted(box, moves.data), score, landmarks });
  }
  return largest(found).map(({ box, score, landmarks }) => {
    const [top, left, bottom] = square(box);
    return { top, left, size: bottom - top, score, landmarks };
  });
}

/** A box as O-Net reads it: from the photograph where the copy is coarse. */
function ofFace(picture, small, box, edge) {
  const [height, width] = small.shape;
  const { data, shape } =
    box[2] - box[0] < 48
      ? crop(picture, box.map((v) => v * edge), 48)
      : crop({ width, height, data: opaque(small) }, box, 48);
  return { data: data.map((v) => 255 * v), shape };
}

function opaque({ data, shape: [rows, columns] }) {
  const out = new Uint8ClampedArray(rows * columns * 4);
  for (let i = 0; i < rows * columns; i++) out.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
  return out;
}

/** A box whose edges went by shares of its sides; a network gives x before y. */
function shifted([top, left, bottom, right], moves, at = 0) {
  const [height, width] = [bottom - top, right - left];
  return [
    top + moves[at + 1] * height,
    left + moves[at] * width,
    bottom + moves[at + 3] * height,
    right + moves[at + 2] * width,
  ];
}

/** The smallest square about a box. */
function square([top, left, bottom, right]) {
  const half = Math.max(bottom - top, right - left) / 2;
  const [y, x] = [(top + bottom) / 2, (left + right) / 2];
  return [y - half, x - half, y + half, x + half];
}

const area = ([top, left, bottom, right]) => (bottom - top) * (right - left);

/** The area that two boxes share. */
export function common(a, b) {
  const side = (k) => Math.max(0, Math.min(a[k + 2], b[k + 2]) - Math.max(a[k], b[k]));
  return side(0) * side(1);
}

/** Intersection over union of two boxes. */
export function overlapOf(a, b) {
  const shared = common(a, b);
  return shared / (area(a) + area(b) - shared);
}

/** The boxes that are left, the best first, when none may share so much with a better one. */
function suppressed(found, overlap) {
  return greedy(found, (a, b) => overlapOf(a.box, b.box) > overlap);
}

/** The same, when none may have so much of the smaller one in common. */
function largest(found) {
  return greedy(found, (a, b) => common(a.box, b.box) > 0.7 * Math.min(area(a.box), area(b.box)));
}

function greedy(found, clash) {
  const left = [];
  for (const one of [...found].sort((a, b) => b.score - a.score))
    if (!left.some((better) => clash(better, one))) left.push(one);
  return left;
}
