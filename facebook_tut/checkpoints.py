"""What a training has come to, epoch by epoch, and the file from which it goes on."""

from zipfile import is_zipfile

import numpy as np

from facebook_tut._backend import keras
from facebook_tut._files import check_writable, replacing

CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")


class Checkpoint:
    """A file with all that training goes on from: weights, random states, optimiser, history.

    Parameters
    ----------
    path : str or path-like
        A ``.npz`` file, which may be there or not. It is replaced only if it is of this training.
    model : keras.Model
        What is trained, compiled, with its optimiser built.
    settings : str
        What must be the same for training to go on.
    writer : str
        Who writes it, for the message.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> with TemporaryDirectory() as folder:
    ...     checkpoint = Checkpoint(f"{folder}/a.npz", model, "seed 0", "fit")
    ...     before = checkpoint.restore()
    ...     checkpoint.write(loss=[0.5, 0.25])
    ...     before, checkpoint.restore()["loss"].tolist()
    ({}, [0.5, 0.25])
    """

    def __init__(self, path, model, settings, writer):
        self.path = check_writable(path, overwrite=True, suffix=".npz", name="checkpoint")
        self.settings = f"{settings} {model.count_params()}"
        self.variables = [*model.variables, *model.optimizer.variables]
        self.writer = writer

    def write(self, **arrays):
        """Write the variables as they are now.

        Parameters
        ----------
        **arrays : array_like
            What else is to be kept, by names that are no numbers.
        """
        kept = {str(i): keras.ops.convert_to_numpy(one) for i, one in enumerate(self.variables)}
        with replacing(self.path, overwrite=True) as temporary:
            np.savez(temporary, settings=self.settings, **kept, **arrays)

    def restore(self):
        """Set the variables to what the file holds.

        Returns
        -------
        dict of str to ndarray
            What else was kept; nothing if there is no file yet.

        Raises
        ------
        ValueError
            If it is of another training, or no such file.
        """
        if not self.path.exists():
            return {}
        if not is_zipfile(self.path):
            raise ValueError(f"{self.path} is not a checkpoint that {self.writer} wrote")
        with np.load(self.path) as file:
            kept = dict(file)
        settings = str(kept.pop("settings", "another writer"))
        if settings != self.settings:
            raise ValueError(f"{self.path} is of another training: {settings}, not {self.settings}")
        for i, variable in enumerate(self.variables):
            variable.assign(kept.pop(str(i)))
        return kept


class Recorder(keras.callbacks.Callback):
    """Records each epoch, stops early, keeps the best weights, and writes the checkpoint.

    Parameters
    ----------
    model : keras.Model
        What is trained.
    patience : int or None
        For how many epochs the validation loss may not fall; if None, all epochs are trained, and
        the weights are those of the last.
    checkpoint : Checkpoint or None
        Where it is written.

    Attributes
    ----------
    curves : dict of str to list of float
        One number per epoch.
    best : list of ndarray
        The weights after the best epoch so far; empty without patience.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> recorder = Recorder(model, 1, None)
    >>> for epoch, loss in enumerate([0.5, 0.6]):
    ...     recorder.on_epoch_end(epoch, dict.fromkeys(CURVES, loss))
    >>> recorder.is_over()
    True
    """

    def __init__(self, model, patience, checkpoint):
        super().__init__()
        self.network, self.patience, self.checkpoint = model, patience, checkpoint
        self.curves, self.best = {name: [] for name in CURVES}, []

    def restore(self):
        """Go on from the checkpoint, and return how many epochs it has seen."""
        kept = self.checkpoint.restore() if self.checkpoint else {}
        for name in CURVES:
            self.curves[name] += map(float, kept.get(name, ()))
        self.best = [kept[name] for name in sorted(kept) if name.startswith("best ")]
        return len(self.curves["loss"])

    def is_over(self):
        """Return whether the validation loss has not fallen for too long."""
        losses = self.curves["val_loss"]
        return bool(self.patience and losses) and (
            len(losses) - 1 - losses.index(min(losses)) >= self.patience
        )

    def on_epoch_end(self, epoch, logs=None):
        """Record what the epoch measured."""
        for name in CURVES:
            self.curves[name].append(float(logs[name]))
        losses = self.curves["val_loss"]
        if self.patience and losses.index(min(losses)) == len(losses) - 1:
            self.best = self.network.get_weights()
        if self.checkpoint:
            best = {f"best {i:05d}": weights for i, weights in enumerate(self.best)}
            self.checkpoint.write(**self.curves, **best)
        self.network.stop_training = self.is_over()

    def take_best(self):
        """Give the network the weights of the best epoch, if there is patience."""
        if self.best:
            self.network.set_weights(self.best)
