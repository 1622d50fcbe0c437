/**
 * The decision explorer: what a threshold on a score does. An image is called positive (a
 * face) when its score is at least the threshold, so each image ends in one of four cells.
 */
import { figure, fixed, lasting, range, widget } from "../../_live/live.js";

const BINS = 40;
const [LOW, TALL] = [4, 78]; // the lowest and the tallest bar, in hundredths of a side
const STOPS = range(101).map((i) => i / 100); // where the slider can stand

function cell(label, score, threshold) {
  if (score >= threshold) return label ? "tp" : "fp";
  return label ? "fn" : "tn";
}

/** How many images end in each of the four cells. */
export function confusion(labels, scores, threshold) {
  const counts = { tp: 0, fp: 0, fn: 0, tn: 0 };
  labels.forEach((label, i) => (counts[cell(label, scores[i], threshold)] += 1));
  return counts;
}

/** The four rates of a confusion matrix; a rate of nothing is NaN. */
export function rates({ tp, fp, fn, tn }) {
  return {
    accuracy: (tp + tn) / (tp + fp + fn + tn),
    precision: tp / (tp + fp),
    recall: tp / (tp + fn),
    fpr: fp / (fp + tn),
  };
}

/** The ROC curve from (0, 0) to (1, 1): one point for each threshold that changes a call. */
export function rocPoints(labels, scores) {
  const cuts = [...new Set(scores)].sort((a, b) => b - a);
  return [Infinity, ...cuts].map((threshold) => {
    const counts = confusion(labels, scores, threshold);
    const { fpr, recall } = rates(counts);
    return { threshold, fpr, tpr: recall, fp: counts.fp, tp: counts.tp };
  });
}

/** The area under the curve, by trapezoids; it sums whole numbers, and so is exact. */
export function area(points) {
  const slices = points.slice(1).map(({ fp, tp }, i) => (fp - points[i].fp) * (tp + points[i].tp));
  const { fp, tp } = points.at(-1);
  return slices.reduce((sum, slice) => sum + slice, 0) / (2 * fp * tp);
}

/** What the mistakes cost, in false alarms, when a missed face costs `ratio` of them. */
export const cost = ({ fn, fp }, ratio) => ratio * fn + fp;

/** The four counts wherever the slider can stand. */
export const countsAtStops = (labels, scores) =>
  STOPS.map((threshold) => ({ threshold, ...confusion(labels, scores, threshold) }));

/** The cheapest of these stops; of several equally cheap ones, the middle one. */
export function cheapestStop(stops, ratio) {
  const lowest = Math.min(...stops.map((stop) => cost(stop, ratio)));
  const cheapest = stops.filter((stop) => cost(stop, ratio) === lowest);
  return cheapest[Math.floor(cheapest.length / 2)];
}

/** The bars of one cell, standing on `base` (up: -1, down: +1), as the shape of an SVG path. */
function shape(heights, base, direction) {
  const bar = (height, i) =>
    height ? `M${10 * i} ${100 + direction * base[i]}h9v${direction * height}h-9z` : "";
  return heights.map(bar).join("");
}

/** The heights of one side's two cells, on a scale of its own, and its largest count. */
function side(right, wrong) {
  const peak = Math.max(...right.map((n, i) => n + wrong[i]));
  const tall = (n) => n && Math.max(LOW, Math.floor((TALL * n) / peak + 0.5));
  return [right.map(tall), wrong.map(tall), peak];
}

/** The histogram: faces rise from the middle line and non-faces hang from it. */
export function bars(labels, scores, threshold) {
  const empty = () => Array(BINS).fill(0);
  const count = { tp: empty(), fp: empty(), fn: empty(), tn: empty() };
  const bin = (score) => Math.min(BINS - 1, Math.floor(score * BINS));
  labels.forEach((label, i) => (count[cell(label, scores[i], threshold)][bin(scores[i])] += 1));
  const [tp, fn, face_peak] = side(count.tp, count.fn);
  const [tn, fp, other_peak] = side(count.tn, count.fp);
  return {
    face_peak,
    other_peak,
    bars_tp: shape(tp, empty(), -1),
    bars_fp: shape(fp, empty(), 1),
    bars_fn: shape(fn, tp, -1),
    bars_tn: shape(tn, fp, 1),
  };
}

/** A name in the plural that does not break at a hyphen. */
const unbroken = (name) => name.replace("-", "\u2011");

/** What no slider changes: the curve, its area, and what is counted, by the name of its slot. */
export function fixture({ labels, scores, names, unit }) {
  const points = rocPoints(labels, scores);
  const at = (fraction) => Math.floor(1000 * fraction + 0.5);
  const [positive, negative] = names.map(unbroken);
  const { tp: faces, fp: others } = points.at(-1);
  const under = fixed(area(points), 3);
  return {
    faces,
    others,
    positive,
    negative,
    unit,
    area: under,
    roc: "M" + points.map(({ fpr, tpr }) => `${at(fpr)} ${1000 - at(tpr)}`).join("L"),
    histogram:
      `Histogram of the scores: ${faces} ${positive} rise from the middle line, ` +
      `${others} ${negative} hang from it. The table gives the counts on each side.`,
    curve:
      "ROC curve: recall against false positive rate. The point is the threshold; " +
      `the area under the curve is ${under}.`,
  };
}

/** What the sliders change, by the name of its slot. */
export function reading({ labels, scores }, stops, threshold, ratio) {
  const counts = confusion(labels, scores, threshold);
  const rate = rates(counts);
  const cheapest = cheapestStop(stops, ratio);
  const shown = { ...counts, ...bars(labels, scores, threshold) };
  for (const name in rate) shown[name] = fixed(rate[name], 3);
  shown.cut = fixed(threshold, 2);
  shown.ratio = fixed(ratio, 1);
  shown.cost = fixed(cost(counts, ratio), 1);
  shown.cheapest = fixed(cheapest.threshold, 2);
  shown.cheapest_cost = fixed(cost(cheapest, ratio), 1);
  return shown;
}

const settled = lasting((data) => [fixture(data), countsAtStops(data.labels, data.scores)]);

/** All that is seen. */
export function view({ data, threshold, cost_ratio }) {
  const [still, stops] = settled(data);
  return { ...still, ...reading(data, stops, threshold, cost_ratio) };
}

/** The same in one sentence, for a screen reader. */
export const sentence = ({ cut, tp, faces, fp, others, cost, data: { names } }) =>
  `Threshold ${cut}: ${tp} of ${faces} ${names[0]} found, ` +
  `${fp} of ${others} ${names[1]} called ${names[0]}, total cost ${cost}.`;

/** Let the button go to the cheapest threshold. */
function listen(root, { shown, set, announce }) {
  root.querySelector("button").addEventListener("click", () => {
    set({ threshold: Number(shown().cheapest) });
    announce();
  });
}

export const hydrate = figure({ view, sentence, listen });
export default widget(hydrate);
