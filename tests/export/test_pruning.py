"""Pruning takes exactly the smallest weights, and they stay away."""

import gzip

import numpy as np
import pytest

from facebook_tut import export, training
from facebook_tut.metric_learning import fit_student
from facebook_tut.models import build_embedder

SHAPE = (16, 16, 3)


def images(n, seed=0):
    return np.random.default_rng(seed).random((n, *SHAPE), dtype=np.float32)


def magnitudes(model):
    return [np.abs(kernel.numpy()).ravel() for kernel in export.kernels_of(model)]


@pytest.mark.parametrize("per_layer", [False, True])
@pytest.mark.parametrize("sparsity", [0, 0.25, 0.5, 0.9, 1])
def test_exactly_the_smallest_weights_are_gone(small, sparsity, per_layer):
    before = [weight.copy() for weight in small.get_weights()]
    pruned = export.prune(small, sparsity, per_layer=per_layer)
    old, new = magnitudes(small), magnitudes(pruned)
    if not per_layer:
        old, new = [np.concatenate(old)], [np.concatenate(new)]
    for was, now in zip(old, new, strict=True):
        gone = now == 0
        assert gone.sum() == round(sparsity * len(was))
        assert was[gone].max(initial=0) <= was[~gone].min(initial=np.inf)
        np.testing.assert_array_equal(now[~gone], was[~gone])
    kernels = {kernel.path for kernel in export.kernels_of(pruned)}
    for weight, after, first in zip(pruned.weights, small.weights, before, strict=True):
        np.testing.assert_array_equal(after, first)  # the given one is as it was
        if weight.path not in kernels:
            np.testing.assert_array_equal(weight, after)


def test_zeros_count_among_the_pruned(small):
    once = export.prune(small, 0.5)
    twice = export.prune(once, 0.5)
    for weight, again in zip(once.get_weights(), twice.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, again)
    assert export.sparsity_of(export.prune(once, 0.75)) == 0.75


def test_all_together_spares_the_layers_with_large_weights(small):
    model = export.prune(small, 0)
    first = export.kernels_of(model)[0]
    first.assign(100 + first)
    pruned = export.prune(model, 0.5)
    assert (export.kernels_of(pruned)[0].numpy() != 0).all()
    pruned = export.prune(model, 0.5, per_layer=True)
    assert (export.kernels_of(pruned)[0].numpy() == 0).mean() == 0.5


def test_a_sparsity_that_cannot_be_is_named(small):
    for wrong in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match="sparsity must be a number from 0 to 1"):
            export.prune(small, wrong)
    with pytest.raises(TypeError, match="sparsity must be"):
        export.prune(small, "half")


def test_training_again_moves_what_is_left_and_brings_nothing_back(eagerly):
    known = images(24)
    training.set_seed(0)
    model = build_embedder(16, input_shape=SHAPE, filters=(8,), blocks=(0,))
    teacher = model.predict_on_batch(known)
    training.set_seed(0)  # of what the copy drops
    pruned = export.prune(model, 0.8)
    before = pruned.get_weights()
    export.keep_zeros(pruned)
    options = {"epochs": 5, "batch_size": 24, "augment": False, "progress": False}
    with eagerly():
        history = fit_student(pruned, known, teacher, **options)
    assert history.loss[-1] < history.loss[0]
    assert export.sparsity_of(pruned) == export.sparsity_of(export.prune(model, 0.8))
    for was, now in zip(before, pruned.get_weights(), strict=True):
        if was.ndim > 1:
            np.testing.assert_array_equal(was == 0, now == 0)
            assert (was != now)[was != 0].mean() > 0.9


def test_sparsity_shows_after_compression(small, content):
    pruned = export.to_litert(export.prune(small, 0.9))
    assert abs(len(pruned) - len(content)) < 100  # the file is as large as ever
    before, after = map(export.compressed_size, (content, pruned))
    assert after < 0.25 * before
    assert before == len(gzip.compress(content, mtime=0)) < len(content)
