"""Checks of what a caller passes in, with one wording: name, what was given, what is wanted.

Each returns what it was given, perhaps as another type. A `TypeError` says that this is of another
kind, a `ValueError` that it is of the right kind, but its shape, length or values are not.
"""

from facebook_tut._validation.arrays import (
    as_array,
    check_array,
    check_finite,
    check_like,
    check_numbers,
    check_scores,
    check_shape,
)
from facebook_tut._validation.colour import check_colour_picture, check_pictures
from facebook_tut._validation.images import MOST_PIXELS, check_images, check_pair, check_picture
from facebook_tut._validation.labels import check_labels
from facebook_tut._validation.names import check_classes, check_names
from facebook_tut._validation.paths import check_file, check_path
from facebook_tut._validation.values import (
    LARGEST,
    check_callable,
    check_choice,
    check_flag,
    check_number,
    check_one_per,
    check_rng,
    check_seed,
)
