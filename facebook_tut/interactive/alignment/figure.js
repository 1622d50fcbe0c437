/**
 * The alignment explorer: two eye positions fix a similarity transform, and so the crop. Crops are
 * compared by whole grey levels.
 */
import {
  bitmap, escape, figure, fixed, lasting, levels, range, signed, widget,
} from "../../_live/live.js";

const MARKS = ["left_x", "left_y", "right_x", "right_y"];
const HINT = "Rings: where the template wants the eyes.";
const APART = "The eyes must be apart to fix an angle.";

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const clamp = (value, most) => Math.max(0, Math.min(most, value));

/** The rows of packed pixels. */
export function unpack(text, width) {
  const bytes = Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return range(bytes.length / width).map((row) => bytes.slice(row * width, (row + 1) * width));
}

function distance([u, v], [p, q]) {
  const [x, y] = [p - u, q - v];
  return Math.sqrt(x * x + y * y);
}

/** The similarity that takes two points to two others: (u, v) to (a u - b v + x, b u + a v + y). */
export function similarity([[u, v], right], [[p, q], end]) {
  const [du, dv, dp, dq] = [right[0] - u, right[1] - v, end[0] - p, end[1] - q];
  const square = du * du + dv * dv;
  const [a, b] = [(du * dp + dv * dq) / square, (du * dq - dv * dp) / square];
  return { a, b, x: p - (a * u - b * v), y: q - (b * u + a * v) };
}

/** Where a similarity takes a point. */
const apply = ({ a, b, x, y }, u, v) => [a * u - b * v + x, b * u + a * v + y];

/** A picture's grey between pixels; outside, that of the nearest border. */
function bilinear(pixels, [x, y]) {
  const [height, width] = [pixels.length, pixels[0].length];
  const [right, down] = [clamp(x, width - 1), clamp(y, height - 1)];
  const j = Math.min(Math.floor(right), width - 2);
  const i = Math.min(Math.floor(down), height - 2);
  const [fx, fy] = [right - j, down - i];
  const across = (row) => (1 - fx) * row[j] + fx * row[j + 1];
  return (1 - fy) * across(pixels[i]) + fy * across(pixels[i + 1]);
}

/** The crop that has the eyes where the template wants them. */
export function warp(pixels, eyes, template, size) {
  const back = similarity(template, eyes);
  return range(size).map((v) => range(size).map((u) => bilinear(pixels, apply(back, u, v))));
}

