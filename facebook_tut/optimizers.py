"""Optimisers: how a step follows from the gradient.

Each is here twice. A function, such as ``momentum``, is the formula: it takes weights, gradient
and what it remembers, and returns them anew. A class, such as ``SGD``, remembers for itself and
changes the weights of a whole network in place; `facebook_tut.network.Sequential` takes one.
Settings, their defaults and the place of epsilon are those of Keras.
"""

import math

import numpy as np

from facebook_tut._validation import check_like, check_number, check_numbers

BOUNDS = {  # of the settings
    "learning_rate": (0, 1000),
    "momentum": (0, 1),
    "rho": (0, 1),
    "beta1": (0, 1 - 1e-9),
    "beta2": (0, 1 - 1e-9),
    "epsilon": (1e-30, 1),
}


def sgd(w, g, learning_rate=0.01):
    """Return w − η g: a step down the gradient.

    Parameters
    ----------
    w : array_like, float
        Weights, of any shape.
    g : array_like, float
        The gradient of the loss by them, of the same shape.
    learning_rate : float
        η, from 0.

    Returns
    -------
    ndarray
        The new weights.

    References
    ----------
    Robbins and Monro, "A stochastic approximation method" (1951), where g is that of a sample.

    Examples
    --------
    >>> sgd([1.0, 2.0], [1.0, -10.0], learning_rate=0.1)
    array([0.9, 3. ])
    """
    w, g = _arrays(w=w, g=g)
    _check(learning_rate=learning_rate)
    return w - learning_rate * g


def momentum(w, g, velocity, learning_rate=0.01, momentum=0.9):
    """Return w + v, where v ← µ v − η g: a step that keeps a share µ of the one before.

    Parameters
    ----------
    w, g, learning_rate
        As for `sgd`.
    velocity : array_like, float
        v, the step before; 0 at first.
    momentum : float
        µ, from 0 to 1.

    Returns
    -------
    tuple of ndarray
        The new weights, the new velocity.

    References
    ----------
    Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).

    Examples
    --------
    >>> w, velocity = momentum([0.0], [1.0], [0.0], learning_rate=0.1)
    >>> momentum(w, [1.0], velocity, learning_rate=0.1)  # 0.09 of the step before, and 0.1
    (array([-0.29]), array([-0.19]))
    """
    w, g, v = _arrays(w=w, g=g, velocity=velocity)
    _check(learning_rate=learning_rate, momentum=momentum)
    v = momentum * v - learning_rate * g
    return w + v, v


def rmsprop(w, g, square, learning_rate=0.001, rho=0.9, epsilon=1e-7):
    """Return w − η g / √(s + ε), where s ← ρ s + (1 − ρ) g²: each weight has a step of its own.

    Parameters
    ----------
    w, g, learning_rate
        As for `sgd`.
    square : array_like, float
        s, the moving mean of the squared gradient; 0 at first.
    rho : float
        ρ, how much of the mean each step keeps.
    epsilon : float
        Keeps the division safe; under the root, as in Keras.

    Returns
    -------
    tuple of ndarray
        The new weights, the new mean square.

    References
    ----------
    Tieleman and Hinton, "Lecture 6.5, RMSProp" (2012).

    Examples
    --------
    >>> w, square = rmsprop([1.0, 1.0], [100.0, 0.01], [0.0, 0.0], learning_rate=0.1)
    >>> w.round(3)  # the first step is η / √(1 − ρ), however large the gradient
    array([0.684, 0.685])
    """
    w, g, s = _arrays(w=w, g=g, square=square)
    _check(learning_rate=learning_rate, rho=rho, epsilon=epsilon)
    s = rho * s + (1 - rho) * g**2
    return w - learning_rate * g / np.sqrt(s + epsilon), s


def adam(w, g, mean, square, step, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-7):
    """Return w − η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√s + ε): momentum over RMSProp's root.

    The means begin at 0 and are too small at first; the factor with the powers of step t corrects
    that.

    Parameters
    ----------
    w, g, learning_rate
        As for `sgd`.
    mean, square : array_like, float
        m and s, the moving means of the gradient and of its square; 0 at first.
    step : int
        t, 1 for the first step.
    beta1, beta2 : float
        How much of each mean a step keeps.
    epsilon : float
        Keeps the division safe; beside the root, as in Keras.

    Returns
    -------
    tuple of ndarray
        The new weights, the new mean, the new mean square.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1, in the order
    that its section 2 calls more efficient, as in Keras.

    Examples
    --------
    >>> w, mean, square = adam([1.0, 1.0], [5.0, -0.01], [0, 0], [0, 0], 1, learning_rate=0.1)
    >>> w.round(3)  # the first step is η for each weight
    array([0.9, 1.1])
    """
    w, g, m, s = _arrays(w=w, g=g, mean=mean, square=square)
    _check(learning_rate=learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon, step=step)
    m = m + (1 - beta1) * (g - m)
    s = s + (1 - beta2) * (g**2 - s)
    rate = learning_rate * math.sqrt(1 - beta2**step) / (1 - beta1**step)
    return w - rate * m / (np.sqrt(s) + epsilon), m, s


