"""A network of Keras or LiteRT as an embedder, and the one that ships with the package."""

from functools import cached_property

from facebook_tut.pretrained import COUNT_THRESHOLD, THRESHOLD


class KerasEmbedder:
    """A network of your own, with faces aligned by `alignment.TEMPLATE`, as in training on LFW.

    Parameters
    ----------
    model : keras.Model or export.LiteRTEmbedder
        From (N, S, S, 3) images to (N, D) embeddings; see `models.check_embedder`.
    threshold, count_threshold : float, optional
        Cosines that were measured for this network, if they were: see `evaluation.tar_at_far`.
    name : str
        What messages call it.

    Raises
    ------
    TypeError, ValueError
        If the network does not turn square colour images into embeddings of length 1.

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> embedder = KerasEmbedder(build_embedder(16, filters=(4,)))
    >>> embedder.size, embedder.threshold
    (64, None)
    """

    def __init__(
        self, model, *, threshold=None, count_threshold=None, name="a network of your own"
    ):
        from facebook_tut.models import check_embedder

        self.model, self.name = check_embedder(model), name
        self.threshold, self.count_threshold = threshold, count_threshold

    @property
    def size(self):
        """Edge in pixels of the crops."""
        return self.model.input_shape[1]

    @cached_property
    def fingerprint(self):
        """As `metric_learning.fingerprint`."""
        from facebook_tut.metric_learning import fingerprint

        return fingerprint(self.model)

    def align(self, picture, landmarks):
        """Cut a face out of a photograph: see `Embedder.align`."""
        from facebook_tut.alignment import align

        return align(picture, landmarks, self.size)

    def embed(self, images):
        """Return the embeddings of aligned faces and their mirror images: see `Embedder.embed`."""
        from facebook_tut.metric_learning import embed

        return embed(self.model, images)


class ShippedEmbedder(KerasEmbedder):
    """The network of `pretrained.load_embedder`, with the thresholds that were measured for it.

    Examples
    --------
    >>> from facebook_tut.pretrained import THRESHOLD
    >>> ShippedEmbedder().threshold == THRESHOLD
    True
    """

    def __init__(self):
        from facebook_tut.pretrained import load_embedder

        measured = {"threshold": THRESHOLD, "count_threshold": COUNT_THRESHOLD}
        super().__init__(load_embedder(), **measured, name="the shipped network")
