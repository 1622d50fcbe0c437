/**
 * The reader's own photograph: chapter 8's network runs in the page, on a square that the reader
 * puts and over the whole photograph. Until they load it, the figure shows what Python computed of
 * an example. What the page comes to know beside that is in `page`, and nowhere else.
 */
import { bitmap, figure, fixed, lasting, range } from "../../_live/live.js";
import {
  crop, grey, group, networkInput, openEngine, readPicture,
} from "../../_live/network/engine.js";
import {
  address, cameraOf, choosing, leaving, loadingOf, sentenceOf, whenLeft,
} from "../../_live/network/reader.js";
import { grid, mostActive, sheet, unpacked } from "../../_live/network/maps.js";

const [NETWORK, BYTES] = ["face_classifier", 2.46e6];
const [SIDE, INPUT] = [25, 64]; // pixels of a patch, and of what the network reads
const MOST = 960; // pixels of the longer side of the reader's photograph
const SHIFTS = range(17).map((k) => 2 * k - 16);
const LIGHTS = range(10).map((k) => (k + 1) / 10);
const CAMERA_OFF = 3_000, LET_GO = 30_000; // milliseconds out of view
const REST = 150; // milliseconds without a move until the network is asked
const LAYERS = [
  ["Conv", "62×62×32"], ["Pool", "31×31×32"], ["Conv", "29×29×64"], ["Pool", "14×14×64"],
  ["Conv", "12×12×128"], ["Pool", "6×6×128"], ["Dense", "512"],
];
const [DENSE, SHAPE] = [7, [16, 32, 1]]; // the dense layer, and how it is drawn
const EXAMPLE = "The example: a photograph, with the boxes that the network found on it.";

/** The example as the network reads it, in the form of a canvas. */
export const exampleOf = lasting(({ width, height, pixels }) => {
  const bytes = atob(pixels);
  const data = new Uint8ClampedArray(4 * bytes.length).fill(255);
  for (let k = 0; k < bytes.length; k++) data.fill(bytes.charCodeAt(k), 4 * k, 4 * k + 3);
  return { width, height, data };
});

/** The boxes' windows of the example, as the search gives them. */
const exampleWindows = lasting((data) =>
  data.windows.map((row) => ({ box: row.slice(0, 4), score: row[4] })));

/** The square in pixels, kept inside the picture. */
export function squareOf({ width, height }, { x, y, size }) {
  const side = (size / 100) * Math.min(width, height);
  const [top, left] = [[y, height], [x, width]].map(([share, edge]) =>
    Math.max(0, Math.min(edge - side, (share / 100) * edge - side / 2)));
  return { top, left, side };
}

/** What the network reads of a square: moved to the right, and with a share of its light. */
export function inputOf(picture, { top, left, side }, shift = 0, light = 1) {
  const start = left + (shift * side) / INPUT;
  const { data } = crop(picture, [top, start, top + side, start + side], SIDE);
  const pixels = new Uint8ClampedArray(4 * SIDE * SIDE);
  data.forEach((v, k) => {
    pixels[4 * Math.floor(k / 3) + (k % 3)] = Math.floor(0.5 + light * 255 * v);
  });
  return networkInput(grey({ width: SIDE, height: SIDE, data: pixels }).data);
}

/** An input of the network as a picture: its three planes are equal. */
const patchOf = ({ data }) =>
  bitmap(grid(INPUT, INPUT, (i, j) => Math.floor(0.5 + 255 * data[3 * (i * INPUT + j)])));

// What is known of a square

const keyOf = ({ x, y, size, shift, light }) => [x, y, size, shift, light].join(" ");

/** Whether the square stands where Python asked the network. */
const atHome = ({ at }, page, { x, y, size }) =>
  !page.picture && x === at.x && y === at.y && size === at.size;

