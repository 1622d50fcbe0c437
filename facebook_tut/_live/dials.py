"""What the reader of a live figure can set, and the checks of what Python sets instead."""

from dataclasses import dataclass
from numbers import Real

import numpy as np


def check_names(where, given, kind, most):
    """Say what is wrong with a dict that should hold from 1 to so many named things."""
    if not isinstance(given, dict):
        raise TypeError(f"{where} must be a dict of {kind} name to {kind}, got {given!r}")
    if not 1 <= len(given) <= most:
        raise ValueError(f"{where} must hold from 1 to {most} {kind}s, got {len(given)}")
    for name in given:
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"{where} must have {kind} names that are not empty, got {name!r}")


@dataclass(frozen=True)
class Dial:
    """A number that the reader can set, between `low` and `high` and in steps of `step`."""

    low: float
    high: float
    step: float

    def check(self, name, value):
        """Return `value` on the nearest step, or say what is wrong with it.

        Examples
        --------
        >>> Dial(0, 1, 0.01).check("threshold", 0.4999)
        0.5
        >>> Dial(0, 1, 0.01).check("threshold", 50)
        Traceback (most recent call last):
            ...
        ValueError: threshold must be a number from 0 to 1, got 50
        """
        if not isinstance(value, Real) or not self.low <= value <= self.high:
            wanted = f"{name} must be a number from {self.low} to {self.high}"
            error = ValueError if isinstance(value, Real) else TypeError
            raise error(f"{wanted}, got {value!r}")
        steps = round((value - self.low) / self.step)
        return round(self.low + steps * self.step, 10)

    def trait(self, value):
        """Return the trait of a widget that holds it."""
        from traitlets import Float

        return Float(value, min=self.low, max=self.high)


@dataclass(frozen=True)
class Choice:
    """One of several words that the reader can choose."""

    options: tuple

    def check(self, name, value):
        """Return `value` if it is one of the options, or say what they are.

        Examples
        --------
        >>> Choice(("valid", "same")).check("padding", "full")
        Traceback (most recent call last):
            ...
        ValueError: padding must be one of valid, same, got 'full'
        """
        if value not in self.options:
            raise ValueError(f"{name} must be one of {', '.join(self.options)}, got {value!r}")
        return value

    def trait(self, value):
        """Return the trait of a widget that holds it."""
        from traitlets import Enum

        return Enum(self.options, value)


@dataclass(frozen=True)
class Table:
    """A table of numbers from `low` to `high` that the reader can edit."""

    rows: int
    columns: int
    low: float
    high: float

    def check(self, name, value):
        """Return `value` as a list of rows, or say what is wrong with it.

        Examples
        --------
        >>> Table(1, 2, -9, 9).check("kernel", [[1, -1]])
        [[1.0, -1.0]]
        >>> Table(1, 2, -9, 9).check("kernel", [[1, 90]])
        Traceback (most recent call last):
            ...
        ValueError: kernel must hold 1 x 2 numbers from -9 to 9, got [[1, 90]]
        """
        wanted = f"{name} must hold {self.rows} x {self.columns} numbers"
        try:
            table = np.array(value, dtype=float)
        except (TypeError, ValueError):
            table = np.array(np.nan)
        inside = (table >= self.low) & (table <= self.high)
        if table.shape != (self.rows, self.columns) or not inside.all():
            raise ValueError(f"{wanted} from {self.low} to {self.high}, got {value}")
        return table.tolist()

    def trait(self, value):
        """Return the trait of a widget that holds it."""
        from traitlets import List

        return List(value)
