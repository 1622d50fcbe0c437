"""The loop: every replica learns from its share of each batch."""

from functools import partial

import numpy as np
import tensorflow as tf

from facebook_tut._backend import keras
from facebook_tut.batches import Batches


def fit(strategy, model, batches, validation, callback):
    """Train one replica of a model per device, all on a share of each batch.

    Parameters
    ----------
    strategy : tf.distribute.Strategy
        Where the replicas are.
    model : keras.Model
        Gives the initial weights (on several machines, the first one's) and gets the trained ones.
    batches : batches.Batches
        Training images, epoch after epoch.
    validation : Dataset
        What it is measured on after every epoch.
    callback : keras.callbacks.Callback
        Told of every epoch's end.

    Returns
    -------
    dict of str to list of float
        loss, accuracy, val_loss and val_accuracy after each epoch.
    """
    with strategy.scope():
        replica = keras.models.clone_model(model)
        replica.set_weights(first_worker_weights(strategy, model))
        optimizer = keras.optimizers.Adam()
        optimizer.build(replica.trainable_variables)
    held_out = Batches(
        validation.images, validation.labels, batches.batch_size, [np.arange(len(validation))]
    )
    train_step, val_step = partial(learn, replica, optimizer), partial(evaluate, replica)
    shares, train_step = replicate(strategy, train_step, as_tensors(batches))
    val_shares, val_step = replicate(strategy, val_step, as_tensors(held_out))
    curves = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    shares = iter(shares)
    for epoch in range(len(batches.orders)):
        totals = [train_step(*next(shares)) for _ in range(batches.per_epoch)]
        val_totals = [val_step(*share) for share in val_shares]
        for name, value in zip(curves, [*means(totals), *means(val_totals)], strict=True):
            curves[name].append(value)
        callback.on_epoch_end(epoch, {name: values[-1] for name, values in curves.items()})
    model.set_weights(replica.get_weights())
    return curves


def as_tensors(batches):
    """Turn batches into a TensorFlow data set.

    Parameters
    ----------
    batches : batches.Batches
        Images and labels.

    Returns
    -------
    tf.data.Dataset
        Pairs of images (batch, H, W, C) and labels (batch,); or three with weights (batch,).

    Examples
    --------
    >>> batches = Batches(np.zeros((3, 1, 1, 1)), np.arange(3), 2, [[2, 1, 0]])
    >>> [labels.tolist() for _, labels in as_tensors(batches).as_numpy_iterator()]
    [[2, 1], [0]]
    """
    signature = (
        tf.TensorSpec((None, *batches.images.shape[1:]), batches.images.dtype),
        tf.TensorSpec((None,), batches.labels.dtype),
    )
    if batches.weights is not None:
        signature += (tf.TensorSpec((None,), batches.weights.dtype),)
    dataset = tf.data.Dataset.from_generator(batches.__iter__, output_signature=signature)
    length = tf.data.experimental.assert_cardinality(batches.per_epoch * len(batches.orders))
    return dataset.apply(length).prefetch(2)


def first_worker_weights(strategy, model):
    """Take the first worker's weights, lest workers start from different ones.

    Returns
    -------
    list of ndarray
        Shaped as ``model.get_weights()``.
    """
    weights = model.get_weights()
    flat = np.concatenate([weight.ravel() for weight in weights])  # for one exchange
    flat = strategy.gather(tf.constant(flat)[None], axis=0)[0].numpy()  # (workers, all)[0]
    parts = np.split(flat, np.cumsum([weight.size for weight in weights])[:-1])
    return [
        part.reshape(weight.shape).astype(weight.dtype)
        for part, weight in zip(parts, weights, strict=True)
    ]


def replicate(strategy, step, dataset):
    """Spread the batches of a data set, and a step on a batch, over the replicas.

    Returns
    -------
    shares : tf.distribute.DistributedDataset
        Each replica's share of the images, labels and weights of each batch.
    run : callable
        Runs `step` on each replica's share, and adds up what the steps return.
    """
    pad = partial(pad_batch, replicas=strategy.num_replicas_in_sync)
    shares = strategy.experimental_distribute_dataset(dataset.map(pad))

    # The signature keeps a smaller last batch from compiling the step anew.
    @tf.function(input_signature=shares.element_spec)
    def run(*batch):
        return strategy.reduce("SUM", strategy.run(step, batch), axis=None)

    return shares, run


def pad_batch(images, labels, replicas):
    """Pad a batch so that every replica gets as many examples, at least one.

    Returns
    -------
    images : tf.Tensor, (padded batch, H, W, C)
    labels, weights : tf.Tensor, (padded batch,)
        The weight is 1 for an example and 0 for padding.

    Examples
    --------
    >>> images, labels, weights = pad_batch(np.zeros((3, 1, 1, 1)), np.ones(3), replicas=2)
    >>> weights.numpy().tolist()
    [1.0, 1.0, 1.0, 0.0]
    """
    labels = tf.cast(labels, keras.config.floatx())
    padding = [0, -tf.shape(labels)[0] % replicas]
    images = tf.pad(images, [padding, [0, 0], [0, 0], [0, 0]])
    weights = tf.pad(tf.ones_like(labels), [padding])
    return images, tf.pad(labels, [padding]), weights


def learn(model, optimizer, images, labels, weights):
    """Take one step of gradient descent on a replica's share of a batch.

    Returns
    -------
    tf.Tensor, (3,)
        As `evaluate`, with the weights from before the step.
    """
    with tf.GradientTape() as tape:
        totals = evaluate(model, images, labels, weights, training=True)
        # Examples in the whole batch, on all replicas.
        examples = tf.distribute.get_replica_context().all_reduce("SUM", totals[2])
        loss = totals[0] / examples
    gradients = tape.gradient(loss, model.trainable_variables)
    # Keras adds up the gradients of all replicas before it applies them.
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return totals


def evaluate(model, images, labels, weights, training=False):
    """Measure a model on a replica's share of a batch.

    Returns
    -------
    tf.Tensor, (3,)
        Sum of the losses, number of correct answers, number of examples.
    """
    labels = labels[:, None]  # (share, 1)
    probabilities = model(images, training=training)  # (share, 1)
    losses = keras.losses.binary_crossentropy(labels, probabilities)  # (share,)
    correct = keras.metrics.binary_accuracy(labels, probabilities)[:, 0]  # (share,)
    return tf.reduce_sum(weights * [losses, correct, tf.ones_like(losses)], axis=1)


def means(totals):
    """Turn the totals of an epoch's batches into its mean loss and accuracy.

    Returns
    -------
    list of float
        Loss and accuracy.

    Examples
    --------
    >>> means([[3.0, 4.0, 4.0], [1.0, 0.0, 1.0]])
    [0.8, 0.8]
    """
    loss, correct, examples = np.sum(totals, axis=0, dtype="float64")
    return [float(loss / examples), float(correct / examples)]
