/**
 * The last layer, learned in the page: a sigmoid over the 512 features of chapter 8's network, on
 * half of the photographs; the other half is held out. What is shown follows from photographs,
 * labels, learning rate, weight decay and the number of steps alone: a training begins at zero.
 */
import { bitmap, escape, figure, fixed, lasting, range, signed } from "../../_live/live.js";
import {
  align, cosine, crop, fitted, grey, learningStep, networkInput, predicted, readPicture,
  similarity, surprise,
} from "../../_live/network/engine.js";
import { grid } from "../../_live/network/maps.js";
import {
  cameraOf, choosing, inTurn, leaving, loadingOf, networksOf, sentenceOf, whenLeft,
} from "../../_live/network/reader.js";

const NETWORK = "face_classifier", FINDER = "mtcnn", BYTES = { face_classifier: 2.46e6, mtcnn: 7.3e5 };
const LAST = 200; // steps
const RATES = 20; // stops of the slider for each power of ten, from 0.001
const LEAST = 2; // photographs of each label to learn from
const MOST = 60; // photographs
const SIDE = 25; // pixels of a patch
const DARK = 3_000, GONE = 30_000; // milliseconds out of view: the camera goes, then the networks
const READ_AT = 640; // pixels of the longer side of a photograph
const NICE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4];
const OWN = ["others", "yours"]; // what labels 0 and 1 are called once the reader has opened some
const EXAMPLE = "The example that comes with the book. Take a step, or let it run.";

// Photographs: { own: the label it came with, label: 1, 0 or null, held, features }

/** The photographs of the example; of each label every second one is held out. */
const examples = lasting(({ labels, features, top }) => {
  const bytes = atob(features);
  const count = bytes.length / labels.length;
  const value = (k) => (_, j) => (bytes.charCodeAt(k * count + j) * top) / 255;
  return labels.map((label, k) => {
    const earlier = labels.slice(0, k).filter((other) => other === label).length;
    const features = Float64Array.from({ length: count }, value(k));
    return { own: label, label, held: earlier % 2 === 1, features, example: true };
  });
});

/** The indices of photographs with a label that are held out, or of those that are not. */
const chosen = (photos, held) =>
  range(photos.length).filter((k) => photos[k].held === held && photos[k].label !== null);

/** How many photographs of a label there are to learn from. */
const known = (photos, label) =>
  photos.filter((one) => !one.held && one.label === label).length;

/** What is missing before a training can begin, in words; nothing if nothing is. */
export function lacking(photos) {
  const few = [1, 0].filter((label) => known(photos, label) < LEAST);
  if (!few.length) return "";
  const counts = few.map((label) => `label ${label} has ${known(photos, label)}`);
  return `Too few to learn from: ${counts.join(" and ")}, and each label needs ${LEAST}, ` +
    "beside those held out. Open more photographs, or change labels.";
}

// The training

const dot = cosine; // of vectors of any length

/** The cross-entropy of a model, and how many it gets right. */
export function judged(model, rows, labels) {
  let [loss, right] = [0, 0];
  rows.forEach((row, i) => {
    const y = predicted(model, row);
    loss += surprise(y, labels[i]) / rows.length;
    right += Number(y >= 0.5 === (labels[i] === 1));
  });
  return { loss: rows.length ? loss : NaN, right, count: rows.length };
}

/** The direction in which centred rows differ most: their first principal component. */
export function component(rows) {
  const products = rows.map((a) => rows.map((b) => dot(a, b)));
  let weights = rows.map((_, i) => 1 + (i % 7));
  for (let turn = 0; turn < 100; turn++) {
    const next = products.map((row) => dot(row, weights));
    const length = Math.hypot(...next) || 1;
    weights = next.map((v) => v / length);
  }
  const sum = range(rows[0].length).map((k) => rows.reduce((s, row, i) => s + weights[i] * row[k], 0));
  const length = Math.hypot(...sum) || 1;
  return sum.map((v) => v / length);
}

