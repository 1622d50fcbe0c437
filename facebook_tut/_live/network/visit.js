/**
 * What figures share whose readers bring photographs: networks that are loaded when they are first
 * needed, one job after the other, files, the camera, and letting go of all when the figure is left.
 */
import { fixed } from "../live.js";
import { openCamera, openEngine, Trouble } from "./engine.js";

const DARK = 3_000, GONE = 30_000; // milliseconds out of view: the camera goes, then the networks

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

/** Let an input give its files, the same ones again if they are chosen again. */
export const onFiles = (input, use) =>
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    if (files.length) use(files);
  });

/** The camera of a figure: closed in time even if it is closed while it opens. */
export function cameraOf(video) {
  let [stop, turn] = [null, 0];
  return {
    get open() {
      return !!stop;
    },
    async on() {
      const own = ++turn;
      const found = await openCamera(video);
      if (own !== turn) return found();
      stop = found;
    },
    off() {
      turn++;
      stop?.();
      stop = null;
    },
  };
}

/** Call dark() soon and leave() later when a figure is out of view, and leave() with its page. */
export function whenLeft(root, dark, leave) {
  let timers = [];
  const watch = new IntersectionObserver((entries) => {
    timers.forEach(clearTimeout);
    if (!entries.at(-1).isIntersecting) timers = [setTimeout(dark, DARK), setTimeout(leave, GONE)];
  });
  watch.observe(root);
  addEventListener("pagehide", leave);
  root.leave = () => {
    timers.forEach(clearTimeout);
    watch.disconnect();
    removeEventListener("pagehide", leave);
    leave();
  };
}

/** A widget that lets everything go when its output is cleared. */
export const leaving = (shows) => ({
  render({ model, el }) {
    shows.render({ model, el });
    return () => el.leave();
  },
});
