"""Augmentation: images varied at random, so that a network learns from more than there are.

What damages images, so that one can see how well a network tolerates it, is `corruption`.
"""

from facebook_tut.augmentation.moves import augment, vary
from facebook_tut.augmentation.variations import erase, vary_camera, vary_strongly
