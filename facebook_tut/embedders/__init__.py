"""Embedders of several makes behind one interface: a Keras network, the shipped one, dlib's.

`Embedder` says what `pipeline.Recognizer` needs of one. Whatever has these attributes and methods
is an embedder, also a class of your own. A gallery belongs to one embedder: the fingerprint tells.
"""

from facebook_tut.embedders.choice import EMBEDDERS, load
from facebook_tut.embedders.dlib_network import DlibEmbedder
from facebook_tut.embedders.keras_network import KerasEmbedder, ShippedEmbedder
from facebook_tut.embedders.protocol import Embedder, check_embedder