/** The probability of a face, or undefined: from the page's network, or from the example. */
export function probabilityOf(data, page, dials) {
  const found = page.answers?.get(keyOf(dials));
  if (found !== undefined || !atHome(data, page, dials)) return found;
  return data.table[(dials.shift + 16) / 2][Math.round(10 * dials.light) - 1];
}

/** A curve of what is known, as an SVG path in thousandths of the plot. */
export function curve(values) {
  const whole = (part) => Math.floor(1000 * part + 0.5);
  let [path, sign] = ["", "M"];
  values.forEach((value, k) => {
    if (value !== undefined)
      path += `${sign}${whole(k / (values.length - 1))} ${1000 - whole(value)}`;
    sign = value === undefined ? "M" : "L";
  });
  return path;
}

/** Both curves through the point where the dials stand, and that point. */
function curves(data, page, dials) {
  const here = probabilityOf(data, page, dials);
  const known = (name, values) =>
    values.map((value) => probabilityOf(data, page, { ...dials, [name]: value }));
  return {
    shift_curve: curve(known("shift", SHIFTS)),
    light_curve: curve(known("light", LIGHTS)),
    shift_at: fixed((dials.shift + 16) / 32, 4),
    light_at: fixed((dials.light - 0.1) / 0.9, 4),
    height_at: fixed(here ?? 0, 4),
    probability: here === undefined ? "–" : fixed(here, 3),
    verdict: here === undefined ? "not asked yet" : here >= 0.5 ? "a face" : "no face",
    unknown: here === undefined,
  };
}

// The boxes

/** The boxes with at least so many votes, most first; null if the picture was not searched. */
function boxesOf(data, page, threshold) {
  const windows = page.windows ?? (page.picture ? null : exampleWindows(data));
  return windows && group(windows).filter(({ votes }) => votes >= threshold);
}

const percent = (share) => `${fixed(100 * share, 2)}%`;

/** The boxes as HTML: each in hundredths of the picture, with its votes. */
function drawnBoxes(boxes, { width, height }) {
  return (boxes ?? []).map(({ top, left, size, votes }) => {
    const places = { left: left / width, top: top / height, width: size / width, height: size / height };
    const style = Object.entries(places).map(([name, share]) => `${name}: ${percent(share)};`);
    return `<b style="${style.join(" ")}"><span>${fixed(votes, 1)}</span></b>`;
  }).join("");
}

/** How many boxes there are, in words. */
export function count(boxes, threshold) {
  if (!boxes) return "This photograph has not been searched yet.";
  const votes = `${threshold} votes`;
  if (!boxes.length) return `No box has at least ${votes}.`;
  const first = `has ${fixed(boxes[0].votes, 1)}`;
  if (boxes.length === 1) return `1 box has at least ${votes}; it ${first}.`;
  return `${boxes.length} boxes have at least ${votes}; the first ${first}.`;
}

// The maps

/** The pictures of all layers as HTML, from the source of each. */
const cards = (sources) =>
  sources.map((source, k) => {
    const [name, shape] = LAYERS[k];
    return `<span class="ft-card"><img src="${source}" alt="">` +
      `<span>${name}</span> <small>${shape}</small></span>`;
  }).join("\n");

/** What the network's layers make of an image, from the values that the engine gives. */
export function mapsOf(values) {
  const layers = [...values.slice(0, LAYERS.length - 1), { ...values[DENSE], shape: SHAPE }];
  return cards(layers.map((layer, k) => pictureOf(mostActive(layer), k)));
}

/** Eight maps in one picture; the dense layer is one alone. */
const pictureOf = (maps, k) => (k < LAYERS.length - 1 ? sheet(maps) : bitmap(maps[0]));

