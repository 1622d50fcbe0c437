/** The embedding explorer: where a network puts faces before, during and after its training. */
import {
  bitmap, escape, figure, fixed, lasting, options, pointing, range, signed, widget,
} from "../../_live/live.js";

const GREYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"; // to white
const INKS = 5;
const SHAPES = [
  "M-12 0a12 12 0 1 0 24 0a12 12 0 1 0-24 0z",
  "M-11-11h22v22h-22z",
  "M0-15L15 11H-15z",
  "M-5-14h10v9h9v10h-9v9h-10v-9h-9v-10h9z",
];
const [SIDE, MARGIN] = [1100, 50]; // of the plot, whose points lie from 0 to 1000

/** Which point lies nearest to a place in the plot; the first one of equals. */
export function nearest(points, x, y) {
  const squares = points.map(([left, top]) => (left - x) ** 2 + (top - y) ** 2);
  return squares.indexOf(Math.min(...squares));
}

/** A nuisance's value as text. */
const number = ({ digits }, step) => signed(step / 10 ** digits, digits);

/** The nuisance that gives the colours; undefined for the person. */
const colouring = (data, colour) => data.nuisances.find(({ name }) => name === colour);

/** The ink and the shape of every point. */
function looks({ people }, nuisance) {
  if (!nuisance)
    return people.map((who) => [`var(--person-${who % INKS})`, SHAPES[who % SHAPES.length]]);
  const [low, high] = [Math.min(...nuisance.steps), Math.max(...nuisance.steps)];
  const part = (step) => Math.floor((100 * (step - low)) / (high - low || 1));
  const ink = (step) => `color-mix(in oklch, var(--high) ${part(step)}%, var(--low))`;
  return nuisance.steps.map((step) => [ink(step), SHAPES[0]]);
}

/** The attributes of every point. */
const points = lasting((data, frame, colour) => {
  const look = looks(data, colouring(data, colour));
  const shown = {};
  data.frames[frame].forEach(([x, y], at) => {
    const [ink, shape] = look[at];
    shown[`style_${at}`] = `--x: ${x}; --y: ${y}; --ink: ${ink};`;
    shown[`shape_${at}`] = shape;
  });
  return shown;
});

/** Of so many pairs, in how many percent both faces show the same person. */
const percent = (same, all) => fixed(100 * (same / all), 0);

/** The share of faces whose nearest neighbour is the same person; at last, that of all pairs. */
export const shares = lasting(({ people, neighbours }) => {
  const count = people.length;
  const same = (near) => people.filter((who, at) => who === people[near[at]]).length;
  const others = people.map((who) => people.filter((other) => other === who).length - 1);
  const chance = others.reduce((total, number) => total + number, 0);
  return [
    ...neighbours.map((near) => percent(same(near), count)),
    percent(chance, count * (count - 1)),
  ];
});

/** How much a nuisance differs between neighbours in each snapshot, and between any two faces. */
export const gaps = lasting(({ neighbours }, { steps, digits, fine }) => {
  const apart = (pairs) => pairs.reduce((sum, [a, b]) => sum + Math.abs(steps[a] - steps[b]), 0);
  const faces = range(steps.length);
  const near = neighbours.map((row) => apart(faces.map((at) => [at, row[at]])) / faces.length);
  const pairs = faces.flatMap((a) => faces.map((b) => [a, b]));
  const every = apart(pairs) / (faces.length * (faces.length - 1));
  return [...near, every].map((gap) => fixed(gap / 10 ** digits, fine));
});

/** What the colours mean, and how much the nuisance differs between neighbours. */
function legend(data, nuisance) {
  const between = nuisance ? gaps(data, nuisance) : Array(data.frames.length + 1).fill("");
  const shown = Object.fromEntries(between.map((gap, at) => [`gap_${at}`, gap]));
  const key = "One colour and shape per person";
  if (!nuisance) return { ...shown, low: "", high: "", key, gap_name: "" };
  const [low, high] = [Math.min, Math.max].map((end) => number(nuisance, end(...nuisance.steps)));
  return { ...shown, low, high, key: "", gap_name: `${nuisance.name} differs by` };
}

/** The picture of a face as a data URI. */
function image({ faces, side: [height, width] }, at) {
  const greys = [...faces[at]].map((letter) => GREYS.indexOf(letter));
  const levels = greys.map((grey) => 4 * grey + Math.floor(grey / 16));
  const row = (_, top) => levels.slice(top * width, (top + 1) * width);
  return bitmap(Array.from({ length: height }, row));
}

