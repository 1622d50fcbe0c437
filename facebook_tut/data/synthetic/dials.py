"""Dials: every property of a face that does not exist, with its range and neutral value."""

from dataclasses import dataclass
from numbers import Real

import numpy as np


@dataclass(frozen=True)
class Dial:
    """One property of a picture: its range, its neutral value and its meaning.

    Attributes
    ----------
    low, high : float
        The bounds, both allowed.
    neutral : float
        The value where none is given.
    meaning : str
        What it says, and in which unit.
    spread : float or {"flat", "rare"}
        How `sample_people` draws it: about neutral with this standard deviation, near-normal, cut
        off at the bounds; evenly from low to high; or high in 3 pictures of 100, low in the rest.

    Examples
    --------
    >>> NUISANCES["yaw"].meaning
    'turn of the head in degrees; positive moves the nose to the right'
    """

    low: float
    high: float
    neutral: float
    meaning: str
    spread: float | str


# A head unit is half the height of an average head. Heights count down from the head's middle.
TRAITS = {
    "face width": Dial(0.62, 0.88, 0.75, "half the width of the head, in head units", "flat"),
    "face height": Dial(0.92, 1.08, 1.0, "half the height of the head, in head units", "flat"),
    "jaw": Dial(-0.35, 0.5, 0.1, "share by which it narrows to the chin; below 0 square", "flat"),
    "eye distance": Dial(0.25, 0.42, 0.33, "from the nose to an eye, in head units", "flat"),
    "eye height": Dial(-0.18, 0.06, -0.05, "of the eyes, in head units", "flat"),
    "eye width": Dial(0.1, 0.22, 0.16, "half the width of an eye, in head units", "flat"),
    "eye opening": Dial(0.05, 0.135, 0.09, "half the height of an open eye, in head units", "flat"),
    "eye slant": Dial(-0.35, 0.4, 0.03, "rise of the eye to its outer corner, a slope", "flat"),
    "iris colour": Dial(0.0, 1.0, 0.3, "0 dark brown, 1/3 hazel, 2/3 green, 1 blue", "flat"),
    "brow height": Dial(0.14, 0.31, 0.21, "of a brow above the eye, in head units", "flat"),
    "brow thickness": Dial(0.012, 0.08, 0.04, "half of it, in head units", "flat"),
    "brow slant": Dial(-0.5, 0.4, 0.0, "rise of the brow to its outer end, a slope", "flat"),
    "brow darkness": Dial(0.6, 1.0, 0.8, "0 as the skin, 1 black", "flat"),
    "nose length": Dial(0.28, 0.54, 0.4, "from the eyes to its tip, in head units", "flat"),
    "nose width": Dial(0.08, 0.3, 0.17, "half of it, in head units", "flat"),
    "nose height": Dial(0.08, 0.26, 0.17, "of its tip above the face, in head units", "flat"),
    "mouth height": Dial(0.15, 0.32, 0.23, "below the tip of the nose, in head units", "flat"),
    "mouth width": Dial(0.14, 0.4, 0.26, "half of it, in head units", "flat"),
    "lip fullness": Dial(0.025, 0.16, 0.07, "height of a lip, in head units", "flat"),
    "lip colour": Dial(0.0, 1.0, 0.4, "0 brown, 1 red", "flat"),
    "skin tone": Dial(0.0, 1.0, 0.65, "0 dark, 1 light", "flat"),
    "undertone": Dial(0.0, 1.0, 0.5, "of the skin; 0 pink, 1 golden", "flat"),
    "cheeks": Dial(0.0, 1.0, 0.3, "0 pale, 1 rosy", "flat"),
    "ear size": Dial(0.08, 0.28, 0.17, "half the height of an ear, in head units", "flat"),
}

