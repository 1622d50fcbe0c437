"""Training on several devices or machines, with the same batches and the same result as on one.

Every replica takes a share of each batch, and the gradient is that of the mean loss over the whole
(global) batch. So every mode learns the same weights, up to the rounding of float32 sums. Keras'
own `fit` fails under `MultiWorkerMirroredStrategy` (keras-team/keras issue 20585), and under
`MirroredStrategy` it stops at a batch that does not divide evenly; this loop serves both.
"""

import facebook_tut._backend  # loads TensorFlow, and hides what it says of the machine
from facebook_tut.distribution.loop import (
    as_tensors,
    evaluate,
    first_worker_weights,
    fit,
    learn,
    means,
    pad_batch,
    replicate,
)
from facebook_tut.distribution.strategies import STRATEGIES, mirror_devices
from facebook_tut.distribution.workers import (
    JOIN_TIMEOUT,
    REMINDER,
    TF_CONFIG_EXAMPLE,
    check_addresses,
    join_workers,
    read_tf_config,
)
