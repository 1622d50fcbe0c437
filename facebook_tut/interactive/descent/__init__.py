"""The descent explorer: four optimisers race down a loss surface from one start."""

from pathlib import Path

import numpy as np

from facebook_tut._live import Choice, Dial, LiveFigure

STARTS = {
    "valley": (-2.5, 1.0),
    "tilted valley": (-2.2, -1.4),
    "saddle": (-2.5, 0.05),
    "two minima": (-2.8, 1.0),
    "bend": (-2.4, 0.5),
}
STEPS = 100


def descent_explorer(
    *, surface="valley", learning_rate=0.09, momentum=0.9, noise=0.0, w1=None, w2=None, step=30
):
    """Show the paths of four optimisers on the loss of two weights, with sliders for all settings.

    Gradient descent, momentum, RMSProp and Adam leave the same start with the same learning rate.
    The figure shows their paths on contour lines of the loss, and the loss after each of 100
    steps. Settings without a slider have Keras' defaults, as in `facebook_tut.optimizers`.

    Parameters
    ----------
    surface : {"valley", "tilted valley", "saddle", "two minima", "bend"}, default "valley"
        The loss of the two weights. Both valleys are quadratics with curvatures 1 and 20.
    learning_rate : float, default 0.09
        η of all four, from 0.001 to 1, rounded to three digits.
    momentum : float, default 0.9
        µ of momentum, from 0 to 0.99, in hundredths.
    noise : float, default 0.0
        The standard deviation of normal noise that is added to each gradient, as a mini-batch adds
        it, from 0 to 3, in tenths. It is the same noise for all four.
    w1, w2 : float, optional
        Where they start, from -3 to 3 and from -2 to 2, in steps of 0.05. By default each surface
        has its own start.
    step : int, default 30
        How many steps the map shows, from 0 to 100.

    Returns
    -------
    LiveFigure
        Its attributes, from ``surface`` to ``step``, follow the controls and move them.

    Examples
    --------
    >>> figure = descent_explorer(learning_rate=0.05)
    >>> figure.surface, figure.learning_rate, figure.w1
    ('valley', 0.05, -2.5)
    >>> figure.learning_rate = 0.12
    """
    surfaces = Choice(tuple(STARTS))
    start = STARTS[surfaces.check("surface", surface)]
    dials = {
        "surface": (surfaces, surface),
        "learning_rate": (_Rate(0.001, 1, 0.001), learning_rate),
        "momentum": (Dial(0, 0.99, 0.01), momentum),
        "noise": (Dial(0, 3, 0.1), noise),
        "w1": (Dial(-3, 3, 0.05), start[0] if w1 is None else w1),
        "w2": (Dial(-2, 2, 0.05), start[1] if w2 is None else w2),
        "step": (Dial(0, STEPS, 1), step),
    }
    noises = np.random.default_rng(0).normal(size=(STEPS, 2)).round(2)
    data = {"starts": STARTS, "noises": noises.tolist()}
    return LiveFigure("descent_explorer", Path(__file__).parent, data, dials)


class _Rate(Dial):
    """A learning rate, of which three digits count wherever the point is."""

    def check(self, name, value):
        super().check(name, value)
        return float(f"{value:.3g}")
