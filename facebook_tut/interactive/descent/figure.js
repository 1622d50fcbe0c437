/** The descent explorer: four optimisers go down one loss surface from one start. */
import {
  dragging, figure, fixed, lasting, options, range, signed, widget,
} from "../../_live/live.js";

const [WIDE, TALL] = [3, 2]; // the map: w₁ from -3 to 3, w₂ from -2 to 2
const [COLUMNS, ROWS] = [60, 40]; // cells in which contour lines are straight
const LEVELS = range(11).map((k) => 2 ** (k - 4)); // of the contour lines
const FAR = 100; // a weight that is farther from 0 has diverged
const [LOW, HIGH] = [-8, 2]; // powers of ten at the ends of the loss axis
const RATES = 20; // stops of the slider for each power of ten, from 0.001
const GAPS = [0.07, 0.105]; // between two letters, in parts of a plot
const EPSILON = 1e-7;

/** Each loss of two weights, its gradient, and its minima. */
export const SURFACES = {
  valley: {
    loss: (x, y) => (x * x + 20 * y * y) / 2,
    slope: (x, y) => [x, 20 * y],
    minima: [[0, 0]],
  },
  "tilted valley": {
    loss: (x, y) => ((x + y) * (x + y) + 20 * (x - y) * (x - y)) / 4,
    slope: (x, y) => [(x + y + 20 * (x - y)) / 2, (x + y - 20 * (x - y)) / 2],
    minima: [[0, 0]],
  },
  saddle: {
    loss: (x, y) => x * x / 2 + (y * y - 1) * (y * y - 1) / 4,
    slope: (x, y) => [x, y * (y * y - 1)],
    minima: [[0, -1], [0, 1]],
  },
  "two minima": {
    loss: (x, y) => x * x * (0.075 * x * x + 0.05 * x - 0.6) - 0.6 * x + 2 + 2 * y * y,
    slope: (x, y) => [0.3 * (x * x - 4) * (x + 0.5), 4 * y],
    minima: [[-2, 0], [2, 0]],
  },
  bend: {
    loss: (x, y) => (x - 1.5) * (x - 1.5) / 10 + 2 * (y + 1 - x * x / 2) * (y + 1 - x * x / 2),
    slope: (x, y) => [(x - 1.5) / 5 - 4 * x * (y + 1 - x * x / 2), 4 * (y + 1 - x * x / 2)],
    minima: [[1.5, 0.125]],
  },
};

/** By how much each changes one weight, from its gradient and what it remembers of it. */
export const OPTIMISERS = {
  "Gradient descent": (g, memory, { rate }) => -rate * g,
  Momentum: (g, memory, { rate, momentum }) => (memory.v = momentum * memory.v - rate * g),
  RMSProp(g, memory, { rate }) {
    memory.s = 0.9 * memory.s + 0.1 * g * g;
    return (-rate * g) / Math.sqrt(memory.s + EPSILON);
  },
  Adam(g, memory, { rate }, t) {
    memory.m += 0.1 * (g - memory.m);
    memory.s += 0.001 * (g * g - memory.s);
    const correction = Math.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t);
    return (-rate * correction * memory.m) / (Math.sqrt(memory.s) + EPSILON);
  },
};
const NAMES = Object.keys(OPTIMISERS);

/** Where an optimiser is after each step; it ends with the first point that is too far away. */
export function walk(surface, name, start, settings, noises) {
  const points = [start];
  const memories = start.map(() => ({ v: 0, m: 0, s: 0 }));
  for (let t = 1; t <= noises.length && !diverged(points); t++) {
    const at = points.at(-1);
    const slope = SURFACES[surface].slope(...at);
    const change = (w, i) => {
      const g = slope[i] + settings.noise * noises[t - 1][i];
      return w + OPTIMISERS[name](g, memories[i], settings, t);
    };
    points.push(at.map(change));
  }
  return points;
}

const diverged = (points) => !points.at(-1).every((w) => Math.abs(w) <= FAR);

// Places in thousandths of a plot, and paths of them.

const whole = (part) => Math.floor(1000 * part + 0.5);
const place = ([x, y]) => [(x / WIDE + 1) / 2, (y / TALL + 1) / 2]; // from the lower left
const spot = ([right, up]) => `${whole(right)} ${1000 - whole(up)}`;
const dots = (spots) => spots.map((one) => `M${one}h0`).join("");
const height = (loss) => (Math.log10(Math.max(loss, 1e-99)) - LOW) / (HIGH - LOW);

const EDGE = 0.03; // the least distance of a letter from the edge
const ROUND = range(49) // places of a letter round its own, the nearest first
  .map((k) => [(k % 7) - 3, Math.floor(k / 7) - 3])
  .sort((one, other) => Math.hypot(...one) - Math.hypot(...other));

