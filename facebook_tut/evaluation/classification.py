"""Right and wrong answers: proportions with intervals, and the confusion matrix."""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import check_labels, check_number, check_scores

MOST_SURE = 0.999_999  # of an interval: a surer one is the whole line


@dataclass(frozen=True)
class Proportion:
    """A share of trials that succeeded, and how far chance may have moved it.

    Attributes
    ----------
    successes, trials : int
        Such as right answers, of all answers.

    Examples
    --------
    >>> Proportion(19, 20)
    0.95 (95 % interval 0.76 to 0.99, 19 of 20)
    """

    successes: int
    trials: int

    def __post_init__(self):
        check_number("trials", self.trials, 1, 2**63, integer=True)
        check_number("successes", self.successes, 0, self.trials, integer=True)

    @property
    def value(self):
        """The share itself, from 0 to 1."""
        return self.successes / self.trials

    def interval(self, confidence=0.95):
        """Return Wilson's score interval (Wilson, 1927).

        Parameters
        ----------
        confidence : float
            How often, over repetitions, such an interval holds the true share.

        Returns
        -------
        low, high : float

        Examples
        --------
        >>> low, high = Proportion(19, 20).interval()
        >>> round(low, 3), round(high, 3)
        (0.764, 0.991)
        """
        if check_number("confidence", confidence, 0, 1) > MOST_SURE:
            raise ValueError(f"confidence must be {MOST_SURE} at most, got {confidence!r}")
        from scipy.stats import binomtest  # takes half a second

        test = binomtest(self.successes, self.trials)
        return tuple(map(float, test.proportion_ci(confidence, method="wilson")))

    def __repr__(self):
        low, high = self.interval()
        return (
            f"{self.value:.2f} (95 % interval {low:.2f} to {high:.2f},"
            f" {self.successes} of {self.trials})"
        )


@dataclass(frozen=True)
class Confusion:
    """How many images of each kind got each answer.

    Attributes
    ----------
    true_positives, false_negatives : int
        Faces called a face, and faces missed.
    false_positives, true_negatives : int
        Non-faces called a face (false alarms), and non-faces called one.

    Examples
    --------
    >>> Confusion(9, 1, 2, 28).accuracy
    0.93 (95 % interval 0.80 to 0.97, 37 of 40)
    """

    true_positives: int
    false_negatives: int
    false_positives: int
    true_negatives: int

    def __post_init__(self):
        for name, count in vars(self).items():
            check_number(name, count, 0, 2**61, integer=True)

    @property
    def accuracy(self):
        """Right answers, of all."""
        right = self.true_positives + self.true_negatives
        return Proportion(right, right + self.false_negatives + self.false_positives)

    @property
    def recall(self):
        """Faces found, of all faces (true-positive rate)."""
        return Proportion(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def false_positive_rate(self):
        """False alarms, of all non-faces."""
        return Proportion(self.false_positives, self.false_positives + self.true_negatives)

    def as_array(self):
        """Return the counts as scikit-learn orders them: rows true, columns predicted, 0 first."""
        return np.array(
            [
                [self.true_negatives, self.false_positives],
                [self.false_negatives, self.true_positives],
            ]
        )


def confusion(labels, scores, threshold=0.5):
    """Count right and wrong answers when a score of at least `threshold` means a face.

    Parameters
    ----------
    labels : array_like, (N,)
        1 for a face, 0 for a non-face; both must occur.
    scores : array_like, (N,)
        The classifier's probabilities of a face.
    threshold : float
        From 0 to 1.

    Returns
    -------
    Confusion

    Examples
    --------
    >>> confusion([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1])
    Confusion(true_positives=1, false_negatives=1, false_positives=1, true_negatives=1)
    """
    labels = check_labels("labels", labels)
    scores = check_scores("scores", scores, len(labels))
    check_number("threshold", threshold, 0, 1)
    if labels.min() == labels.max():
        raise ValueError(f"labels must hold both 0 and 1, got only {labels[0]:g}")
    face, called = labels == 1, scores >= threshold
    counts = [face & called, face & ~called, ~face & called, ~face & ~called]
    return Confusion(*(int(count.sum()) for count in counts))
