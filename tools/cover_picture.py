"""Draw the picture that the README shows: the live figure of the cover, as readers see it.

`python tools/cover_picture.py PAGE TARGET`: PAGE is the built cover, TARGET the PNG to write.
"""

import argparse
import io
from pathlib import Path

import chromium
from PIL import Image
from playwright.sync_api import sync_playwright

FIGURE = ".cover .ft-live"
WIDTH, SCALE = 1060, 1.5  # of the window; pixels of the picture for each of its pixels


def draw(path):
    """Return the figure of a built page as the bytes of a PNG."""
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        view = {"width": WIDTH, "height": 1200}
        page = browser.new_page(viewport=view, device_scale_factor=SCALE, color_scheme="light")
        page.goto(path.resolve().as_uri())
        page.add_style_tag(
            content=f".cover {{ background: #fff !important }} {FIGURE} {{ padding: 16px }}"
        )
        page.keyboard.press("Shift")  # live figures wait no longer
        picture = page.locator(FIGURE).screenshot()
        browser.close()
    return smaller(picture)


def smaller(picture):
    """Return a PNG in at most 256 colours."""
    target = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(256).save(target, "PNG", optimize=True)
    return target.getvalue()


def main():
    """Draw the picture and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("target", type=Path)
    given = parser.parse_args()
    given.target.write_bytes(draw(given.page))
    print(given.target)


if __name__ == "__main__":
    main()
