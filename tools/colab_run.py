"""Runs the book with Colab's versions: every chapter strictly, and every live figure in Chromium.

`make colab` starts it. The environment is .venv-colab; where a chapter differs, both outputs are
printed, and the exit code is 1.
"""

import argparse
import sys
from pathlib import Path

import colab_chapters
import colab_environment
import colab_figures


def main(arguments=None):
    """Make the environment, install the package, run chapters and figures; 1 if one fails."""
    options = parse(arguments)
    told(f"==> colab: making {colab_environment.VENV} (some minutes, once)")
    python = colab_environment.make()
    installed = colab_environment.install_package(python)
    told(heading(colab_environment.version_of(python), installed))
    outcomes = colab_chapters.run_chapters(python, options.chapters, told)
    told(colab_chapters.summary(outcomes))
    seen = [] if options.no_figures else colab_figures.run_figures(python, told)
    passed = all(row.passed for row in seen) and not any(each.failed for each in outcomes)
    return 0 if passed else 1


def parse(arguments):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    book = sorted((colab_environment.ROOT / "book").glob("*.ipynb"))
    parser.add_argument("chapters", nargs="*", type=Path, default=book, help="default: all")
    parser.add_argument("--no-figures", action="store_true", help="run the chapters alone")
    return parser.parse_args(arguments)


def heading(python, installed):
    """Say which Python and versions run, and that installing the package moved none of them."""
    [wanted] = colab_environment.listed("python").values()
    fits = "as Colab" if python.startswith(f"{wanted}.") else f"no {wanted}, as Colab has, found"
    named = [f"{name} {installed[name]}" for name in sorted(colab_environment.listed())]
    return (
        f"Python {python} ({fits}), {', '.join(named)}\n"
        "The package is installed, and no version moved.\n"
    )


def told(line):
    """Print a row as soon as it is known."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
