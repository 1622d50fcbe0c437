"""Print the book, built as one page, to a PDF with outline, page numbers and tags.

`python tools/print_book.py FOLDER FILE`: FOLDER is what Sphinx's builder `singlehtml` made.
"""

import sys
from pathlib import Path

import chromium
from playwright.sync_api import Error, sync_playwright

FOOTER = (
    '<div style="font-size:8px; width:100%; text-align:center; color:#555">'
    '<span class="pageNumber"></span> / <span class="totalPages"></span></div>'
)


def launch(playwright):
    """Return a headless Chromium, or stop where there is none."""
    try:
        return chromium.launch(playwright)
    except Error as error:
        sys.exit(f"==> no Chromium to print with: {error.message.splitlines()[0]}")


def gather(folder):
    """Move the one page to the folder's top, where its own links expect it; return its path."""
    page = next(path for path in folder.rglob("intro.html"))
    name = page.relative_to(folder).as_posix()
    whole = folder / "whole.html"
    whole.write_text(page.read_text("utf-8").replace(f'href="{name}#', 'href="#'), "utf-8")
    return whole


def print_book(folder, target):
    """Print the book in `folder` to the file `target`."""
    with sync_playwright() as playwright:
        page = launch(playwright).new_page(color_scheme="light")
        page.goto(gather(folder).resolve().as_uri())
        page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        page.wait_for_function("[...document.images].every(image => image.complete)")
        page.wait_for_function("document.fonts.status === 'loaded'")
        unfinished = target.with_suffix(".part")
        page.pdf(
            path=unfinished,
            format="A4",
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOTER,
            margin={"top": "18mm", "bottom": "18mm", "left": "16mm", "right": "16mm"},
            outline=True,
            tagged=True,
        )
    unfinished.replace(target)


if __name__ == "__main__":
    print_book(*map(Path, sys.argv[1:3]))
