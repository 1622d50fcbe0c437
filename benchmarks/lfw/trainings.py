"""What one change of a training does: many short trainings on View 1 that differ in one thing.

All learn from people of View 1's training list with two photographs or more, by CosFace, and look
at as many images altogether, 80,000, however few there are to look at; a network that multiplies
more looks at fewer, so that each costs the same. They are measured on the people of the test list:
on the 1,000 pairs of View 1 by its protocol, and on all pairs among the first three
photographs of each person. Every training is repeated with other seeds, which also draw its people.

Nothing is chosen here for a report; these are lessons. `STUDIES` has the questions. What is done
is kept in a file for each training; a run that was interrupted goes on with the others.

    python benchmarks/lfw trainings --data folder/with/lfw
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache, partial
from multiprocessing import get_context
from time import perf_counter

import numpy as np
from _record import CHECKPOINTS, options, positive, run

from facebook_tut._files import replacing
from facebook_tut._progress import progress_bar
from facebook_tut.cleaning import name_margins
from facebook_tut.data.lfw import load_lfw, photos_of
from facebook_tut.data.synthetic import sample_people
from facebook_tut.metric_learning import embed, fit_embedder
from facebook_tut.models import build_embedder, multiplications
from facebook_tut.training import set_seed
from lfw import student
from lfw.people import all_pairs, operating_points, test_photos
from lfw.protocol import measure, plan, scores_of

VIEWS = 80_000  # images that a training of the reference network looks at
AUGMENT = {"none": False} | student.AUGMENT
DRAWN = (500, 20)  # people and pictures of each, to learn from before LFW
BATCH_SIZE, DIMENSIONS, LEARNING_RATE = 64, 128, 2e-3


@dataclass(frozen=True)
class Training:
    """One training.

    Attributes
    ----------
    seed : int
        Of everything that is drawn.
    people : int, optional
        How many of the training people; all by default.
    photos : int, optional
        How many photographs of each at most; all by default.
    least : int
        People with fewer photographs are left out.
    filters, blocks
        Of `build_embedder`.
    loss : str
        Of `fit_embedder`.
    augment : str
        How the images are varied, of `AUGMENT`.
    drawn_first : bool
        Learn from drawn people before.
    wrong : float
        Share of the photographs that bear another person's name.
    cleaned : bool
        Leave out photographs that another name fits better.
    """

    seed: int
    people: int | None = None
    photos: int | None = None
    least: int = 2
    filters: tuple = (32, 64, 128, 256)
    blocks: int | tuple = 1
    loss: str = "cosface"
    augment: str = "light"
    drawn_first: bool = False
    wrong: float = 0.0
    cleaned: bool = False

    @property
    def key(self):
        """A name of the training's own."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


FOUR = {"least": 4}
STUDIES = {  # of each setting, what differs from the reference
    "width": {
        "half": {"filters": (16, 32, 64, 128)},
        "reference": {},
        "one and a half": {"filters": (48, 96, 192, 384)},
    },
    "depth": {"7": {"blocks": (0, 1, 1, 1)}, "9": {}, "17": {"blocks": 2}},  # convolutions
    "loss": {loss: {"loss": loss} for loss in ("softmax", "cosface", "arcface", "triplet")},
    "augmentation": {name: {"augment": name} for name in AUGMENT},
    "people": {str(n): {"people": n} for n in (74, 148, 296, 592)} | {"1184": {}},
    "people with two photographs": {
        str(n): {"people": n, "photos": 2} for n in (148, 296, 592, 1184)
    },
    "photographs of 151 people": {str(n): {"photos": n, "least": 8} for n in (2, 4, 8)},
    "148 people": {
        **{name: {"people": 148, "augment": name} for name in AUGMENT},
        "drawn people first": {"people": 148, "drawn_first": True},
    },
    "drawn people first": {
        str(n): {"people": n, "drawn_first": True} for n in (74, 148, 296, 592, 1184)
    },
    "wrong names": {str(share): FOUR | {"wrong": share} for share in (0.0, 0.1, 0.2, 0.4)},
    "cleaned": {str(s): FOUR | {"wrong": s, "cleaned": True} for s in (0.0, 0.1, 0.2, 0.4)},
}


