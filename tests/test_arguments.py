"""Every public function takes what it promises, and names the argument that is anything else.

Each has an entry here: a call that is right, and the kind of each argument. A kind knows what is
wrong for it: None, text, NaN, infinity, another shape or dtype, numbers out of range. Each of these
must raise a TypeError or ValueError that names the argument; NumPy's warnings are errors too. What
is right in another form, such as a list, must give the same.
"""

import copy
import importlib
import inspect
import re
from dataclasses import dataclass, field, is_dataclass
from functools import cache, partial

import numpy as np
import pytest

from facebook_tut import (
    batches,
    cleaning,
    evaluation,
    export,
    fisher,
    initializers,
    layers,
    losses,
    metric_learning,
    models,
    network,
    optimizers,
    plda,
    training,
)
from facebook_tut._backend import keras
from facebook_tut.data import Dataset
from facebook_tut.detection import detect_with_mtcnn, mtcnn
from facebook_tut.evaluation import (
    Calibration,
    Confusion,
    LikelihoodRatio,
    PowerLaw,
    Proportion,
)
from facebook_tut.privacy import (
    accountant,
    deidentification,
    dpsgd,
    inversion,
    linkability,
    membership,
    templates,
)

MODULES = (
    "initializers",
    "layers",
    "evaluation",
    "batches",
    "detection.mtcnn",
    "losses",
    "network",
    "optimizers",
    "training",
    *(f"privacy.{name}" for name in ("accountant", "deidentification", "dpsgd", "inversion")),
    *(f"privacy.{name}" for name in ("linkability", "membership", "templates")),
)
MADE_BY_FUNCTIONS = {  # what they return: nobody else makes one
    *("evaluation.Calibration", "evaluation.PeopleRates", "evaluation.PeopleShare"),
    *("evaluation.CountErrors", "evaluation.FoldedAccuracy", "evaluation.GroupRates"),
    *("evaluation.OpenSet", "evaluation.OpenSetPoint", "evaluation.OperatingPoint"),
    *(
        "evaluation.RejectCurve",
        "evaluation.Roc",
        "evaluation.SplitMean",
        "evaluation.ThresholdCosts",
    ),
    *("privacy.dpsgd.PrivateTraining", "privacy.inversion.Inverter"),
    *("privacy.linkability.Linkability", "privacy.membership.MembershipAttack"),
    *("batches.Batches", "training.History"),
}

# Kinds of arguments


@dataclass
class Kind:
    """A right value, and how to make it wrong."""

    value: object
    allows: tuple = ()  # of what else is right
    also: tuple = ()  # of what else is wrong

    def wrong(self):
        """Yield what is wrong whatever the other arguments are."""
        for one in (*self.values(), *self.also):
            if not any(one is right or repr(one) == repr(right) for right in self.allows):
                yield one

    def unfit(self):
        """Return what does not go with the other arguments, any of which may be named."""
        return []

    def same(self):
        """Return the same value in other forms."""
        return []


class Array(Kind):
    """Numbers of one shape; its length is that of other arguments."""

    def values(self):
        value = np.asarray(self.value)
        yield from (None, "text", object(), {}, [])
        yield from (value.astype(complex), value.astype(object), value.astype(str))
        yield np.full(value.shape, None)
        if value.ndim:
            yield from (value[np.newaxis], value[:0], [*value.tolist()[:-1], [[1.0], 2.0]])
        if value.dtype.kind == "f":
            for number in (np.nan, np.inf, -np.inf, 1e300):
                yield changed(value, number)
            yield np.full(value.shape, 10**400, dtype=object)
        else:
            yield changed(value.astype(float), np.nan)

    def same(self):
        value = np.asarray(self.value)
        yield value.tolist()
        yield np.asfortranarray(value)


class Rows(Array):
    """An array whose shape must go with another argument's."""

    def values(self):
        shapes = {np.shape(one) for one in self.unfit()}
        for one in super().values():
            if not isinstance(one, np.ndarray) or one.shape not in shapes:
                yield one

    def unfit(self):
        value = np.asarray(self.value)
        yield from (value[:-1], np.concatenate([value, value[:1]]), value[np.newaxis])


class Names(Kind):
    """Whose each row is: texts or numbers."""

    def values(self):
        value = list(self.value)
        yield from (None, "Ann", 3, object(), {}, [], [value], [None] * len(value))
        yield from ([*value[:-1], None], [*value[:-1], np.nan], np.array([1j] * len(value)))

    def same(self):
        yield np.array(self.value)
        yield np.array(self.value, dtype=object)
        yield tuple(self.value)


class LongNames(Names):
    """Names that must be as many as the rows of something else."""

    def unfit(self):
        yield from (self.value[:-1], [*self.value, self.value[0]])


class Number(Kind):
    """A number with bounds."""

    def values(self):
        yield from (None, "1", np.nan, np.inf, -np.inf, True, 1j, [self.value], object(), 10**400)
        yield np.array([self.value, self.value])

    def same(self):
        yield np.float64(self.value)


class Whole(Kind):
    """A whole number with bounds."""

    def values(self):
        yield from (None, "1", np.nan, np.inf, True, False, 1.5, 1j, [self.value], -1, 10**400)
        yield from (object(), float(self.value), np.array([self.value, self.value]))

    def same(self):
        yield np.int64(self.value)


class Pair(Whole):
    """A whole number from 1, or two."""

    def values(self):
        yield from (0, 10**9, (1, 0), (1,), (1, 1, 1), (1, 1.5), ("a", "b"), None, "1", True, 1.5)
        yield from (np.nan, -1, 10**400, [], object())

    def same(self):
        yield (self.value, self.value)


class Flag(Kind):
    def values(self):
        yield from (None, 0, 1, "yes", [], np.nan, object())


class Choice(Kind):
    def values(self):
        yield from (None, "text", "", 3, [], (self.value,), object(), np.nan)


class Rng(Kind):
    def values(self):
        yield from (None, 0, "text", np.random.RandomState, object(), [])


class Callable(Kind):
    def values(self):
        yield from (None, "text", 3, [], object())


class Shape(Kind):
    def values(self):
        yield from (None, 3, "text", (), (0, *self.value[1:]), (-1, *self.value[1:]), (1.5, 2, 3))
        yield from ((True, 2, 3), (10**9, 10**9, 10**9), (None, 2, 2), object(), np.nan)

    def same(self):
        yield list(self.value)


class Secret(Kind):
    def values(self):
        yield from (None, "a text of many letters", b"short", 3, [], object())


class Other(Kind):
    """Whatever `also` says."""

    def values(self):
        yield from (None, "text", 3, object())


def changed(array, number):
    array = np.array(array, float)
    array.flat[0] = number
    return array


@dataclass
class Call:
    """How a public function is called rightly."""

    function: object  # returns the function, fresh
    arguments: dict = field(default_factory=dict)
    again: bool = True  # equal arguments give equal results


def call(function, /, **arguments):
    return Call(lambda: function, arguments)


def on(make, method, /, **arguments):
    """The method of an object that is made anew for each call."""
    return Call(lambda: getattr(make(), method), arguments)


# Right values

