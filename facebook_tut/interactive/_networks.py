"""The networks of the book that a figure's script may ask for."""

from functools import partial


def shipped_networks(*names):
    """Return what gives the bytes of each network, by its name; none is made before it is asked."""
    return {name: partial(_bytes_of, name) for name in names}


def _bytes_of(name):
    from facebook_tut.export import browser_network  # loads TensorFlow

    return browser_network(name)
