"""The method `robust` of lfw: a network that teaches itself to see through light, lens and file.

It begins as a network that `student` trained. Its own embeddings of the training people's
photographs as they are become its teacher; then it learns to give them for the same photographs
varied and spoiled (`augmentation.vary_camera`), and not to find two of a batch more alike than
their originals are (`metric_learning.excess_likeness`). The score of a pair is the cosine of its
embeddings.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from facebook_tut.augmentation import vary_camera
from facebook_tut.data.lfw import photos_of
from facebook_tut.metric_learning import embed, fit_student
from facebook_tut.models import load_model
from facebook_tut.training import set_seed
from lfw import network, recipe

NAME = "robust"


@dataclass(frozen=True)
class Recipe(network.Training):
    """The numbers of a network that teaches itself.

    Attributes
    ----------
    start : str
        The .keras file of the network that it begins as, and whose embeddings it keeps.
    apart : float
        Of `fit_student`.
    """

    epochs: int = 16
    dimensions: int = 256
    learning_rate: float = 1e-3
    apart: float = 50.0
    start: str = "benchmarks/checkpoints/view1_student.keras"

    CHECKS: ClassVar = {**network.Training.CHECKS, "apart": recipe.between(0, 1e6)}

    def record(self):
        """Return what a record says of the recipe."""
        return super().record() | {"start": Path(self.start).name}


def run(data, experiment, chosen, kept):
    """Return the scores of an experiment's pairs, and how they came about."""
    photos = photos_of(experiment.people)
    model = load_model(chosen.start)
    teacher = embed(model, data.images(photos, size=chosen.size))

    def fit(model, images, **options):
        options |= {"augment": vary_camera, "apart": chosen.apart}
        return fit_student(model, images, teacher, **options)

    set_seed(chosen.seed)
    path = kept / network.file_of(experiment, NAME)
    return network.measure(model, fit, photos, data, experiment, chosen, path)
