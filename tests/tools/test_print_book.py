"""tools/print_book.py: a PDF with page numbers in its contents, and running heads."""

import io

import pytest
from print_book import gather, page_numbers, print_book
from pypdf import PdfReader

PAGE = """<!doctype html><html lang="en"><title>Book</title><style>
@media print {{ section {{ break-before: page }} .page-number {{ margin-left: 2em }} }}
</style>
<div id="jb-print-toc"><nav>
<a href="#document-a">1. First</a><a href="#document-b">2. Second</a>
</nav></div>
<span id="document-a"></span><section id="a"><h1>1. First</h1>{first}</section>
<span id="document-b"></span><section id="b"><h1>2. Second</h1>
<div class="tag_hide-input"><details><summary>Show</summary>plotting code</details></div>
<div class="tag_hide-cell"><details><summary>Show</summary>a solution</details></div>
</section></html>"""


@pytest.fixture(scope="module")
def pages(browser, tmp_path_factory):
    """The text of each page of a printed book with a chapter of two pages and one of one."""
    folder = tmp_path_factory.mktemp("single")
    (folder / "book").mkdir()
    (folder / "book" / "intro.html").write_text(PAGE.format(first="<p>text</p>" * 60), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("print_book.launch", lambda _: browser)  # one Chromium for all tests
        patch.setattr("print_book.sync_playwright", Unstarted)
        print_book(folder, folder / "book.pdf")
    assert sorted(path.name for path in folder.iterdir()) == ["book", "book.pdf", "whole.html"]
    return [page.extract_text() for page in PdfReader(folder / "book.pdf").pages]


class Unstarted:
    """Stands for a second playwright, which may not run beside the first."""

    def __enter__(self):
        return None

    def __exit__(self, *error):
        return None


def test_the_contents_say_on_which_page_a_chapter_begins(pages):
    first, second = (
        next(n for n, text in enumerate(pages, 1) if f"{title}\n" in text and n > 1)
        for title in ("1. First", "2. Second")
    )
    contents = " ".join(pages[0].split())
    assert (first, second) == (2, len(pages)) and second > 3
    assert f"1. First {first}" in contents and f"2. Second {second}" in contents


def test_each_page_says_its_chapter_and_number(pages):
    for number, text in enumerate(pages[1:-1], 2):
        assert "1. First" in text and str(number) in text.split()
    assert pages[-1].count("2. Second") == 2  # the running head and the heading


def test_solutions_are_printed_and_folded_code_is_not(pages):
    assert "a solution" in pages[-1] and "plotting code" not in pages[-1]


def test_links_within_the_one_page_stay_within_it(tmp_path):
    (tmp_path / "intro.html").write_text('<a href="intro.html#x">', "utf-8")
    assert gather(tmp_path).read_text("utf-8") == '<a href="#x">'


def test_no_part_has_a_number_in_a_pdf_without_links():
    from pypdf import PdfWriter

    written = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(written)
    assert page_numbers(written.getvalue()) == {}