/** The cosine of two crops of whole levels, each less its mean; NaN if one is flat. */
export function cosine(crop, reference) {
  const [x, y] = [crop.flat(), reference.flat()];
  const product = (x, y) => x.length * sum(x.map((value, i) => value * y[i])) - sum(x) * sum(y);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

/** The crop in whole levels: an even grey where the eyes are not apart. */
function crop(pixels, eyes, template, size) {
  if (distance(...eyes) < 1) return range(size).map(() => Array(size).fill(128));
  return levels(warp(pixels, eyes, template, size), 255)[0];
}

/** The crop's border in the picture, and its upper edge, as SVG paths. */
function frame(eyes, template, size) {
  if (distance(...eyes) < 1) return { frame: "", top: "" };
  const [back, low, high] = [similarity(template, eyes), -0.5, size - 0.5];
  const corners = [[low, low], [high, low], [high, high], [low, high]];
  const point = (corner) => apply(back, ...corner).map((value) => fixed(value, 1)).join(" ");
  const points = corners.map(point);
  return { frame: `M${points.join("L")}z`, top: `M${points[0]}L${points[1]}` };
}

/** Rotation, scale and shift of the transform from the picture to the crop. */
function transform(eyes, template) {
  const [apart, wanted] = [distance(...eyes), distance(...template)];
  const spans = `eyes ${fixed(apart, 1)} → ${fixed(wanted, 1)} px apart`;
  if (apart < 1) return { rotation: "–", scale: "–", shift: "–", way: "", spans, told: APART };
  const { a, b, x, y } = similarity(eyes, template);
  const rotation = signed((Math.atan2(b, a) * 180) / Math.PI, 1);
  const turned = rotation.startsWith("−") ? "anticlockwise" : "clockwise";
  return {
    rotation: `${rotation}°`,
    way: rotation === "0.0" ? "the eyes are level" : turned,
    scale: fixed(Math.sqrt(a * a + b * b), 3),
    spans,
    shift: `(${signed(x, 1)}, ${signed(y, 1)})`,
    told: HINT,
  };
}

/** How far the eyes are from the true ones, in percent of the distance of those. */
function error(eyes, right) {
  const off = distance(eyes[0], right[0]) + distance(eyes[1], right[1]);
  return { error: `${fixed((100 * off) / (2 * distance(...right)), 1)} %` };
}

/** How alike the crop and each reference are, and which one is most alike. */
function likeness(crop, references, names) {
  const scores = references.map((reference) => cosine(crop, reference));
  const known = scores.filter((score) => !Number.isNaN(score));
  const shown = { best: names[scores.indexOf(Math.max(...known))] ?? "–" };
  scores.forEach((score, k) => {
    shown[`score${k}`] = signed(score, 2);
    shown[`bar${k}`] = fixed(score > 0 ? score : 0, 3);
  });
  return shown;
}

/** The photograph and the references, as rows of levels. */
const unpacked = lasting((data) => ({
  pixels: unpack(data.pixels, data.width),
  references: data.references.map((text) => unpack(text, data.size)),
}));

const named = (points, prefix, shown) =>
  Object.fromEntries(points.flat().map((value, k) => [`${prefix}${MARKS[k]}`, shown(value)]));

/** What no mark changes: the photograph, its size and that of the crop, the template's eyes. */
const still = lasting((data) => {
  const { pixels, references } = unpacked(data);
  const [height, width, { size }] = [pixels.length, data.width, data];
  return {
    height, width, size,
    sides: `${height} × ${width}`,
    crop_sides: `${size} × ${size}`,
    box: `-0.5 -0.5 ${width} ${height}`,
    last_x: width - 1,
    last_y: height - 1,
    picture: bitmap(pixels),
    alone: references.length === 0,
    ...named(data.template, "wanted_", (value) => fixed((value + 0.5) / size, 4)),
  };
});

/** All that is seen. */
export function view({ data, eyes }) {
  const { template, size, presets, names } = data;
  const { pixels, references } = unpacked(data);
  const aligned = crop(pixels, eyes, template, size);
  return {
    ...still(data),
    ...named(eyes, "", (value) => fixed(value, 1)),
    crop: bitmap(aligned),
    ...frame(eyes, template, size),
    ...transform(eyes, template),
    ...error(eyes, presets.true),
    ...likeness(aligned, references, names),
  };
}

const row = (name, k, reference, best) => `<li data-places="bar${k}" style="--true: ${best};">
<img src="${bitmap(reference)}" alt="">
<span>${escape(name)}</span> <b data-slot="score${k}"></b>
<i class="ft-bar"><i style="--bar: var(--bar${k})"></i></i></li>`;

/** The references, with ticks where their bars would end for the true eyes. */
function furnish(data) {
  const { references } = unpacked(data);
  const best = view({ data, eyes: data.presets.true });
  const rows = data.names.map((name, k) => row(name, k, references[k], best[`bar${k}`]));
  const alike = `<p><b>How alike</b> <small>cosine of grey pixels</small></p>
<ul>${rows.join("\n")}</ul>
<p class="ft-best"><span>Most alike:</span> <b data-slot="best"></b></p>
<small>Tick: with the true eyes.</small>`;
  return { alike: rows.length ? alike : "" };
}

/** The same in a few sentences, for a screen reader. */
export function sentence(shown) {
  if (shown.told === APART) return APART;
  const scores = shown.data.names.map((name, k) => `${name} ${shown[`score${k}`]}`).join(", ");
  return (
    `Rotation ${shown.rotation}, scale ${shown.scale}, shift ${shown.shift}. ` +
    `Eyes off by ${shown.error}.${scores && ` Alike: ${scores}.`}`
  );
}

/** Where in the picture a pointer is, in pixels. */
function place(event, box, sides) {
  const { left, top, width, height } = box.getBoundingClientRect();
  const parts = [(event.clientX - left) / width, (event.clientY - top) / height];
  return parts.map((part, k) => part * sides[k] - 0.5);
}

/**
 * Let a pointer drag the marks. A mouse takes the nearest one from anywhere; a finger must start
 * on a mark, since elsewhere it scrolls the page, but its tap brings the nearest one.
 */
function grabbing(box, sides, eyes, move) {
  let held = null;
  const nearest = (at) => (distance(at, eyes()[0]) <= distance(at, eyes()[1]) ? 0 : 1);
  const grab = (event) => {
    const at = place(event, box, sides);
    const mark = event.target.dataset.eye;
    const eye = Number(mark ?? nearest(at));
    const [x, y] = mark ? eyes()[eye] : at;
    held = { eye, offset: [x - at[0], y - at[1]] };
    drag(event);
  };
  const drag = (event) => {
    if (!held) return;
    const at = place(event, box, sides).map((value, k) => value + held.offset[k]);
    move(held.eye, at.map((value, k) => clamp(Math.round(10 * value) / 10, sides[k] - 1)));
  };
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !(event.target.dataset.eye || event.pointerType === "mouse")) return;
    box.setPointerCapture(event.pointerId);
    grab(event);
  });
  box.addEventListener("pointermove", drag);
  box.addEventListener("pointerup", (event) => {
    if (!held && event.pointerType !== "mouse") grab(event);
    held = null;
  });
  box.addEventListener("pointercancel", () => (held = null));
}

/** Let the rings and the buttons put the eyes. */
function listen(root, { values, set, announce }) {
  const { data } = values();
  const eyes = () => values().eyes;
  const box = root.querySelector(".ft-photo .ft-pixels");
  const move = (eye, point) => set({ eyes: eyes().map((old, k) => (k === eye ? point : old)) });
  grabbing(box, [data.width, unpacked(data).pixels.length], eyes, move);
  box.addEventListener("pointerup", announce);
  for (const button of root.querySelectorAll("[data-preset]"))
    button.addEventListener("click", () => {
      set({ eyes: data.presets[button.dataset.preset] });
      announce();
    });
}

export const hydrate = figure({ view, furnish, sentence, listen });
export default widget(hydrate);
