/**
 * What figures with a network share: networks that are loaded when they are first needed, one job
 * after the other, files, the camera, and letting go of all when the figure is left.
 */
import { fixed, widget } from "../live.js";
import { openCamera, openEngine, Trouble } from "./engine.js";

/** What to tell the reader of an error. */
export const sentenceOf = (error) =>
  error instanceof Trouble ? error.message : `Something went wrong (${error.message}). Try again.`;

/** How far a network has come, in words. */
export const loadingOf = ({ done, total }, bytes) =>
  `Loading the network: ${fixed(done / 1e6, 1)} of ${fixed((total ?? bytes) / 1e6, 1)} MB.`;

/** Networks that are loaded when first asked for, and again once they were let go. */
export function networksOf(model, progress) {
  let [engine, control] = [null, null];
  const open = () => {
    engine ??= openEngine(model);
    control ??= new AbortController();
    return { engine, signal: control.signal };
  };
  const stop = () => {
    control?.abort();
    control = null;
  };
  return {
    get loaded() {
      return engine?.loaded ?? [];
    },
    load(names) {
      const { engine: own, signal } = open();
      return own.load(names, { progress, signal });
    },
    ask(task, given) {
      const { engine: own, signal } = open();
      return own.ask(task, given, { signal });
    },
    give: (name, buffer) => open().engine.give(name, buffer),
    stop,
    close() {
      stop();
      engine?.close();
      engine = null;
    },
  };
}

/** A function that does one job after the other: busy(true) before, busy(false) after each. */
export function inTurn(busy, troubled) {
  let line = Promise.resolve();
  return (job) => {
    line = line.then(async () => {
      busy(true);
      try {
        await job();
      } catch (error) {
        troubled(error);
      }
      busy(false);
    });
    return line;
  };
}

/** Let an input hand over what is chosen in it: use(files). */
export function choosing(input, use) {
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = ""; // so that the same file can be chosen again
    if (files.length) use(files);
  });
}

/** The camera in a video element. open() says whether it is still wanted once it is there. */
export function cameraOf(video) {
  let [turn, stop, waiting] = [0, null, false];
  const close = () => {
    turn++;
    stop?.();
    [stop, waiting] = [null, false];
  };
  return {
    get on() {
      return stop !== null;
    },
    /** Whether it is on, or the browser still asks the reader for it. */
    get wanted() {
      return waiting || stop !== null;
    },
    async open() {
      close();
      const own = turn;
      waiting = true;
      try {
        const release = await openCamera(video);
        if (own === turn) stop = release;
        else release();
      } catch (error) {
        if (own === turn) throw error;
      } finally {
        if (own === turn) waiting = false;
      }
      return own === turn;
    },
    close,
  };
}

/** A picture as a data URI, at most `longest` pixels on a side. */
export function address({ width, height, data }, kind, longest = Infinity) {
  const [whole, small] = [0, 0].map(() => document.createElement("canvas"));
  [whole.width, whole.height] = [width, height];
  whole.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
  const part = Math.min(1, longest / Math.max(width, height));
  [small.width, small.height] = [width, height].map((side) => Math.max(1, Math.round(part * side)));
  const pen = small.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(whole, 0, 0, small.width, small.height);
  const uri = small.toDataURL(kind, 0.85);
  whole.width = small.width = 0; // gives the memory back
  return uri;
}

/**
 * Do what is to be done when a figure has been out of view for so many milliseconds, [[wait, act]],
 * all of it at once when the page is left, and `last` as well when a notebook clears the output.
 */
export function whenLeft(root, acts, last = () => {}) {
  let timers = [];
  const rest = () => timers.forEach(clearTimeout);
  const all = () => acts.forEach(([, act]) => act());
  const watch = new IntersectionObserver((entries) => {
    rest();
    if (!entries.at(-1).isIntersecting)
      timers = acts.map(([wait, act]) => setTimeout(act, wait));
  });
  watch.observe(root);
  addEventListener("pagehide", all);
  root.leave = () => {
    rest();
    watch.disconnect();
    removeEventListener("pagehide", all);
    all();
    last();
  };
}

/** The figure as a widget, which lets everything go when its output is cleared. */
export const leaving = (hydrate) => ({
  render({ model, el }) {
    widget(hydrate).render({ model, el });
    return () => el.leave();
  },
});
