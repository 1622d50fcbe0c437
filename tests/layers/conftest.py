"""How the layers are checked: against Keras, and against differences of their own outputs."""

import numpy as np
import pytest

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}


@pytest.fixture(scope="session")
def close():
    """A function: fail unless two arrays agree as closely as their precision allows."""

    def check(ours, theirs, dtype):
        limit = TOLERANCE[dtype]
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, theirs, rtol=limit, atol=limit)

    return check


@pytest.fixture(scope="session")
def keras_says():
    """A function: Keras' output, and its gradients of the inputs, for a gradient of the output."""
    from facebook_tut._backend import keras

    tf = pytest.importorskip("tensorflow")

    def run(function, gradient_of, *inputs):
        variables = [tf.constant(x) for x in inputs]
        with tf.GradientTape() as tape:
            tape.watch(variables)
            y = function(keras, *variables)
        flow = gradient_of(tuple(y.shape))
        return y.numpy(), flow, [g.numpy() for g in tape.gradient(y, variables, flow)]

    return run


@pytest.fixture(scope="session")
def differences():
    """A function: the gradient of Σ f(x)·flow by x, from differences of f alone."""

    def gradient(function, x, flow, step=1e-6):
        slopes = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            ends = []
            for sign in (1, -1):
                moved = x.copy()
                moved[index] += sign * step
                ends.append((function(moved) * flow).sum())
            slopes[index] = (ends[0] - ends[1]) / (2 * step)
        return slopes

    return gradient
