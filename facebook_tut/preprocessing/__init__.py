"""From a picture file to what the network reads: grey, scaled, of even contrast, 64×64×3."""

from facebook_tut._pictures import read_picture
from facebook_tut.preprocessing.framing import BROWS_TO_MOUTH, soften, tighten
from facebook_tut.preprocessing.light import (
    DARKEST,
    from_linear_light,
    normalise_illumination,
    set_brightness,
    to_linear_light,
)
from facebook_tut.preprocessing.network_input import (
    INPUT_SIZE,
    PATCH_SIZE,
    even_contrast,
    fit_picture,
    grayscale,
    resize,
    to_network_input,
)
from facebook_tut.preprocessing.picture_quality import NOISY, RICH, SHARP, Quality, quality
