"""The method `student` of lfw.py: a small network that a strong teacher taught.

The teacher is the method `fisher`. The network learns to see the likeness of the training people's
photographs, strongly varied, as the teacher sees it (`metric_learning.fit_student`); the score of a
pair is the cosine of its embeddings. It is the network of `pretrained`.
"""

import lfw_fisher
import lfw_network
import numpy as np
from sklearn.decomposition import TruncatedSVD

from facebook_tut._files import replacing
from facebook_tut.augmentation import vary, vary_camera, vary_strongly
from facebook_tut.data.lfw import FACE_BOX, photos_of
from facebook_tut.metric_learning import fit_student
from facebook_tut.models import build_embedder
from facebook_tut.pretrained import LAYOUT
from facebook_tut.training import set_seed

AUGMENT = {"light": vary, "strong": vary_strongly, "camera": vary_camera}
BLOCKS, DROPOUT = LAYOUT["blocks"], LAYOUT["dropout"]
DEFAULTS = {
    "epochs": 40,
    "batch_size": 64,
    "dimensions": LAYOUT["dimensions"],
    "learning_rate": 2e-3,
    "scale": 16.0,
    "size": 64,
    "augment": "strong",
}


def recipe(arguments):
    """Return the numbers of the recipe, and of the teacher's."""
    return {
        **{name: getattr(arguments, name) for name in DEFAULTS},
        "blocks": BLOCKS,
        "dropout": DROPOUT,
        "seed": arguments.seed,
        "box": FACE_BOX,
        "teacher": lfw_fisher.recipe(arguments),
    }


def run(data, experiment, arguments):
    """Return the scores of an experiment's pairs, and how they came about."""
    photos = photos_of(experiment.people)
    teacher = teacher_of(data, experiment, arguments)

    def fit(model, images, **options):
        return fit_student(model, images, teacher, augment=AUGMENT[arguments.augment], **options)

    set_seed(arguments.seed)
    shape = (arguments.size, arguments.size, 3)
    model = build_embedder(arguments.dimensions, input_shape=shape, blocks=BLOCKS, dropout=DROPOUT)
    return lfw_network.measure(model, fit, photos, data, experiment, arguments)


def teacher_of(data, experiment, arguments):
    """Return the teacher's embeddings of the training people's photographs, (N, D), made once.

    Their main directions say nearly the same in fewer numbers.
    """
    numbers = (getattr(arguments, name) for name in ("dimensions", *lfw_fisher.OPTIONS))
    name = "_".join([experiment.name, "teacher", *map(str, numbers)])
    path = arguments.checkpoints / f"{name}.npy"
    if not path.is_file():
        photos = photos_of(experiment.people)
        teacher = lfw_fisher.embed(data, experiment, arguments)[0][: len(photos)]
        main = TruncatedSVD(arguments.dimensions, random_state=arguments.seed)
        with replacing(path, overwrite=True) as temporary, temporary.open("wb") as file:
            np.save(file, main.fit_transform(teacher).astype(np.float32))
    return np.load(path)
