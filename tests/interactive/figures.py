"""One figure of each kind, for the contract that all of them keep, and how it is shown."""

import json
from functools import cache, partial

import numpy as np
import skimage.data
from live_figures import engine

from facebook_tut import _live, interactive

RNG = np.random.default_rng(0)
LABELS = np.repeat([1, 0], [60, 90])
SCORES = 1 / (1 + np.exp(-RNG.normal(np.where(LABELS, 1.2, -1.2), 1.5)))
FACE = skimage.data.lfw_subset()[3]

BLOBS = np.kron(RNG.random((3, 8, 8, 1)), np.ones((1, 8, 8, 3)))


@cache
def untrained():
    """Return the book's network with repeatable weights."""
    from facebook_tut import models, training

    training.set_seed(0)
    return models.build_classifier()


def network(**dials):
    """Return a network explorer."""
    return interactive.network_explorer(untrained(), BLOBS, **dials)


PEOPLE = np.repeat([3, 5, 8], 8)
PLACES = RNG.random((3, 24, 2)) + np.linspace(0, 2, 3)[:, None, None] * PEOPLE[:, None]
NUISANCES = {"light": RNG.random(24), "<yaw>": RNG.integers(-40, 41, 24)}
FACES = RNG.random((24, 24, 20))

MANY = np.array([10, 30, 100, 300, 1000, 4069])
ERRORS = 0.5 * MANY**-0.3
PANELS = {
    name: {"from <scratch>": (MANY, *(part * ERRORS for part in parts)), "taught": (MANY[1:5], low)}
    for name, parts, low in [
        ("LFW & more", (1, 0.9, 1.1), 0.8 * ERRORS[1:5]),
        ("<shifted>", (1.5, 1.2, 1.6), -0.5 * ERRORS[1:5]),
    ]
}

KINDS = ("noise & grain", "<dark>")
SPOILED = RNG.integers(0, 256, (2, 4, 32, 32, 3), dtype=np.uint8)
SHARES = [0.1, 0.2, 0.5, 1], [0, 0.1, 0.4, 0.9], [0.2, 0.3, 0.6, 1]

PHOTO = RNG.random((48, 40))
CROPS = RNG.random((2, 24, 24))
ASTRONAUT = skimage.data.astronaut()[40:200, 130:310]  # her face: few windows
STRIP = np.concatenate([skimage.data.lfw_subset()[start : start + 6] for start in (0, 100)])


class Quick:
    """A recogniser with the limits of the real one, that has no network to wait for."""

    from facebook_tut.pretrained import FINGERPRINT as fingerprint
    from facebook_tut.pretrained import LIMITS as limits

    threshold, least_quality = 0.42, 0.1
    embedder = property(lambda self: self)
    vectors = RNG.normal(size=(6, 4))

    def detect(self, picture):
        from facebook_tut.detection import Detection

        points = ((30, 40), (60, 40), (45, 60), (32, 75), (58, 75))
        return [Detection(10.0, 10.0, 70.0, score, 1.0, points) for score in (0.99, 0.95)]

    def align(self, picture, landmarks):
        from facebook_tut.alignment import align

        return align(picture, landmarks)

    def embed(self, images):
        rows = self.vectors[: len(images)]
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


PHOTOGRAPHS = np.kron(RNG.uniform(0.2, 0.8, (4, 12, 10, 3)), np.ones((1, 8, 8, 1)))
PHOTOGRAPHS[1:] += RNG.normal(0, 0.01, PHOTOGRAPHS[1:].shape)  # the first is too blurred

FIGURES = {
    "alignment": partial(
        interactive.alignment_explorer,
        PHOTO,
        eyes=[[9.3, 18.7], [31, 22]],
        references=CROPS,
        names=("a <b>", "c"),
        true_eyes=[[10, 20], [29, 24]],
        size=24,
    ),
    "convolution": partial(interactive.convolution_explorer, FACE),
    "cross_entropy": interactive.cross_entropy_explorer,
    "curves": partial(
        interactive.curves_explorer, PANELS, "people", "error", log=True, percent=True
    ),
    "decision": partial(interactive.decision_explorer, LABELS, SCORES, names=("a <b>", "non-b")),
    "descent": interactive.descent_explorer,
    "embedding": partial(
        interactive.embedding_explorer,
        PLACES,
        FACES,
        PEOPLE,
        NUISANCES,
        titles=["before <training>", "epoch 1", "epoch 4"],
        colour="light",
    ),
    "last_layer": partial(
        interactive.last_layer, STRIP, np.repeat([1, 0], 6), names=("a <b>", "c")
    ),
    "network": network,
    "own_photograph": partial(interactive.own_photograph, ASTRONAUT),
    "pooling": partial(interactive.pooling_explorer, FACE),
    "severity": partial(
        interactive.severity_explorer,
        dict(zip(KINDS, SPOILED, strict=True)),
        dict.fromkeys(KINDS, (1, 0.8, 0.45, -0.1)),
        0.455,
        others=dict.fromkeys(KINDS, (0.1, 0.2, 0.3, 0.5)),
        missed={name: dict.fromkeys(KINDS, SHARES) for name in ("plain", "<taught>")},
    ),
    "who_is_nearer": partial(
        interactive.who_is_nearer,
        PHOTOGRAPHS,
        names=("a <b>.jpg", "b", "c", "d"),
        eyes={3: [[20, 30], [50, 36]]},
        recognizer=Quick(),
    ),
}


def _values(figure):
    return {"data": figure._data, "dials": [*figure._dials], **figure._values}


def shown(figure):
    """Return all that a figure shows, by the name of its slot, as the book's build has it."""
    running = engine(_live.script(figure._folder / "figure.js"))
    return json.loads(running.call("still", _live.embed_json(_values(figure))))


def open_widget(open_page, figure):
    """Open a figure as a widget, whose model is ``model`` on the page."""
    code = _live.script(figure._folder / "figure.js").replace("export default", "const it =")
    values = _live.embed_json({"markup": figure._frame(), **_values(figure)})
    return open_page(
        f"<style>{_live.style(figure._folder / 'figure.css')}</style>"
        f'<div id="widget"></div><script type="module">{code}window.model = pageModel({values});'
        "it.render({ model: window.model, el: document.querySelector('#widget') });</script>"
    )


BOXES = """selector => [...document.querySelectorAll(selector)]
  .map(one => one.getBoundingClientRect())
  .map(({ left, right, top, bottom }) => [left, right, top, bottom])"""


def assert_apart(page, selector, width):
    """The texts of these elements stand inside the page, and none touches another."""
    boxes = page.evaluate(BOXES, selector)
    for k, (left, right, top, bottom) in enumerate(boxes):
        assert left >= 0 and right <= width
        for other in boxes[:k]:
            apart = left >= other[1] + 2 or right <= other[0] - 2
            assert apart or top >= other[3] or bottom <= other[2]
