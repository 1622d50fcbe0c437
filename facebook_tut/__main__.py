"""Run the command line: ``python -m facebook_tut --help``."""

import sys


def run():
    """Run it; Ctrl-C while it loads ends it as quietly as later on."""
    try:
        from facebook_tut.cli import main

        return main()
    except KeyboardInterrupt:
        print("stopped; no file was changed", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(run())