/** A training on these photographs: at(step) is the model after so many steps, and both losses. */
const trainingOf = lasting((photos, rate, decay) => {
  if (lacking(photos)) return null;
  const learned = photos.filter(({ held }) => !held).map(({ features }) => features);
  const { rows: centred, apply } = fitted(learned);
  const rows = photos.map(({ features }) => apply(features));
  const [known, unseen] = [false, true].map((held) => {
    const own = chosen(photos, held);
    return { rows: own.map((k) => rows[k]), labels: own.map((k) => photos[k].label) };
  });
  const steps = [];
  const after = (model) => ({
    model,
    known: judged(model, known.rows, known.labels),
    unseen: judged(model, unseen.rows, unseen.labels),
  });
  const at = (step) => {
    if (!steps.length) steps.push(after({ weights: new Float64Array(rows[0].length), bias: 0 }));
    while (steps.length <= step) {
      const before = steps.at(-1).model;
      const { model } = learningStep(before, known.rows, known.labels, { rate, decay });
      steps.push(after(model));
    }
    return steps[step];
  };
  return { rows, axis: component(centred), at };
});

/** The losses after each step up to this one: { known, unseen }. */
export function losses(photos, rate, decay, last) {
  const training = trainingOf(photos, rate, decay);
  const all = range(last + 1).map((step) => training.at(step));
  return { known: all.map((one) => one.known.loss), unseen: all.map((one) => one.unseen.loss) };
}

/** Wilson's interval of a share, 95 %: `evaluation.Proportion.interval`. */
export function wilson(right, count) {
  const z = 1.959963984540054, square = z * z;
  const [share, whole] = [right / count, 1 + square / count];
  const middle = (share + square / (2 * count)) / whole;
  const reach = (z / whole) * Math.sqrt((share * (1 - share)) / count + square / (4 * count * count));
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)];
}

// What is drawn

const whole = (part) => Math.floor(1000 * part + 0.5);
const nice = (least) => NICE.find((value) => value >= least) ?? NICE.at(-1);
const percent = (share) => `${fixed(100 * Math.max(0, Math.min(1, share)), 2)}%`;

/** A curve of losses, one for each step, in thousandths of the plot. */
const path = (values, top) =>
  values.some(Number.isNaN)
    ? ""
    : `M${values.map((v, t) => `${whole(t / LAST)} ${1000 - whole(Math.min(1, v / top))}`).join("L")}`;

/** Both curves and their axis. */
function curves(photos, rate, decay, steps) {
  const { known, unseen } = losses(photos, rate, decay, steps);
  const top = nice(Math.max(...known, ...unseen.filter((v) => !Number.isNaN(v))));
  return {
    known_curve: path(known, top),
    unseen_curve: path(unseen, top),
    chance: `M0 ${1000 - whole(Math.LN2 / top)}H1000`,
    half: String(top / 2),
    top: String(top),
  };
}

/** Where each photograph lies: by its logit, and across the weights. */
export function places({ rows, axis }, { weights, bias }) {
  const square = dot(weights, weights);
  const along = square ? dot(axis, weights) / square : 0;
  const across = axis.map((v, k) => v - along * weights[k]);
  const length = Math.hypot(...across) || 1;
  return rows.map((row) => [dot(row, weights) + bias, dot(row, across) / length]);
}

/** The same as styles, with the ends of the axis. */
function scattered(training, model) {
  const spots = places(training, model);
  const [wide, tall] = [0, 1].map((axis) => Math.max(...spots.map((at) => Math.abs(at[axis]))));
  const end = nice(wide);
  const shown = { least: signed(-end, 0), most: String(end) };
  spots.forEach(([z, y], k) => {
    const place = [0.5 + (0.48 * z) / end, 0.5 + (0.46 * y) / (tall || 1)].map(percent);
    shown[`at_${k}`] = `left: ${place[0]}; bottom: ${place[1]};`;
  });
  return shown;
}

