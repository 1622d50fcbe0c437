/**
 * Who is nearer? Photographs of the reader's own, from a file or the camera: their faces found,
 * aligned by eyes that can be corrected, embedded in the page and compared. At first it shows an
 * example that Python computed. Photographs are in the page's memory alone.
 */
import { escape, figure, fixed, range, signed } from "../../_live/live.js";
import { align, cosine, readPicture, similarity } from "../../_live/network/engine.js";
import {
  address, cameraOf, choosing, inTurn, leaving, networksOf, sentenceOf, whenLeft,
} from "../../_live/network/reader.js";
import { beyond, quality } from "./quality.js";

const [MOST, SIZE] = [6, 64]; // photographs; pixels of a crop
const NETWORKS = ["mtcnn", "face_embedder"];
const [SHOWN, LEFT] = [480, 8000]; // pixels of a photograph shown; milliseconds out of view
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const EXAMPLE = "An example, computed in Python. Open photographs of your own, or load the " +
  "networks and drag the eyes.";
const PAIRS = {
  above: "at or above the threshold",
  below: "below the threshold",
  unjudged: "not judged",
  unknown: "not compared yet",
};

const letter = (k) => "ABCDEF"[k];
const listed = (words) => words.join(", ");

// What is shown: from the photographs and the threshold alone

/** The photographs of the example. `index` says whose cosines are given, as long as they hold. */
const examples = (data) =>
  data.photos.map((photo, index) => {
    const url = data.once?.urls[index];
    return { url, ...photo, index, example: true, chosen: 0, placed: true, moved: false };
  });

/** The cosine of two photographs; NaN while it is not known. */
export function pairCosine({ cosines }, one, other) {
  if (one.embedding && other.embedding) return cosine(one.embedding, other.embedding);
  const given = [one, other].every(({ index }) => index !== undefined);
  return given ? cosines[one.index][other.index] : NaN;
}

/** What is said of a pair: above, below, unjudged or unknown. */
export function verdict(value, threshold, ...pair) {
  if (Number.isNaN(value)) return "unknown";
  if (pair.some(({ reasons }) => reasons.length)) return "unjudged";
  return value >= threshold ? "above" : "below";
}

/** All that the matrix says of two photographs. */
function pairOf(data, photos, threshold, i, j) {
  const value = pairCosine(data, photos[i], photos[j]);
  const pair = verdict(value, threshold, photos[i], photos[j]);
  const text = kept(value, threshold);
  return { value, pair, text: pair === "unjudged" ? `(${text})` : text };
}

/** A cosine with two decimals, rounded so that it stays on its side of the threshold. */
function kept(value, threshold) {
  const text = signed(value, 2);
  const rounded = Math.floor(value * 100 + 0.5) / 100;
  return value < threshold && rounded >= threshold ? signed(rounded - 0.01, 2) : text;
}

/** Whom a photograph is nearest to, among those that are judged. */
function nearestOf(pairs, k) {
  const judged = pairs
    .map((row, j) => ({ ...row[k], j }))
    .filter(({ pair, j }) => j !== k && ["above", "below"].includes(pair));
  if (!judged.length) return { near: "–", pair: "unknown" };
  const best = judged.reduce((a, b) => (b.value > a.value ? b : a));
  return { near: letter(best.j), pair: best.pair };
}

/** The values of the matrix, by the names of its cells. */
function cells(data, photos, threshold) {
  const all = range(photos.length);
  const pairs = all.map((i) => all.map((j) => pairOf(data, photos, threshold, i, j)));
  const shown = {};
  for (const i of all) {
    for (const j of all.filter((j) => j !== i)) {
      shown[`cell_${i}_${j}`] = pairs[i][j].text;
      shown[`pair_${i}_${j}`] = pairs[i][j].pair;
      shown[`verdict_${i}_${j}`] = PAIRS[pairs[i][j].pair];
    }
    const { near, pair } = nearestOf(pairs, i);
    shown[`near_${i}`] = near;
    shown[`near_pair_${i}`] = pair;
    shown[`near_verdict_${i}`] = PAIRS[pair];
  }
  return shown;
}

