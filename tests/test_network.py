"""The network in NumPy: it trains the book's whole model as Keras does, without TensorFlow."""

import inspect
import subprocess
import sys

import numpy as np
import pytest

from facebook_tut import layers, network
from facebook_tut.network import Adam, Sequential

STEPS, BATCH = 10, 32


@pytest.fixture(scope="module")
def batches():
    """Ten batches of real images, as many faces as not."""
    from facebook_tut.data.patches import load_patches

    train = load_patches(hard_per_photograph=0, copies=0).train
    rng = np.random.default_rng(0)
    rows = [
        np.concatenate(
            [
                rng.choice(len(part), BATCH // 2, replace=False) + start
                for part, start in ((train.faces, 0), (train.nonfaces, len(train.faces)))
            ]
        )
        for _ in range(STEPS)
    ]
    images = np.concatenate([train.faces, train.nonfaces])
    labels = np.repeat([1.0, 0.0], [len(train.faces), len(train.nonfaces)])
    return [(images[row], labels[row]) for row in rows]


def keras_losses(keras, model, batches, adam):
    """Return Keras' loss before each step of Adam."""
    model.compile(keras.optimizers.Adam(*adam), keras.losses.BinaryCrossentropy())
    model.optimizer.build(model.trainable_variables)  # else Keras traces the first step twice
    found = []
    for images, labels in batches:
        model.reset_metrics()
        found.append(float(model.train_on_batch(images, labels[:, None])))
    return found


# In float32, rounding grows from step to step: after 20, Keras in float32 is 2e-3 to 8e-3 from
# Keras in float64. So all ten steps are compared in float64, where rounding is out of the way;
# there every batch is half as large, since TensorFlow is slow in float64.
FEW = 6
DEFAULT = (0.001, 0.9, 0.999)
EXACT = (2**-10, 1 - 2**-3, 1 - 2**-10)  # Keras rounds them to float32, which changes nothing


@pytest.mark.parametrize(
    ("dtype", "adam", "steps", "every", "limit"),
    [("float64", EXACT, STEPS, 16, 1e-9), ("float32", DEFAULT, FEW, 8, 1e-3)],
)
def test_the_first_steps_of_the_books_model_are_those_of_keras(
    batches, dtype, adam, steps, every, limit
):
    from facebook_tut import models, training
    from facebook_tut._backend import keras

    typed = [(x[::every].astype(dtype), y[::every]) for x, y in batches[:steps]]
    training.set_seed(0)
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        model = inspect.unwrap(models.build_classifier)()  # which else is in float32
        weights = model.get_weights()
        theirs = keras_losses(keras, model, typed, adam)
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
    ours, optimiser = network.build_classifier(), Adam(*adam)
    ours.set_weights(weights)
    found = [ours.train_step(images, labels, optimiser) for images, labels in typed]
    np.testing.assert_allclose(found, theirs, rtol=0, atol=limit)
    assert np.ptp(theirs) > 0.1  # the weights moved
    assert {w.dtype.name for w in ours.get_weights()} == {dtype}
    assert ours.count_params() == model.count_params()


def test_forward_is_that_of_keras(untrained, few):
    from facebook_tut import training

    ours = network.build_classifier()
    ours.set_weights(untrained.get_weights())
    expected = training.predict(untrained, few.images)
    np.testing.assert_allclose(ours.forward(few.images)[:, 0], expected, atol=1e-5)
    assert ours.shapes[1:] == [
        *((62, 62, 32), (62, 62, 32), (31, 31, 32)),
        *((29, 29, 64), (29, 29, 64), (14, 14, 64)),
        *((12, 12, 128), (12, 12, 128), (6, 6, 128)),
        *((4608,), (512,), (512,), (1,), (1,)),
    ]


def test_it_needs_no_tensorflow():
    program = (
        "import sys\nimport numpy as np\nfrom facebook_tut import network\n"
        "net = network.build_classifier()\n"
        "net.train_step(np.zeros((2, 64, 64, 3), 'float32'), [0, 1], network.Adam())\n"
        "print([name for name in ('tensorflow', 'keras', 'torch', 'jax') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


def everything():
    """A network with every layer, small enough for differences."""
    return Sequential(
        [
            layers.Conv2D(4, 3, padding="same", groups=2),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(3, 2, dilation=2),
            layers.Sigmoid(),
            layers.AveragePooling2D(2, stride=1),
            layers.Flatten(),
            layers.Dense(4),
            layers.Softmax(),
            layers.Dense(1),
            layers.Sigmoid(),
        ],
        input_shape=(8, 8, 2),
    )


def test_the_chain_of_all_layers_has_the_gradient_of_the_loss():
    from facebook_tut import losses

    rng = np.random.default_rng(0)
    net, x, y = everything(), rng.normal(size=(5, 8, 8, 2)), np.array([0, 1, 1, 0, 1.0])
    net.set_weights([w + rng.normal(0, 0.1, w.shape) for w in net.get_weights()])

    def loss():
        return losses.binary_cross_entropy(y, net.forward(x, training=True)[:, 0])

    loss()
    probabilities = net.layers[-1]._y[:, 0]
    net.backward(losses.binary_cross_entropy_gradient(y, probabilities)[:, None])
    gradients = [g.copy() for layer in net.layers for g in layer.gradients.values()]
    for weights, gradient in zip(net.get_weights(), gradients, strict=True):
        for index in list(np.ndindex(weights.shape))[:12]:
            ends = []
            for step in (1e-6, -2e-6):
                weights[index] += step
                ends.append(loss())
            weights[index] += 1e-6
            slope = (ends[0] - ends[1]) / 2e-6
            assert gradient[index] == pytest.approx(slope, abs=1e-7)


def test_the_gradient_through_the_sigmoid_is_the_one_by_the_logits():
    from facebook_tut import losses

    rng = np.random.default_rng(0)
    net, x, y = everything(), rng.normal(size=(5, 8, 8, 2)), np.array([0, 1, 1, 0, 1.0])

    class Nothing:
        def step(self, weights, gradients):
            self.gradients = [gradient.copy() for gradient in gradients]

    net.train_step(x, y, nothing := Nothing())
    p = net.forward(x, training=True)[:, 0]
    net.backward(losses.binary_cross_entropy_gradient(y, p)[:, None])
    through = [g for layer in net.layers for g in layer.gradients.values()]
    for one, other in zip(nothing.gradients, through, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)


def test_fit_learns_what_no_line_can_separate():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (400, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(float)
    net = Sequential(
        [layers.Dense(16), layers.ReLU(), layers.Dense(1), layers.Sigmoid()], (2,), seed=0
    )
    history = net.fit(x, y, epochs=60, optimiser=Adam(0.01))
    assert len(history) == 60
    assert history[-1] < 0.3 * history[0]
    assert ((net.forward(x)[:, 0] > 0.5) == y).mean() > 0.95


def test_fit_takes_every_image_once_an_epoch_and_repeats_itself():
    x = np.arange(10.0)[:, None]

    heard = []

    class Ears(layers.Layer):
        def forward(self, x, training=False):
            heard.extend(x[:, 0])
            return x

        def input_gradient(self, gradient):
            return gradient

    losses_of = []
    for _ in range(2):
        ears = Ears()
        net = Sequential([ears, layers.Dense(1), layers.Sigmoid()], (1,))
        losses_of.append(net.fit(x, np.zeros(10), epochs=3, batch_size=4))
    assert losses_of[0] == losses_of[1]
    epochs = np.reshape(heard, (6, 10))
    assert (np.sort(epochs) == x[:, 0]).all()
    assert (epochs[:3] == epochs[3:]).all()
    assert (epochs[0] != epochs[1]).any()


def test_weights_of_other_shapes_are_refused():
    net = network.build_classifier()
    with pytest.raises(ValueError, match="weights must have the shapes"):
        net.set_weights(net.get_weights()[:-1])


def test_an_input_of_another_shape_is_named():
    net = network.build_classifier()
    with pytest.raises(
        ValueError, match=r"x must have shape \(N, 64, 64, 3\), got \(1, 32, 32, 3\)"
    ):
        net.forward(np.zeros((1, 32, 32, 3)))
    with pytest.raises(ValueError, match=r"x must have shape \(N, 64, 64, 3\), got"):
        net.train_step(np.zeros((1, 32, 32, 3)), [1], Adam())


def test_only_a_sigmoid_over_one_output_can_be_trained():
    net = Sequential([layers.Dense(2), layers.Sigmoid()], (3,))
    with pytest.raises(ValueError, match="must end in a Sigmoid over one output"):
        net.train_step(np.zeros((1, 3)), [1], Adam())


def test_labels_that_are_no_labels_are_named():
    net = Sequential([layers.Dense(1), layers.Sigmoid()], (3,))
    with pytest.raises(ValueError, match="labels must hold only 0 and 1, got 2"):
        net.train_step(np.zeros((1, 3)), [2], Adam())
