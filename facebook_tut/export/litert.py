"""LiteRT: the format, and the interpreter that phones and small computers run networks with."""

import warnings
from functools import cache

import numpy as np

from facebook_tut._files import check_writable, replacing
from facebook_tut._validation import check_choice, check_images, check_number

FORMATS = ("float32", "float16", "dynamic int8", "int8")
IDENTIFIER = b"TFL3"  # bytes 4 to 8 of every LiteRT file


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
    ValueError
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
    ValueError
        If the file is damaged.

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