def main(words=None):
    """Train what is not done yet, print and record; `words` are the command line's."""
    parser = options(__doc__, "lfw_trainings", data=True, kept=CHECKPOINTS / "trainings")
    add = parser.add_argument
    add("--seeds", type=positive, default=3, help="trainings of each setting (default 3)")
    add("--workers", type=positive, default=1, help="processes (default 1)")
    run(parser.parse_args(words), answers, table, "jax", "scikit-image", "scikit-learn")


def answers(arguments):
    """Return the recipe of all trainings, and the studies."""
    settings = [s for study in STUDIES.values() for s in study.values()]
    trainings = [Training(seed, **s) for seed in range(arguments.seeds) for s in settings]
    missing = [t for t in dict.fromkeys(trainings) if not file_of(t, arguments).is_file()]
    work = partial(train_and_keep, arguments=arguments)
    if arguments.workers > 1:
        with get_context("spawn").Pool(arguments.workers) as pool:
            each = pool.imap_unordered(work, missing)
            _ = list(progress_bar(each, total=len(missing), unit="training"))
    else:
        _ = list(progress_bar(map(work, missing), total=len(missing), unit="training"))
    return {
        "recipe": {
            "views": VIEWS,
            "batch_size": BATCH_SIZE,
            "dimensions": DIMENSIONS,
            "learning_rate": LEARNING_RATE,
            "reference": asdict(Training(0)),
        },
        "studies": {name: collect(study, arguments) for name, study in STUDIES.items()},
    }


def file_of(training, arguments):
    """Return where the result of a training is kept."""
    return arguments.checkpoints / f"{training.key}.json"


def collect(study, arguments):
    """Return the results of a study's trainings, seed after seed."""
    return {
        name: {
            "changed": setting,
            "trainings": [
                json.loads(file_of(Training(seed, **setting), arguments).read_text())
                for seed in range(arguments.seeds)
            ],
        }
        for name, setting in study.items()
    }


def train_and_keep(training, arguments):
    """Train, measure and write the result into the training's file."""
    result = train(training, test_of(arguments.data))
    with replacing(file_of(training, arguments), overwrite=True) as temporary:
        temporary.write_text(json.dumps(result))


# The people


@dataclass(frozen=True)
class Test:
    """View 1, read once by each process.

    Attributes
    ----------
    data : LFW
        Where the photographs are.
    experiment : lfw.protocol.Experiment
        The people to learn from, and the 1,000 pairs.
    photos : list of Photo
        The first three of each person of the test list.
    images, pair_images : ndarray, (N, 64, 64, 3), uint8
        Of `photos`, and of the photographs of the pairs.
    """

    data: object
    experiment: object
    photos: list
    images: np.ndarray
    pair_images: np.ndarray


@cache
def test_of(folder):
    """Return what all trainings are measured on."""
    data = load_lfw(folder)
    [experiment] = plan(data, view=1)
    photos = test_photos(data, experiment)
    images = data.images(photos, progress=False)
    return Test(
        data, experiment, photos, images, data.images(experiment.pairs.photos, progress=False)
    )


def draw_photos(people, training):
    """Return the photographs that a training learns from."""
    rng = np.random.default_rng(training.seed)
    enough = sorted(name for name, count in people.items() if count >= training.least)
    chosen = rng.permutation(enough)[: training.people]  # so that few people are among the many
    photos = []
    for name in sorted(map(str, chosen)):
        own = photos_of({name: people[name]})
        photos += [own[i] for i in sorted(rng.permutation(len(own))[: training.photos])]
    return photos


def mix_up(names, share, seed):
    """Return the names with a share of them replaced by other people's."""
    rng, mixed = np.random.default_rng((seed, 1)), names.copy()
    people = np.unique(names)
    for row in rng.permutation(len(names))[: round(share * len(names))]:
        mixed[row] = rng.choice(people[people != names[row]])
    return mixed