rng = np.random.default_rng(0)
IMAGES = rng.normal(size=(2, 6, 6, 4))
KERNEL = rng.normal(size=(3, 3, 4, 2))
ROWS, MATRIX = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
SHARES = np.array([[0.2, 0.8], [0.5, 0.5], [1.0, 0.0]])
CLASSES = np.array([1, 0, 0])
COSINES = np.array([[0.5, -0.2], [0.1, 0.9], [-1.0, 1.0]])
SAME = np.array([1, 1, 0, 0, 1, 0] * 4)
SCORES = np.linspace(-1, 1, 24)
PAIRS_OF = [str(n) for n in range(24)]
GROUPS = ["a"] * 12 + ["b"] * 12
SIDES = np.array([("A", "A") if same else ("A", "B") for same in SAME])
BOOL = np.array([[True, False], [False, False]])
PICTURE = rng.random((8, 6, 3))
FACES = rng.random((5, 4, 4, 3))
SECRET = b"sixteen byte key"
CONVOLUTION = {
    "stride": Pair(1),
    "padding": Choice("valid"),
    "dilation": Pair(1),
    "groups": Whole(1, also=(0, 3)),
}
POOLING = {"window": Pair(2), "stride": Pair(2, allows=(None,)), "padding": Choice("valid")}
seed = partial(Whole, 0, also=(2**32,))
TINY_SHAPE = (6, 6, 4)


def built(kind, *arguments, shape=TINY_SHAPE, **options):
    layer = kind(*arguments, **options)
    layer.build(shape, np.random.default_rng(0))
    return layer


def after_forward(layer, x):
    layer.forward(x, training=True)
    return layer


LAYERS = {  # a fresh one that is built, and an input
    "AveragePooling2D": (lambda: built(layers.AveragePooling2D, 2), IMAGES),
    "BatchNormalization": (lambda: built(layers.BatchNormalization), IMAGES),
    "Conv2D": (lambda: built(layers.Conv2D, 2, 3), IMAGES),
    "Dense": (lambda: built(layers.Dense, 2, shape=(4,)), ROWS),
    "Dropout": (lambda: built(layers.Dropout, 0.5), IMAGES),
    "Flatten": (lambda: built(layers.Flatten), IMAGES),
    "MaxPooling2D": (lambda: built(layers.MaxPooling2D, 2), IMAGES),
    "ReLU": (lambda: built(layers.ReLU), IMAGES),
    "Sigmoid": (lambda: built(layers.Sigmoid), IMAGES),
    "Softmax": (lambda: built(layers.Softmax), IMAGES),
    "Tanh": (lambda: built(layers.Tanh), IMAGES),
}
WRONG_SHAPES = {"Dense": ((4, 4),), "Flatten": (), "BatchNormalization": (), "Dropout": ()}


def of_layer(name):
    """Return the entries of a layer's methods."""
    make, x = LAYERS[name]
    shape = x.shape[1:]
    gradient = np.ones(make().forward(x, training=True).shape)
    learns = name in ("Conv2D", "Dense", "Dropout")
    entries = {
        "build": on(
            lambda: fresh(name),
            "build",
            shape=Shape(shape),
            rng=Rng(np.random.default_rng(0)) if learns else Given(None),
        ),
        "forward": on(make, "forward", x=free_batch(name, x), training=Flag(False)),
    }
    for method in ("backward", "input_gradient", "parameter_gradients"):
        entries[method] = on(lambda: after_forward(make(), x), method, gradient=Rows(gradient))
    return {f"layers.{name}.{method}": entry for method, entry in entries.items()}


class Given(Kind):
    """Not looked at."""

    def values(self):
        yield from ()


def fresh(name):
    return {
        "AveragePooling2D": lambda: layers.AveragePooling2D(2),
        "BatchNormalization": layers.BatchNormalization,
        "Conv2D": lambda: layers.Conv2D(2, 3),
        "Dense": lambda: layers.Dense(2),
        "Dropout": lambda: layers.Dropout(0.5),
        "Flatten": layers.Flatten,
        "MaxPooling2D": lambda: layers.MaxPooling2D(2),
        "ReLU": layers.ReLU,
        "Sigmoid": layers.Sigmoid,
        "Softmax": layers.Softmax,
        "Tanh": layers.Tanh,
    }[name]()


class AnyArray(Array):
    """Numbers of any shape."""

    def values(self):
        value = np.asarray(self.value)
        for one in super().values():
            if not (isinstance(one, np.ndarray) and one.shape == (1, *value.shape)):
                yield one


def free_batch(name, x):
    fixed = ("Conv2D", "Dense", "MaxPooling2D", "AveragePooling2D")
    return (Array if name in fixed else AnyArray)(x)


def sequential(layers, input_shape, seed):
    return network.Sequential(copy.deepcopy(layers), input_shape, seed)  # fresh ones


def net():
    return network.Sequential(
        [layers.Dense(3), layers.ReLU(), layers.Dense(1), layers.Sigmoid()], (4,)
    )


def net_after_forward():
    made = net()
    made.forward(ROWS)
    return made


NO_LAYERS = ([], [3], [layers.ReLU], [None], layers.ReLU(), {})
TWICE = layers.ReLU()
WEIGHTS = [np.ones((2, 2)), np.ones(2)]
NO_ARRAYS = ([], [None, None], ["a", "b"], [np.ones((2, 2))], [np.ones((3, 2)), np.ones(2)], {})
STEP = {
    "w": Rows(np.array([1.0, -2.0, 0.5])),
    "g": Rows(np.array([0.5, 1.0, -3.0])),
    "learning_rate": Number(0.01, also=(-1,)),
}
OF_ADAM = {
    "beta1": Number(0.9, also=(-0.1, 1, 1.0, 2)),
    "beta2": Number(0.999, also=(-0.1, 1, 1.0, 2)),
    "epsilon": Number(1e-7, also=(0, -1)),
}
NO_FINITE = ([np.full((2, 2), np.nan), np.ones(2)],)