NUISANCES = {
    "yaw": Dial(-45, 45, 0, "turn of the head in degrees; positive moves the nose to the right", 6),
    "pitch": Dial(-30, 30, 0, "nod in degrees; positive moves the nose down", 3.5),
    "roll": Dial(-30, 30, 0, "tilt in degrees; positive is clockwise", 3.5),
    "scale": Dial(0.5, 1.15, 1.0, "of the head; at 1 it is 0.88 of the picture high", 0.04),
    "shift x": Dial(-0.15, 0.15, 0, "of the head to the right, share of the edge", 0.01),
    "shift y": Dial(-0.15, 0.15, 0, "of the head downwards, share of the edge", 0.01),
    "light azimuth": Dial(-80, 80, 0, "of the lamp in degrees; positive is on the right", 20),
    "light elevation": Dial(-20, 70, 25, "of the lamp above the horizon, in degrees", 10),
    "ambient": Dial(0.2, 1.0, 0.65, "share of the light that comes from all sides", 0.1),
    "brightness": Dial(0.5, 1.5, 1.0, "of all light; 1 is right", 0.18),
    "warmth": Dial(-0.15, 0.15, 0, "of the light; -0.15 is blue, 0.15 orange", 0.05),
    "smile": Dial(-0.5, 1.0, 0, "-0.5 sad, 1 a broad smile", 0.3),
    "mouth open": Dial(0.0, 1.0, 0, "0 closed, 1 wide open", 0.2),
    "brow raise": Dial(-1.0, 1.0, 0, "-1 lowered, 1 raised", 0.3),
    "eyes closed": Dial(0.0, 1.0, 0, "0 open, 1 closed", 0.15),
    "glasses": Dial(0.0, 1.0, 0, "0 none, 1 worn", "rare"),
    "lens tint": Dial(0.0, 0.9, 0.1, "of the glasses; 0 clear, 0.9 sunglasses", 0.15),
    "mask": Dial(0.0, 1.0, 0, "0 none, 1 over mouth and nose", "rare"),
    "beard": Dial(0.0, 1.0, 0, "0 none, 1 full", "rare"),
    "hair length": Dial(-0.3, 1.3, 0.0, "how far down it hangs, in head units", 0.35),
    "hair volume": Dial(0.03, 0.25, 0.1, "how far it stands off the head, in head units", 0.05),
    "hairline": Dial(0.55, 0.8, 0.66, "above the middle of the head, in head units", 0.04),
    "parting": Dial(-1.0, 1.0, 0.4, "-1 far on the left, 1 far on the right", 0.5),
    "hair colour": Dial(0.0, 1.0, 0.25, "0 black, 1/3 brown, 2/3 blond, 1 white", 0.25),
    "background": Dial(0.0, 1.0, 0.6, "0 dark, 1 light", 0.25),
    "background hue": Dial(0.0, 1.0, 0.6, "0 red, 1/3 green, 2/3 blue, 1 red again", "flat"),
    "background edge": Dial(0.0, 1.0, 0.8, "where its halves meet, share of the edge", "flat"),
    "clothes": Dial(0.0, 1.0, 0.0, "0 navy, 1/3 red, 2/3 white, 1 teal", "flat"),
    "blur": Dial(0.0, 3.0, 0, "standard deviation of the smoothing, 64ths of the edge", 0.4),
    "noise": Dial(0.0, 0.15, 0, "standard deviation of the sensor's noise", 0.015),
    "grain": Dial(0.0, 1.0, 0, "which grains the noise has", "flat"),
}

DIALS = {**TRAITS, **NUISANCES}


def _check_dial(name, value):
    """Return the value as float32 if it is a number that the dial allows."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"dial {name!r} must be a number, got {value!r}")
    return _check_range(name, np.asarray(value, np.float32))


def _check_dials(dials):
    """Return every dial as (N,) float32, those not given at neutral."""
    given = {}
    for name, values in dials.items():
        values = np.asarray(values)
        if values.dtype.kind not in "fiu":
            raise TypeError(f"dial {name!r} must hold real numbers, got dtype {values.dtype}")
        given[name] = _check_range(name, values.astype(np.float32))
    shapes = {values.shape for values in given.values()}
    if len(shapes) != 1 or any(len(shape) != 1 or shape[0] == 0 for shape in shapes):
        got = {name: values.shape for name, values in given.items()}
        raise ValueError(f"dials must hold arrays of one shape (N,), at least one, got {got}")
    neutral = {name: np.full(*shapes, dial.neutral, np.float32) for name, dial in DIALS.items()}
    return {**neutral, **given}


def _check_range(name, values):
    """Return the values if there is such a dial and they are in its range."""
    if name not in DIALS:
        raise ValueError(f"dials must be named in TRAITS or NUISANCES, got {name!r}")
    low, high = np.array([DIALS[name].low, DIALS[name].high], np.float32)
    wrong = values[~((values >= low) & (values <= high))]
    if wrong.size:
        raise ValueError(f"dial {name!r} must lie from {low} to {high}, got {wrong[0]}")
    return values


def _draw_dials(n, images_per_person, seed):
    """Return each dial's values for all pictures, (n * images_per_person,) float32."""
    traits, nuisances = len(TRAITS), len(NUISANCES)
    drawn = np.empty((n, traits + images_per_person * nuisances, 3))
    for person, numbers in enumerate(drawn):
        bits = np.random.PCG64(np.random.SeedSequence([seed, person])).random_raw(numbers.size)
        numbers[...] = ((bits >> np.uint64(11)) * 2.0**-53).reshape(numbers.shape)  # from 0 to 1
    once = drawn[:, :traits]
    each = drawn[:, traits:].reshape(-1, nuisances, 3)
    values = {
        name: np.repeat(_spread(dial, once[:, k]), images_per_person)
        for k, (name, dial) in enumerate(TRAITS.items())
    }
    values.update(
        {name: _spread(dial, each[:, k]) for k, (name, dial) in enumerate(NUISANCES.items())}
    )
    return values


def _spread(dial, numbers):
    """Turn rows of three uniform random numbers, (N, 3), into values of a dial, (N,) float32."""
    a, b, c = numbers.T
    if dial.spread == "flat":
        return (dial.low + (dial.high - dial.low) * a).astype(np.float32)
    if dial.spread == "rare":
        return np.where(a < 0.03, dial.high, dial.low).astype(np.float32)
    bell = 2 * (a + b + c) - 3  # standard deviation 1, from -3 to 3
    return np.clip(dial.neutral + dial.spread * bell, dial.low, dial.high).astype(np.float32)
