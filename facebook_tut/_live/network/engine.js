/**
 * The networks of a figure: loaded when the reader asks, run in a worker beside the page.
 *
 *   const engine = openEngine(model);
 *   await engine.load(["mtcnn", "face_embedder"], { progress, signal });
 *   const picture = await readPicture(file);
 *   const faces = await engine.ask("faces", { picture }, { signal });
 *   engine.close();
 *
 * What goes wrong is a Trouble: its message is a sentence for the reader, its `code` for a script.
 * Nothing leaves the page: the weights are all that is fetched, and they come with the book.
 */
import * as twin from "./twin.js";

export const {
  align, cosine, crop, fitted, grey, group, learningStep, logOdds, networkInput, predicted, similarity,
  surprise, Trouble, windowSizes,
} = twin;

const LONGEST = 1280; // pixels: the longer side of a picture, once it is read
const PATIENCE = 60_000; // milliseconds until a kernel is taken for gone
const MOST_WORKERS = 3; // for a search: each holds the weights

const cancelled = () => new Trouble("cancelled", "Stopped.");
const busy = new Trouble("closed", "The figure has been left.");

/** The engine of a figure. model: the page's values, or a widget's. */
export function openEngine(model) {
  const inWorkers = typeof Worker === "function" && !!twin.text;
  const files = new Map(); // by name, what was loaded
  let [helpers, closed] = [[], false];

  const helper = (k) => (helpers[k] ??= inWorkers ? workerHelper(files) : pageHelper(files));
  const dismiss = (one) => {
    one.stop();
    helpers = helpers.filter((other) => other !== one);
  };

  /** Let a helper do one thing; if it is cancelled, the helper is let go, and its work with it. */
  async function done(one, message, signal) {
    if (closed) throw busy;
    if (signal?.aborted) throw cancelled();
    const stop = () => dismiss(one);
    signal?.addEventListener("abort", stop);
    try {
      return await one.ask(message);
    } catch (error) {
      if (error.code === "crashed") dismiss(one);
      throw signal?.aborted ? cancelled() : error;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  /** Check a file by reading it, and keep it for helpers to come. */
  async function give(name, buffer) {
    const extra = await done(helper(0), { load: name, buffer });
    files.set(name, buffer);
    for (const other of helpers.slice(1)) await other?.ask({ load: name, buffer });
    return extra;
  }

  return {
    /** Which networks are loaded. */
    get loaded() {
      return [...files.keys()];
    },

    /** Load networks that are not loaded yet. progress({ name, done, total }): bytes so far. */
    async load(names, { progress = () => {}, signal } = {}) {
      for (const name of names) {
        if (files.has(name)) continue;
        await give(name, await weights(model, name, { progress, signal }));
      }
    },

    /** Take a file that the reader has chosen, where a page may not fetch it. */
    give,

    /** Ask for one of twin.js' tasks: faces, align, embed, patch, classify, search. */
    ask: (task, given, { signal } = {}) => done(helper(0), { task, given }, signal),

    /**
     * All windows of a picture that the first stage lets through: [{ box, score }], the scores
     * log-odds; `group(windows, { floor })` makes boxes of them. progress(share, windows so far).
     * sizes: of windows, in pixels; exact: judge each alone; mirror: ask for mirror images too; sift:
     * the first stage's log-odds above which a window is let through, 0 if not given.
     */
    async search(picture, { sizes, ...options } = {}, { progress = () => {}, signal } = {}) {
      const plane = twin.grey(picture);
      const left = [...(sizes ?? windowSizes(plane.shape))];
      const effort = left.map((size) => 1 / size ** 2);
      const total = effort.reduce((a, b) => a + b, 0);
      let [found, finished, failure] = [[], 0, null];
      const work = async (one) => {
        while (left.length && !failure) {
          const size = left.shift(); // the smallest windows, the most work, first
          const given = { plane, size, ...options };
          const more = await done(one, { task: "search", given }, signal);
          found = found.concat(more); // not in one line: others add to it while this one waits
          finished += 1 / size ** 2;
          progress(Math.min(1, finished / total), found);
        }
      };
      const cores = globalThis.navigator?.hardwareConcurrency ?? 1;
      const count = inWorkers ? Math.max(1, Math.min(MOST_WORKERS, cores, left.length)) : 1;
      const hands = Array.from({ length: count }, (_, k) => helper(k));
      await Promise.all(hands.map((one) => work(one).catch((error) => (failure ??= error))));
      if (failure) throw failure;
      return found;
    },

    /** Let everything go: workers, weights. */
    close() {
      closed = true;
      helpers.forEach((one) => one?.stop());
      helpers = [];
      files.clear();
    },
  };
}

// Who does the work

/** A worker that knows the files; its messages are answered in their order. */
function workerHelper(files) {
  const code = new Blob([`(${twin.text})().serve(self);`], { type: "text/javascript" });
  const url = URL.createObjectURL(code);
  let worker;
  try {
    worker = new Worker(url);
  } catch {
    return pageHelper(files); // a page may forbid workers
  } finally {
    URL.revokeObjectURL(url);
  }
  const waiting = new Map();
  let [number, page, answered] = [0, null, false];
  const fail = (error) => {
    waiting.forEach(({ reject }) => reject(error));
    waiting.clear();
  };
  worker.onmessage = ({ data }) => {
    answered = true;
    const { resolve, reject } = waiting.get(data.number) ?? {};
    waiting.delete(data.number);
    if (data.trouble) reject?.(new Trouble(data.trouble.code, data.trouble.sentence));
    else resolve?.(data.result);
  };
  worker.onerror = () => {
    if (answered)
      return fail(new Trouble("crashed", "The browser stopped the network, perhaps because " +
        "memory ran out. Close other pages and try again."));
    page = pageHelper(files); // a page may forbid workers, and say so late
    for (const { message, resolve, reject } of waiting.values())
      page.ask(message).then(resolve, reject);
    waiting.clear();
  };
  const ask = (message) => {
    if (page) return page.ask(message);
    return new Promise((resolve, reject) => {
      waiting.set(++number, { message, resolve, reject });
      worker.postMessage({ number, ...message });
    });
  };
  for (const [load, buffer] of files) ask({ load, buffer }).catch(() => {});
  const stop = () => {
    worker.terminate();
    page?.stop();
    fail(cancelled());
  };
  return { ask, stop };
}

/** The page itself, where there is no worker: it stands still while it computes. */
function pageHelper(files) {
  const answer = twin.answering();
  let stopped = false;
  for (const [load, buffer] of files) answer({ load, buffer });
  return {
    async ask(message) {
      await new Promise((resolve) => setTimeout(resolve)); // let the page draw first
      if (stopped) throw cancelled();
      return answer(message);
    },
    stop: () => (stopped = true),
  };
}

// Where the weights come from

/** The bytes of a network: from the book's own site, or from the kernel of a notebook. */
export function weights(model, name, { progress = () => {}, signal } = {}) {
  return model.send ? fromKernel(model, name, signal) : fromSite(name, progress, signal);
}

async function fromSite(name, progress, signal) {
  if (location.protocol === "file:")
    throw new Trouble("file-page", "This page was opened as a file, and browsers let such pages " +
      "load nothing. Open the book through a server (make serve), or choose the file " +
      `${name}.bin in the folder _static/networks of the book.`);
  const root = document.documentElement.dataset.content_root ?? "./";
  const url = new URL(`${root}_static/networks/${name}.bin`, document.baseURI);
  try {
    const answer = await fetch(url, { signal });
    if (!answer.ok)
      throw new Trouble("missing", `The network ${name} is not on this site (${answer.status}).`);
    return await received(answer, name, progress);
  } catch (error) {
    if (signal?.aborted) throw cancelled();
    if (error instanceof Trouble) throw error;
    throw new Trouble("offline", "The network could not be loaded. Check the connection and try " +
      "again.");
  }
}

/** The bytes of an answer; progress is told what has come, and of how much if that is known. */
async function received(answer, name, progress) {
  const packed = answer.headers.get("content-encoding");
  const total = packed ? null : Number(answer.headers.get("content-length")) || null;
  const [parts, reader] = [[], answer.body.getReader()];
  let count = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    progress({ name, done: (count += value.length), total });
  }
  return new Blob(parts).arrayBuffer();
}

function fromKernel(model, name, signal) {
  return new Promise((resolve, reject) => {
    const end = (finish, value) => {
      clearTimeout(timer);
      model.off("msg:custom", listen);
      finish(value);
    };
    const listen = (message, buffers) => {
      if (message.weights !== name) return;
      if (message.trouble) return end(reject, new Trouble("missing", message.trouble));
      const { buffer, byteOffset, byteLength } = buffers[0];
      end(resolve, buffer ? buffer.slice(byteOffset, byteOffset + byteLength) : buffers[0]);
    };
    const sentence = "The notebook’s kernel does not answer. Run the cell again.";
    const timer = setTimeout(() => end(reject, new Trouble("kernel", sentence)), PATIENCE);
    signal?.addEventListener("abort", () => end(reject, cancelled()));
    model.on("msg:custom", listen);
    model.send({ weights: name });
  });
}

// Where pictures come from

/**
 * A picture upright and small enough: { width, height, data, scale }. source: a file, or what a
 * canvas can draw: a video, an image, a canvas. scale: its pixels by those of the source.
 */
export async function readPicture(source, { longest = LONGEST } = {}) {
  if (!(source instanceof Blob)) return drawn(source, ...sidesOf(source), longest);
  const [width, height] = await sidesOfFile(source);
  const scale = Math.min(1, longest / Math.max(width, height));
  const options = { imageOrientation: "from-image" };
  if (scale < 1)
    Object.assign(options, {
      resizeWidth: Math.max(1, Math.round(width * scale)),
      resizeHeight: Math.max(1, Math.round(height * scale)),
      resizeQuality: "high",
    });
  let bitmap;
  try {
    bitmap = await createImageBitmap(source, options);
  } catch {
    throw unreadable();
  }
  const picture = drawn(bitmap, bitmap.width, bitmap.height, longest);
  bitmap.close();
  return { ...picture, scale };
}

const unreadable = () =>
  new Trouble("no-picture", "The browser cannot read this file as a picture. Choose a JPEG, PNG " +
    "or WebP file.");

/** How wide and high a file's picture is, upright, without decoding all of its pixels. */
async function sidesOfFile(file) {
  const [image, url] = [new Image(), URL.createObjectURL(file)];
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = () => reject(unreadable());
      image.src = url;
    });
    if (!image.naturalWidth || !image.naturalHeight) throw unreadable();
    return [image.naturalWidth, image.naturalHeight];
  } finally {
    URL.revokeObjectURL(url);
  }
}

