"""The book's figures, each a function of arrays: what a figure shows can be tested through them."""

from facebook_tut.plots.blocks import steps
from facebook_tut.plots.curves import dots, intervals, learning_curves, lines, panels, with_slopes
from facebook_tut.plots.embeddings import circles, cmc, det_curve, score_histogram, snapshots
from facebook_tut.plots.frames import outlines
from facebook_tut.plots.graphs import computation_graph
from facebook_tut.plots.images import (
    boxes,
    detections,
    feature_maps,
    image_grid,
    nested_windows,
    number_grid,
)
from facebook_tut.plots.networks import decision_regions, network, units
from facebook_tut.plots.points import marked
from facebook_tut.plots.scores import confusion_matrix, reliability, roc_curve
from facebook_tut.plots.style import (
    ACCENT,
    BLUE,
    BOX,
    BROWN,
    COLOURS,
    DIFFERENT,
    FACE,
    GREEN,
    INK,
    NONFACE,
    ORANGE,
    OTHERS,
    OURS,
    PURPLE,
    SAME,
    SIGNED,
    TINTS,
    TONES,
    TRAINING,
    VALIDATION,
    WIDTH,
    WINDOW,
    note,
    tone,
)
from facebook_tut.plots.volumes import volumes
