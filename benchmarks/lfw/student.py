"""The method `student` of lfw: a small network that a strong teacher taught.

The teacher is the method `fisher`. The network learns to see the likeness of the training people's
photographs, strongly varied, as the teacher sees it (`metric_learning.fit_student`); the score of a
pair is the cosine of its embeddings. It is the network of `pretrained`.
"""

from dataclasses import dataclass, field, fields
from typing import ClassVar

import numpy as np
from sklearn.decomposition import TruncatedSVD

from facebook_tut._files import replacing
from facebook_tut.augmentation import vary, vary_camera, vary_strongly
from facebook_tut.data.lfw import photos_of
from facebook_tut.metric_learning import fit_student
from facebook_tut.models import build_embedder
from facebook_tut.training import set_seed
from lfw import fisher, network, recipe

NAME = "student"
AUGMENT = dict(zip(recipe.AUGMENT, (vary, vary_strongly, vary_camera), strict=True))


@dataclass(frozen=True)
class Recipe(network.Training):
    """The numbers of a network that is taught.

    Attributes
    ----------
    blocks : tuple of int
        Of `build_embedder`.
    dropout : float
        Of `build_embedder`.
    augment : str
        How the images are varied, of `AUGMENT`.
    teacher : fisher.Recipe
        Of the teacher.
    """

    epochs: int = 40
    dimensions: int = 256
    blocks: tuple = (0, 2, 2, 1)
    dropout: float = 0.2
    augment: str = "strong"
    teacher: fisher.Recipe = field(default_factory=fisher.Recipe)

    CHECKS: ClassVar = {
        **network.Training.CHECKS,
        "dropout": recipe.between(0, 0.99),
        "augment": recipe.one_of(recipe.AUGMENT),
    }

    @classmethod
    def of(cls, given):
        """Return the recipe with what is given, for the network and for its teacher."""
        return super().of({**given, "teacher": fisher.Recipe.of(given)})

    def record(self):
        """Return what a record says of the recipe."""
        return {**super().record(), "teacher": self.teacher.record()}


def run(data, experiment, chosen, kept):
    """Return the scores of an experiment's pairs, and how they came about."""
    photos = photos_of(experiment.people)
    teacher = teacher_of(data, experiment, chosen, kept)

    def fit(model, images, **options):
        return fit_student(model, images, teacher, augment=AUGMENT[chosen.augment], **options)

    set_seed(chosen.seed)
    layout = {"blocks": chosen.blocks, "dropout": chosen.dropout}
    shape = (chosen.size, chosen.size, 3)
    model = build_embedder(chosen.dimensions, input_shape=shape, **layout)
    path = kept / network.file_of(experiment, NAME)
    return network.measure(model, fit, photos, data, experiment, chosen, path)


def teacher_of(data, experiment, chosen, kept):
    """Return the teacher's embeddings of the training people's photographs, (N, D), made once.

    Their main directions say nearly the same in fewer numbers.
    """
    numbers = [getattr(chosen.teacher, each.name) for each in fields(chosen.teacher)]
    name = "_".join([experiment.name, "teacher", *map(str, [chosen.dimensions, *numbers])])
    path = kept / f"{name}.npy"
    if not path.is_file():
        photos = photos_of(experiment.people)
        teacher = fisher.embed(data, experiment, chosen.teacher, kept)[0][: len(photos)]
        main = TruncatedSVD(chosen.dimensions, random_state=chosen.seed)
        with replacing(path, overwrite=True) as temporary, temporary.open("wb") as file:
            np.save(file, main.fit_transform(teacher).astype(np.float32))
    return np.load(path)