/** The frame of a curve, with the point where its dial stands. */
const plot = (name, what) => `<div class="ft-plot" role="img"
 aria-label="The probability of a face against ${what}. The point is where the dial stands.">
<svg viewBox="0 0 1000 1000" preserveAspectRatio="none"><path class="ft-grid" d="M0 500H1000M500 0V1000"/>
<path data-slot="${name}_curve"/></svg>
<span class="ft-point" style="--at: var(--${name}_at)" data-attributes="hidden=unknown"></span>
<span class="ft-tick" style="--up: 0">0</span><span class="ft-tick" style="--up: 1">1</span>
</div>`;

/** The HTML of photo and maps is that of the example, and replaced by that of the reader's own. */
const furnish = ({ once: { photo, maps } }) => ({
  shift_plot: plot("shift", "the shift of the square"),
  light_plot: plot("light", "the share of the light"),
  photo: `<img src="${photo}" alt="The example. A dashed square marks what the network reads." draggable="false">`,
  maps: cards(maps.map(({ rows, columns, text }, k) => pictureOf(unpacked(text, rows, columns), k))),
});

/** The maps of the square if they are known; undefined leaves those of before. */
function mapsFor(data, page, dials) {
  if (page.maps?.key === keyOf(dials)) return page.maps.html;
  const first = atHome(data, page, dials) && dials.shift === 0 && dials.light === 1;
  return first ? (page.first?.maps ?? "") : undefined;
}

// All that is seen

/** The parts that are there: of the others, what is shown stays. */
const given = (parts) => Object.fromEntries(Object.entries(parts).filter(([, part]) => part));

export function view({ data, page = {}, ...dials }) {
  const picture = page.picture ?? exampleOf(data);
  const square = squareOf(picture, dials);
  const boxes = boxesOf(data, page, dials.threshold);
  const maps = mapsFor(data, page, dials);
  return {
    ...given({ photo: page.photo ?? page.first?.photo, maps }),
    boxes: drawnBoxes(boxes, picture),
    count: count(boxes, dials.threshold),
    left: percent(square.left / picture.width),
    top: percent(square.top / picture.height),
    across: percent(square.side / picture.width),
    down: percent(square.side / picture.height),
    patch: patchOf(inputOf(picture, square, dials.shift, dials.light)),
    pixels: `${fixed(square.side, 0)} of ${Math.min(picture.width, picture.height)} pixels`,
    ...curves(data, page, dials),
    stale: maps === undefined,
    told: maps === undefined ? "These maps are of another square or another light." : "White is a map’s largest value.",
    ...controls(page),
  };
}

/** Which buttons there are, what they say, and how far what runs has come. */
function controls(page) {
  return {
    said: page.said ?? EXAMPLE,
    loaded: !!page.loaded || !!page.job,
    unloaded: !page.loaded || !!page.job,
    idle: !page.job,
    share: fixed(page.share ?? 0, 3),
    no_file: !page.wanted,
    at_example: !page.picture,
    camera: page.filming ? "Take the picture" : "Use the camera",
    closed: !page.filming,
  };
}

/** The same in a few sentences, for a screen reader. */
export const sentence = ({ probability, verdict, count, x, y, size, shift, light }) =>
  `Square at ${x} % across, ${y} % down, size ${size} %, shift ${shift}, light ${light}: ` +
  `${verdict}, probability ${probability}. ${count}`;

// What the reader can do

/** Let a pointer drag the square; a finger must start on it, since elsewhere it scrolls the page. */
function dragSquare(box, at, put, done) {
  let offset = null;
  const place = (event) => {
    const { left, top, width, height } = box.getBoundingClientRect();
    return [(100 * (event.clientX - left)) / width, (100 * (event.clientY - top)) / height];
  };
  const go = (event, [dx, dy] = [0, 0]) => {
    const near = (value) => Math.max(0, Math.min(100, Math.round(2 * value) / 2));
    const [x, y] = place(event);
    put({ x: near(x + dx), y: near(y + dy) });
  };
  box.addEventListener("pointerdown", (event) => {
    const held = event.target.matches(".ft-square");
    if (event.button !== 0 || !(held || event.pointerType === "mouse")) return;
    box.setPointerCapture(event.pointerId);
    const [[x, y], middle] = [place(event), at()];
    offset = held ? [middle[0] - x, middle[1] - y] : [0, 0];
    go(event, offset);
  });
  box.addEventListener("pointermove", (event) => offset && go(event, offset));
  box.addEventListener("pointerup", (event) => {
    if (!offset && event.pointerType !== "mouse") go(event);
    offset = null;
    done();
  });
  box.addEventListener("pointercancel", () => (offset = null));
}

