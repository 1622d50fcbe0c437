"""Detectors: callables that take a photograph and return a list of `Detection`."""

from facebook_tut.detection.cascade import (
    CASCADE_LARGEST,
    CASCADE_SIZE,
    CASCADE_STAGES,
    cascade_sizes,
    cascade_smallest,
    cascade_windows,
    detect_with_cascade,
)
from facebook_tut.detection.mtcnn import MtcnnStage, detect_with_mtcnn, mtcnn_stages, proposal_map
from facebook_tut.detection.suppression import non_maximum_suppression
from facebook_tut.detection.windows import (
    GROWTH,
    SMALLEST,
    Detection,
    detect_faces,
    group_windows,
    intersection_over_union,
    sliding_windows,
    window_sizes,
)