/** What a photograph's card says and draws. */
function card({ template }, photo, k) {
  const { points, width, height, crop, reasons, placed } = photo;
  const place = ([x, y]) =>
    `left: ${fixed((100 * (x + 0.5)) / width, 2)}%; top: ${fixed((100 * (y + 0.5)) / height, 2)}%;`;
  const chosen = photo.faces.map((_, f) => [`chosen_${k}_${f}`, String(photo.chosen === f)]);
  return {
    [`left_${k}`]: place(points[0]),
    [`right_${k}`]: place(points[1]),
    [`dots_${k}`]: points.map(([x, y]) => `M${fixed(x, 1)} ${fixed(y, 1)}h0`).join(""),
    [`frame_${k}`]: outline(points, template),
    [`crop_${k}`]: crop,
    [`told_${k}`]: told(photo),
    [`state_${k}`]: !placed || reasons.length ? "refused" : "judged",
    [`still_${k}`]: !photo.moved || !photo.faces.length,
    ...Object.fromEntries(chosen),
  };
}

/** Why a face is not judged, or by what it is aligned. */
function told({ points, reasons, placed }) {
  if (!placed) return "place the eyes";
  if (reasons.length) return `not judged: ${listed(reasons)}`;
  return `aligned by ${points.length > 2 ? "five points" : "two eyes"}`;
}

/** The border of a crop in its photograph, as an SVG path; empty where the eyes coincide. */
function outline(points, template) {
  const [a, b, x0, y0] = turned(points, template);
  if (a === undefined) return "M0 0";
  const square = a * a + b * b;
  const corner = ([u, v]) => {
    const [x, y] = [u - x0, v - y0];
    const place = [(a * x + b * y) / square, (a * y - b * x) / square];
    return place.map((part) => fixed(part, 1)).join(" ");
  };
  const [low, high] = [-0.5, SIZE - 0.5];
  const corners = [[low, low], [high, low], [high, high], [low, high]];
  return `M${corners.map(corner).join("L")}z`;
}

/** The similarity that takes points to the template; nothing where the eyes coincide. */
function turned(points, template) {
  try {
    return similarity(points, template.slice(0, points.length));
  } catch {
    return [];
  }
}

/** What was measured at the card's thresholds that the dial has reached. */
export function rate({ rates }, threshold) {
  const reached = rates.filter(([from]) => threshold >= from).at(-1);
  const share = reached ? `At most ${reached[1]}` : `More than ${rates[0][1]}`;
  return `${share} of LFW’s pairs of strangers reach it.`;
}

/** Whether the example is what it was. */
const untouched = (data, photos) =>
  photos.length === data.photos.length && photos.every(({ example, moved }) => example && !moved);

/** All that is seen. */
export function view({ data, threshold, photos = examples(data), said = EXAMPLE, page = {} }) {
  const { loaded = false, camera = false, busy = null, unserved = false } = page;
  return {
    photos,
    said,
    loaded,
    closed: !camera,
    filming: camera,
    idle: busy === null,
    progress: String(busy ?? 0),
    served: !unserved,
    untouched: untouched(data, photos),
    threshold_text: fixed(threshold, 2),
    rate: rate(data, threshold),
    measured: fixed(data.measured.threshold, 2),
    far: data.measured.far,
    missed: data.measured.missed,
    ...cells(data, photos, threshold),
    ...Object.assign({}, ...photos.map((photo, k) => card(data, photo, k))),
  };
}

