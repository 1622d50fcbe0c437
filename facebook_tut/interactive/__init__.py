"""Live figures: each answers its reader on the book's page, in Jupyter and in Colab alike."""

from ._alignment import alignment_explorer
from ._convolution import convolution_explorer
from ._cross_entropy import cross_entropy_explorer
from ._curves import curves_explorer
from ._decision import decision_explorer
from ._embedding import embedding_explorer
from ._network import network_explorer
from ._photos import photo_recogniser
from ._pooling import pooling_explorer
from ._severity import severity_explorer

__all__ = [
    "alignment_explorer",
    "convolution_explorer",
    "cross_entropy_explorer",
    "curves_explorer",
    "decision_explorer",
    "embedding_explorer",
    "network_explorer",
    "photo_recogniser",
    "pooling_explorer",
    "severity_explorer",
]
