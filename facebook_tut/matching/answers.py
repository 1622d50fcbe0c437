"""The answers of a gallery: is this that person, and who is this."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verification:
    """The answer to "is this that person?".

    Attributes
    ----------
    accepted : bool
        Whether the score reaches the threshold.
    score : float
        The cosine of probe and template.

    Examples
    --------
    >>> Verification(accepted=True, score=0.8).accepted
    True
    """

    accepted: bool
    score: float


@dataclass(frozen=True)
class Candidate:
    """One answer to "who is this?".

    Attributes
    ----------
    name : str
        The person.
    score : float
        The cosine of probe and template.

    Examples
    --------
    >>> Candidate("Ada", 0.8).name
    'Ada'
    """

    name: str
    score: float
