"""What every layer of a network can do."""

from facebook_tut._validation import check_flag, check_numbers, check_shape


class Layer:
    """A step of a network: forward it computes, backward it passes gradients on.

    A layer keeps its weights in `parameters`, by name. `backward` fills `gradients` with one
    array for each of them, of the same shape, and returns the gradient of the layer's input.

    A kind of layer says how, in `_build`, `_forward`, `_parameter_gradients` and `_input_gradient`.
    The methods without a dash check what they are given, once, and call those.

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
        self._made = None  # the shape of the last output

    def build(self, shape, rng):
        """Make the weights for inputs of this shape.

        Parameters
        ----------
        shape : tuple of int
            Of one input, without the batch axis.
        rng : numpy.random.Generator
            Draws the initial weights; None where there are none.

        Returns
        -------
        tuple of int
            The shape of one output.
        """
        return self._build(check_shape("shape", shape), rng)

    def forward(self, x, training=False):
        """Return the output for a batch, and keep what `backward` needs.

        Parameters
        ----------
        x : array_like, (N, ...)
            The batch.
        training : bool
            Whether the network learns from it: some layers then do something else.

        Returns
        -------
        ndarray, (N, ...)
        """
        y = self._forward(x, check_flag("training", training))
        self._made = y.shape
        return y

    def parameter_gradients(self, gradient):
        """Fill `gradients` from the gradient of the last output, of its shape."""
        self._parameter_gradients(self._checked(gradient))

    def input_gradient(self, gradient):
        """Return the gradient of the last input from the gradient of the last output."""
        return self._input_gradient(self._checked(gradient))

    def backward(self, gradient):
        """Do both: fill `gradients`, and return the gradient of the input."""
        gradient = self._checked(gradient)
        self._parameter_gradients(gradient)
        return self._input_gradient(gradient)

    def _checked(self, gradient):
        if type(self).forward is not Layer.forward:  # a kind of its own, which kept no shape
            return check_numbers("gradient", gradient)
        if self._made is None:
            raise ValueError("gradient came before any output: call forward first")
        return check_numbers("gradient", gradient, self._made)

    def _weights(self):
        """Return the weights, which `build` makes."""
        if not self.parameters:
            raise ValueError("x came before the weights: call build first")
        return self.parameters.values()

    def _build(self, shape, rng):
        return shape

    def _forward(self, x, training):
        raise NotImplementedError

    def _parameter_gradients(self, gradient):
        pass

    def _input_gradient(self, gradient):
        raise NotImplementedError