/** A photograph's card; its controls wait for the script if it is not `live`. */
function cardHtml({ name, url, width, height, faces }, k, live) {
  const [wait, of] = [live ? "" : " disabled", `photograph ${letter(k)}`];
  const eye = (side, at) => `<button type="button" class="ft-eye" data-eye="${k} ${at}"
 data-attributes="style=${side}_${k}" aria-label="The ${side} eye of ${of}: arrow keys move it"
 data-lm-suppress-shortcuts=""${wait}></button>`;
  const face = ({ top, left, size }, f) => {
    const box = Object.entries({ left, top, width: size, height: size });
    const style = box.map(([side, length]) => {
      const whole = ["left", "width"].includes(side) ? width : height;
      return `${side}: ${fixed((100 * length) / whole, 2)}%;`;
    });
    return `<button type="button" class="ft-face" data-face="${k} ${f}" style="${style.join(" ")}"
 data-attributes="aria-pressed=chosen_${k}_${f}" aria-label="Face ${f + 1} of ${of}"
 data-lm-suppress-shortcuts=""${wait}></button>`;
  };
  return `<div class="ft-card" data-attributes="data-state=state_${k}">
<p class="ft-name"><b>${letter(k)}</b> <small>${escape(name)}</small>
<button type="button" data-do="remove ${k}" aria-label="Remove ${of}"
 data-lm-suppress-shortcuts=""${wait}>×</button></p>
<div class="ft-pixels" style="aspect-ratio: ${width} / ${height};">
<img src="${url}" draggable="false" alt="${escape(`Photograph ${letter(k)}: ${name}.`)}">
<svg viewBox="-0.5 -0.5 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
<path class="ft-frame" data-slot="frame_${k}"></path>
<path class="ft-dots" data-slot="dots_${k}"></path></svg>
${faces.length > 1 ? faces.map(face).join("\n") : ""}
${eye("left", 0)}
${eye("right", 1)}
</div>
<div class="ft-crop"><img data-slot="crop_${k}" alt="Its face, aligned">
<p><small data-slot="told_${k}"></small>
<button type="button" data-do="found ${k}" data-attributes="hidden=still_${k}"
 data-lm-suppress-shortcuts=""${wait}>as found</button></p></div>
</div>`;
}

/** The cells of a matrix of so many photographs. */
function matrixHtml(count) {
  const all = range(count);
  const cell = (i, j) =>
    i === j
      ? "<td>·</td>"
      : `<td data-attributes="data-pair=pair_${i}_${j}"><span data-slot="cell_${i}_${j}"></span>
<span class="ft-hidden" data-slot="verdict_${i}_${j}"></span></td>`;
  const row = (i) => `<tr><th scope="row">${letter(i)}</th>${all.map((j) => cell(i, j)).join("")}
<td class="ft-near" data-attributes="data-pair=near_pair_${i}"><span data-slot="near_${i}"></span>
<span class="ft-hidden" data-slot="near_verdict_${i}"></span></td></tr>`;
  const heads = all.map((k) => `<th scope="col">${letter(k)}</th>`).join("");
  return `<caption class="ft-title">Cosines</caption><thead><tr><td></td>${heads}
<th class="ft-near" scope="col">nearest</th></tr></thead><tbody>${all.map(row).join("")}</tbody>`;
}

/** What there are several of. */
const parts = (photos, live) => ({
  cards: photos.map((photo, k) => cardHtml(photo, k, live)).join("\n"),
  matrix: matrixHtml(photos.length),
});
const furnish = (data) => parts(examples(data), false);

/** The same in a few sentences, for a screen reader. */
export function sentence({ data, photos, threshold }) {
  const pairs = range(photos.length).flatMap((j) => range(j).map((i) => [i, j]));
  const told = pairs.map(([i, j]) => {
    const { value, pair } = pairOf(data, photos, threshold, i, j);
    const number = Number.isNaN(value) ? "" : `${kept(value, threshold)}, `;
    return `${letter(i)} and ${letter(j)}: ${number}${PAIRS[pair]}.`;
  });
  const refused = photos
    .map(({ reasons }, k) => [letter(k), reasons])
    .filter(([, reasons]) => reasons.length)
    .map(([name, reasons]) => `${name} is not judged: ${listed(reasons)}.`);
  return [`Threshold ${fixed(threshold, 2)}.`, ...told, ...refused].join(" ");
}

/** The matrix as a file of comma-separated values, with the reasons of what is not judged. */
export function csv(data, photos, threshold) {
  const quoted = (text) => `"${(/^[=+\-@]/.test(text) ? `'${text}` : text).replace(/"/g, '""')}"`;
  const names = photos.map(({ name }, k) => quoted(`${letter(k)} ${name}`));
  const rows = photos.map((one, i) => {
    const values = photos.map((other) => pairCosine(data, one, other));
    const texts = values.map((value, j) => (i === j || Number.isNaN(value) ? "" : fixed(value, 3)));
    return [names[i], ...texts, quoted(listed(one.reasons))].join(",");
  });
  const head = [`"threshold ${fixed(threshold, 2)}"`, ...names, '"not judged"'].join(",");
  return `${[head, ...rows].join("\r\n")}\r\n`;
}