/** Places as near as may be to these, inside the plot, where no letter covers another. */
export function spread(places) {
  const inside = (part) => Math.max(EDGE, Math.min(1 - EDGE, part));
  const apart = (one, other) => one.some((part, i) => Math.abs(part - other[i]) > 0.999 * GAPS[i]);
  const taken = [];
  for (const own of places) {
    const moved = (steps) => own.map((part, i) => inside(inside(part) + steps[i] * GAPS[i]));
    taken.push(ROUND.map(moved).find((at) => taken.every((other) => apart(at, other))));
  }
  return taken;
}

/** The lines of equal loss, one straight piece for each cell that a line crosses. */
const contours = lasting((surface) => {
  const node = (i, j) => [(2 * i / COLUMNS - 1) * WIDE, (2 * j / ROWS - 1) * TALL];
  const pieces = [];
  for (const i of range(COLUMNS))
    for (const j of range(ROWS)) {
      const corners = [node(i, j), node(i + 1, j), node(i + 1, j + 1), node(i, j + 1)];
      const losses = corners.map((corner) => SURFACES[surface].loss(...corner));
      for (const level of LEVELS) pieces.push(...cell(corners, losses, level));
    }
  return pieces.join("");
});

/** What a line of equal loss is in one cell: one piece, two at a saddle, or none. */
function cell(corners, losses, level) {
  const next = (k) => (k + 1) % 4;
  const crossed = range(4).filter((k) => losses[k] < level !== losses[next(k)] < level);
  const spots = crossed.map((k) => {
    const part = (level - losses[k]) / (losses[next(k)] - losses[k]);
    return spot(place(corners[k].map((w, i) => w + part * (corners[next(k)][i] - w))));
  });
  return range(spots.length / 2).map((k) => `M${spots[2 * k]}L${spots[2 * k + 1]}`);
}

/** What the step does not change: the paths of all, and their losses after each step. */
const race = lasting((noises, surface, rate, momentum, noise, w1, w2) =>
  NAMES.map((name) => {
    const points = walk(surface, name, [w1, w2], { rate, momentum, noise }, noises);
    const losses = points.map((point) => SURFACES[surface].loss(...point));
    const curve = losses.map((loss, t) => [t / noises.length, height(loss)]);
    return { name, points, losses, curve, lost: diverged(points) };
  }),
);

/** A loss as text: with decimals if it is neither large nor small, else with a power of ten. */
export function lossText(loss) {
  if (loss === 0 || (loss >= 0.001 && loss < 1000)) return fixed(loss, loss < 10 ? 4 : 1);
  const [digits, power] = loss.toExponential(1).split("e");
  const raised = (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)];
  return `${digits} · 10${[...power.replace("+", "")].map(raised).join("")}`;
}

/** What is shown of one optimiser after so many steps. */
function runner({ points, losses, curve, lost }, k, step) {
  const at = Math.min(step, points.length - 1);
  const gone = lost && at === points.length - 1;
  const off = points[at].some((w, i) => Math.abs(w) > [WIDE, TALL][i]);
  const spots = points.slice(0, at + 1).map((point) => spot(place(point)));
  const change = (i) => (at && !gone ? signed(points[at][i] - points[at - 1][i], 3) : "–");
  return {
    [`path_${k}`]: `M${spots.join("L")}`,
    [`dots_${k}`]: dots(spots),
    [`curve_${k}`]: `M${curve.map(spot).join("L")}`,
    [`here_${k}`]: gone ? "" : dots([spot(curve[at])]),
    [`loss_${k}`]: gone ? "diverged" : lossText(losses[at]),
    [`state_${k}`]: gone ? `at step ${at}` : off ? "off the map" : "",
    [`change_1_${k}`]: change(0),
    [`change_2_${k}`]: change(1),
  };
}

/** Where the letters are: on the map at the last point, each curve's at a step of its own. */
function letters(runners, step) {
  const last = runners.map(({ points }) => place(points[Math.min(step, points.length - 1)]));
  const seen = ([, up]) => up >= 0 && up <= 1;
  const named = runners.map(({ curve }, k) => curve.slice(0, 20 * k + 16).findLast(seen) ?? [0, 0]);
  const shown = {};
  for (const [name, places] of Object.entries({ disc: spread(last), label: spread(named) }))
    places.forEach(([right, up], k) => {
      shown[`${name}_x_${k}`] = fixed(right, 4);
      shown[`${name}_y_${k}`] = fixed(up, 4);
      if (name === "disc") shown[`lead_${k}`] = `M${spot(last[k])}L${spot([right, up])}`;
    });
  return shown;
}

/** What there is to know of a surface. */
export function told(surface, momentum) {
  const limit = fixed(0.1 * (1 + momentum), 3);
  const unbroken = (formula) => formula.replaceAll(" ", "\u00a0");
  return {
    valley:
      "The curvature is 1 along w₁ and 20 along w₂. Gradient descent diverges above " +
      unbroken("η = 2/20 = 0.1") + `, momentum above ${unbroken(`η = 2(1 + µ)/20 = ${limit}.`)}`,
    "tilted valley":
      "The same valley, turned by 45°. The limits are the same: " +
      `0.1 for gradient descent and ${limit} for momentum.`,
    saddle:
      "At (0, 0) the gradient is zero, but the loss falls along w₂ on both sides. " +
      "Both minima have loss 0.",
    "two minima":
      "The left minimum has loss 1.6 and the right one has loss 0. " +
      "The pass between them has loss 2.15.",
    bend: "A valley that bends. Its floor falls slowly to the minimum.",
  }[surface];
}

