"""A small embedder of drawn people, and pictures of people whom it never saw."""

import pytest


@pytest.fixture(scope="session")
def studio():
    """A function: drawn people of one hair, background and exposure; pose and light vary."""
    from facebook_tut.data.synthetic import NUISANCES, sample_people

    varied = ("yaw", "pitch", "light azimuth", "smile", "grain", "noise")
    fixed = {name: dial.neutral for name, dial in NUISANCES.items() if name not in varied}
    return lambda people, pictures, seed: sample_people(
        people, pictures, seed=seed, size=32, fixed=fixed
    )


@pytest.fixture(scope="session")
def small_embedder(studio):
    """An embedder of 32×32 pictures, trained for some seconds. Do not train it further."""
    from facebook_tut import training
    from facebook_tut.metric_learning import fit_embedder
    from facebook_tut.models import build_embedder

    training.set_seed(0)
    layout = {"filters": (16,), "blocks": (0,), "dropout": 0.1}
    model = build_embedder(64, input_shape=(32, 32, 3), **layout)
    people = studio(100, 4, seed=0)
    fit_embedder(model, people.images, people.identities, epochs=8, batch_size=100, progress=False)
    return model
