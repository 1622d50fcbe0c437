"""Find what is wrong with how the figures of chapters look, by their artists and their pixels.

    python tools/figure_faults.py book/*.ipynb   # run the cells, name the faults, write nothing

`faults` is what the tests of `plots` ask. In a kernel that runs a chapter, `watch` asks it for
every figure that is shown; `normalise_notebooks.py --execute` names what it finds, too.

The exit code is 0 without a fault and 1 with one, or where a cell fails.
"""

import argparse
import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

PAGE = 712  # pixels: the widest that a page 1,280 wide shows a figure
DPI = 100  # pixels of the page for an inch of a figure that fits
MIN_TEXT = 11  # pixels on that page: 8 points
MIN_CONTRAST = 4.5  # of text, on white and on black
MIN_CLEAR = 0.97  # the share of what stands behind a text that must contrast with it
MIN_PICTURE = 66  # pixels on that page, of what has at least 16 pixels of its own
MATHEMATICS = re.compile(r"\$[^$]*\$")  # matplotlib writes its minus signs
HYPHEN = re.compile(r"(?<![\w.])-(?=[\d.])")


def faults(figure: Figure) -> list[str]:
    """Say what a reader would stumble over in a figure, in light or in dark.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        It is drawn once for this, and otherwise stays as it is.

    Returns
    -------
    list of str
        One sentence for each fault, none where all is well.
    """
    texts = drawn_texts(figure)
    shrink = min(1.0, PAGE / (DPI * width_of(figure)))
    checks = (
        too_wide(figure),
        small_texts(texts, shrink),
        hyphens(texts),
        touching(texts),
        unreadable(figure, texts),
        halved_markers(figure),
        small_pictures(figure, shrink),
    )
    return [fault for check in checks for fault in check]


def drawn_texts(figure: Figure) -> list[Text]:
    """Draw the figure and return the texts that drew themselves: no tick outside its axis."""
    drawn, draw = [], Text.draw

    def note(text, *arguments, **options):
        drawn.append(text)
        draw(text, *arguments, **options)

    Text.draw = note
    try:
        figure.canvas.draw()
    finally:
        Text.draw = draw
    seen = {id(text): text for text in drawn if text.get_visible() and text.get_text().strip()}
    return list(seen.values())


def width_of(figure: Figure) -> float:
    """Return how wide the figure is when it is shown: with all that sticks out, in inches."""
    return figure.get_tightbbox().width


def too_wide(figure: Figure) -> Iterator[str]:
    """Find a figure that the page would make smaller, text and all."""
    if DPI * width_of(figure) > PAGE:
        yield f"it is {width_of(figure):.1f} inches wide, and a page holds {PAGE / DPI:.1f}"


def small_texts(texts: list[Text], shrink: float) -> Iterator[str]:
    """Find text that is too small to read."""
    for text in texts:
        height = text.get_fontsize() * DPI / 72 * shrink
        if height < MIN_TEXT:
            yield f"{words(text)} is {height:.0f} pixels high"


def hyphens(texts: list[Text]) -> Iterator[str]:
    """Find hyphens that stand for minus signs."""
    for text in texts:
        if HYPHEN.search(MATHEMATICS.sub("", text.get_text())):
            yield f"{words(text)} has a hyphen for a minus sign"


def touching(texts: list[Text]) -> Iterator[str]:
    """Find texts that touch, or that run together."""
    boxes = [box_of(text) for text in texts]
    gaps = [0.2 * text.get_fontsize() * text.figure.dpi / 72 for text in texts]
    for one, box in enumerate(boxes):
        for other in range(one):
            apart = max(box.x0 - boxes[other].x1, boxes[other].x0 - box.x1) - gaps[one]
            below = max(box.y0 - boxes[other].y1, boxes[other].y0 - box.y1) + 1
            if max(apart, below) < 0:
                yield f"{words(texts[other])} and {words(texts[one])} touch"


