"""A trained embedder made smaller and quicker: int8 numbers, LiteRT files, pruned weights.

First the arithmetic of int8, from scratch. Then conversion to LiteRT, which was called TensorFlow
Lite until 2024: the format and the interpreter that phones and small computers run networks with.
Then pruning, which sets the smallest weights to zero. TensorFlow loads with the first conversion.
"""

import gzip
import warnings
from functools import cache

import numpy as np

from facebook_tut._files import check_writable, replacing
from facebook_tut._validation import (
    as_array,
    check_choice,
    check_flag,
    check_images,
    check_number,
    check_numbers,
)

LOWEST, HIGHEST = -128, 127  # of int8
FORMATS = ("float32", "float16", "dynamic int8", "int8")
TINY = 1e-290  # a scale that is as good as 0
IDENTIFIER = b"TFL3"  # bytes 4 to 8 of every LiteRT file


# int8


def quantisation_parameters(x, axis=None, *, symmetric=False):
    """Return the scale and the zero point with which int8 holds the numbers of an array.

    An int8 q stands for the number ``scale * (q - zero_point)``. The numbers from the smallest to
    the largest share the 256 steps. Zero is one of the steps, whatever the range: the zeros that a
    convolution pads with, and those of ReLU, stay exact.

    Parameters
    ----------
    x : array_like, float
        The numbers, at least one, finite.
    axis : int, optional
        The axis of the channels, each of which gets its own scale and zero point. Without it, all
        of `x` shares one of each.
    symmetric : bool
        Put the zero point at 0 and use −127 to 127, as LiteRT does for weights: products of
        activations and weights then have one term less.

    Returns
    -------
    scale : ndarray, float64
        Above 0. Of as many axes as `x`, each of length 1 but `axis`.
    zero_point : ndarray, int64
        From −128 to 127, of the same shape.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Jacob, Kligys, Chen, Zhu, Tang, Howard, Adam and Kalenichenko, "Quantization and training of
    neural networks for efficient integer-arithmetic-only inference" (2018), equation 1 and
    section 3.

    Examples
    --------
    >>> scale, zero_point = quantisation_parameters([-1.0, 0.0, 4.1])
    >>> scale.round(6).tolist(), zero_point.tolist()
    ([0.02], [-78])
    """
    x = _check_numbers(x)
    check_flag("symmetric", symmetric)
    others = tuple(range(x.ndim)) if axis is None else _all_but(axis, x.ndim)
    low = np.minimum(x.min(others, keepdims=True), 0)
    high = np.maximum(x.max(others, keepdims=True), 0)
    if symmetric:
        scale = _step(np.maximum(-low, high), HIGHEST)
        return scale, np.zeros(scale.shape, int)
    scale = _step(high - low, HIGHEST - LOWEST)
    return scale, np.round(LOWEST - low / scale).astype(int)


def _step(width, steps):
    """Return the width of one step; 1 where all numbers are 0 and any will do."""
    scale = width / steps
    return np.where(scale > TINY, scale, 1.0)


def quantise(x, scale, zero_point):
    """Return the int8 that stand for the numbers of an array.

    Parameters
    ----------
    x : array_like, float
        The numbers, finite.
    scale, zero_point : array_like
        As `quantisation_parameters` returns them.

    Returns
    -------
    ndarray, int8
        Of `x`'s shape. Numbers beyond the range take the nearest step.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Jacob et al. (2018), equation 1, solved for q.

    Examples
    --------
    >>> quantise([-1.0, 0.0, 4.1, 9.0], 0.02, -78).tolist()
    [-128, -78, 127, 127]
    """
    x, (scale, zero_point) = _check_numbers(x), _check_steps(scale, zero_point)
    _check_together("scale", scale, x.shape)
    steps = np.round(x / scale) + zero_point
    return np.clip(steps, LOWEST, HIGHEST).astype(np.int8)


def dequantise(q, scale, zero_point):
    """Return the numbers that int8 stand for: at most half a scale from those they were made of.

    Parameters
    ----------
    q : array_like, int8
        As `quantise` returns them.
    scale, zero_point : array_like
        As `quantisation_parameters` returns them.

    Returns
    -------
    ndarray, float64
        Of `q`'s shape.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Jacob et al. (2018), equation 1.

    Examples
    --------
    >>> dequantise(np.array([-128, -78, 127], np.int8), 0.02, -78).round(6).tolist()
    [-1.0, 0.0, 4.1]
    """
    q = as_array("q", q)
    if q.dtype != np.int8:
        raise TypeError(f"q must hold int8, got dtype {q.dtype}")
    scale, zero_point = _check_steps(scale, zero_point)
    _check_together("scale", scale, q.shape)
    return scale * (q.astype(int) - zero_point)  # wider first: int8 would overflow


