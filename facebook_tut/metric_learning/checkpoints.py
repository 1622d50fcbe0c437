"""What a training measured, and the file from which an interrupted one goes on."""

from dataclasses import dataclass
from zipfile import is_zipfile

import numpy as np

from facebook_tut._backend import keras
from facebook_tut._files import check_writable, replacing

ops = keras.ops


@dataclass(frozen=True)
class EmbedderHistory:
    """What the training of an embedder measured, one number per epoch.

    Attributes
    ----------
    loss : list of float
        Mean loss of the batches of the epoch.
    validation : list of float
        What the caller's measure gave after the epoch; empty without one.

    Examples
    --------
    >>> EmbedderHistory([4.0, 2.5], []).epochs
    2
    """

    loss: list
    validation: list

    @property
    def epochs(self):
        """Number of passes over the training images."""
        return len(self.loss)


class _Checkpoint:
    """A file with all that training goes on from: weights, random states, optimiser, history."""

    def __init__(self, path, trained, settings):
        self.path = check_writable(path, overwrite=True, suffix=".npz", name="checkpoint")
        self.settings = f"{settings} {trained.count_params()}"
        self.variables = [*trained.variables, *trained.optimizer.variables]

    def write(self, history):
        arrays = {str(i): ops.convert_to_numpy(each) for i, each in enumerate(self.variables)}
        with replacing(self.path, overwrite=True) as temporary:
            np.savez(temporary, settings=self.settings, **arrays, **vars(history))

    def restore(self):
        """Set the variables to what the file holds, if there is one; return the history so far."""
        if not self.path.exists():
            return EmbedderHistory([], [])
        if not is_zipfile(self.path):
            raise ValueError(f"{self.path} is not a checkpoint that fit_embedder wrote")
        with np.load(self.path) as kept:
            if kept["settings"] != self.settings:
                raise ValueError(
                    f"{self.path} is of another training: {kept['settings']}, not {self.settings}"
                )
            for i, variable in enumerate(self.variables):
                variable.assign(kept[str(i)])
            return EmbedderHistory(kept["loss"].tolist(), kept["validation"].tolist())
