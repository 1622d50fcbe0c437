"""The cross-entropy explorer: what a loss, and its gradient, make of one prediction."""

from pathlib import Path

from facebook_tut._live import Choice, Dial, LiveFigure


def cross_entropy_explorer(*, logit=-4.0, label=1):
    """Show cross-entropy and squared error of one prediction, and how hard each corrects it.

    The network's last number is the logit z, and the predicted probability of a face is
    p = sigmoid(z). One plot shows both losses against p, the other their gradients with respect
    to z. Where the network is confidently wrong, the gradient of squared error dies; that of
    cross-entropy does not.

    Parameters
    ----------
    logit : float, default -4.0
        Where the slider is at first, from -8 to 8, in tenths.
    label : {0, 1}, default 1
        The truth: 1 for a face, 0 for anything else.

    Returns
    -------
    LiveFigure
        Its attributes ``logit`` and ``label`` follow the controls and move them.

    Examples
    --------
    >>> figure = cross_entropy_explorer(logit=-2)
    >>> figure
    <cross_entropy_explorer: logit=-2, label=1>
    >>> figure.label = 0
    """
    dials = {"logit": (Dial(-8, 8, 0.1), logit), "label": (_Label((0, 1)), label)}
    return LiveFigure("cross_entropy_explorer", Path(__file__).parent, {}, dials)


class _Label(Choice):
    """The choice between a face and anything else, as a whole number."""

    def check(self, name, value):
        if value not in self.options:
            raise ValueError(f"{name} must be 1 (a face) or 0 (not a face), got {value!r}")
        return int(value)
