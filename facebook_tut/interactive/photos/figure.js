/**
 * The photo recogniser: a photograph from a file or from the camera goes to Python as a JPEG, and
 * boxes and words come back. The picture is shown from here.
 */
import { widget } from "../../_live/live.js";

const LONGEST = 1600; // pixels of the longer edge of what is sent
const PATIENCE = 60000; // milliseconds until it is said that no answer has come

/** What a picture or the camera shows, upright and on white, as a JPEG in a data URI. */
export function jpeg(source, width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const canvas = document.createElement("canvas");
  const pixels = (side) => Math.max(1, Math.round(scale * side)); // a canvas without any is empty
  [canvas.width, canvas.height] = [width, height].map(pixels);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.92);
}

function element(name, text, parent) {
  const made = document.createElement(name);
  made.textContent = text;
  return parent.appendChild(made);
}

/** Show the boxes of the faces and what is said of each. */
function draw(part, faces) {
  part("boxes").replaceChildren();
  part("faces").replaceChildren();
  faces.forEach(({ box: [top, left, bottom, right], text }, k) => {
    const box = element("b", "", part("boxes"));
    const shares = { top, left, width: right - left, height: bottom - top };
    for (const name in shares) box.style[name] = `${100 * shares[name]}%`;
    element("span", k + 1, box);
    element("li", text, part("faces"));
  });
}

const reason = (error) => error.message || error.name;

/** Let the camera's button open it, and then take the picture. */
function camera(part, say, show) {
  const video = part("video");
  const set = (open) => {
    video.hidden = part("close").hidden = !open;
    part("camera").textContent = open ? "Take the picture" : "Use the camera";
  };
  const stop = () => {
    video.srcObject?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    set(false);
  };
  const open = async () => {
    if (!navigator.mediaDevices) return say("This page may not use a camera.");
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
      await video.play();
      set(true);
    } catch (error) {
      stop();
      say(`The camera cannot be used: ${reason(error)}.`);
    }
  };
  part("close").addEventListener("click", stop);
  part("camera").addEventListener("click", () => {
    if (!video.srcObject) return open();
    show(video, video.videoWidth, video.videoHeight);
    stop();
  });
  return stop;
}

export function hydrate(root, model) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const say = (text) => (part("said").textContent = text);
  let asked = 0, waiting; // the number of the last request, and what runs until its answer
  const ask = (request, ...values) => {
    say("…");
    clearTimeout(waiting);
    waiting = setTimeout(() => say("No answer yet. Is Python busy? Else run the cell again."),
      PATIENCE);
    model.send({ do: request, with: values, number: ++asked });
  };
  const show = (source, width, height) => {
    part("picture").src = jpeg(source, width, height);
    part("frame").hidden = false;
    draw(part, []);
    ask("look", part("picture").src);
  };
  root.querySelector("[type=file]").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    target.value = ""; // so that the same file can be chosen again
    try {
      const picture = await createImageBitmap(file);
      show(picture, picture.width, picture.height);
    } catch (error) {
      say(`This file cannot be shown: ${reason(error)}`);
    }
  });
  root.stopCamera = camera(part, say, show);
  root.stopWaiting = () => clearTimeout(waiting);
  const enrol = () => ask("enrol", part("name").value);
  part("enrol").addEventListener("click", enrol);
  part("name").addEventListener("keydown", (event) => event.key === "Enter" && enrol());
  part("forget").addEventListener("click", () => {
    part("picture").removeAttribute("src");
    part("frame").hidden = true;
    ask("forget");
  });
  model.on("msg:custom", ({ said, faces, known, number }) => {
    if ((number ?? asked) !== asked) return; // of a photograph that is no longer shown
    clearTimeout(waiting);
    say(said);
    draw(part, faces);
    part("known").firstChild.textContent = known;
  });
  part("note").remove();
}

export default {
  render({ model, el }) {
    widget(hydrate).render({ model, el });
    return () => {
      el.stopCamera();
      el.stopWaiting();
    };
  },
};
