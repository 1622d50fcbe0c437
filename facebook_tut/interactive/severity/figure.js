/** The severity explorer: a face spoiled step by step, and what a recogniser makes of each step. */
import { escape, figure, fixed, options, signed, widget } from "../../_live/live.js";

const LABELS = { own: "of the same person", other: "of the most alike other" };
const ACCEPTED = { sign: "✓", verdict: "Accepted as the same person", accepted: "1" };
const MISSED = { sign: "✗", verdict: "Missed: below the threshold", accepted: "0" };
const CONFUSED = { sign: "✗", verdict: "Taken for somebody else", accepted: "0" };

/** The lower end of the scores' axis, a multiple of 0.2; the upper one is 1. */
export function lowEnd({ threshold, scores }) {
  const all = Object.values(scores).flatMap((byKind) => Object.values(byKind).flat());
  return Math.min(-1, Math.floor(5 * Math.min(threshold, ...all))) / 5;
}

/** Which part of the axis lies below a score. */
const part = (score, low) => fixed((score - low) / (1 - low), 4);

/** A score as text; rounding takes none across the threshold. */
export function twoDigits(score, threshold) {
  const [near, line] = [score, threshold].map((number) => Math.floor(100 * number + 0.5));
  const kept = score >= threshold ? Math.max(near, line) : Math.min(near, line - 1);
  return signed(kept / 100, 2);
}

/** The texts of the axis: every 0.2, and every 0.4 on a long axis. */
export function ticks(low) {
  const [step, end] = [low > -0.6 ? 2 : 4, Math.round(10 * low)];
  const marks = [];
  for (let tenths = 10; tenths >= end; tenths -= step) marks.push(tenths / 10);
  const tick = (mark) =>
    `<span class="ft-tick" style="--at: ${part(mark, low)};">${signed(mark, 1)}</span>`;
  return marks.map(tick).join("\n");
}

const line = (name) => `<li class="ft-${name}"><i class="ft-mark"></i><span>${LABELS[name]}</span>
<b data-slot="${name}"></b></li>`;
const mark = (name) => `<span class="ft-mark ft-${name}" data-places="${name}_at"></span>`;
const places = (k) => ["share", "low", "high"].map((name) => `--${name}: var(--${name}_${k});`);
const row = (name, k) => `<li data-places="share_${k} low_${k} high_${k}"
 style="${places(k).join(" ")}"><span>${escape(name)}</span> <b data-slot="missed_${k}"></b>
<small data-slot="interval_${k}"></small><i class="ft-bar"></i></li>`;

const counts = (pairs, networks) => `<p class="ft-title">Missed of ${escape(pairs)}
<small>line: the share’s interval</small></p>
<ul>${networks.map(row).join("\n")}</ul>`;

/** What there are several of, and the picture of all pictures. */
function furnish(data) {
  const [scores, networks] = [Object.keys(data.scores), Object.keys(data.missed)];
  return {
    kinds: options(Object.keys(data.cells)),
    picture: `<img src="${data.once.sheet}" decoding="sync" draggable="false"
 alt="The face as the chosen cause spoils it, at the chosen severity.">`,
    lines: scores.map(line).join("\n"),
    plot: `<span class="ft-limit" data-slot="limit_text"></span>
${scores.map(mark).join("\n")}\n${ticks(lowEnd(data))}`,
    counts: networks.length ? counts(data.pairs, networks) : "",
  };
}

/** What is told of a picture's scores. */
function judged({ scores, threshold }, kind, at, low) {
  const shown = {};
  for (const name in scores) {
    const score = scores[name][kind][at];
    shown[name] = twoDigits(score, threshold);
    shown[`${name}_at`] = part(score, low);
  }
  const [own, other] = ["own", "other"].map((name) => scores[name]?.[kind][at] ?? -1);
  if (other >= threshold && other > own) return { ...shown, ...CONFUSED };
  return { ...shown, ...(own >= threshold ? ACCEPTED : MISSED) };
}

/** What is told of each network's missed pairs. */
function counted({ missed }, kind, at) {
  const shown = { uncounted: Object.keys(missed).length === 0 };
  Object.values(missed).forEach((byKind, k) => {
    const parts = byKind[kind].map((values) => values[at]);
    const [share, low, high] = parts.map((value) => fixed(100 * value, 0));
    shown[`missed_${k}`] = `${share} %`;
    shown[`interval_${k}`] = `${low} to ${high} %`;
    ["share", "low", "high"].forEach((name, j) => (shown[`${name}_${k}`] = fixed(parts[j], 3)));
  });
  return shown;
}

/** All that is seen. */
export function view({ data, kind, severity }) {
  const { cells, threshold, sizes } = data;
  const [low, last] = [lowEnd(data), cells[kind].length - 1];
  const [cell, line] = [cells[kind][severity], twoDigits(threshold, threshold)];
  return {
    ...sizes,
    column: cell % sizes.across,
    row: Math.floor(cell / sizes.across),
    lone: Object.keys(cells).length === 1,
    last,
    step: `${severity} of ${last}${severity ? "" : ", as it is"}`,
    scores: Object.keys(data.scores).length,
    limit: part(threshold, low),
    line,
    limit_text: `threshold ${line}`,
    axis:
      `The cosines on an axis from ${signed(low, 1)} to 1.0. Those from the threshold, ${line}, ` +
      "on are accepted.",
    ...judged(data, kind, severity, low),
    ...counted(data, kind, severity),
  };
}

/** The same in a few sentences, for a screen reader. */
export function sentence({ data, kind, step, line, ...shown }) {
  const other = shown.other ? `, of the most alike other ${shown.other}` : "";
  const counts = Object.keys(data.missed).map(
    (name, k) => `${name} ${shown[`missed_${k}`]}, from ${shown[`interval_${k}`]}`,
  );
  return (
    `${kind}, severity ${step}: cosine with the template of the same person ${shown.own}${other}, ` +
    `threshold ${line}. ${shown.verdict}.` +
    (counts.length ? ` Missed of ${data.pairs}: ${counts.join("; ")}.` : "")
  );
}

export const hydrate = figure({ view, furnish, sentence });
export default widget(hydrate);
