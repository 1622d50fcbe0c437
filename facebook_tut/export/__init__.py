"""A trained embedder made smaller and quicker: int8 numbers, LiteRT files, pruned weights.

First the arithmetic of int8, from scratch. Then conversion to LiteRT, which was called TensorFlow
Lite until 2024: the format and the interpreter that phones and small computers run networks with.
Then pruning, which sets the smallest weights to zero. TensorFlow loads with the first conversion.
Last, the file with which the book's pages run a network.
"""

from facebook_tut.export.browser import browser_network, read_header, to_browser
from facebook_tut.export.int8 import (
    HIGHEST,
    LOWEST,
    TINY,
    dequantise,
    quantisation_parameters,
    quantise,
)
from facebook_tut.export.litert import FORMATS, IDENTIFIER, LiteRTEmbedder, save_litert, to_litert
from facebook_tut.export.pruning import compressed_size, keep_zeros, kernels_of, prune, sparsity_of