const sidesOf = (source) => [
  source.videoWidth ?? source.naturalWidth ?? source.width,
  source.videoHeight ?? source.naturalHeight ?? source.height,
];

function drawn(source, width, height, longest) {
  if (!width || !height)
    throw new Trouble("no-picture", "There is no picture yet. Wait until the camera shows one.");
  const scale = Math.min(1, longest / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const picture = { width: canvas.width, height: canvas.height, data, scale };
  canvas.width = canvas.height = 0; // gives its memory back at once
  return picture;
}

const CAMERA = {
  NotAllowedError: "The camera was refused. Allow it for this page in the browser’s settings, or " +
    "choose a file.",
  NotFoundError: "There is no camera here. Choose a file instead.",
  NotReadableError: "The camera is in use by another program. Close that, or choose a file.",
};

/** Show the camera in a video element; returns a function that lets it go. */
export async function openCamera(video) {
  if (!globalThis.navigator?.mediaDevices?.getUserMedia)
    throw new Trouble("no-camera", "This page cannot use a camera: browsers allow it on https " +
      "and on this machine alone. Choose a file instead.");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
  } catch (error) {
    const other = "The camera cannot be used. Choose a file instead.";
    throw new Trouble("no-camera", CAMERA[error.name] ?? other);
  }
  video.srcObject = stream;
  const stop = () => {
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  };
  try {
    await video.play();
  } catch {
    stop();
    throw new Trouble("no-camera", "The camera gave no picture. Choose a file instead.");
  }
  return stop;
}