const nameOf = (data, { example, own }) => (example ? data.names : OWN)[own];
const written = (label) => (label === null ? "–" : String(label));

/** What is said of one photograph, and how it is drawn. */
function card(data, photo, k, probability) {
  const { label, held } = photo;
  const wrong = probability !== undefined && label !== null && probability >= 0.5 !== (label === 1);
  const is = label === null ? "left out" : `label ${label}, ${held ? "held out" : "to learn from"}`;
  const told = probability === undefined ? "" : `, probability ${fixed(probability, 2)}`;
  return {
    [`label_${k}`]: written(label),
    [`wrong_${k}`]: wrong,
    [`told_${k}`]: `Photograph ${k + 1}, ${nameOf(data, photo)}: ${is}${told}` +
      `${wrong ? ", a mistake" : ""}. Press to change its label.`,
  };
}

/** The numbers of the table. */
function results({ known, unseen }) {
  const { right, count } = unseen;
  const right_of = (one) => (one.count ? `${one.right} of ${one.count}` : "none");
  const ends = count ? wilson(right, count).map((end) => fixed(end, 2)) : [];
  return {
    known_loss: fixed(known.loss, 3),
    unseen_loss: fixed(unseen.loss, 3),
    known_right: right_of(known),
    unseen_right: right_of(unseen),
    accuracy: count ? fixed(right / count, 2) : "–",
    interval: count ? `${ends[0]} to ${ends[1]}` : "",
  };
}

/** What is seen before a training can begin. */
const nothing = (photos) => ({
  ...Object.fromEntries(["known_loss", "unseen_loss", "known_right", "unseen_right", "accuracy"]
    .map((name) => [name, "–"])),
  known_curve: "", unseen_curve: "", chance: "", half: "0.5", top: "1", interval: "",
  least: signed(-1, 0), most: "1",
  ...Object.fromEntries(photos.map((_, k) => [`at_${k}`, "display: none;"])),
});

/** What the numbers can and cannot show. */
const warned = (photos) =>
  `${photos[0].features.length} features and ${chosen(photos, false).length} photographs to learn ` +
  "from: unless two are equal, some boundary has all of them right, whatever their labels. Judge by " +
  `the ${chosen(photos, true).length} held out, and by the interval.`;

/** All that is seen. */
export function view({ data, learning_rate: rate, weight_decay: decay, steps, ...own }) {
  const { photos = examples(data), said = EXAMPLE, page = {} } = own;
  const training = trainingOf(photos, rate, decay);
  const now = training?.at(steps);
  const probabilities = training?.rows.map((row) => predicted(now.model, row)) ?? [];
  return {
    ...(now ? { ...curves(photos, rate, decay, steps), ...results(now) } : nothing(photos)),
    ...(now ? scattered(training, now.model) : {}),
    ...Object.assign({}, ...photos.map((photo, k) => card(data, photo, k, probabilities[k]))),
    said,
    told: lacking(photos) || warned(photos),
    rate: String(rate),
    exponent: Math.round(RATES * (Math.log10(rate) + 3)),
    decay: fixed(decay, 2),
    run: page.running ? "Pause" : "Run",
    idle: page.share === undefined,
    share: fixed(page.share ?? 0, 3),
    closed: !page.camera,
    filming: !!page.camera,
    served: !page.unserved,
    at_example: photos === examples(data),
  };
}

/** The same in a few sentences, for a screen reader. */
export const sentence = (shown) =>
  `Step ${shown.steps}, learning rate ${shown.rate}, weight decay ${shown.decay}. ` +
  `To learn from: loss ${shown.known_loss}, ${shown.known_right} right. ` +
  `Held out: loss ${shown.unseen_loss}, ${shown.unseen_right} right, ` +
  `accuracy ${shown.accuracy}${shown.interval && `, ${shown.interval}`}.`;

/** The slider of the learning rate goes in powers of ten. */
export const follow = (_, { exponent }) =>
  exponent === undefined
    ? {}
    : { learning_rate: Number((10 ** (exponent / RATES - 3)).toPrecision(3)) };