/** All that is seen. */
export function view({ data: { noises }, surface, learning_rate, momentum, noise, w1, w2, step }) {
  const runners = race(noises, surface, learning_rate, momentum, noise, w1, w2);
  const crosses = SURFACES[surface].minima.map(place);
  const [start_x, start_y] = place([w1, w2]).map((part) => fixed(part, 4));
  return {
    ...Object.assign({}, ...runners.map((one, k) => runner(one, k, step))),
    ...letters(runners, step),
    contours: contours(surface),
    minima: crosses.map((at) => `M${spot(at)}m-9 -13l18 26m0 -26l-18 26`).join(""),
    start_x, start_y,
    told: told(surface, momentum),
    rate: String(learning_rate),
    exponent: Math.round(RATES * (Math.log10(learning_rate) + 3)),
    mu: fixed(momentum, 2),
    sigma: fixed(noise, 1),
    w1_text: signed(w1, 2),
    w2_text: signed(w2, 2),
    place: fixed(step / noises.length, 2),
  };
}

/** The same in one sentence, for a screen reader. */
export function sentence(shown) {
  const each = NAMES.map((name, k) => {
    const [loss, state] = [shown[`loss_${k}`], shown[`state_${k}`]];
    return `${name} ${[loss, state].filter(Boolean).join(loss === "diverged" ? " " : ", ")}`;
  });
  return (
    `${shown.surface}, learning rate ${shown.rate}, momentum ${shown.mu}, start ` +
    `${shown.w1_text}, ${shown.w2_text}. Loss after step ${shown.step}: ${each.join("; ")}.`
  );
}

const path = (kind, slot, k) => `<path class="ft-${kind} ft-look-${k}" data-slot="${slot}_${k}"/>`;
const disc = (name, k) => `<span class="ft-disc ft-look-${k}" aria-hidden="true"
 data-places="${name}_x_${k} ${name}_y_${k}"
 style="--x: var(--${name}_x_${k}); --y: var(--${name}_y_${k});">${NAMES[k][0]}</span>`;
const row = (k) => `<tr class="ft-look-${k}"><th scope="row"><span class="ft-key">
<svg viewBox="0 0 44 12" aria-hidden="true"><path class="ft-line" d="M1 6H43"/></svg>
<span class="ft-disc" aria-hidden="true">${NAMES[k][0]}</span></span> ${NAMES[k]}</th>
<td><b data-slot="loss_${k}"></b> <small data-slot="state_${k}"></small></td>
<td data-slot="change_1_${k}"></td><td data-slot="change_2_${k}"></td></tr>`;

function furnish({ starts }) {
  const all = (part) => range(NAMES.length).map(part).join("");
  return {
    surfaces: options(Object.keys(starts)),
    paths: all((k) => path("line", "path", k) + path("dots", "dots", k) + path("lead", "lead", k)),
    curves: all((k) => path("line", "curve", k) + path("dots", "here", k)),
    discs: all((k) => disc("disc", k)),
    labels: all((k) => disc("label", k)),
    rows: all(row),
  };
}

/** The slider of the learning rate goes in powers of ten; a surface brings its own start. */
export function follow({ data: { starts } }, { exponent, surface }) {
  if (exponent !== undefined)
    return { learning_rate: Number((10 ** (exponent / RATES - 3)).toPrecision(3)) };
  return surface ? { w1: starts[surface][0], w2: starts[surface][1] } : {};
}

/** The start at a part of the map, on the stops of its sliders. */
export function startAt(right, up) {
  const stop = (part, end) =>
    Math.round(20 * end * Math.max(-1, Math.min(1, 2 * part - 1))) / 20;
  return { w1: stop(right, WIDE), w2: stop(up, TALL) };
}

/** Let the map set the start, and the other plot and the two buttons the step. */
function listen(root, { values, set, announce }) {
  const [map, losses] = root.querySelectorAll(".ft-plot");
  const stepTo = (step) => {
    const last = values().data.noises.length;
    set({ step: Math.max(0, Math.min(last, Math.round(step))) });
  };
  dragging(map, (right, up) => set(startAt(right, up)), announce);
  dragging(losses, (part) => stepTo(part * values().data.noises.length), announce);
  for (const button of root.querySelectorAll("button"))
    button.addEventListener("click", () => {
      stepTo(values().step + Number(button.value));
      announce();
    });
}

export const hydrate = figure({ view, furnish, sentence, follow, listen });
export default widget(hydrate);
