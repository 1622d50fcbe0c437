/**
 * The embedding explorer: where a network puts faces before, during and after its training.
 * Places, greys and steps are whole numbers, so Python draws the same figure.
 */
import { bind, bitmap, fill, fixed, pointing, widget } from "./live.js";

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
export const number = ({ digits }, step) => fixed(step / 10 ** digits, digits).replace("-", "−");

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
export function points(data, { frame, colour }) {
  const look = looks(data, colouring(data, colour));
  return data.frames[frame].map(([x, y], at) => {
    const [ink, d] = look[at];
    return { style: `--x: ${x}; --y: ${y}; --ink: ${ink};`, d };
  });
}

/** What the colours mean, and how much the nuisance differs between neighbours. */
function legend({ frames }, nuisance) {
  const gaps = nuisance?.gaps ?? Array(frames.length + 1).fill("");
  const shown = Object.fromEntries(gaps.map((gap, at) => [`gap_${at}`, gap]));
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

/** What the controls change, by the name of its slot. */
export function reading(data, { frame, colour, face }) {
  const near = data.neighbours[frame][face];
  const nuisance = colouring(data, colour);
  const look = looks(data, nuisance);
  const same = data.people[face] === data.people[near];
  return {
    title: data.titles[frame],
    verdict: same ? "same person" : "another person",
    verdict_ink: same ? "var(--ft-orange)" : "var(--ft-blue)",
    dash: same ? "none" : "3 3",
    ...legend(data, nuisance),
    ...card(data, "this", face, look[face]),
    ...card(data, "near", near, look[near]),
    ...rings(data.frames[frame], face, near),
  };
}

/** The same in a few sentences, for a screen reader. */
export const sentence = (shown, share) =>
  `${shown.title}: nearest neighbours are the same person in ${share}. ` +
  `Face ${shown.this_face}, person ${shown.this_person}: its nearest neighbour is face ` +
  `${shown.near_face}, person ${shown.near_person}, ${shown.verdict}.`;

/** Show the points, and mark the row of the snapshot. */
function draw(root, attributes, frame) {
  root.querySelectorAll(".ft-points path").forEach((point, at) => {
    for (const [name, value] of Object.entries(attributes[at]))
      if (point.getAttribute(name) !== value) point.setAttribute(name, value);
  });
  root.querySelectorAll(".ft-snapshots tbody tr").forEach((row, at) => {
    if (at === frame) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  });
}

export function hydrate(root, model) {
  const data = model.get("data");
  const plot = root.querySelector(".ft-plot svg");
  let shown;
  const dials = () => ({
    frame: model.get("frame"), colour: model.get("colour"), face: model.get("face"),
  });
  const redraw = () => {
    shown = reading(data, dials());
    fill(root, shown);
    draw(root, points(data, dials()), model.get("frame"));
  };
  const announce = () => {
    const share = root.querySelector("[aria-current] td").textContent;
    root.querySelector("[aria-live]").textContent = sentence(shown, share);
  };
  const choose = (face) => {
    model.set("face", face);
    model.save_changes();
  };
  const pick = (row, column) => {
    const place = [column - MARGIN, row - MARGIN];
    choose(nearest(data.frames[model.get("frame")], ...place));
  };
  pointing(plot, () => [SIDE, SIDE], pick);
  // Pointing chooses for as long as it lasts, unless the reader presses.
  let kept;
  plot.addEventListener("pointerenter", () => (kept = model.get("face")));
  plot.addEventListener("pointerdown", () => (kept = model.get("face")));
  plot.addEventListener("pointerleave", () => choose(kept));
  // The rings move with the points of a new snapshot, but go to another face at once.
  model.on("change:frame", () => (root.dataset.moving = ""));
  model.on("change:face", () => delete root.dataset.moving);
  bind(root, model, redraw);
  plot.addEventListener("click", announce);
  root.addEventListener("change", announce);
}

export default widget(hydrate);