/** A photograph as a button; it waits for the script. */
function item({ url }, k, count) {
  const style = url
    ? `background-image: url(${url});`
    : `background-position: ${fixed((100 * k) / (count - 1), 4)}% 0;`;
  return `<button type="button" class="ft-item" data-item="${k}" data-lm-suppress-shortcuts=""
 data-attributes="aria-label=told_${k} data-label=label_${k} data-wrong=wrong_${k}" disabled><span
 class="${url ? "" : "ft-strip"}" style="${style}"></span><i data-slot="label_${k}"></i></button>`;
}

/** The photographs in their groups, and their marks in the plane. */
function parts(data, photos, strip = "") {
  const all = range(photos.length);
  const row = (own, held) =>
    all.filter((k) => photos[k].own === own && photos[k].held === held)
      .map((k) => item(photos[k], k, photos.length)).join("\n");
  const name = (own) => escape((photos[0]?.example ? data.names : OWN)[own]);
  const group = (own) => `<div class="ft-group"><p class="ft-title">Label ${own}: ${name(own)}</p>
<small>to learn from</small><div class="ft-items">${row(own, false)}</div>
<small>held out</small><div class="ft-items">${row(own, true)}</div></div>`;
  const style = strip && ` style="--strip: url(${strip}); --count: ${photos.length};"`;
  const mark = (k) => `<span class="ft-mark" data-attributes="style=at_${k} data-label=label_${k}
 data-wrong=wrong_${k}"${photos[k].held ? " data-held" : ""}></span>`;
  return {
    groups: `<div class="ft-groups"${style}>${group(1)}\n${group(0)}</div>`,
    marks: all.map(mark).join("\n"),
  };
}
const furnish = (data) => parts(data, examples(data), data.once.strip);

// What the reader can do

/** The label of a photograph that is pressed: the other one, then none, then its own again. */
export const nextLabel = ({ own, label }) => (label === own ? 1 - own : label === null ? own : null);

/** What came of opening photographs, in words. */
export function summary(taken, label, { unread, faceless, several, over }) {
  const names = (list) => list.slice(0, 3).join(", ") + (list.length > 3 ? ", …" : "");
  const told = [`${taken} ${taken === 1 ? "photograph was" : "photographs were"} added to label ${label}.`];
  if (faceless.length)
    told.push(`No face was found in ${names(faceless)}: to use them all the same, take the middle.`);
  if (several.length)
    told.push(`There are several faces in ${names(several)}: the largest was taken.`);
  if (unread.length)
    told.push(`The browser cannot read ${names(unread)}. Choose JPEG, PNG or WebP files.`);
  if (over) told.push(`${over} were left out, since ${MOST} photographs are all that fit.`);
  return told.join(" ");
}

/** The largest of the faces that were found. */
const largest = (faces) => faces.reduce((a, b) => (b.size > a.size ? b : a));

/** The square in the middle of a picture, in colour. */
export function middle(picture) {
  const { width, height } = picture;
  const size = Math.min(width, height);
  const [top, left] = [(height - size) / 2, (width - size) / 2];
  return crop(picture, [top, left, top + size, left + size], SIDE);
}

/**
 * A face by its five landmarks as the classifier's faces were framed, in colour. `align` takes eyes to
 * its own template, so it is given the places that go there when eyes and mouth go to the framing.
 */
export function framed({ framing, template }, picture, [one, other, , ...corners]) {
  const mouth = [0, 1].map((k) => (corners[0][k] + corners[1][k]) / 2);
  const inPatch = (points) => points.map((at) => at.map((part) => part * SIDE - 0.5));
  const [a, b, x, y] = similarity([one, other, mouth], inPatch(framing));
  const square = a * a + b * b;
  const back = ([u, v]) => [
    (a * (u - x) + b * (v - y)) / square,
    (a * (v - y) - b * (u - x)) / square,
  ];
  return align(picture, inPatch(template).map(back), SIDE);
}