ENTRIES = {
    # layers
    "layers.relu": call(layers.relu, x=AnyArray(ROWS)),
    "layers.relu_backward": call(
        layers.relu_backward, gradient=Rows(ROWS), y=Rows(np.abs(ROWS), also=(ROWS,))
    ),
    "layers.sigmoid": call(layers.sigmoid, z=AnyArray(ROWS)),
    "layers.sigmoid_backward": call(
        layers.sigmoid_backward, gradient=Rows(SHARES), y=Rows(SHARES, also=(SHARES + 1,))
    ),
    "layers.tanh": call(layers.tanh, x=AnyArray(ROWS)),
    "layers.tanh_backward": call(
        layers.tanh_backward, gradient=Rows(SHARES), y=Rows(SHARES, also=(SHARES + 1,))
    ),
    "layers.softmax": call(layers.softmax, z=AnyArray(ROWS, also=(1.0,))),
    "layers.softmax_backward": call(
        layers.softmax_backward, gradient=Rows(SHARES), y=Rows(SHARES, also=(SHARES + 1,))
    ),
    **{
        f"layers.{name}": call(
            getattr(layers, name),
            x=Array(IMAGES),
            kernel=Array(KERNEL, also=(KERNEL[:, :, :3], np.ones((9, 3, 4, 2)))),
            bias=Rows(np.ones(2), allows=(None,)),
            **CONVOLUTION,
        )
        for name in ("conv2d", "conv2d_loops")
    },
    **{
        f"layers.{name}": call(
            getattr(layers, name),
            gradient=Rows(np.ones((2, 4, 4, 2))),
            x=Array(IMAGES),
            kernel=Array(KERNEL, also=(KERNEL[:, :, :3],)),
            **CONVOLUTION,
        )
        for name in ("conv2d_backward", "conv2d_backward_loops")
    },
    **{
        f"layers.{kind}_pool{loops}": call(
            getattr(layers, f"{kind}_pool{loops}"), x=Array(IMAGES), **POOLING
        )
        for kind in ("max", "average")
        for loops in ("", "_loops")
    },
    **{
        f"layers.{name}": call(
            getattr(layers, name), gradient=Rows(np.ones((2, 3, 3, 4))), x=Array(IMAGES), **POOLING
        )
        for name in ("max_pool_backward", "max_pool_backward_loops")
    },
    "layers.average_pool_backward": call(
        layers.average_pool_backward,
        gradient=Rows(np.ones((2, 3, 3, 4))),
        shape=Shape(IMAGES.shape, also=((2, 6, 6),)),
        **POOLING,
    ),
    **{
        f"layers.{name}": call(
            getattr(layers, name),
            x=Array(ROWS),
            weights=Rows(MATRIX),
            bias=Rows(np.ones(2), allows=(None,)),
        )
        for name in ("dense", "dense_loops")
    },
    "layers.dense_backward": call(
        layers.dense_backward, gradient=Rows(np.ones((3, 2))), x=Array(ROWS), weights=Rows(MATRIX)
    ),
    "layers.batch_norm": call(
        layers.batch_norm,
        x=AnyArray(ROWS),
        **{name: Rows(np.ones(4)) for name in ("gamma", "beta", "mean")},
        variance=Rows(np.ones(4), also=(-np.ones(4),)),
        epsilon=Number(1e-3, also=(-1e-3,)),
    ),
    "layers.batch_norm_backward": call(
        layers.batch_norm_backward,
        gradient=Rows(ROWS),
        x=Rows(ROWS),
        gamma=Rows(np.ones(4)),
        epsilon=Number(1e-3, also=(-1e-3,)),
    ),
    "layers.dropout": Call(
        lambda: layers.dropout,
        {
            "x": AnyArray(ROWS),
            "rate": Number(0.5, also=(1, 1.0, -0.1, 1 - 1e-12)),
            "rng": Rng(np.random.default_rng(0)),
        },
        again=False,
    ),
    "layers.output_length": call(
        layers.output_length,
        length=Whole(5, also=(0, 2)),
        size=Whole(3, also=(0, 6)),
        stride=Whole(1, also=(0,)),
        padding=Choice("valid"),
        dilation=Whole(1, also=(0,)),
    ),
    "layers.Layer": call(layers.Layer),
    "layers.Conv2D": call(
        layers.Conv2D,
        filters=Whole(2, also=(0,)),
        kernel_size=Pair(3),
        **{**CONVOLUTION, "groups": Whole(1, also=(0,))},
        initializer=Callable(initializers.glorot_uniform),
    ),
    "layers.Dense": call(
        layers.Dense,
        units=Whole(2, also=(0,)),
        initializer=Callable(initializers.glorot_uniform),
    ),
    "layers.Dropout": call(layers.Dropout, rate=Number(0.5, also=(1, -0.1))),
    "layers.BatchNormalization": call(
        layers.BatchNormalization,
        momentum=Number(0.9, also=(-1, 2)),
        epsilon=Number(1e-3, also=(-1,)),
    ),
    "layers.MaxPooling2D": call(layers.MaxPooling2D, **POOLING),
    "layers.AveragePooling2D": call(layers.AveragePooling2D, **POOLING),
    **{f"layers.{name}": call(getattr(layers, name)) for name in ("Flatten", "ReLU")},
    **{f"layers.{name}": call(getattr(layers, name)) for name in ("Sigmoid", "Softmax", "Tanh")},
    **{key: entry for name in LAYERS for key, entry in of_layer(name).items()},
    # losses
    **{
        f"losses.{name}": call(
            getattr(losses, name),
            labels=Rows([1.0, 0.0, 0.5], also=([2.0, 0.0, 0.0], [-1.0, 0.0, 0.0])),
            probabilities=Rows([0.1, 0.5, 1.0], also=([1.1, 0.5, 0.5],)),
        )
        for name in ("binary_cross_entropy", "binary_cross_entropy_gradient")
    },
    **{
        f"losses.{name}": call(
            getattr(losses, name),
            labels=Rows([1.0, 0.0, 0.5], also=([2.0, 0.0, 0.0],)),
            logits=Rows([0.1, -500.0, 1e4]),
        )
        for name in (
            "binary_cross_entropy_from_logits",
            "binary_cross_entropy_from_logits_gradient",
        )
    },
    **{
        f"losses.{name}": call(
            getattr(losses, name), labels=Rows(SHARES, also=(SHARES / 2,)), **{second: kind}
        )
        for name, second, kind in (
            ("categorical_cross_entropy", "probabilities", Rows(SHARES, also=(SHARES / 2,))),
            ("categorical_cross_entropy_gradient", "probabilities", Rows(SHARES)),
            ("categorical_cross_entropy_from_logits", "logits", Rows(COSINES * 1e4)),
            ("categorical_cross_entropy_from_logits_gradient", "logits", Rows(COSINES)),
        )
    },
    "losses.smooth_labels": call(
        losses.smooth_labels,
        labels=AnyArray([0.0, 1.0], also=([0.0, 2.0], np.ones((1, 1, 1)), 1.0)),
        amount=Number(0.1, also=(-0.1, 1.1)),
    ),
    "losses.contrastive": call(
        losses.contrastive,
        distances=Rows([0.1, 0.5, 2.0], also=([-1.0, 0.0, 0.0],)),
        same=Rows([1, 0, 0], also=([2, 0, 0],)),
        margin=Number(1.0, also=(-1,)),
    ),
    "losses.triplet": call(
        losses.triplet,
        **{name: Rows(ROWS) for name in ("anchors", "positives", "negatives")},
        margin=Number(0.2, also=(-1,)),
    ),
    "losses.semi_hard_triplets": call(
        losses.semi_hard_triplets, embeddings=Rows(ROWS), identities=LongNames(["a", "a", "b"])
    ),
    **{
        f"losses.{name}": call(
            getattr(losses, name),
            cosines=Rows(COSINES, also=(COSINES * 2,)),
            labels=Rows(CLASSES, also=([2, 0, 0], [-1, 0, 0], [0.0, 0.0, 1.0])),
            scale=Number(16.0, also=(-1,)),
            **({} if name == "normalised_softmax" else {"margin": Number(0.2, also=(-1,))}),
        )
        for name in ("cosface", "cosface_logits", "arcface", "arcface_logits", "normalised_softmax")
    },
    # network
    "network.Sequential": call(
        sequential,
        layers=Other([layers.Dense(3), layers.ReLU()], also=(*NO_LAYERS, [TWICE, TWICE])),
        input_shape=Shape((4,), also=((4, 4),)),
        seed=seed(),
    ),
    "network.Sequential.count_params": on(net, "count_params"),
    "network.Sequential.get_weights": on(net, "get_weights"),
    "network.Sequential.set_weights": on(
        net,
        "set_weights",
        weights=Other(
            net().get_weights(),
            also=(*NO_ARRAYS, [np.full_like(one, np.nan) for one in net().get_weights()]),
        ),
    ),
    "network.Sequential.forward": on(net, "forward", x=Array(ROWS), training=Flag(False)),
    "network.Sequential.backward": on(
        net_after_forward,
        "backward",
        gradient=Rows(np.ones((3, 1))),
        below=Whole(4, allows=(None, -1), also=(0, 9, -9)),
    ),
    "network.Sequential.train_step": on(
        net,
        "train_step",
        x=Array(ROWS),
        labels=Rows([0, 1, 1], also=([0, 1, 2],)),
        optimiser=Other(network.Adam(), also=(network.Adam,), allows=(None,)),
    ),
    "network.Sequential.fit": on(
        net,
        "fit",
        x=Array(ROWS),
        labels=Rows([0, 1, 1], also=([0, 1, 2],)),
        epochs=Whole(2, also=(0,)),
        batch_size=Whole(2, also=(0,)),
        optimiser=Other(network.Adam(), also=(network.Adam,), allows=(None,)),
        seed=seed(),
    ),
    "network.build_classifier": call(network.build_classifier, seed=seed()),
    # initializers
    "initializers.fans": call(initializers.fans, shape=Shape((3, 4), also=((3,),))),
    **{
        f"initializers.{name}": Call(
            partial(getattr, initializers, name),
            {
                "shape": Shape((3, 4), also=((3,),)),
                "rng": Rng(np.random.default_rng(0)),
                **more,
            },
            again=False,
        )
        for name, more in {
            "glorot_uniform": {},
            "he_uniform": {},
            "random_normal": {"stddev": Number(0.05, also=(-1,))},
        }.items()
    },
    # optimizers
    **{
        f"optimizers.{name}": call(getattr(optimizers, name), **STEP, **more)
        for name, more in {
            "sgd": {},
            "momentum": {
                "velocity": Rows(np.zeros(3)),
                "momentum": Number(0.9, also=(-0.1, 1.1)),
            },
            "rmsprop": {
                "square": Rows(np.zeros(3), also=(-np.ones(3),)),
                "rho": Number(0.9, also=(-0.1, 1.1)),
                "epsilon": Number(1e-7, also=(0, -1)),
            },
            "adam": {
                "mean": Rows(np.zeros(3)),
                "square": Rows(np.zeros(3), also=(-np.ones(3),)),
                "step": Whole(1, also=(0,)),
                **OF_ADAM,
            },
        }.items()
    },
    "optimizers.SGD": call(
        optimizers.SGD,
        learning_rate=Number(0.01, also=(-1,)),
        momentum=Number(0.9, also=(-0.1, 1.1)),
    ),
    "optimizers.RMSprop": call(
        optimizers.RMSprop,
        learning_rate=Number(0.001, also=(-1,)),
        rho=Number(0.9, also=(-0.1, 1.1)),
        epsilon=Number(1e-7, also=(0, -1)),
    ),
    "optimizers.Adam": call(optimizers.Adam, learning_rate=Number(0.001, also=(-1,)), **OF_ADAM),
    **{
        f"optimizers.{kind.__name__}.step": on(
            kind,
            "step",
            weights=Other(WEIGHTS, also=(*NO_ARRAYS[:3], [np.ones((2, 2), int), np.ones(2, int)])),
            gradients=Other(WEIGHTS, also=(*NO_ARRAYS, *NO_FINITE)),
        )
        for kind in (optimizers.SGD, optimizers.RMSprop, optimizers.Adam)
    },
    # evaluation
    "evaluation.Proportion": call(
        Proportion, successes=Whole(1, also=(5,)), trials=Whole(4, also=(0,))
    ),
    "evaluation.Proportion.interval": on(
        lambda: Proportion(1, 4), "interval", confidence=Number(0.9, also=(-0.1, 1, 1.1))
    ),
    "evaluation.Confusion": call(
        Confusion,
        **{
            name: Whole(3)
            for name in ("true_positives", "false_negatives", "false_positives", "true_negatives")
        },
    ),
    "evaluation.Confusion.as_array": on(lambda: Confusion(1, 2, 3, 4), "as_array"),
    "evaluation.confusion": call(
        evaluation.confusion,
        labels=Rows([0, 1, 1], also=([0, 1, 2], [1, 1, 1])),
        scores=Rows([0.1, 0.5, 1.0], also=([1.1, 0.5, 0.5],)),
        threshold=Number(0.5, also=(-0.1, 1.1)),
    ),
    "evaluation.count_errors": call(
        evaluation.count_errors,
        groups=Names([0, 0, 1]),
        people=LongNames(["Ann", "Ann", "Bo"]),
    ),
    "evaluation.group_rates": call(
        evaluation.group_rates,
        same=Rows(SAME),
        scores=Rows(SCORES),
        groups=LongNames(GROUPS),
        threshold=Number(0.5, allows=(np.inf, -np.inf), also=({}, {"a": 0.5}, {"a": 1, "b": "x"})),
    ),
    **{
        f"evaluation.{name}": call(
            getattr(evaluation, name),
            same=Rows(SAME),
            scores=Rows(SCORES),
            groups=LongNames(GROUPS),
            fmr=Number(0.5, also=(-0.1, 1.1, 0.01)),
        )
        for name in ("equal_fmr_thresholds", "threshold_costs")
    },
    "evaluation.ThresholdCosts.overall": on(
        lambda: evaluation.threshold_costs(SAME, SCORES, GROUPS, 0.5),
        "overall",
        which=Choice("one"),
    ),
    **{
        f"evaluation.{name}": call(
            getattr(evaluation, name),
            rates=Array([0.1, 0.2], also=([0.1], [0.1, 2], [Proportion(1, 4), None])),
        )
        for name in ("max_min_ratio", "max_mean_ratio")
    },
    **{
        f"evaluation.{name}": call(
            getattr(evaluation, name),
            scores=Rows(COSINES),
            probe_names=LongNames(["a", "b", "a"] if name == "cmc" else ["a", "b", "x"]),
            gallery_names=LongNames(["a", "b"], also=([1, 2],)),
            **({"fpir": Number(1.0, also=(-0.1, 1.1, 0.1))} if name == "dir_at_fpir" else {}),
        )
        for name in ("cmc", "open_set")
    },
    "evaluation.dir_at_fpir": call(
        evaluation.dir_at_fpir,
        scores=Rows(rng.normal(size=(8, 2))),
        probe_names=LongNames(["a", "b", *"uvwxyz"]),
        gallery_names=LongNames(["a", "b"]),
        fpir=Number(0.6, also=(-0.1, 1.1, 0.1)),
    ),
    "evaluation.PowerLaw": call(
        PowerLaw,
        amplitude=Number(2.0, also=(-1,)),
        exponent=Number(0.5),
        standard_error=Given(0.1),
        points=Whole(6, also=(0, 1)),
    ),
    "evaluation.PowerLaw.error": on(
        lambda: PowerLaw(2.0, 0.5, 0.1, 6), "error", examples=AnyArray([10.0, 20.0], also=(0, -1))
    ),
    "evaluation.PowerLaw.examples": on(
        lambda: PowerLaw(2.0, 0.01, 0.1, 6), "examples", error=AnyArray(1.9, also=(0, -1, 1e-9))
    ),
    "evaluation.PowerLaw.interval": on(
        lambda: PowerLaw(2.0, 0.5, 0.1, 6), "interval", confidence=Number(0.9, also=(0, 1, 1.1))
    ),
    "evaluation.fit_power_law": call(
        evaluation.fit_power_law,
        examples=Rows([100.0, 400.0, 1600.0], also=([0.0, 1, 2], [1.0, 1, 1], [1, 1 + 1e-15, 1])),
        errors=Rows([0.2, 0.1, 0.05], also=([0.0, 1, 2], [-1.0, 1, 1])),
    ),
    "evaluation.LikelihoodRatio": call(LikelihoodRatio, slope=Number(2.0), offset=Number(-1.0)),
    "evaluation.LikelihoodRatio.log_ratio": on(
        lambda: LikelihoodRatio(2.0, -1.0), "log_ratio", scores=AnyArray([0.1, 0.9])
    ),
    "evaluation.LikelihoodRatio.probability": on(
        lambda: LikelihoodRatio(2.0, -1.0),
        "probability",
        score=Number(0.5),
        prior=Number(0.1, also=(0, 1, -0.1, 1.1)),
    ),
    "evaluation.fit_likelihood_ratio": call(
        evaluation.fit_likelihood_ratio,
        same=Rows(SAME, also=(SAME * 0, SAME * 0 + 1, SAME + 1)),
        scores=Rows(SCORES, also=(SCORES * 0,)),
    ),
    "evaluation.log_ratio_cost": call(
        evaluation.log_ratio_cost,
        same=Rows(SAME, also=(SAME * 0, SAME * 0 + 1, SAME + 1)),
        log_ratios=Rows(SCORES),
    ),
    "evaluation.error_versus_reject": call(
        evaluation.error_versus_reject,
        wrong=Rows([0, 1, 1], also=([0, 1, 2],)),
        quality=Rows([0.1, 0.5, -4.0]),
    ),
    "evaluation.RejectCurve.at": on(
        lambda: evaluation.error_versus_reject([0, 1, 1], [1.0, 2, 3]),
        "at",
        share=Number(0.4, also=(-0.1, 1.1)),
    ),
    "evaluation.RejectCurve.area": on(
        lambda: evaluation.error_versus_reject([0, 1, 1], [1.0, 2, 3]),
        "area",
        most=Number(0.4, also=(0, -0.1, 1.1)),
    ),
    **{
        f"evaluation.{name}": call(
            getattr(evaluation, name),
            same=Rows(SAME, also=(SAME * 0, SAME * 0 + 1, SAME + 1)),
            scores=Rows(SCORES),
            **more,
        )
        for name, more in {
            "roc": {},
            "equal_error_rate": {},
            "best_threshold": {},
            "accuracy_at": {"threshold": Number(0.1, allows=(np.inf, -np.inf))},
            "tar_at_far": {"far": Number(0.3, also=(-0.1, 1.1, 0.01))},
            "cross_validated_accuracy": {"folds": LongNames(GROUPS, also=(["a"] * 24,))},
        }.items()
    },
    "evaluation.Roc.tar_at": on(
        lambda: evaluation.roc(SAME, SCORES), "tar_at", far=Number(0.1, also=(-0.1, 1.1))
    ),
    "evaluation.probit": call(evaluation.probit, rates=AnyArray([0.1, 0.9], also=([1.1], [-0.1]))),
    "evaluation.bootstrap": call(
        evaluation.bootstrap,
        statistic=Callable(
            evaluation.equal_error_rate,
            also=(lambda same, scores: np.nan, lambda same, scores: "text"),
        ),
        same=Rows(SAME),
        scores=Rows(SCORES),
        groups=Names(SIDES, allows=(None,), also=(SIDES[:, :1], SIDES[:-1], SIDES[::-1])),
        rounds=Whole(20, also=(0, 10**9)),
        seed=seed(),
        confidence=Number(0.9, also=(-0.1, 1.1)),
    ),
    "evaluation.people_rates": call(
        evaluation.people_rates,
        embeddings=Rows(ROWS, also=(ROWS * 0,)),
        identities=LongNames(["a", "a", "b"], also=(["a"] * 3,)),
        threshold=Number(0.5, allows=(np.inf, -np.inf)),
        other=Rows(ROWS[::-1], allows=(None,), also=(ROWS * 0,)),
        rounds=Whole(20, also=(0, 10**9)),
        seed=seed(),
        confidence=Number(0.9, also=(-0.1, 1.1)),
    ),
    "evaluation.calibrate_threshold": call(
        evaluation.calibrate_threshold,
        embeddings=Rows(ROWS, also=(ROWS * 0,)),
        identities=LongNames(["a", "a", "b"], also=(["a"] * 3,)),
        far=Number(0.5, also=(0, 1, -0.1)),
        rounds=Whole(20, also=(0, 10**9)),
        seed=seed(),
        confidence=Number(0.9, also=(-0.1, 1.1)),
    ),
    "evaluation.Calibration.relative_error": on(
        lambda: Calibration(0.01, 0.5, 0.4, 0.6, None, 0.001, 100.0, 1.0),
        "relative_error",
        people=Whole(10, also=(0, 1)),
    ),
    "evaluation.Calibration.people_for": on(
        lambda: Calibration(0.01, 0.5, 0.4, 0.6, None, 0.001, 100.0, 1.0),
        "people_for",
        factor=Number(2.0, also=(1, 0.5)),
        confidence=Number(0.9, also=(0, 1, 1.1)),
    ),
    "evaluation.mean_over_splits": call(
        evaluation.mean_over_splits,
        values=Array(SCORES[:3], also=(SCORES[:1],)),
        test_to_train=Number(0.3, also=(-0.1,)),
        confidence=Number(0.9, also=(-0.1, 0, 1, 1.1)),
    ),
    "evaluation.bootstrap_sources": call(
        evaluation.bootstrap_sources,
        statistic=Callable(
            evaluation.equal_error_rate,
            also=(lambda labels, scores: np.nan, lambda labels, scores: "text"),
        ),
        labels=Rows(SAME, also=(SAME * 0,)),
        scores=Rows(SCORES),
        sources=Names(PAIRS_OF),
        rounds=Whole(20, also=(0, 10**9)),
        seed=seed(),
        confidence=Number(0.9, also=(-0.1, 1.1)),
    ),
    "evaluation.pair_scores": call(
        evaluation.pair_scores,
        embeddings_a=Rows(ROWS, also=(ROWS * 0,)),
        embeddings_b=Rows(ROWS, also=(ROWS * 0,)),
    ),
    "evaluation.normalised_pair_scores": call(
        evaluation.normalised_pair_scores,
        embeddings_a=Rows(ROWS),
        embeddings_b=Rows(ROWS),
        cohort=Array(ROWS, also=(ROWS[:, :2], ROWS * 0)),
        nearest=Whole(2, also=(0, 1, 4)),
    ),
    "evaluation.sample_pairs": call(
        evaluation.sample_pairs,
        identities=Names(["a", "a", "b", "b"]),
        count=Whole(4, also=(0, 3, 100)),
        seed=seed(),
    ),
    "evaluation.check_disjoint": call(
        evaluation.check_disjoint,
        train_people=Names(["a", "b"]),
        test_people=Names(["c", "d"], also=([1, 2], ["a"])),
    ),
    # privacy
    "privacy.accountant.renyi_divergence": call(
        accountant.renyi_divergence,
        sampling=Number(0.1, also=(-0.1, 1.1)),
        noise=Number(1.0, also=(0, -1)),
        orders=AnyArray([2.0, 8.0], also=([1.0], [0.5], [1e9])),
    ),
    "privacy.accountant.epsilon": call(
        accountant.epsilon,
        sampling=Number(0.1, also=(-0.1, 1.1)),
        noise=Number(1.0, also=(0, -1)),
        steps=Whole(10),
        delta=Number(1e-5, also=(0, 1, -1)),
    ),
    "privacy.accountant.noise_for": call(
        accountant.noise_for,
        budget=Number(2.0, also=(0, -1, 1e9)),
        sampling=Number(0.1, also=(-0.1, 1.1)),
        steps=Whole(10),
        delta=Number(1e-5, also=(0, 1, -1)),
    ),
    "privacy.accountant.check_delta": call(
        accountant.check_delta, delta=Number(1e-5, also=(0, 1, -1))
    ),
    "privacy.accountant.advantage_bound": call(
        accountant.advantage_bound,
        epsilon=Number(1.0, allows=(np.inf,), also=(-1,)),
        delta=Number(0.1, also=(-0.1, 1.1)),
    ),
    "detection.mtcnn.detect_with_mtcnn": call(
        detect_with_mtcnn,
        picture=Array(rng.random((26, 24, 3)), also=(np.zeros((19, 24)), np.zeros((24, 24), int))),
        smallest=Number(21.0, allows=(None,), also=(19, 25)),
        least_score=Number(0.9, also=(-0.1, 1.1)),
    ),
    "privacy.deidentification.pixelate": call(
        deidentification.pixelate, picture=Array(PICTURE), edge=Whole(3, also=(0, 7))
    ),
    "privacy.deidentification.in_box": call(
        deidentification.in_box,
        picture=Array(PICTURE),
        box=Rows([1.0, 1.0, 4.0, 4.0], also=([9.0, 9, 10, 10], [4.0, 4, 1, 1])),
        change=Callable(
            np.zeros_like, also=(lambda part: part[1:], lambda part: part * np.nan, lambda part: "")
        ),
    ),
    "privacy.deidentification.k_same": call(
        deidentification.k_same, images=Array(FACES), k=Whole(2, also=(0, 6))
    ),
    "privacy.deidentification.replace_face": call(
        deidentification.replace_face,
        picture=Array(PICTURE),
        box=Rows([1.0, 1.0, 4.0, 4.0], also=([9.0, 9, 10, 10],)),
        seed=seed(),
        dials=Other({"yaw": 20.0}, allows=(None,), also=([], {"no such": 1.0})),
    ),
    "privacy.inversion.fit_inverter": call(
        inversion.fit_inverter,
        embeddings=Rows(rng.normal(size=(5, 3))),
        images=Rows(FACES),
        components=Whole(2, also=(0, 6)),
        penalty=Number(0.1, also=(-1,)),
    ),
    "privacy.inversion.Inverter.invert": on(
        lambda: inversion.fit_inverter(FACES[:, 0, 0], FACES, 2),
        "invert",
        embeddings=Array(ROWS[:, :3]),
    ),
    "privacy.linkability.linkability": call(
        linkability.linkability,
        mated=AnyArray([0.5, 0.9, 0.8]),
        non_mated=AnyArray([0.1, 0.3]),
        prior_ratio=Number(1.0, also=(-1,)),
        bins=Whole(10, also=(0, 10**9)),
    ),
    "privacy.membership.membership_attack": call(
        membership.membership_attack,
        members=AnyArray(np.linspace(0, 2, 20)),
        non_members=AnyArray(np.linspace(-1, 1, 20)),
        fpr=Number(0.2, also=(-0.1, 1.1, 0.01)),
        rounds=Whole(10, also=(0,)),
        seed=seed(),
    ),
    "privacy.membership.threshold_advantage": call(
        membership.threshold_advantage,
        members=AnyArray([0.5, 0.9]),
        non_members=AnyArray([0.1, 0.3]),
        threshold=Number(0.4, allows=(None, np.inf, -np.inf)),
    ),
    "privacy.membership.log_likelihood": call(
        membership.log_likelihood,
        probabilities=Rows(SHARES, also=(SHARES * 2, -SHARES)),
        labels=Rows(CLASSES, also=([2, 0, 0], [-1, 0, 0], [0.0, 0.0, 1.0])),
    ),
    "privacy.templates.keyed_rng": Call(
        lambda: lambda secret, purpose: templates.keyed_rng(secret, purpose).random(3),
        {"secret": Secret(SECRET), "purpose": Other("rotation", allows=("text",))},
    ),
    "privacy.templates.random_rotation": call(
        templates.random_rotation, secret=Secret(SECRET), dimension=Whole(3, also=(0,))
    ),
    "privacy.templates.rotate_embeddings": call(
        templates.rotate_embeddings,
        embeddings=Array(ROWS, also=(ROWS * 0,)),
        secret=Secret(SECRET),
    ),
    "privacy.templates.recover_rotation": call(
        templates.recover_rotation,
        embeddings=Array(ROWS, also=(ROWS * 0,)),
        templates=Rows(ROWS),
    ),
    "privacy.templates.biohash": call(
        templates.biohash,
        embeddings=Array(ROWS, also=(ROWS * 0,)),
        secret=Secret(SECRET),
        bits=Whole(3, also=(0, 5)),
    ),
    "privacy.templates.recover_embeddings": call(
        templates.recover_embeddings,
        codes=Array(BOOL, also=(BOOL * 1,)),
        secret=Secret(SECRET),
        dimension=Whole(4, also=(0, 1)),
    ),
    "privacy.templates.hamming_similarity": call(
        templates.hamming_similarity,
        codes_a=Rows(BOOL, also=(BOOL * 1,)),
        codes_b=Rows(BOOL, also=(BOOL * 1.0,)),
    ),
}


