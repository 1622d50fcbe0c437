/**
 * What the page asks of its networks, and how a worker answers. A figure does not import this
 * module but `engine.js`, which runs it beside the page, so that nothing stands still meanwhile.
 */
import { cosine, forward, mirrored, parse, Trouble, unitLength } from "./forward.js";
import { findFaces } from "./faces.js";
import { align, crop, grey, networkInput, PATCH, resize, similarity } from "./picture.js";
import { filtered, group, logOdds, searchLevel, windowSizes } from "./search.js";
import { fitted, learningStep, predicted, surprise } from "./learning.js";

/** What can be asked: from the files that are loaded, and what is given, to an answer. */
const TASKS = {
  /** The faces of a picture: [{ top, left, size, score, landmarks }], the surest first. */
  faces: ({ mtcnn }, { picture, ...options }) => findFaces(mtcnn.networks, picture, options),

  /** A face upright, by five landmarks or two eyes: { data, shape: [64, 64, 3] }, 0 to 1. */
  align: (_, { picture, landmarks }) => align(picture, landmarks),

  /** Embeddings of aligned faces, each the mean of the face and its mirror image. */
  embed: ({ face_embedder }, { images, mirror = true }) =>
    images.map((image) => embedding(face_embedder.networks.face_embedder, image, mirror)),

  /** A square of a picture as the classifier reads it: { patch, image }, grey and even. */
  patch: (_, { picture, box: { top, left, size } }) => {
    const square = crop(picture, [top, left, top + size, left + size], PATCH);
    const three = { width: PATCH, height: PATCH, data: new Uint8ClampedArray(PATCH * PATCH * 4) };
    for (let i = 0; i < PATCH * PATCH * 3; i++)
      three.data[4 * Math.floor(i / 3) + (i % 3)] = Math.round(255 * square.data[i]);
    const patch = grey(three);
    return { patch, image: networkInput(patch.data) };
  },

  /** What the classifier says of an image, and the values of all of its layers if asked. */
  classify: ({ face_classifier }, { image, maps = false }) => {
    const network = face_classifier.networks.face_classifier;
    const { values } = forward(network, image, { keep: true });
    const [probability] = values.at(-1).data;
    const names = network.layers.map(({ name, kind }) => ({ name, kind }));
    return {
      probability,
      logOdds: logOdds(probability),
      features: values.at(-2).data, // what the last layer reads
      maps: maps ? names.map((layer, i) => ({ ...layer, ...values[i + 1] })) : [],
    };
  },

  /** All windows of one size that the first stage lets through: [{ box, score }]. */
  search: ({ face_classifier: { networks, extra } }, { plane, size, ...options }) =>
    searchLevel(networks.face_classifier, extra.filter, plane, size, options),
};

function embedding(network, image, mirror) {
  const views = mirror ? [image, mirrored(image)] : [image];
  const found = views.map((view) => forward(network, view).outputs[0].data);
  const sum = found[0].map((_, k) => found.reduce((total, row) => total + row[k], 0));
  return unitLength({ data: sum, shape: [sum.length] }).data;
}

/** A function that answers messages, with the files that it is given: { load, buffer } first. */
function answering() {
  const files = {};
  return ({ load, buffer, task, given }) => {
    if (!load) return TASKS[task](files, given);
    files[load] = parse(buffer);
    return files[load].extra;
  };
}

/** Let a worker answer what it is sent. */
function serve(scope) {
  const answer = answering();
  scope.onmessage = ({ data: { number, ...message } }) => {
    try {
      scope.postMessage({ number, result: answer(message) });
    } catch (error) {
      const trouble = { code: error.code ?? "error", sentence: error.message };
      scope.postMessage({ number, trouble });
    }
  };
}

export {
  align, answering, cosine, crop, filtered, fitted, forward, grey, group, learningStep, logOdds,
  mirrored, networkInput, parse, predicted, resize, serve, similarity, surprise, TASKS, Trouble,
  windowSizes,
};