# A training


def train(training, test):
    """Return what a training gives."""
    start = perf_counter()
    photos = draw_photos(test.experiment.people, training)
    images = test.data.images(photos, progress=False)
    names = np.array([photo.name for photo in photos])
    given = mix_up(names, training.wrong, training.seed)
    found = {}
    if training.cleaned:
        keep = name_margins_of_others(training, images, given) >= 0
        found = {
            "wrong": int((given != names).sum()),
            "left_out": int((~keep).sum()),
            "wrong_left_out": int((~keep & (given != names)).sum()),
        }
        images, given = images[keep], given[keep]
    model, epochs = fit(training, images, given)
    return {
        "people": len(np.unique(given)),
        "images": len(images),
        "epochs": epochs,
        "parameters": model.count_params(),
        "multiplications": multiplications(model),
        **found,
        **judge(model, test),
        "seconds": round(perf_counter() - start, 1),
    }


def fit(training, images, names):
    """Return a network that has learned from images, and in how many epochs."""
    set_seed(training.seed)
    model = build_embedder(DIMENSIONS, filters=training.filters, blocks=training.blocks)
    views = VIEWS * reference_work() / multiplications(model)
    options = {"batch_size": BATCH_SIZE, "learning_rate": LEARNING_RATE, "progress": False}
    options |= {"seed": training.seed, "loss": training.loss, "augment": AUGMENT[training.augment]}
    if training.drawn_first:
        drawn = sample_people(*DRAWN, seed=training.seed)
        epochs = max(1, round(views / len(drawn.images)))
        fit_embedder(model, drawn.images, drawn.identities, epochs=epochs, **options)
    epochs = max(1, round(views / len(images)))
    fit_embedder(model, images, names, epochs=epochs, **options)
    return model, epochs


@cache
def reference_work():
    """Return what the reference network multiplies to look at one image."""
    return multiplications(build_embedder(DIMENSIONS, filters=Training(0).filters))


def name_margins_of_others(training, images, names):
    """Return how well each image fits its name, by a network that has not learned from it.

    The images are divided in two at random. Each half is judged by a network that learned from the
    other.
    """
    rng, margins = np.random.default_rng((training.seed, 2)), np.empty(len(images))
    for half in np.array_split(rng.permutation(len(images)), 2):
        others = np.setdiff1d(np.arange(len(images)), half)
        model, _ = fit(training, images[others], names[others])
        margins[half] = name_margins(embed(model, images), names)[half]
    return np.nan_to_num(margins)  # who has one photograph stays


def judge(model, test):
    """Return what a network gives on View 1's pairs, and on all pairs of the test people."""
    pairs, folds = test.experiment.pairs, test.experiment.folds
    own = measure(pairs.same, scores_of(pairs, embed(model, test.pair_images)), folds)
    embeddings = embed(model, test.images)
    left, right, same = all_pairs(test.photos)
    return {
        "accuracy": own["mean"],
        "standard_error": own["standard_error"],
        "auc": own["auc"],
        "all_pairs": operating_points(same, (embeddings @ embeddings.T)[left, right]),
    }


def table(record):
    """Return the studies as lines of text."""
    lines = []
    for study, settings in record["studies"].items():
        lines.append(f"{study:<30}{'accuracy':>16}{'AUC':>16}{'TAR at FAR 0.01':>18}")
        for name, setting in settings.items():
            numbers = np.array([numbers_of(one) for one in setting["trainings"]])
            cells = zip(numbers.mean(axis=0), numbers.std(axis=0), strict=True)
            lines.append(f"  {name:<28}" + "  ".join(f"{m:8.3f} ± {s:.3f}" for m, s in cells))
    return "\n".join(lines)


def numbers_of(result):
    """Return the accuracy, the area and the TAR of a training."""
    points = result["all_pairs"]["operating_points"]
    return result["accuracy"], result["all_pairs"]["auc"], points["0.01"]["tar"]["value"]