# What loads TensorFlow


def classifier():
    images = keras.Input((64, 64, 3))
    x = keras.layers.Flatten()(keras.layers.AveragePooling2D(16)(images))
    return keras.Model(images, keras.layers.Dense(1, activation="sigmoid")(x))


def small(units=2, activation="softmax", last=None):
    images = keras.Input((4, 4, 3))
    x = keras.layers.Dense(units, activation=activation)(keras.layers.Flatten()(images))
    return keras.Model(images, last(x) if last else x)


def embedder(dimensions=4):
    return small(dimensions, None, keras.layers.UnitNormalization())


def squares(labels, outputs):
    return keras.ops.sum((outputs - keras.ops.expand_dims(labels, 1)) ** 2, axis=1)


NO_NETWORKS = (keras.layers.Dense(1), keras.optimizers.Adam(), {}, [], keras.Sequential())
LOGITS = keras.Sequential(
    [keras.Input((64, 64, 3)), keras.layers.AveragePooling2D(64), keras.layers.Flatten()]
)
TWO_OUTPUTS = keras.Model(IN := keras.Input((64, 64, 3)), [IN, IN])
NO_CLASSIFIERS = (*NO_NETWORKS, LOGITS, TWO_OUTPUTS, embedder())
NO_EMBEDDERS = (*NO_NETWORKS, small(1), TWO_OUTPUTS)
PHOTOS = rng.random((4, 64, 64, 3))
SMALL = rng.random((6, 4, 4, 3))
LARGE = rng.random((80, 80, 3))
FEATURES = rng.normal(size=(6, 3))
FEW = Dataset(PHOTOS, [0, 1, 0, 1], list("abcd"))
NO_SETS = ((PHOTOS, [0, 1, 0, 1]), [], {}, PHOTOS)
OF_TRAINING = {
    "epochs": Whole(1, also=(0,)),
    "batch_size": Whole(2, also=(0,)),
    "seed": seed(),
}
OF_EMBEDDERS = {
    **OF_TRAINING,
    "batch_size": Whole(4, also=(0, 1)),
    "learning_rate": Number(0.01, also=(0, -1)),
    "augment": Flag(False),
    "validation": Callable(lambda model: 0.5, allows=(None,)),
    "after_epoch": Callable(lambda epoch, model: None, allows=(None,)),
    "checkpoint": Other(None, allows=(None, "text"), also=("", "a.txt", [])),
    "progress": Flag(False),
}
EMBEDDER = Other(embedder(), also=NO_EMBEDDERS)
IMAGE_ROWS = Rows(SMALL, also=(SMALL * 300, SMALL - 1, (SMALL * 9).astype(int)))
BAD_GRADIENTS = ([], [None], ["a"], [np.full((2, 3), np.nan)], [np.ones(2), np.ones(3)], {}, [1.0])
WITH_KERAS = {
    "training.set_seed": call(training.set_seed, seed=seed()),
    "training.predict": call(
        training.predict,
        model=Other(classifier(), also=NO_CLASSIFIERS),
        images=Array(PHOTOS, also=(PHOTOS + 1, (PHOTOS * 255).astype(np.uint8), PHOTOS[:, :9])),
        batch_size=Whole(2, also=(0,)),
    ),
    "batches.shuffled_batches": call(
        batches.shuffled_batches, dataset=Other(FEW, also=NO_SETS), **OF_TRAINING
    ),
    "training.fit": call(
        training.fit,
        model=Other(classifier(), also=NO_CLASSIFIERS),
        train=Other(FEW, also=NO_SETS),
        validation=Other(FEW, also=NO_SETS),
        **OF_TRAINING,
        distribute=Choice(None, allows=(None,)),
        augment=Flag(False),
        class_weights=Other([1, 2], allows=(None,), also=([1], [1, -2], [1, np.nan], "even", {})),
        patience=Whole(2, allows=(None,), also=(0,)),
        checkpoint=Other(None, allows=(None, "text"), also=("", "a.txt", [])),
        progress=Flag(False),
    ),
    "training.Progress": call(training.Progress, epochs=Whole(2, also=(0,)), hidden=Flag(True)),
    "metric_learning.embed": call(
        metric_learning.embed,
        model=EMBEDDER,
        images=Array(SMALL, also=(SMALL + 1, (SMALL * 255).astype(int), SMALL[:, :2])),
        mirror=Flag(True),
        batch_size=Whole(2, also=(0,)),
    ),
    "metric_learning.fingerprint": call(
        metric_learning.fingerprint, model=Other(embedder(), also=(keras.Model,))
    ),
    "metric_learning.fit_embedder": call(
        metric_learning.fit_embedder,
        model=EMBEDDER,
        images=IMAGE_ROWS,
        identities=LongNames(list("aabbcc"), also=(list("aaaaaa"),)),
        loss=Choice("cosface"),
        scale=Number(16.0, also=(-1,)),
        margin=Number(0.2, allows=(None,), also=(-1, 4)),
        images_per_person=Whole(2, also=(0, 1, 9)),
        **OF_EMBEDDERS,
    ),
    "metric_learning.fit_student": call(
        metric_learning.fit_student,
        model=EMBEDDER,
        images=IMAGE_ROWS,
        teacher=Rows(rng.normal(size=(6, 4))),
        scale=Number(16.0, also=(-1,)),
        apart=Number(1.0, also=(-1,)),
        **OF_EMBEDDERS,
    ),
    "privacy.dpsgd.per_example_gradients": call(
        dpsgd.per_example_gradients,
        model=Other(small(1, None), also=NO_NETWORKS),
        loss=Callable(squares),
        images=Rows(SMALL, also=(SMALL + 1,)),
        labels=Rows(np.ones(6)),
    ),
    "privacy.dpsgd.clip_gradients": call(
        dpsgd.clip_gradients,
        gradients=Other([np.ones((2, 3)), np.ones(2)], also=BAD_GRADIENTS),
        norm=Number(1.0, allows=(np.inf,), also=(0, -1)),
    ),
    "privacy.dpsgd.noisy_mean": call(
        dpsgd.noisy_mean,
        clipped=Other([np.ones((2, 3)), np.ones(2)], also=BAD_GRADIENTS),
        norm=Number(1.0, also=(0, -1)),
        noise=Number(1.0, also=(-1,)),
        batch_size=Number(2.0, also=(0, -1)),
        rng=Rng(np.random.default_rng(0)),
    ),
    "privacy.dpsgd.fit_private": call(
        dpsgd.fit_private,
        model=Other(small(), also=NO_NETWORKS),
        images=Rows(SMALL, also=(SMALL + 1,)),
        labels=Rows([0, 1, 0, 1, 0, 1], also=([0, 1, 0, 1, 0, 2],)),
        loss=Callable(None, allows=(None,)),
        norm=Number(1.0, also=(0, -1)),
        noise=Number(1.0, also=(-1,)),
        batch_size=Whole(2, also=(0, 7)),
        epochs=Whole(1, also=(0,)),
        learning_rate=Number(0.1, also=(0, -1)),
        seed=Whole(0, allows=(None,), also=(2**32,)),
    ),
    "privacy.dpsgd.PrivateTraining.epsilon": on(
        lambda: dpsgd.PrivateTraining(10, 0.1, 1.0, []), "epsilon", delta=Number(1e-5, also=(0, 1))
    ),
    "privacy.inversion.refine": call(
        inversion.refine,
        model=EMBEDDER,
        images=Rows(SMALL, also=(SMALL + 1,)),
        embeddings=Rows(rng.normal(size=(6, 4))),
        steps=Whole(1, also=(0,)),
        learning_rate=Number(0.02, also=(0, -1)),
        smoothness=Number(0.1, also=(-1,)),
    ),
    # others
    "plda.fit_plda": call(
        plda.fit_plda,
        features=Rows(FEATURES),
        identities=LongNames(list("aaabbb"), also=(list("aaaaaa"), list("abcdef"))),
        dimensions=Whole(2, allows=(None,), also=(0, 4)),
        shrinkage=Number(0.1, also=(-1,)),
    ),
    **{
        f"plda.PLDA.{name}": on(
            lambda: plda.fit_plda(FEATURES, list("aaabbb")), name, features=Array(FEATURES)
        )
        for name in ("project", "embed")
    },
    "plda.PLDA.log_likelihood_ratio": on(
        lambda: plda.fit_plda(FEATURES, list("aaabbb")),
        "log_likelihood_ratio",
        left=Rows(FEATURES),
        right=Rows(FEATURES),
    ),
    "cleaning.name_margins": call(
        cleaning.name_margins,
        embeddings=Rows(FEATURES),
        identities=LongNames(list("aaabbb"), also=(list("aaaaaa"),)),
    ),
    "cleaning.difference_hash": call(
        cleaning.difference_hash, images=Array(SMALL, also=(SMALL + 1, SMALL[..., :2]))
    ),
    "cleaning.near_duplicates": call(
        cleaning.near_duplicates,
        images=Array(SMALL, also=(SMALL + 1,)),
        others=Array(SMALL, allows=(None,), also=(SMALL + 1,)),
        distance=Whole(10, also=(65,)),
        correlation=Number(0.9, also=(-2, 2)),
    ),
    "cleaning.stability": call(
        cleaning.stability,
        model=EMBEDDER,
        images=Array(SMALL, also=(SMALL + 1,)),
        copies=Whole(2, also=(0, 1)),
        seed=seed(),
    ),
    **{
        f"fisher.{name}": call(getattr(fisher, name), picture=Array(LARGE), **more)
        for name, more in {
            "shape_patches": {"step": Whole(9, also=(0,))},
            "colour_patches": {"step": Whole(9, also=(0,))},
            "describe": {"kind": Choice("shape")},
        }.items()
    },
    "fisher.FisherEncoder": call(
        fisher.FisherEncoder,
        kind=Choice("shape"),
        components=Whole(2, also=(0, 97)),
        modes=Whole(2, also=(0,)),
        seed=seed(),
    ),
    "export.quantisation_parameters": call(
        export.quantisation_parameters,
        x=AnyArray(FEATURES),
        axis=Whole(1, allows=(None, -1), also=(2, -3)),
        symmetric=Flag(False),
    ),
    "export.quantise": call(
        export.quantise,
        x=AnyArray(FEATURES),
        scale=Rows(np.ones((1, 3)), also=(np.zeros((1, 3)), -np.ones((1, 3)))),
        zero_point=Rows(np.ones((1, 3), int), also=(np.full((1, 3), 200), np.full((1, 3), 0.5))),
    ),
    "export.dequantise": call(
        export.dequantise,
        q=Other(np.ones((6, 3), np.int8), also=(np.ones((6, 3)), np.ones((6, 3), int), [])),
        scale=Rows(np.ones((1, 3)), also=(np.zeros((1, 3)), -np.ones((1, 3)))),
        zero_point=Rows(np.ones((1, 3), int), also=(np.full((1, 3), 200),)),
    ),
    "export.to_litert": call(
        export.to_litert,
        model=Other(embedder(), also=NO_NETWORKS),
        form=Choice("float32"),
        calibration=Other(None, allows=(None,), also=(SMALL,)),
    ),
    "export.to_browser": call(
        export.to_browser,
        networks=Other(embedder(), also=NO_NETWORKS),
        extra=Other(None, allows=(None,)),
    ),
    "export.browser_network": call(export.browser_network, name=Choice("mtcnn")),
    "detection.mtcnn.load_network": call(mtcnn.load_network, name=Choice("pnet")),
    "export.prune": call(
        export.prune,
        model=Other(embedder(), also=NO_NETWORKS),
        sparsity=Number(0.5, also=(-0.1, 1.1)),
        per_layer=Flag(False),
    ),
    **{
        f"{module.__name__.removeprefix('facebook_tut.')}.{name}": call(
            getattr(module, name), model=Other(embedder(), also=NO_NETWORKS)
        )
        for module, names in {
            export: ("kernels_of", "sparsity_of", "keep_zeros"),
            models: ("summarise", "multiplications"),
        }.items()
        for name in names
    },
    "models.feature_maps": call(
        models.feature_maps, model=Other(embedder(), also=NO_NETWORKS), images=Array(SMALL)
    ),
    "models.build_embedder": call(
        models.build_embedder,
        dimensions=Whole(4, also=(0,)),
        input_shape=Shape((8, 8, 3), also=((8, 8),)),
        filters=Other((4, 8), also=((), (0,), (4, 1.5), (True, 4), (4, None), [])),
        blocks=Other(1, allows=(3,), also=(0, (1,), (1, 0), (1, 1.5), True)),
        dropout=Number(0.4, also=(-0.1, 1)),
        name=Other("embedder", allows=("text",), also=("a/b", "")),
    ),
}