def unreadable(figure: Figure, texts: list[Text]) -> Iterator[str]:
    """Find text without contrast to what it stands on: the page, a picture, a line."""
    behind = without_ink(figure, texts)
    for text in texts:
        box = box_of(text)
        rows = slice(max(0, round(len(behind) - box.y1)), max(0, round(len(behind) - box.y0)))
        part = behind[rows, max(0, round(box.x0)) : max(0, round(box.x1))].reshape(-1, 4)
        ink = luminance(np.array(to_rgb(text.get_color())))
        for page, name in ((1.0, "white"), (0.0, "black")):
            seen = part[:, :3] * part[:, 3:] + page * (1 - part[:, 3:])
            clear = np.mean(contrast(ink, luminance(seen)) >= MIN_CONTRAST) if len(part) else 1
            if clear < MIN_CLEAR:
                yield f"{words(text)} is hard to read on {name}: {clear:.0%} contrasts"


def without_ink(figure: Figure, texts: list[Text]) -> np.ndarray:
    """Draw the figure without what is written, and return its pixels, (H, W, 4) from 0 to 1."""
    alphas = [text.get_alpha() for text in texts]
    try:
        for text in texts:
            text.set_alpha(0)
        figure.canvas.draw()
        pixels = np.array(figure.canvas.buffer_rgba()) / 255
    finally:
        for text, alpha in zip(texts, alphas, strict=True):
            text.set_alpha(alpha)
    return pixels


def luminance(colours: np.ndarray) -> np.ndarray:
    """Return the relative luminance of colours from 0 to 1 (WCAG 2.2)."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the contrast of two relative luminances, from 1 to 21 (WCAG 2.2)."""
    return (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)


def halved_markers(figure: Figure) -> Iterator[str]:
    """Find points at the end of an axis, which cuts their markers."""
    for axes in figure.axes:
        for line in axes.lines:
            if line.get_marker() in ("None", "", " ", None) or not line.get_clip_on():
                continue
            places = line.get_transform().transform(line.get_xydata())
            half = (line.get_markersize() / 2 - 0.5) * figure.dpi / 72
            low, high = axes.bbox.get_points()
            inside = np.all((places > low + half) & (places < high - half), axis=1)
            lost = int(np.sum(~inside & np.isfinite(places).all(axis=1)))
            if lost:
                yield f"the axes cut {lost} of the markers of a line"


def small_pictures(figure: Figure, shrink: float) -> Iterator[str]:
    """Find pictures that are too small to see what they show."""
    for axes in figure.axes:
        for image in axes.images:
            width = image.get_window_extent().width / figure.dpi * DPI * shrink
            if min(image.get_array().shape[:2]) >= 16 and width < MIN_PICTURE:
                yield f"a picture is {width:.0f} pixels wide"


def box_of(text: Text) -> Bbox:
    """Return the place of a text in pixels, without the arrow that may lead from it."""
    return Text.get_window_extent(text)


def words(text: Text) -> str:
    """Return what a text says, in one short line."""
    line = " ".join(text.get_text().split())
    return repr(line if len(line) <= 30 else line[:27] + "...")


def watch(folder: str) -> None:
    """In a kernel: write the faults of every figure that `plt.show` shows into files there."""
    show, count = plt.show, itertools.count()

    def show_and_look(*arguments, **options):
        found = [fault for number in plt.get_fignums() for fault in faults(plt.figure(number))]
        Path(folder, f"{next(count):04}").write_text("\n".join(found), encoding="utf-8")
        show(*arguments, **options)

    plt.show = show_and_look


def recorded(folder: str) -> list[str]:
    """Take the faults that `watch` wrote since the last call."""
    found = []
    for path in sorted(Path(folder).iterdir()):
        found += path.read_text(encoding="utf-8").splitlines()
        path.unlink()
    return found


def look(path: Path) -> int:
    """Run a chapter, name what is wrong with its figures; return 0 if nothing is, and 1 if not."""
    from normalise_notebooks import clear, execute, read  # not in a kernel

    notebook = read(path)
    clear(notebook)
    try:
        found = execute(notebook, path)
    except ValueError as error:
        found = [str(error)]
    print(f"{path}: {len(found)} faults", *found, sep="\n    ", flush=True)
    return int(bool(found))


def main(arguments: list[str] | None = None) -> int:
    """Look at the chapters; return 0 if all is well and 1 if not."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="NOTEBOOK")
    return max(look(path) for path in parser.parse_args(arguments).paths)


if __name__ == "__main__":
    sys.exit(main())
