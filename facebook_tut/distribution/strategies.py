"""Where the replicas of a network are: on the devices of one machine, or on several machines."""

from functools import cache

import tensorflow as tf

from facebook_tut.distribution.workers import join_workers


@cache
def mirror_devices():
    """Make a strategy over every GPU of this machine, or else over every logical CPU device.

    Made once: a second strategy in one process would number its exchanges between devices from 1
    again, and TensorFlow would mix them up.

    Returns
    -------
    tf.distribute.MirroredStrategy
    """
    gpus = tf.config.list_logical_devices("GPU")
    devices = gpus or tf.config.list_logical_devices("CPU")
    return tf.distribute.MirroredStrategy([device.name for device in devices])


STRATEGIES = {"devices": mirror_devices, "workers": join_workers}
