"""Draw every built page, to be looked at before a release: one picture a page and a look.

`python tools/look.py FOLDER TARGET [PAGE...]`: FOLDER holds the built pages, TARGET gets
`NAME-desk-light.png`, `NAME-desk-dark.png` and `NAME-phone.png`. A page is cut into columns that
stand side by side, and all that is folded is open.
"""

import argparse
import io
from pathlib import Path

import chromium
from PIL import Image
from playwright.sync_api import sync_playwright

LOOKS = {"desk-light": (1280, "light"), "desk-dark": (1280, "dark"), "phone": (390, "light")}
COLUMN = 3200  # pixels, of a page's height
GAP = 40
SHOWN = "section { content-visibility: visible !important } * { transition: none !important }"


def pages(folder, names):
    """Return the built pages of these names, or all but those that only list others."""
    found = sorted(path for path in folder.rglob("*.html") if "_static" not in path.parts)
    apart = {"genindex", "search", "index"}
    return [path for path in found if (path.stem in names if names else path.stem not in apart)]


def open_page(page, path, width, scheme):
    """Show a page whole: unfolded, with its pictures, its live figures started."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path.resolve().as_uri())
    page.add_style_tag(content=SHOWN)
    page.keyboard.press("Shift")  # live figures wait no longer
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_function("[...document.images].every(image => image.complete)")
    page.wait_for_function("!document.querySelector('[data-live]')")  # some load from a file


def columns(page, width):
    """Yield the pictures of a page's parts, from top to bottom."""
    height = page.evaluate("document.documentElement.scrollHeight")
    for top in range(0, height, COLUMN):
        clip = {"x": 0, "y": top, "width": width, "height": min(COLUMN, height - top)}
        yield Image.open(io.BytesIO(page.screenshot(clip=clip, full_page=True)))


def side_by_side(parts):
    """Return one picture of these."""
    width = sum(part.width + GAP for part in parts) - GAP
    sheet = Image.new("RGB", (width, parts[0].height), "#888")
    for place, part in enumerate(parts):
        sheet.paste(part, (place * (part.width + GAP), 0))
    return sheet


def look(folder, target, names=()):
    """Draw the pages in `folder`; return the paths of the pictures."""
    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        page, written = chromium.launch(playwright).new_page(), []
        for path in pages(folder, names):
            for name, (width, scheme) in LOOKS.items():
                open_page(page, path, width, scheme)
                written.append(target / f"{path.stem}-{name}.png")
                side_by_side([*columns(page, width)]).save(written[-1])
    return written


def main():
    """Draw what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("names", nargs="*", metavar="PAGE")
    options = parser.parse_args()
    print(f"    {len(look(options.folder, options.target, options.names))} pictures")


if __name__ == "__main__":
    main()
