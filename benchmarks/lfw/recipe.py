"""The numbers of a method, checked once and passed on whole."""

from dataclasses import asdict, dataclass, fields
from typing import ClassVar

from facebook_tut._validation import check_choice, check_number, check_seed

LARGEST = 1_000_000
LOSSES = ("softmax", "cosface", "arcface")
AUGMENT = ("light", "strong", "camera")


def whole(name, value):
    """Check a whole number above zero."""
    check_number(name, value, 1, LARGEST, integer=True)


def between(low, high):
    """Return a check of a number."""
    return lambda name, value: check_number(name, value, low, high)


def one_of(choices):
    """Return a check of a choice."""
    return lambda name, value: check_choice(name, value, choices)


@dataclass(frozen=True)
class Recipe:
    """The numbers of a method; a wrong one raises a ValueError or a TypeError that names it.

    Attributes
    ----------
    seed : int
        Of everything that is drawn.
    """

    seed: int = 0

    CHECKS: ClassVar = {"seed": check_seed}

    def __post_init__(self):
        """Check every number."""
        for name, check in self.CHECKS.items():
            check(name, getattr(self, name))

    @classmethod
    def of(cls, given):
        """Return the recipe with what is given, by name, instead of the defaults.

        None stands for the default, and what belongs to other methods is passed over.
        """
        own = {each.name for each in fields(cls)}
        return cls(**{k: v for k, v in given.items() if k in own and v is not None})

    @classmethod
    def defaults(cls):
        """Return the defaults in words."""
        numbers = {k: v for k, v in asdict(cls()).items() if not isinstance(v, dict)}
        return ", ".join(f"{name} {value}" for name, value in numbers.items())

    def record(self):
        """Return what a record says of the recipe."""
        return asdict(self)
