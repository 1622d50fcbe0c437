"""Python runs this at its start where the folder is on PYTHONPATH: noise in every process."""

import os

if os.environ.get("FACEBOOK_TUT_NOISE", "").isdigit():
    import noise

    noise.install(int(os.environ[noise.VARIABLE]))