# What is public


def public():
    """Yield the name of every public function, class and method."""
    for module in MODULES:
        place = importlib.import_module(f"facebook_tut.{module}")
        names = [
            name
            for name, value in vars(place).items()
            if not name.startswith("_") and is_within(getattr(value, "__module__", ""), place)
        ]
        for name in names:
            value = getattr(place, name)
            if inspect.isclass(value):
                yield from (f"{module}.{name}", *methods(f"{module}.{name}", value))
            elif callable(value):
                yield f"{module}.{name}"


def is_within(name, place):
    """Return whether a module is this one, or in this folder."""
    return f"{name}.".startswith(f"{place.__name__}.")


def methods(name, kind):
    for method, value in inspect.getmembers(kind, inspect.isfunction):
        if not method.startswith("_") and value.__module__.startswith("facebook_tut"):
            yield f"{name}.{method}"


ABSTRACT = {f"layers.Layer.{name}" for name in ("build", "forward", "backward")} | {
    "layers.Layer.input_gradient",
    "layers.Layer.parameter_gradients",
}
BESIDES = ("metric_learning", "plda", "cleaning", "fisher", "export", "models")  # not all of them
CALLED_BY_KERAS = {"training.Progress.on_epoch_end"}
ENTRIES |= WITH_KERAS


