"""Run the command line: ``python -m facebook_tut --help``."""

import sys

from facebook_tut.cli import main

if __name__ == "__main__":
    sys.exit(main())
