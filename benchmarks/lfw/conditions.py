"""Other cameras and other light: what is done to photographs of 64×64 pixels."""

from functools import partial
from inspect import signature

import numpy as np

from facebook_tut import corruption
from facebook_tut._progress import progress_bar

# Of the 64×64 crop, but for the pixels that are left, which are of the whole face.
CONDITIONS = {
    "a twentieth of the light": partial(corruption.darken, share=0.05),
    "light from one side": partial(corruption.light_from_side, contrast=0.98),
    "no colour": corruption.remove_colour,
    "24 pixels across": partial(corruption.shrink, edge=24),
    "12 pixels across": partial(corruption.shrink, edge=12),
    "out of focus": partial(corruption.defocus, sigma=2.0),
    "noise": partial(corruption.add_noise, deviation=0.1),
    "JPEG of quality 10": partial(corruption.compress, quality=10),
    "turned by 15 degrees": partial(corruption.turn, degrees=15),
    "mouth and chin covered": partial(corruption.cover, share=0.4),
}


def alter_all(images, alter, name=""):
    """Return altered photographs, (N, H, W, 3), float32; each has noise of its own."""
    seeded = "seed" in signature(alter).parameters
    return np.stack(
        [
            alter(image / 255, **({"seed": seed} if seeded else {})).astype(np.float32)
            for seed, image in enumerate(progress_bar(images, desc=name))
        ]
    )
