/**
 * The cross-entropy explorer: what a loss, and its gradient with respect to the logit z, make of
 * one prediction p = sigmoid(z) whose label is 1 (a face) or 0.
 */
import { dragging, figure, fixed, lasting, signed, widget } from "../../_live/live.js";

const STOPS = Array.from({ length: 161 }, (_, i) => i); // the slider's: from -8 to 8 in tenths
const SURE = 3; // from this logit on, the network is confident
const TOP = 8; // of the loss axis
const BUTTON = 5; // the logit to which the buttons go

export const sigmoid = (logit) => 1 / (1 + Math.exp(-logit));

/** The probability of a face, and both losses with their gradients by the logit. */
export function measures(logit, label) {
  const p = sigmoid(logit);
  const error = p - label;
  return {
    p,
    entropy: -Math.log(label ? p : 1 - p),
    squared: error * error,
    entropy_pull: error,
    squared_pull: 2 * error * p * (1 - p),
  };
}

/** Both losses at each stop of the slider, as parts of the plot from its lower left corner. */
const lossPoints = (name, label) =>
  STOPS.map((stop) => measures((stop - 80) / 10, label)).map((m) => [m.p, m[name] / TOP]);

const pullPoints = (name, label) =>
  STOPS.map((stop) => [stop / 160, (1 + measures((stop - 80) / 10, label)[name]) / 2]);

/** A curve as an SVG path of whole numbers, in thousandths of the plot. */
function path(points) {
  const whole = (part) => Math.floor(1000 * part + 0.5);
  return "M" + points.map(([x, y]) => `${whole(x)} ${1000 - whole(y)}`).join("L");
}

/** What the logit does not change: the four curves, by the name of their slot. */
export const curves = (label) => ({
  entropy_curve: path(lossPoints("entropy", label)),
  squared_curve: path(lossPoints("squared", label)),
  entropy_pull_curve: path(pullPoints("entropy_pull", label)),
  squared_pull_curve: path(pullPoints("squared_pull", label)),
});

/** With how many decimals both p and 1 - p keep four significant digits. */
function decimals(p) {
  let digits = 4;
  while (Math.min(p, 1 - p) * 10 ** (digits - 3) < 1) digits += 1;
  return digits;
}

/** What a prediction is whose logit is so far on the side of the truth. */
function verdict(margin) {
  if (Math.abs(margin) < 0.5) return "Unsure";
  const word = margin > 0 ? "Right" : "Wrong";
  return Math.abs(margin) < SURE ? word : `Confidently ${word.toLowerCase()}`;
}

/** The verdict, and what both losses do about it. */
function words(logit, label, m) {
  const is = verdict(label ? logit : -logit);
  const [still, only] = is === "Confidently wrong" ? ["still ", "only "] : ["", ""];
  const pull = (name) => fixed(Math.abs(m[name]), 3);
  return {
    verdict: `${is}:`,
    effect:
      `cross-entropy ${still}pulls z ${label ? "up" : "down"} with ${pull("entropy_pull")}, ` +
      `squared error with ${only}${pull("squared_pull")}.`,
  };
}

/** The losses and gradients with the numbers of the moment put in. */
function formulas(label, m) {
  const digits = decimals(m.p);
  const [p, rest] = [fixed(m.p, digits), fixed(1 - m.p, digits)];
  return {
    p,
    entropy_sum: `−[${label}·log ${p} + ${1 - label}·log ${rest}]`,
    squared_sum: `(${p} − ${label})²`,
    entropy_pull_sum: `${p} − ${label}`,
    squared_pull_sum: `2·(${p} − ${label})·${p}·${rest}`,
  };
}

/** What the controls change, by the name of its slot. */
export function reading(logit, label) {
  const m = measures(logit, label);
  const shown = { z: signed(logit, 1), ...formulas(label, m), ...words(logit, label, m) };
  for (const name of ["entropy", "squared"]) {
    const pull = `${name}_pull`;
    shown[name] = signed(m[name], 3);
    shown[pull] = signed(m[pull], 3);
    shown[`y_${name}`] = fixed(m[name] / TOP, 5);
    shown[`y_${pull}`] = fixed((1 + m[pull]) / 2, 5);
  }
  shown.x_p = fixed(m.p, 5);
  shown.x_z = fixed((logit + 8) / 16, 5);
  return shown;
}

const drawn = lasting(curves);

/** All that is seen. */
export const view = ({ logit, label }) => ({ ...drawn(label), ...reading(logit, label) });

/** The same in one or two sentences, for a screen reader. */
export const sentence = ({ label, z, p, entropy, squared, verdict, effect }) =>
  `Label ${label}, z ${z}, p ${p}: cross-entropy ${entropy}, squared error ${squared}. ` +
  `${verdict} ${effect}`;

/** The stop in tenths nearest to a part of the axis of z. */
export const stopAt = (part) => (Math.max(0, Math.min(160, Math.round(160 * part))) - 80) / 10;

/** The logit whose point, on either loss, is nearest to (x, y) in a plot so wide and so high. */
export function nearest(x, y, label, width, height) {
  const far = ([right, up]) => Math.hypot((right - x) * width, (up - y) * height);
  const distances = ["entropy", "squared"].map((name) => lossPoints(name, label).map(far));
  const each = STOPS.map((stop) => Math.min(distances[0][stop], distances[1][stop]));
  return stopAt(each.indexOf(Math.min(...each)) / 160);
}

/** Let both plots and the buttons set the logit. */
function listen(root, { values, set, announce }) {
  const [loss, gradient] = root.querySelectorAll(".ft-plot");
  const near = (x, y, { width, height }) =>
    set({ logit: nearest(x, y, values().label, width, height) });
  dragging(loss, near, announce);
  dragging(gradient, (x) => set({ logit: stopAt(x) }), announce);
  for (const button of root.querySelectorAll("button"))
    button.addEventListener("click", () => {
      set({ logit: (values().label ? 1 : -1) * Number(button.value) * BUTTON });
      announce();
    });
}

export const hydrate = figure({ view, sentence, listen });
export default widget(hydrate);