// Photographs: how they come to points, a crop and measures

/** A crop as a picture of bytes. */
function inBytes({ data, shape: [height, width] }) {
  const bytes = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) bytes[4 * i + c] = Math.round(255 * data[3 * i + c]);
  return { width, height, data: bytes };
}

/** A photograph that has just come: its eyes stand where most portraits have them. */
function newcomer(picture, name) {
  const { width, height } = picture;
  const eyes = [0.4, 0.6].map((part) => [part * width, 0.42 * height]);
  const url = address(picture, "image/jpeg", SHOWN);
  const nothing = { faces: [], chosen: 0, placed: false, moved: false };
  return { name, picture, width, height, url, points: eyes, ...nothing };
}

/** Crop, measures and reasons anew, by a photograph's points. Its embedding no longer holds. */
function realigned(data, photo) {
  const { picture, points, faces, chosen } = photo;
  const image = align(picture, points);
  const [a, b] = turned(points, data.template);
  const byHand = photo.moved || !faces.length;
  const measures = quality(image, byHand ? SIZE / Math.hypot(a, b) : faces[chosen].size);
  const low = measures.score < data.least_quality;
  const reasons = low ? ["low quality"] : beyond(measures, data.limits);
  const crop = address(inBytes(image), "image/png");
  const own = { image, crop, reasons: photo.placed ? reasons : [] };
  return { ...photo, index: undefined, embedding: undefined, ...own };
}

/** The photograph with one of its faces chosen. */
const withFace = (photo, chosen) => ({
  ...photo, chosen, moved: false, placed: true, points: photo.faces[chosen].landmarks,
});

// The networks

/** The two networks: asked for anything, they come first. */
function bothNetworks(model, progress) {
  const own = networksOf(model, progress);
  const load = () => own.load(NETWORKS);
  return {
    get loaded() {
      return NETWORKS.every((name) => own.loaded.includes(name));
    },
    load,
    async ask(task, given) {
      await load();
      return own.ask(task, given);
    },
    give: own.give,
    stop: own.stop,
    close: own.close,
  };
}

// What the reader can do

