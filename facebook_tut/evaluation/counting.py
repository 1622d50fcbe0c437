"""How many people were seen: what a count misses, and what it counts twice."""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import check_names


@dataclass(frozen=True)
class CountErrors:
    """A count of people next to the truth.

    Attributes
    ----------
    people, counted : int
        How many there were, and how many groups were found.
    splits : int
        Groups too many: each person should be in one group, and is in so many more.
    merges : int
        Groups too few: each group should hold one person, and holds so many more.

    Examples
    --------
    >>> found = CountErrors(people=30, counted=31, splits=7, merges=6)
    >>> found.error == found.splits - found.merges
    True
    """

    people: int
    counted: int
    splits: int
    merges: int

    @property
    def error(self):
        """People counted too many; below 0, too few. It is splits − merges."""
        return self.counted - self.people


def count_errors(groups, people):
    """Compare groups of faces with the people that they show.

    Let P be the number of different pairs (group, person). Splits are P − people, merges are
    P − groups, so the error of the count is their difference: it can be 0 while both are large.

    Parameters
    ----------
    groups, people : array_like, (N,)
        Which group each face was put in, as by `pipeline.group_people`, and whose face it is.

    Returns
    -------
    CountErrors

    Examples
    --------
    Ann is in two groups. The second one holds Bo, too.

    >>> count_errors([0, 0, 1, 1], ["Ann", "Ann", "Ann", "Bo"])
    CountErrors(people=2, counted=2, splits=1, merges=1)
    """
    groups = check_names("groups", groups)
    people = check_names("people", people, len(groups))
    there, person = np.unique(people, return_inverse=True)
    found, group = np.unique(groups, return_inverse=True)
    pairs = len(np.unique(group * len(there) + person))  # P
    return CountErrors(len(there), len(found), pairs - len(there), pairs - len(found))
