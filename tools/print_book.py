"""Print the book, built as one page, to a PDF with outline, contents, running heads and tags.

`python tools/print_book.py FOLDER FILE`: FOLDER is what Sphinx's builder `singlehtml` made. The
book is printed twice: the first time shows on which page each chapter begins.
"""

import io
import sys
from pathlib import Path

import chromium
from playwright.sync_api import Error, sync_playwright
from pypdf import PdfReader

CONTENTS = "#jb-print-toc nav a"
# What is printed is what a reader would have on paper: solutions, but no code that is folded.
UNFOLD = """() => {
    document.querySelectorAll("details").forEach(part => {
        part.open = part.closest(".tag_hide-input, .tag_colab-install") === null;
    });
    document.querySelectorAll("img").forEach(image => { image.loading = "eager"; });
}"""
# Each chapter gets pages of its own name, whose head says it; returns nothing.
RUNNING_HEADS = """contents => {
    const rules = [...document.querySelectorAll(contents)].map((link, place) => {
        const anchor = document.getElementById(decodeURIComponent(link.hash.slice(1)));
        const section = anchor.matches("section") ? anchor : anchor.nextElementSibling;
        if (section !== anchor) { section.prepend(anchor); }  // or it takes a page of its own
        section.style.setProperty("page", `chapter-${place}`);
        const head = JSON.stringify(link.firstChild.textContent.trim());
        return `@page chapter-${place} { @top-center { content: ${head} } }`;
    });
    document.head.append(Object.assign(document.createElement("style"), {
        textContent: `@page {
            size: A4; margin: 20mm 17mm;
            @top-center { font: 8pt sans-serif; color: #555 }
            @bottom-center { content: counter(page); font: 8pt sans-serif; color: #555 }
        }
        ${rules.join("\\n")}`,
    }));
}"""
NUMBER = """([contents, numbers]) => {
    for (const link of document.querySelectorAll(contents)) {
        const number = document.createElement("span");
        number.className = "page-number";
        number.textContent = numbers[link.getAttribute("href").slice(1)] ?? "0";
        link.querySelector(".page-number")?.remove();
        link.append(number);
    }
}"""


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


def open_book(playwright, folder):
    """Return the page of the whole book, ready to be printed."""
    page = launch(playwright).new_page(color_scheme="light")
    page.set_default_timeout(0)  # the whole book takes its time
    page.goto(gather(folder).resolve().as_uri())
    page.evaluate(UNFOLD)
    page.evaluate(RUNNING_HEADS, CONTENTS)
    page.wait_for_function("[...document.images].every(image => image.complete)")
    page.wait_for_function("document.fonts.status === 'loaded'")
    return page


def printed(page):
    """Return the book as a PDF, in bytes."""
    return page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)


def page_numbers(pdf):
    """Return the number of the page on which each part that links lead to begins, by its id."""
    reader = PdfReader(io.BytesIO(pdf))
    places = reader.named_destinations.items()
    return {name.lstrip("/"): 1 + reader.get_destination_page_number(at) for name, at in places}


def print_book(folder, target):
    """Print the book in `folder` to the file `target`."""
    with sync_playwright() as playwright:
        page = open_book(playwright, folder)
        page.evaluate(NUMBER, [CONTENTS, {}])  # as much room as the numbers will take
        page.evaluate(NUMBER, [CONTENTS, page_numbers(printed(page))])
        unfinished = target.with_suffix(".part")
        unfinished.write_bytes(printed(page))
    unfinished.replace(target)


if __name__ == "__main__":
    print_book(*map(Path, sys.argv[1:3]))