# LiteRT


def to_litert(model, form="float32", calibration=None):
    """Convert an embedder to LiteRT.

    ``"float32"`` keeps every weight. ``"float16"`` halves the file; the interpreter computes in
    float32. ``"dynamic int8"`` keeps weights in int8 and turns the activations of each batch to
    int8 as they come. ``"int8"`` fixes the scales of the activations beforehand, by what it sees of
    them in calibration images, and computes with integers up to the embedding; LiteRT squares in
    floats when it normalises that. Whatever the form, images go in and embeddings come out as
    float32. Batch normalisation is folded into the convolution before it.

    Parameters
    ----------
    model : keras.Model
        From (N, H, W, C) floats, values from 0 to 1, to (N, D) embeddings. It stays as it is.
    form : str
        One of `FORMATS`.
    calibration : ndarray, (N, H, W, C), float, optional
        For ``"int8"``, and only there: images from 0 to 1 such as the network will see, a hundred
        or more. They must be of nobody that the network is measured on.

    Returns
    -------
    bytes
        What a ``.tflite`` file holds.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Jacob et al. (2018), section 2, for int8; Krishnamoorthi, "Quantizing deep convolutional
    networks for efficient inference: A whitepaper" (2018), for a scale of each channel's own.

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> model = build_embedder(16, input_shape=(16, 16, 3), filters=(8,))
    >>> content = to_litert(model, "float16")
    >>> 2 * model.count_params() < len(content) < 4 * model.count_params()
    True
    """
    calibration = _check_conversion(model, form, calibration)
    from facebook_tut._backend import check_not_forked, native_stderr_hidden

    check_not_forked()
    with warnings.catch_warnings(), native_stderr_hidden():
        warnings.simplefilter("ignore")  # of TensorFlow's deprecated parts and missing statistics
        return _converter(model, form, calibration).convert()


def _converter(model, form, calibration):
    """Return TensorFlow's converter of a network, set to one of `FORMATS`."""
    import tensorflow as tf

    images = tf.TensorSpec(model.input_shape, tf.float32)
    call = tf.function(lambda images: model(images, training=False)).get_concrete_function(images)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([call], model)
    converter.experimental_lower_to_saved_model = False  # the same file in a quarter of the time
    if form != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]  # which is dynamic int8
    if form == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if form == "int8":
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.representative_dataset = lambda: ([image[np.newaxis]] for image in calibration)
    return converter


def save_litert(content, path, *, overwrite=False):
    """Save what `to_litert` returned.

    Parameters
    ----------
    content : bytes
        Of a LiteRT file.
    path : str or path-like
        The file, whose name ends in ``.tflite``. It is written whole or not at all.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    TypeError, ValueError
        If `content` is not a LiteRT file's, or the name does not end in ``.tflite``.
    OSError
        If the file exists and `overwrite` is false, or its folder is missing or not writable.

    Examples
    --------
    >>> save_litert(b"a picture", "face.tflite")
    Traceback (most recent call last):
        ...
    ValueError: content must be the bytes of a LiteRT file, got 9 bytes without the mark TFL3
    """
    _check_content(content)
    path = check_writable(path, overwrite=overwrite, suffix=".tflite")
    with replacing(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(content)
    return path


class LiteRTEmbedder:
    """An embedder in LiteRT, which is asked as one in Keras is; `metric_learning.embed` takes both.

    The interpreter is that of the package ``ai-edge-litert`` where it is installed, and else the
    one within TensorFlow, which warns that a later TensorFlow will not have it. One object serves
    one thread at a time.

    Parameters
    ----------
    content : bytes
        As `to_litert` returns them, or of a ``.tflite`` file.
    threads : int
        How many the interpreter may use.

    Attributes
    ----------
    input_shape, output_shape : tuple of int or None
        ``(None, H, W, C)`` and ``(None, D)``.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or the file is damaged.

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> model = build_embedder(16, input_shape=(16, 16, 3), filters=(8,))
    >>> small = LiteRTEmbedder(to_litert(model))
    >>> small.input_shape, small.output_shape
    ((None, 16, 16, 3), (None, 16))
    >>> image = np.random.default_rng(0).random((1, 16, 16, 3))
    >>> bool(abs(small.predict_on_batch(image) - model.predict_on_batch(image)).max() < 1e-5)
    True
    """

    def __init__(self, content, threads=1):
        _check_content(content)
        check_number("threads", threads, 1, 1024, integer=True)
        self._interpreter = _interpreter(content, threads)
        [images] = self._interpreter.get_input_details()
        [embeddings] = self._interpreter.get_output_details()
        self._images, self._embeddings = images["index"], embeddings["index"]
        self.input_shape = (None, *map(int, images["shape"][1:]))
        self.output_shape = (None, *map(int, embeddings["shape"][1:]))
        self._ready_for = 0  # images in a batch

    def predict_on_batch(self, images):
        """Return the embeddings of a batch of images.

        Parameters
        ----------
        images : ndarray, (N, H, W, C), float
            Values from 0 to 1. The first batch of another N takes longer: memory is laid out anew.

        Returns
        -------
        ndarray, (N, D), float32
            Rows of length 1, also where int8 has made them a little longer or shorter.

        Raises
        ------
        TypeError, ValueError
            If `images` is not as described.
        """
        images = check_images("images", images, self.input_shape[1:])
        if len(images) != self._ready_for:
            self._interpreter.resize_tensor_input(self._images, images.shape)
            self._interpreter.allocate_tensors()
            self._ready_for = len(images)
        self._interpreter.set_tensor(self._images, images.astype(np.float32, copy=False))
        self._interpreter.invoke()
        embeddings = self._interpreter.get_tensor(self._embeddings)  # (N, D)
        return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)