def test_every_public_function_has_an_entry():
    wanted = set(public()) - MADE_BY_FUNCTIONS - ABSTRACT - CALLED_BY_KERAS
    assert wanted == {name for name in ENTRIES if not name.startswith(BESIDES)}


@pytest.mark.parametrize("name", ENTRIES)
def test_every_argument_has_a_kind(name):
    entry = ENTRIES[name]
    parameters = inspect.signature(entry.function()).parameters
    assert set(parameters) == set(entry.arguments)


def fresh_value(value):
    return value if isinstance(value, keras.Model) else copy.deepcopy(value)


def arguments_of(entry):
    return {name: fresh_value(kind.value) for name, kind in entry.arguments.items()}


def numbers_of(result):
    """Yield every number in a result."""
    if isinstance(result, np.ndarray | float | int | np.generic):
        yield np.asarray(result)
    elif isinstance(result, tuple | list):
        for one in result:
            yield from numbers_of(one)
    elif isinstance(result, dict):
        yield from numbers_of(list(result.values()))
    elif is_dataclass(result):
        yield from numbers_of(list(vars(result).values()))


def run(entry, **changes):
    return entry.function()(**{**arguments_of(entry), **changes})


TRAINS = ("training.fit", "metric_learning.fit_embedder", "metric_learning.fit_student")
TRAINS += ("privacy.dpsgd.fit_private",)  # in place, so that no two calls are alike
INFINITE = ("evaluation.roc", "evaluation.open_set")  # their first threshold accepts nobody


