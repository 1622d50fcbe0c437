"""The layers of the book's network in NumPy, forward and backward, as the definitions say.

What the book teaches is here twice: ``conv2d_loops`` is the definition, ``conv2d`` the same,
fast, as a window view and one matrix product. A function such as ``conv2d`` is the mathematics; a
class such as ``Conv2D`` holds weights and is what `facebook_tut.network.Sequential` stacks. Images
are batches with the channels last: (N, H, W, C).
"""

from facebook_tut.layers.activations import (
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    softmax,
    softmax_backward,
    tanh,
    tanh_backward,
)
from facebook_tut.layers.base import Layer
from facebook_tut.layers.convolution import (
    Conv2D,
    conv2d,
    conv2d_backward,
    conv2d_backward_loops,
    conv2d_loops,
)
from facebook_tut.layers.dense import Dense, Flatten, dense, dense_backward, dense_loops
from facebook_tut.layers.normalisation import BatchNormalization, batch_norm, batch_norm_backward
from facebook_tut.layers.pooling import (
    AveragePooling2D,
    MaxPooling2D,
    average_pool,
    average_pool_backward,
    average_pool_loops,
    max_pool,
    max_pool_backward,
    max_pool_backward_loops,
    max_pool_loops,
)
from facebook_tut.layers.regularisation import Dropout, dropout
from facebook_tut.layers.windows import output_length
