"""The book's convolutional network, which says whether an image shows a face."""

from facebook_tut._backend import keras, on_keras
from facebook_tut._validation import check_number
from facebook_tut.models.checks import check_network, shapes_of

INPUT_SHAPE = (64, 64, 3)
MOST_CLASSES = 10_000


def build_classifier(classes=2):
    """Build the book's convolutional network: one face-or-not probability per image.

    Three blocks of convolution and max pooling, then two dense layers: the layout of LeNet-5
    (LeCun, Bottou, Bengio and Haffner, 1998, figure 2) with ReLU and 3×3 kernels.

    Parameters
    ----------
    classes : int
        How many classes it tells apart. With more than two the last layer has an output for each,
        and softmax for the sigmoid; all else is the same.

    Returns
    -------
    keras.Sequential
        From (N, 64, 64, 3) float32 images to (N, 1) float32 probabilities, those of label 1, or
        (N, classes); 2,453,569 parameters if there are two classes. It is not yet compiled. Call
        `training.set_seed` first for repeatable initial weights.

    Examples
    --------
    >>> model = build_classifier()
    >>> model.input_shape, model.output_shape, model.count_params()
    ((None, 64, 64, 3), (None, 1), 2453569)
    >>> build_classifier(classes=5).output_shape
    (None, 5)
    """
    if check_number("classes", classes, 2, MOST_CLASSES, integer=True) > 2:
        return _build_for_many(classes)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(INPUT_SHAPE),
            layers.Conv2D(32, (3, 3), activation="relu"),  # (N, 62, 62, 32)
            layers.MaxPooling2D((2, 2)),  # (N, 31, 31, 32)
            layers.Conv2D(64, (3, 3), activation="relu"),  # (N, 29, 29, 64)
            layers.MaxPooling2D((2, 2)),  # (N, 14, 14, 64)
            layers.Conv2D(128, (3, 3), activation="relu"),  # (N, 12, 12, 128)
            layers.MaxPooling2D((2, 2)),  # (N, 6, 6, 128)
            layers.Flatten(),  # (N, 4608)
            layers.Dense(512, activation="relu"),  # (N, 512)
            layers.Dense(1, activation="sigmoid"),  # (N, 1)
        ],
        name="face_classifier",
    )


def _build_for_many(classes):
    """Return the network with softmax over so many classes in the place of the sigmoid."""
    model = build_classifier()
    model.pop()
    model.add(keras.layers.Dense(int(classes), activation="softmax"))  # (N, classes)
    return model


# Not as a decorator, which the chapters would show with the function.
build_classifier = on_keras(build_classifier)


def check_classifier(model, name="model", *, classes=2):
    """Return a network if it gives for each image the probability of a face, or of each class.

    Parameters
    ----------
    model : keras.Model
        From (N, 64, 64, 3) images to (N, 1) numbers, with a sigmoid at the end; or to (N, classes)
        with softmax, if there are more than two.
    name : str
        What the message calls it: an argument's name or a file's path.
    classes : int, optional
        How many classes it must tell apart; if None, any number is right.

    Returns
    -------
    keras.Model
        `model`.

    Raises
    ------
    TypeError, ValueError
        As `check_network`, or if it is another kind of network.

    Examples
    --------
    >>> from facebook_tut.models.embedder import build_embedder
    >>> check_classifier(build_classifier()).name
    'face_classifier'
    >>> check_classifier(build_embedder(8, filters=(4,)), "face.keras")
    Traceback (most recent call last):
        ...
    ValueError: face.keras must be a face classifier, from (None, 64, 64, 3) to (None, 1), got one \
from (None, 64, 64, 3) to (None, 8)
    """
    _check_gives_probabilities(check_network(model, name), name, classes)
    return model


def _check_gives_probabilities(model, name="model", classes=2):
    """Check by its layout that a network turns an image into probabilities: at no cost."""
    given, made = shapes_of(model, name)
    if classes is None:
        classes = made[1] if len(made) == 2 and (made[1] or 0) > 2 else 2
    outputs = 1 if classes == 2 else classes
    if (given, made) != ((None, *INPUT_SHAPE), (None, outputs)):
        kind = "a face classifier" if classes == 2 else f"a classifier of {classes} classes"
        raise ValueError(
            f"{name} must be {kind}, from {(None, *INPUT_SHAPE)} to (None, {outputs}),"
            f" got one from {given} to {made}"
        )
    if not isinstance(model, keras.Model):
        raise TypeError(f"{name} must be a network of Keras, got {type(model).__name__}")
    end = "sigmoid" if classes == 2 else "softmax"
    if not _ends_in(end, model):
        raise ValueError(
            f"{name} must end in a {end}, which makes probabilities, got {_last(model).name!r}"
            " at the end: are these logits?"
        )


def _last(model):
    """Return the layer that the output comes from, within networks in the network too."""
    layer = model.outputs[0]._keras_history.operation
    return _last(layer) if isinstance(layer, keras.Model) else layer


def _ends_in(end, model):
    last = _last(model)
    return (
        getattr(last, "activation", None) is getattr(keras.activations, end)
        or type(last).__name__ == end.title()  # a layer, or of keras.ops
    )