def right_numbers(name):
    """Return the numbers that the right call of an entry gives."""
    return list(numbers_of(run(ENTRIES[name])))


kept_numbers = cache(right_numbers)


def reference(name):
    """Return the same, computed once, unless another test may have trained a network of it."""
    kinds = ENTRIES[name].arguments.values()
    trained = any(isinstance(kind.value, keras.Model) for kind in kinds)
    return (right_numbers if trained else kept_numbers)(name)


@pytest.mark.parametrize("name", ENTRIES)
def test_the_right_call_gives_finite_numbers(name):
    for numbers in reference(name):
        if numbers.dtype.kind == "f" and name not in INFINITE:
            assert np.isfinite(numbers).all()


ARGUMENTS = [(name, argument) for name, entry in ENTRIES.items() for argument in entry.arguments]


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_what_is_wrong_is_named(name, argument):
    entry = ENTRIES[name]
    kind, every = entry.arguments[argument], "|".join(entry.arguments)
    wrong = [(value, argument) for value in kind.wrong()]
    for value, names in wrong + [(value, every) for value in kind.unfit()]:
        try:
            result = run(entry, **{argument: value})
        except (TypeError, ValueError) as error:
            assert re.search(rf"\b({names})\b", str(error)), f"{value!r}: {error}"
        except Exception as error:
            pytest.fail(f"{argument}={value!r} raises {type(error).__name__}: {error}")
        else:
            pytest.fail(f"{argument}={value!r} gives {result!r}"[:500])


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_what_is_right_in_another_form_gives_the_same(name, argument):
    entry = ENTRIES[name]
    if not entry.again or name in TRAINS:
        return
    expected = reference(name)
    for value in entry.arguments[argument].same():
        found = list(numbers_of(run(entry, **{argument: value})))
        for left, right in zip(found, expected, strict=True):
            if right.dtype.kind in "biuf":
                np.testing.assert_allclose(left, right, rtol=1e-6, atol=1e-9)
