"""Another processor, played by this one: results that differ between processors move by one bit.

A sum has another order on another processor, and exp another polynomial: the last bit differs.
`install` makes NumPy, and the networks of Keras, answer as such a processor would. Whether a
result moves up, down or not at all is decided by its own bits and the seed, so that the same
question always has the same answer, as on a real machine. What is exact on every processor stays:
zero and one, and sums of whole numbers. And where a sort need not be stable, equal values come in
another order, as from another processor's sorting.

    pytest -p noise --noise 1 …        # with this folder on the path: for the tests' own process,
                                       # and for each kernel and program that they start

Not moved: what compiled code of SciPy, scikit-learn and TensorFlow computes inside. Of Keras, the
first weights move, by which a whole training does, and what `predict` returns.

PYTEST_DONT_REWRITE: sitecustomize.py loads this before pytest does.
"""

import ctypes
import functools
import importlib.util
import os
import random
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
VARIABLE = "FACEBOOK_TUT_NOISE"  # the seed, for the processes that a test starts
FLOATS = {"f": "float32", "d": "float64"}
POWERS = ("power", "float_power", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "cbrt")
ANGLES = ("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "hypot")
HYPERBOLIC = ("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "logaddexp")
UFUNCS = (*POWERS, *ANGLES, *HYPERBOLIC)
PRODUCTS = {  # where the strides of the output's own axes stand, and its shape among dims
    "matmul": ((7, 8), (1, 3)),
    "vecdot": ((), ()),
    "matvec": ((6,), (1,)),
    "vecmat": ((6,), (2,)),
}
FUNCTIONS = ("dot", "vdot", "inner", "tensordot", "einsum")
SOLVERS = ("inv", "pinv", "solve", "lstsq", "det", "slogdet")
LINALG = ("norm", "svd", "eigh", "eigvalsh", "eig", "qr", "cholesky", *SOLVERS)
INITIALISERS = ("VarianceScaling", "RandomNormal", "RandomUniform", "TruncatedNormal")
MIX = 0x9E3779B97F4A7C15  # an odd number, whose product mixes bits: Knuth's multiplicative hash
SEQUENTIAL = 8  # fewer numbers than these NumPy adds in their order, everywhere
AT_ONCE = 50_000  # numbers
EXACT = 1024  # a multiple of 1 / 1024 comes from sums without rounding, which have no order


# Moving bits


@functools.cache
def key(seed):
    """Return 64 bits of a seed's own."""
    return random.Random(seed).getrandbits(64)


def nudge(values, seed, only_ones=True):
    """Move an array's floats by a unit in the last place, up, down or not, in place.

    Parameters
    ----------
    values : ndarray, float32 or float64
        The array; anything else stays as it is.
    seed : int
        Another seed is another processor.
    only_ones : bool
        Take zero and one for exact everywhere, and not all multiples of 1 / 1024.

    Examples
    --------
    >>> import numpy as np
    >>> third = np.array([1 / 3, 2 / 3, 1.0, 0.0])
    >>> nudge(third, 1)
    >>> (np.abs(third - [1 / 3, 2 / 3, 1, 0]) < 2e-16).all(), third[2:].tolist()
    (np.True_, [1.0, 0.0])
    """
    if values.dtype.char not in FLOATS or not values.size:
        return
    values = values.reshape(1) if values.ndim == 0 else values
    while values.ndim > 1 and len(values) == 1:
        values = values[0]
    if values.size > AT_ONCE and len(values) > 1:  # in halves, for the sake of memory
        nudge(values[: len(values) // 2], seed, only_ones)
        nudge(values[len(values) // 2 :], seed, only_ones)
    else:
        bits = values.view(f"u{values.itemsize}")  # of the same memory
        bits += steps(bits, seed) * movable(values, only_ones)


def steps(bits, seed):
    """Return -1, 0 or 1 for each float, from its bits, as an unsigned number that may wrap."""
    unit, width = bits.dtype.type, 8 * bits.itemsize
    mixed = bits >> unit(width // 2)
    mixed ^= bits
    mixed ^= unit(key(seed) >> (64 - width))
    mixed *= unit(MIX >> (64 - width) | 1)
    mixed >>= unit(width - 12)
    mixed %= unit(3)
    mixed -= unit(1)
    return mixed


def movable(values, only_ones):
    """Return which floats may differ on another processor."""
    import numpy as np

    may = (np.abs(values) < np.inf) & (values != 0)
    if only_ones:
        return may & (np.abs(values) != 1)
    with np.errstate(over="ignore"):
        scaled = values * values.dtype.type(EXACT)
    return may & (np.rint(scaled) != scaled)


def nudged(result, seed):
    """Return a function's result, arrays, numbers and tuples of them, with its floats moved."""
    import numpy as np

    if type(result) is np.ndarray and result.flags.writeable:
        nudge(result, seed, False)
    elif isinstance(result, np.floating):
        cell = np.array(result)
        nudge(cell, seed, False)
        return cell[()]
    elif isinstance(result, tuple):
        moved = [nudged(part, seed) for part in result]
        return type(result)(*moved) if hasattr(result, "_fields") else tuple(moved)
    return result


def wrap(function, seed):
    """Return a function that answers as `function` does, moved."""

    @functools.wraps(function)
    def wrapped(*arguments, **options):
        import numpy as np

        result = function(*arguments, **options)
        given = [each for each in arguments if isinstance(each, np.ndarray)]
        if isinstance(result, np.ndarray) and any(np.may_share_memory(result, g) for g in given):
            return result  # a view: nothing was computed
        return nudged(result, seed)

    return wrapped


# NumPy: the loops inside its functions, so that x**y and x @ y move too

LOOP = ctypes.CFUNCTYPE(
    None,
    ctypes.POINTER(ctypes.c_void_p),
    ctypes.POINTER(ctypes.c_ssize_t),
    ctypes.POINTER(ctypes.c_ssize_t),
    ctypes.c_void_p,
)
kept = []  # what C code points to must not be collected


def view(address, shape, strides, dtype):
    """Return an array over memory at an address, or None where a stride is negative."""
    import numpy as np

    if address is None or min(strides, default=0) < 0 or 0 in shape:
        return None
    length = sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True))
    memory = (ctypes.c_char * (length + np.dtype(dtype).itemsize)).from_address(address)
    return np.ndarray(shape, dtype, memory, strides=strides)


def replace_loop(ufunc, letters, change):
    """Let `change(written, dims, steps)` follow a ufunc's loop for one type, such as "dd->d".

    `written` is the address of what the loop writes.
    """
    import numpy as np
    from numpy._core import _multiarray_umath

    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = pointer(_multiarray_umath._UFUNC_API, None)
    entry = ctypes.cast(table, ctypes.POINTER(ctypes.c_void_p))[30]  # numpy/__ufunc_api.h
    signature = ctypes.POINTER(ctypes.c_int)
    kind = ctypes.PYFUNCTYPE(
        ctypes.c_int, ctypes.py_object, ctypes.c_void_p, signature, ctypes.POINTER(ctypes.c_void_p)
    )
    types = [np.dtype(letter).num for letter in letters.replace("->", "")]
    types = (ctypes.c_int * len(types))(*types)
    before = ctypes.c_void_p()

    @LOOP
    def loop(args, dims, steps, data):
        written = args[ufunc.nin]  # some loops count it up
        original(args, dims, steps, data)
        change(written, dims, steps)

    address = ctypes.cast(loop, ctypes.c_void_p)
    failed = kind(entry)(ufunc, address, types, ctypes.byref(before))
    assert not failed, f"{ufunc.__name__} has no loop {letters}"
    original = LOOP(before.value)
    kept.append((loop, original, types))


def move(ufunc, letters, seed, strides=(), shape=(), only_ones=True):
    """Move what a ufunc writes; for `strides` and `shape` of its output's own axes see PRODUCTS."""
    first, dtype = ufunc.nin, FLOATS[letters[-1]]

    def change(address, dims, steps):
        whole = (dims[0], *(dims[k] for k in shape))
        written = view(address, whole, (steps[first], *(steps[k] for k in strides)), dtype)
        if written is not None:
            nudge(written, seed, only_ones)

    replace_loop(ufunc, letters, change)


def into_numpy(seed):
    """Move NumPy's results."""
    import numpy as np
    from numpy._core import _methods, fromnumeric

    for name in UFUNCS:
        ufunc = getattr(np, name)
        for letter in FLOATS:
            types = f"{letter * ufunc.nin}->{letter}"
            if types in ufunc.types:  # float_power has none for float32
                move(ufunc, types, seed)
    for name, (strides, shape) in PRODUCTS.items():
        if hasattr(np, name):
            for letter in FLOATS:
                move(getattr(np, name), f"{letter}{letter}->{letter}", seed, strides, shape, False)
    _methods.umr_sum = moved_sum(_methods.umr_sum, seed)
    reduce = fromnumeric._wrapreduction
    add = moved_sum(lambda values, *rest, **options: reduce(values, np.add, *rest, **options), seed)
    fromnumeric._wrapreduction = lambda values, ufunc, *rest, **options: (
        add(values, *rest, **options)
        if ufunc is np.add
        else reduce(values, ufunc, *rest, **options)
    )
    for name in FUNCTIONS:
        everywhere(getattr(np, name), wrap(getattr(np, name), seed))
    np.argsort = other_ties(np.argsort)
    for name in LINALG:
        setattr(np.linalg, name, wrap(getattr(np.linalg, name), seed))


def moved_sum(function, seed):
    """Return a function that sums as `function` does, moved where numbers may be added in pairs."""
    import numpy as np

    def summed(values, *arguments, **options):
        result = function(values, *arguments, **options)
        few = np.size(values) < SEQUENTIAL * max(np.size(result), 1)
        return result if few else nudged(result, seed)

    return summed


def other_ties(argsort):
    """Return an `argsort` that puts equal values in another order, unless it has to be stable."""
    import numpy as np

    @functools.wraps(argsort)
    def sorted_otherwise(values, axis=-1, kind=None, **options):
        if kind in ("stable", "mergesort") or options.get("stable") or axis is None:
            return argsort(values, axis, kind, **options)
        turned = np.flip(values, axis)
        return np.shape(values)[axis] - 1 - argsort(turned, axis, "stable", **options)

    return sorted_otherwise


def everywhere(function, other):
    """Let all modules of NumPy's call another function in place of one."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "numpy" and getattr(module, function.__name__, 0) is function:
            setattr(module, function.__name__, other)


def into_scipy(seed):
    """Move what SciPy's linear algebra returns."""
    import scipy.linalg

    for name in ("svd", "eigh", "qr", "cholesky", "inv", "pinv", "solve", "lstsq"):
        setattr(scipy.linalg, name, wrap(getattr(scipy.linalg, name), seed))


# Keras


def into_keras(seed):
    """Move networks' first weights, and what they predict."""
    import keras

    for name in ("predict", "predict_on_batch"):
        setattr(keras.Model, name, wrap(getattr(keras.Model, name), seed))
    for name in INITIALISERS:
        kind = getattr(keras.initializers, name)
        kind.__call__ = moved_weights(kind.__call__, seed)


def moved_weights(call, seed):
    """Return an initialiser's `__call__`, whose weights are moved where they are numbers yet."""

    @functools.wraps(call)
    def wrapped(self, shape, dtype=None, **options):
        import keras
        import numpy as np

        weights = call(self, shape, dtype, **options)
        if not hasattr(weights, "numpy"):  # a symbol in a graph
            return weights
        return keras.ops.convert_to_tensor(nudged(np.array(weights), seed), weights.dtype)

    return wrapped


# Installing


class After:
    """An import hook: a function runs when a module has been loaded."""

    def __init__(self, hooks):
        """Take functions by the names of modules."""
        self.hooks = hooks

    def find_spec(self, name, path=None, target=None):
        """Let the module be found by the others, then add the function to its loading."""
        if name not in self.hooks:
            return None
        hook = self.hooks.pop(name)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def then(module):
            execute(module)
            hook()

        spec.loader.exec_module = then
        return spec


def install(seed):
    """Move results from now on: at once in what is loaded, later in what will be."""
    hooks = {
        "numpy": functools.partial(into_numpy, seed),
        "scipy.linalg": functools.partial(into_scipy, seed),
        "keras": functools.partial(into_keras, seed),
    }
    for name in [name for name in hooks if name in sys.modules]:
        hooks.pop(name)()
    sys.meta_path.insert(0, After(hooks))


def pytest_addoption(parser):
    """Add the option that gives the seed."""
    parser.addoption("--noise", type=int, help="move results by a last bit, by this seed")


def pytest_configure(config):
    """Move results in this process and in those that it starts."""
    seed = config.getoption("noise")
    if seed is None:
        return
    folders = [str(FOLDER), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, folders))  # sitecustomize.py is there
    if os.environ.get(VARIABLE) != str(seed):  # else sitecustomize.py has done it
        os.environ[VARIABLE] = str(seed)
        install(seed)