/** A square in colour as a grey patch: { data, shape }. */
export function greyed({ data }) {
  const bytes = new Uint8ClampedArray(4 * SIDE * SIDE);
  data.forEach((v, k) => (bytes[4 * Math.floor(k / 3) + (k % 3)] = Math.round(255 * v)));
  return grey({ width: SIDE, height: SIDE, data: bytes });
}

const thumbnail = ({ data }) =>
  bitmap(grid(SIDE, SIDE, (i, j) => Math.floor(0.5 + 255 * Math.min(1, data[i * SIDE + j]))));

function listen(root, { values, keep, set, announce, model }) {
  const { data } = values();
  const find = (selector) => root.querySelector(selector);
  const made = (name) => find(`[data-parts="${name}"]`);
  const start = { groups: made("groups").innerHTML, marks: made("marks").innerHTML };
  const [page, camera] = [{}, cameraOf(find("video"))];
  let [photos, said, stopped] = [examples(data), EXAMPLE, false];
  let [snapshots, frame, turns, visits] = [0, 0, 0, 0];
  // turns: how often the example came back; visits: how often the figure was left

  const show = (more = {}) => keep({ photos, said, page: Object.assign(page, more) });
  const say = (text) => show((said = text) && {});
  const nets = networksOf(model, ({ name, done, total }) => {
    said = loadingOf({ done, total }, BYTES[name]);
    show({ share: Math.min(1, done / (total ?? BYTES[name])) });
  });
  const troubled = (error) => {
    page.unserved ||= error.code === "file-page";
    say(sentenceOf(error));
  };
  const busy = (is) => show((stopped = false) || { share: is ? 0 : undefined });
  const line = inTurn(busy, troubled);
  /** Do it when its turn comes, unless the example came back or the figure was left meanwhile. */
  const job = (work) => {
    const [turn, visit] = [turns, visits];
    return line(async () => {
      if (turn !== turns || visit !== visits) return;
      try {
        await work();
      } catch (error) {
        if (turn === turns) throw error;
      }
    });
  };

  /** Show these photographs, with the HTML of their buttons and marks. */
  const arrange = (list, html = parts(data, list)) => {
    photos = list;
    for (const name of ["groups", "marks"]) made(name).innerHTML = html[name];
    for (const button of made("groups").querySelectorAll("button")) button.disabled = false;
    show();
  };

  // The reader's photographs

  const own = () => photos.filter(({ example }) => !example);

  /** Add photographs to a label: every second one is held out. */
  const add = (label, taken) => {
    const list = own();
    for (const one of taken) {
      const before = list.filter((other) => other.own === label).length;
      list.push({ ...one, own: label, label, held: before % 2 === 1 });
    }
    pause();
    arrange(list);
    set({ steps: 0 });
  };

  /** The part of a picture that the network reads, or nothing if there is no face. */
  const partOf = async (picture, name, notes) => {
    if (values().cut === "the middle") return middle(picture);
    const faces = await nets.ask("faces", { picture });
    if (faces.length > 1) notes.several.push(name);
    if (!faces.length) notes.faceless.push(name);
    return faces.length ? framed(data, picture, largest(faces).landmarks) : null;
  };

  /** The features of one photograph, or nothing if it cannot be used. */
  const taken = async ({ name, source }, notes) => {
    let picture;
    try {
      picture = await readPicture(source, { longest: READ_AT });
    } catch (error) {
      if (error.code !== "no-picture") throw error;
      return notes.unread.push(name) && null;
    }
    const part = await partOf(picture, name, notes);
    if (!part) return null;
    const patch = greyed(part);
    const { features } = await nets.ask("classify", { image: networkInput(patch.data) });
    return { features, url: thumbnail(patch) };
  };

  const open = (label, sources) =>
    job(async () => {
      const room = MOST - own().length;
      const notes = { unread: [], faceless: [], several: [], over: Math.max(0, sources.length - room) };
      await nets.load(values().cut === "the face" ? [NETWORK, FINDER] : [NETWORK]);
      const [found, turn] = [[], turns];
      try {
        for (const [k, source] of sources.slice(0, room).entries()) {
          if (stopped) break;
          said = `Reading ${source.name}, ${k + 1} of ${sources.length} …`;
          show({ share: k / sources.length });
          found.push(await taken(source, notes));
        }
      } finally {
        const good = turn === turns ? found.filter(Boolean) : []; // else they were sent away
        if (good.length) add(label, good);
        if (turn === turns)
          said = `${stopped ? "Stopped. " : ""}${summary(good.length, label, notes)}`;
      }
      announce();
    });

  const weights = (files) =>
    job(async () => {
      for (const file of files)
        await nets.give(file.name.replace(/( ?\(\d+\))?\.bin$/, ""), await file.arrayBuffer());
      said = "The network is here. Open your photographs.";
      show({ unserved: false });
    });

  // The training

  const pause = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    show({ running: false });
  };
  /** Whether a training can begin; else it is said what is missing. */
  const ready = () => !lacking(photos) || say(lacking(photos)) === true;
  const run = () => {
    if (frame) return announce(pause());
    if (!ready()) return;
    if (values().steps >= LAST) set({ steps: 0 });
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return announce(set({ steps: LAST }));
    let odd = false;
    const tick = () => {
      const { steps } = values();
      if (steps >= LAST) return announce(pause());
      frame = requestAnimationFrame(tick);
      if ((odd = !odd)) set({ steps: steps + 1 });
    };
    frame = requestAnimationFrame(tick);
    show({ running: true });
  };

  // Buttons

  const filming = (open) => show({ camera: open });
  const does = {
    step: () => ready() && announce(set({ steps: Math.min(LAST, values().steps + 1) })),
    run,
    reset: () => announce(pause(), set({ steps: 0 })),
    stop: () => (stopped = true) && nets.stop(),
    async camera() {
      say("Waiting for the camera …");
      try {
        const open = await camera.open();
        if (open) say("The camera is on. Move between two photographs: equal ones teach nothing new.");
        filming(camera.on);
      } catch (error) {
        troubled(error);
      }
    },
    async take(label) {
      try {
        const frame = document.createElement("canvas"), video = find("video");
        [frame.width, frame.height] = [video.videoWidth, video.videoHeight];
        frame.getContext("2d").drawImage(video, 0, 0);
        await open(Number(label), [{ name: `snapshot ${++snapshots}`, source: frame }]);
      } catch (error) {
        troubled(error);
      }
    },
    close: () => filming(camera.close()) || say("The camera is off."),
    example() {
      pause();
      [stopped, turns] = [true, turns + 1];
      nets.stop();
      said = EXAMPLE;
      arrange(examples(data), start);
    },
  };
  const press = (k) => {
    const changed = { ...photos[k], label: nextLabel(photos[k]) };
    photos = photos.map((one, i) => (i === k ? changed : one));
    show();
    announce();
  };
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.item) press(Number(button.dataset.item));
    const [name, label] = button?.dataset.do?.split(" ") ?? [];
    if (name) does[name](label);
  });
  for (const label of [1, 0])
    choosing(find(`[data-files="${label}"]`), (files) =>
      open(label, files.map((file) => ({ name: file.name, source: file }))));
  choosing(find('[data-files="weights"]'), weights);

  const dark = () => {
    if (camera.wanted) said = "You left the figure, so the camera is off.";
    camera.close();
    show({ camera: false });
  };
  const leave = () => {
    if (nets.loaded.length) said = "You left the figure, so the network is gone. It comes again when needed.";
    pause();
    dark();
    [stopped, visits] = [true, visits + 1];
    nets.close();
  };
  whenLeft(root, [[DARK, dark], [GONE, leave]]);
}

export const hydrate = figure({ view, furnish, follow, sentence, listen });
export default leaving(hydrate);