/** What is told about one face. */
function card(data, prefix, at, [ink, shape]) {
  const person = String(data.names[data.people[at]]);
  const told = { image: image(data, at), face: String(at), person, ink, shape };
  data.nuisances.forEach((nuisance, k) => {
    told[`value_${k}`] = number(nuisance, nuisance.steps[at]);
  });
  return Object.fromEntries(Object.entries(told).map(([name, v]) => [`${prefix}_${name}`, v]));
}

/** Where the rings lie, and the line between them. */
function rings(points, face, near) {
  const [x, y, nearX, nearY] = [...points[face], ...points[near]].map(String);
  return { x, y, near_x: nearX, near_y: nearY, link: `M${x} ${y}L${nearX} ${nearY}` };
}

/** What no dial changes. */
const still = ({ frames, names, people, space, side: [height, width] }) => ({
  count: people.length,
  crowd: names.length,
  space,
  last_frame: frames.length - 1,
  last_face: people.length - 1,
  shape: `${width} / ${height}`,
  scatter:
    `Scatter plot of the ${people.length} faces, projected onto a plane. Rings mark the chosen ` +
    "face and its nearest neighbour; the table tells what they are.",
});

/** All that is seen. */
export function view({ data, frame, colour, face }) {
  const near = data.neighbours[frame][face];
  const nuisance = colouring(data, colour);
  const look = looks(data, nuisance);
  const same = data.people[face] === data.people[near];
  const current = data.frames.map((_, at) => [`current_${at}`, at === frame && "true"]);
  return {
    ...still(data),
    title: data.titles[frame],
    verdict: same ? "same person" : "another person",
    verdict_ink: same ? "var(--ft-orange)" : "var(--ft-blue)",
    dash: same ? "none" : "3 3",
    ...Object.fromEntries(current),
    ...legend(data, nuisance),
    ...card(data, "this", face, look[face]),
    ...card(data, "near", near, look[near]),
    ...rings(data.frames[frame], face, near),
    ...points(data, frame, colour),
  };
}

/** The table's row of a snapshot, or of any two faces, which is never the current one. */
function snapshot(title, share, at, moments) {
  const current = at < moments ? ` data-attributes="aria-current=current_${at}"` : "";
  return `<tr${current}><th scope="row">${escape(title)}</th>
<td style="--part: ${share};">${share} %<i></i></td><td data-slot="gap_${at}"></td></tr>`;
}

/** What there are several of. */
function furnish(data) {
  const titles = [...data.titles, "any two faces"];
  const point = (at) => `<path data-attributes="style=style_${at} d=shape_${at}"/>`;
  const value = ({ name }, k) => `<tr><th scope="row">${escape(name)}</th>
<td data-slot="this_value_${k}"></td><td data-slot="near_value_${k}"></td></tr>`;
  const row = (title, at) => snapshot(title, shares(data)[at], at, data.titles.length);
  return {
    colours: options(["person", ...data.nuisances.map(({ name }) => name)]),
    points: range(data.people.length).map(point).join(""),
    values: data.nuisances.map(value).join(""),
    snapshots: titles.map(row).join(""),
  };
}

/** The same in a few sentences, for a screen reader. */
export const sentence = ({ data, frame, title, ...shown }) =>
  `${title}: nearest neighbours are the same person in ${shares(data)[frame]} %. ` +
  `Face ${shown.this_face}, person ${shown.this_person}: its nearest neighbour is face ` +
  `${shown.near_face}, person ${shown.near_person}, ${shown.verdict}.`;

/** Let the reader point at faces, and their rings move with them. */
function listen(root, { values, set, announce, model }) {
  const plot = root.querySelector(".ft-plot svg");
  const choose = (face) => set({ face });
  const pick = (row, column) => {
    const place = [column - MARGIN, row - MARGIN];
    const { data, frame } = values();
    choose(nearest(data.frames[frame], ...place));
  };
  pointing(plot, () => [SIDE, SIDE], pick);
  // Pointing chooses for as long as it lasts, unless the reader presses.
  let kept;
  plot.addEventListener("pointerenter", () => (kept = values().face));
  plot.addEventListener("pointerdown", () => (kept = values().face));
  plot.addEventListener("pointerleave", () => choose(kept));
  // The rings move with the points of a new snapshot, but go to another face at once.
  model.on("change:frame", () => (root.dataset.moving = ""));
  model.on("change:face", () => delete root.dataset.moving);
  plot.addEventListener("click", announce);
}

export const hydrate = figure({ view, furnish, sentence, listen });
export default widget(hydrate);
