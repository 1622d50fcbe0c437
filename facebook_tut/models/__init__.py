"""The networks of the book, in Keras 3, and how they are saved and loaded."""

from facebook_tut.models.checks import MOST_NUMBERS, check_network, shapes_of
from facebook_tut.models.classifier import INPUT_SHAPE, build_classifier, check_classifier
from facebook_tut.models.costs import multiplications
from facebook_tut.models.embedder import build_embedder, check_embedder
from facebook_tut.models.files import load_model, save_model
from facebook_tut.models.inspection import LayerSummary, feature_maps, summarise
from facebook_tut.models.notes import Notes, add_notes, notes_of
