"""Embeddings of photographs, and which systems are compared with which, at which rate."""

from _draws import difference

COMPARED = (
    ("dlib", "shipped"),
    ("dlib", "fisher"),
    ("shipped", "fisher"),
    ("fisher", "eigenfaces"),
    ("shipped", "eigenfaces"),
)
FAR = 0.001  # of the thresholds


class Rows:
    """Embeddings of photographs, found by the photographs.

    Parameters
    ----------
    photos : list of Photo
        Each once.
    rows : ndarray, (N, D)
        Of length 1.
    """

    def __init__(self, photos, rows):
        self.photos, self.rows = photos, rows
        self.row = {photo: number for number, photo in enumerate(photos)}

    def of(self, photos):
        """Return the embeddings of some of the photographs."""
        return self.rows[[self.row[photo] for photo in photos]]


def differences(values, compared=COMPARED):
    """Return how much one system is above another, of those that there are.

    Parameters
    ----------
    values : dict of str to tuple
        Of each system a value, and those of the draws of people.
    compared : sequence of (str, str)
        Which with which.
    """
    return {
        f"{one} − {other}": difference(values[one], values[other])
        for one, other in compared
        if {one, other} <= values.keys()
    }
