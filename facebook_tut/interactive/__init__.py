"""Live figures: each answers its reader on the book's page, in Jupyter and in Colab alike."""

from .alignment import alignment_explorer
from .convolution import convolution_explorer
from .cross_entropy import cross_entropy_explorer
from .curves import curves_explorer
from .decision import decision_explorer
from .descent import descent_explorer
from .embedding import embedding_explorer
from .last_layer import last_layer
from .network import network_explorer
from .own_photograph import own_photograph
from .photos import photo_recognizer
from .pooling import pooling_explorer
from .severity import severity_explorer
from .who_is_nearer import who_is_nearer
