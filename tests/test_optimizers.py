"""The optimisers: their formulas are Keras', and a network's steps are the formulas'."""

import numpy as np
import pytest

from facebook_tut import optimizers
from facebook_tut.optimizers import SGD, Adam, RMSprop

STEPS = 30
# Keras holds its settings as float32, so those that are compared to the last bits are sums of
# powers of two.
EXACT = {
    "sgd": (SGD, "SGD", {"learning_rate": 2**-4}),
    "momentum": (SGD, "SGD", {"learning_rate": 2**-4, "momentum": 1 - 2**-3}),
    "rmsprop": (RMSprop, "RMSprop", {"learning_rate": 2**-6, "rho": 1 - 2**-3, "epsilon": 2**-23}),
    "adam": (
        Adam,
        "Adam",
        {
            "learning_rate": 2**-6,
            "beta1": 1 - 2**-3,
            "beta2": 1 - 2**-10,
            "epsilon": 2**-23,
        },
    ),
}
MEMORY = {"sgd": 0, "momentum": 1, "rmsprop": 1, "adam": 2}


def path(start, gradients, step):
    """Return the weights after each step."""
    places = [start]
    for gradient in gradients:
        places.append(step(places[-1], gradient))
    return np.array(places[1:])


def by_formula(name, start, gradients, **settings):
    memory, count = [np.zeros_like(start)] * MEMORY[name], 0

    def step(w, g):
        nonlocal memory, count
        count += 1
        now = (count,) if name == "adam" else ()
        found = getattr(optimizers, name)(w, g, *memory, *now, **settings)
        w, *memory = found if MEMORY[name] else (found,)
        return w

    return path(start, gradients, step)


def by_class(kind, start, gradients, **settings):
    optimiser, w = kind(**settings), start.copy()

    def step(_, g):
        optimiser.step([w], [g])
        return w.copy()

    return path(start, gradients, step)


def by_keras(name, start, gradients, **settings):
    from facebook_tut._backend import keras

    named = {
        {"beta1": "beta_1", "beta2": "beta_2"}.get(key, key): settings[key] for key in settings
    }
    optimiser = getattr(keras.optimizers, name)(**named)
    variable = keras.Variable(start, dtype=start.dtype.name)

    def step(_, g):
        optimiser.apply([keras.ops.convert_to_tensor(g)], [variable])
        return np.array(variable)

    return path(start, gradients, step)


@pytest.fixture
def descent():
    """A start and gradients whose sizes differ by a factor of thousand."""
    rng = np.random.default_rng(0)
    scale = np.array([1e-2, 1e-1, 1.0, 10.0])
    return rng.normal(size=4), rng.normal(size=(STEPS, 4)) * scale


@pytest.mark.parametrize("name", EXACT)
def test_formula_class_and_keras_take_the_same_steps(descent, name):
    kind, theirs, settings = EXACT[name]
    expected = by_keras(theirs, *descent, **settings)
    np.testing.assert_allclose(by_formula(name, *descent, **settings), expected, rtol=1e-12)
    np.testing.assert_allclose(by_class(kind, *descent, **settings), expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adam"])
def test_the_defaults_are_those_of_keras(descent, name):
    start, gradients = (one.astype(np.float32) for one in descent)
    kind, theirs, _ = EXACT[name]
    expected = by_keras(theirs, start, gradients)
    assert by_formula(name, start, gradients).dtype == np.float32
    np.testing.assert_allclose(by_formula(name, start, gradients), expected, atol=1e-5)
    np.testing.assert_allclose(by_class(kind, start, gradients), expected, atol=1e-5)


def test_the_place_of_epsilon_matters_where_the_gradient_is_tiny():
    tiny = np.array([1e-5])
    under, _ = optimizers.rmsprop(np.zeros(1), tiny, np.zeros(1), rho=0.0)
    beside, *_ = optimizers.adam(np.zeros(1), tiny, np.zeros(1), np.zeros(1), 1)
    assert -under[0] == pytest.approx(0.001 / np.sqrt(1 + 1000), rel=1e-3)  # ε = 1e-7, g² = 1e-10
    assert -beside[0] == pytest.approx(0.001, rel=0.3)


def test_momentum_gathers_speed_along_a_steady_slope():
    w, v = np.zeros(1), np.zeros(1)
    for _ in range(200):
        w, v = optimizers.momentum(w, np.ones(1), v, learning_rate=0.1, momentum=0.9)
    assert v[0] == pytest.approx(-0.1 / (1 - 0.9))


def test_formulas_change_nothing_in_place():
    arrays = [np.ones(2), np.ones(2), np.ones(2), np.ones(2)]
    for name, memory in MEMORY.items():
        now = (1,) if name == "adam" else ()
        getattr(optimizers, name)(*arrays[: 2 + memory], *now)
    assert all((one == 1).all() for one in arrays)


def test_other_weights_than_at_the_first_step_are_refused():
    optimiser = SGD()
    optimiser.step([np.ones(2)], [np.ones(2)])
    with pytest.raises(ValueError, match=r"weights must have the shapes \[\(2,\)\]"):
        optimiser.step([np.ones(3)], [np.ones(3)])
