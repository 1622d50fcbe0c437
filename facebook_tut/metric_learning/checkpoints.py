"""What a training measured, and the file from which an interrupted one goes on."""

from dataclasses import dataclass

from facebook_tut.checkpoints import Checkpoint


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


class _Checkpoint(Checkpoint):
    """A checkpoint that holds a history of an embedder."""

    def __init__(self, path, trained, settings):
        super().__init__(path, trained, settings, "fit_embedder")

    def write(self, history):
        super().write(**vars(history))

    def restore(self):
        """Set the variables to what the file holds, if there is one; return the history so far."""
        kept = super().restore()
        return EmbedderHistory(*(list(map(float, kept.get(n, ()))) for n in ("loss", "validation")))
