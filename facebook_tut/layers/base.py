"""What every layer of a network can do."""


class Layer:
    """A step of a network: forward it computes, backward it passes gradients on.

    A layer keeps its weights in `parameters`, by name. `backward` fills `gradients` with one
    array for each of them, of the same shape, and returns the gradient of the layer's input.

    Examples
    --------
    >>> import numpy as np
    >>> from facebook_tut.layers import ReLU
    >>> layer = ReLU()
    >>> layer.forward(np.array([[-1.0, 2.0]]))
    array([[0., 2.]])
    >>> layer.backward(np.array([[10.0, 10.0]]))
    array([[ 0., 10.]])
    """

    def __init__(self):
        self.parameters = {}
        self.gradients = {}

    def build(self, shape, rng):
        """Make the weights for inputs of this shape.

        Parameters
        ----------
        shape : tuple of int
            Of one input, without the batch axis.
        rng : numpy.random.Generator
            Draws the initial weights.

        Returns
        -------
        tuple of int
            The shape of one output.
        """
        return shape

    def forward(self, x, training=False):
        """Return the output for a batch, and keep what `backward` needs."""
        raise NotImplementedError

    def parameter_gradients(self, gradient):
        """Fill `gradients` from the gradient of the last output."""

    def input_gradient(self, gradient):
        """Return the gradient of the last input from the gradient of the last output."""
        raise NotImplementedError

    def backward(self, gradient):
        """Do both: fill `gradients`, and return the gradient of the input."""
        self.parameter_gradients(gradient)
        return self.input_gradient(gradient)
