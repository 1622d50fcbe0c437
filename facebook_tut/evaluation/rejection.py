"""What a measure of quality is worth: how the error falls as the worst pictures are turned away."""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import check_labels, check_number, check_numbers
from facebook_tut.evaluation.classification import Proportion


@dataclass(frozen=True)
class RejectCurve:
    """The error of what is left, against the share that was turned away.

    Attributes
    ----------
    rejected : ndarray, (K,), float
        Share turned away, from 0, rising. Equal qualities go together.
    errors, left : ndarray, (K,), int
        Errors among the ones that are left, and how many these are.

    Examples
    --------
    >>> curve = error_versus_reject([True, False, True, False], [0.1, 0.2, 0.3, 0.4])
    >>> curve.rejected.tolist(), curve.errors.tolist(), curve.left.tolist()
    ([0.0, 0.25, 0.5, 0.75], [2, 1, 1, 0], [4, 3, 2, 1])
    """

    rejected: np.ndarray
    errors: np.ndarray
    left: np.ndarray

    def at(self, share):
        """Return the error once at most this share was turned away, as a `Proportion`.

        Examples
        --------
        >>> curve = error_versus_reject([True, False, True, False], [0.1, 0.2, 0.3, 0.4])
        >>> curve.at(0.3).value, curve.at(0.3).trials
        (0.3333333333333333, 3)
        """
        check_number("share", share, 0, 1)
        point = int(np.searchsorted(self.rejected, share + 1e-12, side="right")) - 1
        return Proportion(int(self.errors[point]), int(self.left[point]))

    def area(self, most=0.5):
        """Return the mean error while the share turned away rises from 0 to `most`.

        Examples
        --------
        >>> curve = error_versus_reject([True, False, True, False], [0.1, 0.2, 0.3, 0.4])
        >>> round(curve.area(0.5), 3) == round((1 / 2 + 1 / 3) / 2, 3)
        True
        """
        check_number("most", most, 1e-9, 1)
        inside = self.rejected < most
        widths = np.diff([*self.rejected[inside], most])
        return float(widths @ (self.errors / self.left)[inside] / most)


def error_versus_reject(wrong, quality):
    """Turn pairs away from the worst quality on, and count the errors among the others.

    A pair is as good as the worse of its two pictures. A quality that says nothing leaves the error
    where it is; the best possible turns away the wrong pairs first.

    Parameters
    ----------
    wrong : array_like, (N,), bool or 0 and 1
        Whether each pair is decided wrongly, as a genuine one below the threshold.
    quality : array_like, (N,), float
        Of each pair; the lowest go first.

    Returns
    -------
    RejectCurve

    Raises
    ------
    ValueError
        If there is no pair.

    References
    ----------
    Grother and Tabassi, "Performance of biometric quality measures" (2007), section 3.

    Examples
    --------
    >>> error_versus_reject([True, True, False, False], [1, 1, 2, 3]).errors.tolist()
    [2, 0, 0]
    """
    wrong = check_labels("wrong", wrong).astype(int)
    quality = check_numbers("quality", quality, (len(wrong),))
    order = np.argsort(quality, kind="stable")
    first = np.flatnonzero(np.diff(quality[order], prepend=-np.inf))  # of each quality
    errors = wrong[order][::-1].cumsum()[::-1]  # from each pair on
    return RejectCurve(first / len(wrong), errors[first], len(wrong) - first)