def _arrays(w, **others):
    """Return arrays of one shape; a mean square is never below 0."""
    w = check_numbers("w", w)
    lows = {"square": {"low": 0}}
    return w, *(check_numbers(n, a, w.shape, **lows.get(n, {})) for n, a in others.items())


def _check(step=1, **settings):
    """Check settings by their bounds, and the number of a step."""
    check_number("step", step, 1, 10**9, integer=True)
    for name, value in settings.items():
        check_number(name, value, *BOUNDS[name])


class _Optimizer:
    """What all have: a step that changes weights in place, and arrays that are remembered."""

    remembers = 0  # arrays for each array of weights

    def __init__(self, learning_rate):
        _check(learning_rate=learning_rate)
        self.learning_rate = learning_rate
        self.steps, self._memory = 0, None

    def step(self, weights, gradients):
        """Change the weights in place.

        Parameters
        ----------
        weights : list of ndarray, float
            The same ones at every step.
        gradients : list of array_like
            One for each of them, of the same shape.
        """
        _check_weights(weights)
        gradients = check_like("gradients", gradients, weights)
        if self._memory is None:
            self._memory = [[np.zeros_like(w) for _ in range(self.remembers)] for w in weights]
            self._shapes = [w.shape for w in weights]
        if [w.shape for w in weights] != self._shapes:
            raise ValueError(f"weights must have the shapes {self._shapes}, as at the first step")
        self.steps += 1
        for w, g, remembered in zip(weights, gradients, self._memory, strict=True):
            self._update(w, g, *remembered)


def _check_weights(weights):
    """Check that weights can be changed in place."""
    if not isinstance(weights, list | tuple):
        raise TypeError(f"weights must be a list of arrays, got {type(weights).__name__}")
    if not weights:
        raise ValueError("weights must hold one array or more, got none")
    for one in weights:
        if not isinstance(one, np.ndarray) or one.dtype.kind != "f":
            raise TypeError("weights must be arrays of floats, which are changed in place")


class SGD(_Optimizer):
    """`sgd` for a whole network, or `momentum` if that is above 0.

    Parameters
    ----------
    learning_rate, momentum : float
        As for `momentum`.

    Examples
    --------
    >>> weights = np.array([1.0, 2.0])
    >>> SGD(learning_rate=0.1).step([weights], [np.array([1.0, -10.0])])
    >>> weights
    array([0.9, 3. ])
    """

    remembers = 1

    def __init__(self, learning_rate=0.01, momentum=0.0):
        super().__init__(learning_rate)
        _check(momentum=momentum)
        self.momentum = momentum

    def _update(self, w, g, velocity):
        velocity *= self.momentum
        velocity -= self.learning_rate * g
        w += velocity


class RMSprop(_Optimizer):
    """`rmsprop` for a whole network.

    Parameters
    ----------
    learning_rate, rho, epsilon : float
        As for `rmsprop`.

    Examples
    --------
    >>> weights = np.array([1.0, 1.0])
    >>> RMSprop(learning_rate=0.1).step([weights], [np.array([100.0, 0.01])])
    >>> weights.round(3)
    array([0.684, 0.685])
    """

    remembers = 1

    def __init__(self, learning_rate=0.001, rho=0.9, epsilon=1e-7):
        super().__init__(learning_rate)
        _check(rho=rho, epsilon=epsilon)
        self.rho, self.epsilon = rho, epsilon

    def _update(self, w, g, square):
        square *= self.rho
        square += (1 - self.rho) * g**2
        w -= self.learning_rate * g / np.sqrt(square + self.epsilon)


class Adam(_Optimizer):
    """`adam` for a whole network.

    Parameters
    ----------
    learning_rate : float
        About how far a weight moves in a step.
    beta1, beta2 : float
        How much of the mean gradient, and of the mean squared gradient, each step keeps.
    epsilon : float
        Keeps the division safe.

    Examples
    --------
    >>> weights = np.array([1.0, 1.0])
    >>> Adam(learning_rate=0.1).step([weights], [np.array([5.0, -0.01])])
    >>> weights.round(3)
    array([0.9, 1.1])
    """

    remembers = 2

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-7):
        super().__init__(learning_rate)
        _check(beta1=beta1, beta2=beta2, epsilon=epsilon)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def _update(self, w, g, mean, square):
        correction = math.sqrt(1 - self.beta2**self.steps) / (1 - self.beta1**self.steps)
        mean += (1 - self.beta1) * (g - mean)
        square += (1 - self.beta2) * (g * g - square)
        w -= self.learning_rate * correction * mean / (np.sqrt(square) + self.epsilon)