def _interpreter(content, threads):
    """Return the interpreter of a LiteRT file, ready to compute."""
    from facebook_tut._backend import native_stderr_hidden

    with native_stderr_hidden():
        kind = _interpreter_class()
    with warnings.catch_warnings(record=True) as said, native_stderr_hidden():
        warnings.simplefilter("always")
        try:
            interpreter = kind(model_content=content, num_threads=threads)
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ValueError(
                f"content must be a whole LiteRT file, got {len(content):,} bytes: {error}"
            ) from None
    for warning in said:
        _warn_once(warning.category, str(warning.message).strip())
    return interpreter


def _interpreter_class():
    """Return the interpreter of LiteRT's own package, or else TensorFlow's, which is to go."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        import tensorflow as tf

        return tf.lite.Interpreter
    return Interpreter


@cache
def _warn_once(category, text):
    """Pass a warning on, the first time."""
    warnings.warn(text, category, stacklevel=2)


# Pruning


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

    Raises
    ------
    TypeError, ValueError
        If `sparsity` is not as described.

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


# Checks


def _check_numbers(x):
    """Return an array of finite float64, at least one."""
    return check_numbers("x", x).astype(float)


def _check_scale(scale):
    scale = check_numbers("scale", scale)
    if not (scale > TINY).all():
        raise ValueError(f"scale must be above 0, got {scale.min()}")
    return scale


def _check_steps(scale, zero_point):
    """Return scale and zero point of one shape, or of which one is a number."""
    scale, zero_point = _check_scale(scale), check_numbers("zero_point", zero_point)
    _check_together("zero_point", zero_point, scale.shape)
    if (zero_point % 1).any() or zero_point.min() < LOWEST or zero_point.max() > HIGHEST:
        raise ValueError(f"zero_point must hold whole numbers from {LOWEST} to {HIGHEST}")
    return scale, zero_point.astype(int)


def _check_together(name, array, shape):
    """Check that an array goes with one of a shape without making it larger."""
    try:
        fits = np.broadcast_shapes(array.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name} must go with the shape {shape}, got {array.shape}")


def _all_but(axis, axes):
    """Return all axes of an array but one."""
    axis = check_number("axis", axis, -axes, axes - 1, integer=True) % axes
    return tuple(k for k in range(axes) if k != axis)


def _check_conversion(model, form, calibration):
    """Return the calibration images as float32, or None where none are wanted."""
    from facebook_tut.models import shapes_of

    shapes_of(model)
    check_choice("form", form, FORMATS)
    if form == "int8":
        if calibration is None:
            raise ValueError("calibration must be images such as the network will see, got None")
        return check_images("calibration", calibration, model.input_shape[1:])
    if calibration is not None:
        raise ValueError(f"calibration is for form 'int8' only, got it with {form!r}")
    return None


def _check_content(content):
    if not isinstance(content, bytes):
        raise TypeError(f"content must be bytes, got {type(content).__name__}")
    if content[4:8] != IDENTIFIER:
        raise ValueError(
            f"content must be the bytes of a LiteRT file, got {len(content):,} bytes without the"
            f" mark {IDENTIFIER.decode()}"
        )
