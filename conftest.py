"""For every test: no progress bars, which never print the same twice."""

import os

os.environ.setdefault("TQDM_DISABLE", "1")  # the kernels that nbval starts inherit it