function listen(root, { values, keep, announce, model }) {
  const { data } = values();
  const find = (selector) => root.querySelector(selector);
  const [cards, video] = [find(".ft-cards"), find("video")];
  const urls = [...cards.querySelectorAll(".ft-pixels img")].map((image) => image.src);
  const start = () => examples(data).map((photo, k) => ({ ...photo, url: urls[k] }));
  let [photos, page, comparing] = [start(), {}, false];
  let [turn, drawings] = [0, 0]; // how often what waits was sent away, and the cards were drawn
  const film = cameraOf(video);
  let said, held = null; // the eye that a pointer holds

  const show = (more = {}) => {
    if (more.said !== undefined) said = more.said;
    Object.assign(page, more.page);
    keep({ photos, said, page: { ...page, loaded: nets.loaded } });
  };
  const say = (text) => show({ said: text });
  const nets = bothNetworks(model, ({ name, done, total }) => {
    const size = total ? `, ${fixed(total / 1e6, 1)} MB` : "";
    const busy = total ? Math.round((100 * done) / total) : 0;
    show({ said: `Loading the network ${name}${size} …`, page: { busy } });
  });

  const trouble = (error) =>
    show({
      said: sentenceOf(error),
      page: error.code === "file-page" ? { unserved: true } : {},
    });
  const line = inTurn((is) => show({ page: { busy: is ? 0 : null } }), trouble);
  /** Do it when its turn comes: job(wanted), where wanted() says whether it was not sent away. */
  const doing = (job) => {
    const own = turn;
    const wanted = () => own === turn;
    return line(async () => {
      try {
        if (wanted()) await job(wanted);
      } catch (error) {
        if (wanted()) throw error;
      }
    });
  };
  const halt = () => {
    turn++;
    nets.stop();
  };

  /** Draw cards and matrix for these photographs. */
  const arrange = (list) => {
    [photos, held] = [list, null];
    drawings++;
    const made = parts(photos, true);
    cards.innerHTML = made.cards;
    find(".ft-matrix table").innerHTML = made.matrix;
    show();
  };
  const change = (k, photo) => {
    photos = photos.map((old, i) => (i === k ? photo : old));
    show();
  };

  /** A photograph of the example with its pixels, which the page has only as a picture. */
  const ready = async (photo) => {
    if (photo.picture) return photo;
    const image = new Image();
    image.src = photo.url;
    await image.decode();
    return { ...photo, picture: await readPicture(image) };
  };

  /** Embed what is not embedded, again and again while the reader goes on moving eyes. */
  const compare = async () => {
    if (comparing || !nets.loaded) return;
    comparing = true;
    try {
      for (;;) {
        const waiting = photos.filter((one) => one.image && one.placed && !one.embedding);
        if (!waiting.length) break;
        const rows = await nets.ask("embed", { images: waiting.map(({ image }) => image) });
        const found = new Map(waiting.map(({ image }, k) => [image, rows[k]]));
        photos = photos.map((one) => {
          const embedding = found.get(one.image);
          return embedding ? { ...one, embedding } : one; // the others stay who they are
        });
        show();
      }
      announce();
    } finally {
      comparing = false;
    }
  };
  const compared = () => {
    const own = turn;
    return compare().catch((error) => own === turn && trouble(error));
  };

  /** Give every photograph its image and its embedding: the example's are only known to Python. */
  const embedAll = async (wanted) => {
    await nets.load();
    for (const photo of photos.filter(({ image }) => !image)) {
      const whole = await ready(photo);
      const k = photos.indexOf(photo); // not there if it was moved or removed meanwhile
      if (k >= 0) change(k, realigned(data, whole));
    }
    await compare();
    if (wanted()) say("The networks are loaded. Drag the eyes, or open photographs.");
  };

  /** Take a photograph in, if there is room, and find its faces. Returns what is left to do. */
  const take = async (picture, name) => {
    const own = photos.filter(({ example }) => !example);
    if (own.length >= MOST)
      return say(`There are ${MOST} photographs, which is all that fit. Remove one first.`);
    const fresh = realigned(data, newcomer(picture, name));
    arrange([...own, fresh]);
    say(`Looking for faces in ${name} …`);
    const faces = await nets.ask("faces", { picture });
    const at = photos.findIndex((one) => one.picture === picture);
    if (at < 0) return; // removed meanwhile
    if (faces.length) {
      const found = realigned(data, withFace({ ...fresh, faces }, 0));
      arrange(photos.map((old, i) => (i === at ? found : old)));
    }
    const told = count(faces.length, letter(at));
    say(told);
    await compare();
    return faces.length ? undefined : told;
  };

  const openFiles = (files) =>
    doing(async (wanted) => {
      const problems = [];
      for (const file of files.slice(0, MOST)) {
        try {
          const picture = await readPicture(file);
          if (!wanted()) return;
          const told = await take(picture, file.name);
          if (told) problems.push(told);
        } catch (error) {
          if (error.code !== "no-picture") throw error;
          problems.push(`${file.name}: ${error.message}`);
        }
      }
      if (files.length > MOST) problems.push(`Only the first ${MOST} files were opened.`);
      if (problems.length && wanted()) say(problems.join(" "));
    });

  // Eyes

  /** Put one eye of a photograph somewhere; from then on the eyes alone align it. */
  const move = async (k, eye, to) => {
    const own = drawings;
    const { picture } = await ready(photos[k]);
    if (own !== drawings) return; // it may be another one's card by now
    const photo = { ...photos[k], picture };
    const last = [photo.width - 1, photo.height - 1];
    const at = to(photo.points[eye]).map((value, axis) => Math.max(0, Math.min(last[axis], value)));
    const points = [0, 1].map((side) => (side === eye ? at : photo.points[side]));
    try {
      change(k, realigned(data, { ...photo, points, moved: true, placed: true }));
    } catch (error) {
      const none = { image: undefined, embedding: undefined, index: undefined };
      change(k, { ...photo, points, moved: true, placed: true, ...none });
      return trouble(error);
    }
    if (!nets.loaded) say("The crop follows. Load the networks to see its cosines.");
    await compared();
  };
  const eyeOf = (target) => target.closest("[data-eye]")?.dataset.eye.split(" ").map(Number);
  cards.addEventListener("pointerdown", (event) => {
    const eye = eyeOf(event.target);
    if (!eye || event.button !== 0) return;
    const mark = event.target.getBoundingClientRect();
    const box = event.target.parentElement.getBoundingClientRect();
    const centre = [mark.left + mark.width / 2, mark.top + mark.height / 2];
    held = { eye, box, off: [event.clientX - centre[0], event.clientY - centre[1]] };
    event.target.setPointerCapture(event.pointerId);
  });
  cards.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [k, eye] = held.eye;
    const { box, off } = held;
    const x = ((event.clientX - off[0] - box.left) / box.width) * photos[k].width - 0.5;
    const y = ((event.clientY - off[1] - box.top) / box.height) * photos[k].height - 0.5;
    move(k, eye, () => [x, y]);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    cards.addEventListener(end, () => (held = null));
  cards.addEventListener("keydown", (event) => {
    const [eye, way] = [eyeOf(event.target), ARROWS[event.key]];
    if (!eye || !way) return;
    event.preventDefault();
    const { width, height } = photos[eye[0]];
    const step = (Math.max(width, height) / 200) * (event.shiftKey ? 5 : 1);
    move(...eye, (at) => at.map((value, axis) => value + step * way[axis]));
  });

  // Buttons

  const shut = (said) => {
    film.close();
    show({ said, page: { camera: false } });
  };
  const forget = () => {
    shut();
    halt();
    said = EXAMPLE;
    page.unserved = false;
    arrange(start());
  };
  const does = {
    load: () => doing(embedAll),
    stop() {
      halt();
      say("Stopped.");
    },
    async camera() {
      say("Waiting for the camera …");
      try {
        if (await film.open())
          show({ said: "The camera is on. It is let go when you close it.", page: { camera: true } });
      } catch (error) {
        trouble(error);
      }
    },
    take: () =>
      doing(async () => {
        const picture = await readPicture(video);
        shut();
        await take(picture, "camera");
      }),
    close: () => shut("The camera is off."),
    forget,
    save() {
      const text = csv(data, photos, values().threshold);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      link.download = "cosines.csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href));
      say("The matrix is saved as cosines.csv.");
    },
    remove(k) {
      if (photos.length === 1) forget();
      else arrange(photos.filter((_, i) => i !== Number(k)));
      (find(`[data-do="remove ${k}"]`) ?? find("[data-part=files]")).focus();
    },
    found(k) {
      change(Number(k), realigned(data, withFace(photos[k], photos[k].chosen)));
      compared();
    },
  };
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.do) {
      const [name, k] = button.dataset.do.split(" ");
      does[name](k);
    }
    if (!button.dataset.face) return;
    const [k, f] = button.dataset.face.split(" ").map(Number);
    change(k, realigned(data, withFace(photos[k], f)));
    compared();
  });
  choosing(find("[data-part=files]"), openFiles);
  choosing(find("[data-part=weights]"), (files) =>
    doing(async (wanted) => {
      for (const file of files)
        await nets.give(file.name.replace(/\.bin$/, ""), await file.arrayBuffer());
      if (!nets.loaded) return say("Both are needed: mtcnn.bin and face_embedder.bin.");
      show({ page: { unserved: false } });
      await embedAll(wanted);
    }));

  // When the figure is left: the camera and the workers go at once, or after some seconds

  const leave = () => {
    const network = nets.loaded && "networks are gone. Load them again to go on.";
    const gone = network || (film.wanted && "camera is off.");
    turn++; // what waits would load them again
    nets.close();
    shut(gone ? `You left the figure, so the ${gone}` : said);
  };
  whenLeft(root, [[LEFT, leave]]);
}

/** What was found, and what to do about it. */
function count(faces, name) {
  if (!faces) return `No face was found in ${name}. Put its two rings on the eyes.`;
  if (faces === 1) return `A face was found in ${name}.`;
  return `${faces} faces were found in ${name}. The surest is chosen; press another to change.`;
}

export const hydrate = figure({ view, furnish, sentence, listen });
export default leaving(hydrate);
