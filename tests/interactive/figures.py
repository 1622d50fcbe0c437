"""One figure of each kind, for the contract that all of them keep."""

from facebook_tut import interactive

FIGURES = {
    "cross_entropy": interactive.cross_entropy_explorer,
}
