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


FIGURES = {
    "convolution": partial(interactive.convolution_explorer, FACE),
    "cross_entropy": interactive.cross_entropy_explorer,
    "decision": partial(interactive.decision_explorer, LABELS, SCORES, names=("a <b>", "non-b")),
    "network": network,
    "pooling": partial(interactive.pooling_explorer, FACE),
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
