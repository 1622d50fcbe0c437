"""Pruning: the smallest weights set to zero, and what that saves."""

import gzip

import numpy as np

from facebook_tut._validation import check_flag, check_number


def prune(model, sparsity, *, per_layer=False):
    """Return a network whose smallest weights are zero.

    Only the kernels of convolutions and dense layers are pruned: all other weights are few.

    Parameters
    ----------
    model : keras.Model
        A network. It stays as it is.
    sparsity : float
        Share of the kernels' weights that become zero, from 0 to 1, rounded to whole weights.
    per_layer : bool
        Take this share from each kernel, and not from all of them together. Together, the large
        layers, whose weights are small, give more.

    Returns
    -------
    keras.Model
        A copy. It is as large and as slow: what is gained shows in `compressed_size`.

    References
    ----------
    Han, Pool, Tran and Dally, "Learning both weights and connections for efficient neural networks"
    (2015), section 3, without the training after it.

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> model = build_embedder(16, input_shape=(16, 16, 3), filters=(8,))
    >>> round(sparsity_of(prune(model, 0.75)), 3), sparsity_of(model)
    (0.75, 0.0)
    """
    check_number("sparsity", sparsity, 0, 1)
    check_flag("per_layer", per_layer)
    from facebook_tut._backend import check_not_forked, keras

    check_not_forked()
    kernels_of(model)  # which says if there are none
    pruned = keras.models.clone_model(model)
    pruned.set_weights(model.get_weights())
    kernels = kernels_of(pruned)
    groups = [[kernel] for kernel in kernels] if per_layer else [kernels]
    for group in groups:
        _prune_together(group, sparsity)
    return pruned


def _prune_together(kernels, sparsity):
    """Set to zero the given share of the weights of some kernels: those of least magnitude."""
    arrays = [kernel.numpy() for kernel in kernels]
    weights = np.concatenate([array.ravel() for array in arrays])  # (M,)
    count = round(sparsity * len(weights))
    weights[np.argsort(np.abs(weights), kind="stable")[:count]] = 0
    ends = np.cumsum([array.size for array in arrays])[:-1]
    for kernel, part in zip(kernels, np.split(weights, ends), strict=True):
        kernel.assign(part.reshape(kernel.shape))


def keep_zeros(model):
    """Let no training move the weights of a network's kernels that are zero now.

    Weights that are left can then make up for those that are gone: `metric_learning.fit_student`
    teaches a pruned network what the whole one says, and needs no names for it.

    Parameters
    ----------
    model : keras.Model
        As `prune` returns it. Its optimiser will set these weights to zero again after each step.

    References
    ----------
    Han et al. (2015), section 3.3.

    Examples
    --------
    >>> from facebook_tut.metric_learning import fit_student
    >>> from facebook_tut.models import build_embedder
    >>> model = build_embedder(8, input_shape=(16, 16, 3), filters=(8,))
    >>> images = np.random.default_rng(0).random((6, 16, 16, 3))
    >>> pruned = prune(model, 0.5)
    >>> keep_zeros(pruned)
    >>> _ = fit_student(pruned, images, model.predict_on_batch(images), epochs=1, progress=False)
    >>> sparsity_of(pruned)
    0.5
    """
    for kernel in kernels_of(model):
        kernel.constraint = _only_where(kernel.numpy() != 0)


def _only_where(kept):
    """Return a function that sets to zero what is not kept."""
    return lambda weights: weights * kept.astype(np.float32)


def kernels_of(model):
    """Return the kernels of a network's convolutions and dense layers.

    Parameters
    ----------
    model : keras.Model
        A network that is built.

    Returns
    -------
    list of keras.Variable

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> model = build_embedder(16, input_shape=(16, 16, 3), filters=(8,))
    >>> [tuple(kernel.shape) for kernel in kernels_of(model)]
    [(3, 3, 3, 8), (3, 3, 8, 8), (3, 3, 8, 8), (512, 16)]
    """
    from facebook_tut.models import shapes_of

    shapes_of(model)
    kernels = [layer.kernel for layer in model.layers if hasattr(layer, "kernel")]
    if not kernels:
        raise ValueError("model must have a convolution or a dense layer, it has none")
    return kernels


def sparsity_of(model):
    """Return the share of zeros among the weights of a network's kernels.

    Parameters
    ----------
    model : keras.Model
        A network that is built.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> sparsity_of(build_embedder(16, input_shape=(16, 16, 3), filters=(8,)))
    0.0
    """
    kernels = [kernel.numpy() for kernel in kernels_of(model)]
    return sum(int((kernel == 0).sum()) for kernel in kernels) / sum(k.size for k in kernels)


def compressed_size(content):
    """Return how many bytes gzip leaves of a file: where zeros repeat, few.

    Parameters
    ----------
    content : bytes
        What the file holds.

    Returns
    -------
    int

    Examples
    --------
    >>> compressed_size(bytes(10_000)) < 100
    True
    """
    return len(gzip.compress(content, mtime=0))