function listen(root, { values, set, keep, announce, model }) {
  const { data } = values();
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const html = (name) => root.querySelector(`[data-parts="${name}"]`).innerHTML;
  const page = { answers: new Map(), first: { photo: html("photo"), maps: html("maps") } };
  const redraw = () => keep({ page });
  const say = (said) => {
    page.said = said;
    redraw();
  };
  let frame = 0;
  const soon = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      redraw();
    });
  };

  /** Say what goes wrong; a file of the network is asked for where the page may not load it. */
  const troubled = (error) => {
    page.wanted ||= error.code === "file-page";
    say(sentenceOf(error));
  };

  /** Run what takes long, one at a time: work(signal, tell), where tell(share, text) says how far. */
  async function job(work) {
    page.job?.abort();
    const own = (page.job = new AbortController());
    page.share = 0;
    const tell = (share, said) => page.job === own && (Object.assign(page, { share, said }), soon());
    try {
      await work(own.signal, tell);
    } catch (error) {
      if (page.job === own) troubled(error);
    }
    if (page.job === own) page.job = null;
    redraw();
  }

  /** End what runs without a word: something else is said of it. */
  const drop = () => {
    const own = page.job;
    page.job = null;
    own?.abort();
  };

  const loaded = () => {
    Object.assign(page, { loaded: true, wanted: false });
    page.said = "The network is loaded. Move the square, or search the photograph.";
    ask();
  };
  const load = () =>
    job(async (signal, tell) => {
      tell(0, "Loading the network …");
      page.engine ??= openEngine(model);
      const progress = ({ done, total }) =>
        tell(Math.min(1, done / (total ?? BYTES)), loadingOf({ done, total }, BYTES));
      await page.engine.load([NETWORK], { progress, signal });
      loaded();
    });
  const give = (file) =>
    job(async () => {
      page.engine ??= openEngine(model);
      await page.engine.give(NETWORK, await file.arrayBuffer());
      loaded();
    });

  /** Ask the network of the square, then of each shift and each light; a later move ends it. */
  let turn = 0, waiting = 0;
  const ask = () => {
    turn++;
    clearTimeout(waiting);
    if (page.loaded) waiting = setTimeout(asked, REST, turn);
  };
  async function asked(own) {
    const dials = values();
    const rest = [
      ...SHIFTS.map((shift) => ({ ...dials, shift })), ...LIGHTS.map((light) => ({ ...dials, light })),
    ].filter((one) => probabilityOf(data, page, one) === undefined);
    try {
      await answered(dials, own);
      for (const one of rest) if (own === turn && page.loaded) await answered(one, own);
    } catch (error) {
      if (error.code !== "cancelled" && error.code !== "closed") troubled(error);
      else if (page.loaded && own === turn) ask(); // what it ran in was stopped with a search
    }
  }
  async function answered(dials, own) {
    const [picture, key] = [page.picture ?? exampleOf(data), keyOf(dials)];
    const maps = key === keyOf(values());
    if (page.answers.has(key) && (!maps || page.maps?.key === key)) return;
    const image = inputOf(picture, squareOf(picture, dials), dials.shift, dials.light);
    const answer = await page.engine.ask("classify", { image, maps });
    if (own !== turn) return;
    page.answers.set(key, answer.probability);
    if (maps) page.maps = { key, html: mapsOf(answer.maps) };
    soon();
    if (maps) announce();
  }

  const search = () =>
    job(async (signal, tell) => {
      const { picture, windows: before } = page;
      const kept = (windows) => windows.filter(({ score }) => score > 0);
      const progress = (share, windows) => {
        if (signal.aborted) return;
        page.windows = kept(windows);
        tell(share, `Searching: ${fixed(100 * share, 0)} % done.`);
      };
      tell(0, "Searching …");
      try {
        const windows = await page.engine.search(picture ?? exampleOf(data), {}, { signal, progress });
        if (signal.aborted) return;
        page.windows = kept(windows);
        page.said = `Searched: ${windows.length} windows went to the network, ` +
          `${page.windows.length} vote for a face.`;
      } catch (error) {
        if (page.picture === picture) page.windows = before;
        throw error;
      }
      redraw();
      announce();
    });

  // The photograph

  const forget = () => {
    Object.assign(page, { picture: null, photo: undefined, windows: undefined, maps: null });
    page.answers = new Map();
    turn++;
  };
  let reads = 0;
  async function take(source) {
    const own = ++reads;
    drop();
    try {
      const picture = await readPicture(source, { longest: MOST });
      if (own !== reads) return;
      forget();
      const url = address(picture, "image/jpeg");
      const photo = `<img src="${url}" alt="Your photograph. A dashed square marks what the network reads." draggable="false">`;
      Object.assign(page, { picture, photo });
      const next = page.loaded ? "Move the square, or search it." : "Load the network to ask about it.";
      page.said = `Your photograph, ${picture.width} × ${picture.height} pixels as the page reads it. ${next}`;
      set({ x: 50, y: 50, size: 50, shift: 0, light: 1 });
      redraw();
      ask();
    } catch (error) {
      troubled(error);
    }
  }
  const example = () => {
    reads++;
    drop();
    forget();
    page.said = EXAMPLE;
    set({ ...data.at, shift: 0, light: 1 });
    redraw();
    ask();
  };

  // The camera, and leaving

  const video = part("video");
  const film = cameraOf(video);
  const cameraOff = (said = page.said) => {
    film.close();
    page.filming = false;
    say(said);
  };
  async function camera({ detail }) {
    if (detail > 1) return; // the second press of a double click is not meant for what it became
    if (film.on) {
      await take(video);
      return cameraOff();
    }
    say("Waiting for the camera …");
    try {
      await film.open();
      page.filming = film.on;
      if (page.filming) say("The camera is on. Take the picture when you are ready.");
    } catch (error) {
      troubled(error);
    }
  }
  const dark = () => film.wanted && cameraOff("You left the figure, so the camera is off.");
  const leave = () => {
    const held = film.wanted || page.engine;
    film.close();
    drop();
    page.engine?.close();
    Object.assign(page, { engine: null, loaded: false, filming: false });
    turn++;
    if (held) say("You left the figure, so the camera is off and the network is gone. Load it again to go on.");
  };
  whenLeft(root, [[CAMERA_OFF, dark], [LET_GO, leave]], forget);

  // The controls

  for (const name of ["x", "y", "size", "shift", "light"]) model.on(`change:${name}`, ask);
  const middle = () => {
    const picture = page.picture ?? exampleOf(data);
    const { top, left, side } = squareOf(picture, values());
    return [(100 * (left + side / 2)) / picture.width, (100 * (top + side / 2)) / picture.height];
  };
  dragSquare(root.querySelector(".ft-photo .ft-pixels"), middle, set, announce);
  choosing(part("file"), ([file]) => take(file));
  choosing(part("weights"), ([file]) => give(file));
  const acts = { camera, load, search, example, stop: () => page.job?.abort() };
  acts.close = () => cameraOff("The camera is off.");
  for (const name in acts) part(name).addEventListener("click", acts[name]);
}

export const hydrate = figure({ view, furnish, sentence, listen });
export default leaving(hydrate);
