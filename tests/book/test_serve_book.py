"""tools/serve_book.py: code that runs in the served page, in a real browser and a real kernel."""

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import serve_book

CELL = (
    '<div class="cell"><div class="cell_input"><div class="highlight"><pre>{}</pre></div></div>'
    '<div class="cell_output"><pre>old</pre></div></div>'
)
CODE = ("n = 20", "print(n + 1)", "1 / 0")


SERVER = """
import pathlib, sys
import serve_book

folder, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
source, page = folder / "source.md", folder / "page.html"

def build():
    page.write_text(page.read_text().replace("<body>", "<body>" + source.read_text()))

serve_book.main(folder, port, [source], build)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page of three cells, and the source it would be built from."""
    folder = tmp_path_factory.mktemp("pages")
    page = f"<html><head></head><body>{''.join(map(CELL.format, CODE))}</body></html>"
    (folder / "page.html").write_text(page)
    (folder / "source.md").write_text("first")
    return folder


@pytest.fixture(scope="module")
def address(folder):
    """Where the page is served."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", SERVER, folder, str(port)]
    server = subprocess.Popen(command, cwd=Path(serve_book.__file__).parent)
    address = f"http://127.0.0.1:{port}/page.html"
    while server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield address
    server.terminate()
    server.wait()


def opened_page(browser):
    """Return a page that waits as long as a slow machine needs."""
    page = browser.new_page()
    page.set_default_timeout(300_000)
    return page


def test_a_cell_runs_with_those_above_it_and_can_be_changed(browser, address):
    page = opened_page(browser)
    page.goto(address)
    cells = page.locator("div.cell")
    cells.nth(1).get_by_role("button", name="Run").click()
    cells.nth(1).get_by_text("21", exact=True).wait_for()
    assert "old" not in cells.nth(0).inner_text()  # it ran first
    assert "old" in cells.nth(2).inner_text()
    code = cells.nth(0).get_by_role("textbox")
    code.fill("n = 30")
    code.press("Shift+Enter")
    cells.nth(1).get_by_role("textbox").press("Shift+Enter")
    cells.nth(1).get_by_text("31", exact=True).wait_for()
    cells.nth(2).get_by_role("button", name="Run").click()
    cells.nth(2).get_by_text("failed").wait_for()
    assert "ZeroDivisionError: division by zero" in cells.nth(2).inner_text()
    page.close()


def test_a_page_stays_as_it_is_until_a_source_is_saved(browser, address, folder):
    page = opened_page(browser)
    page.goto(address)
    page.evaluate("document.body.dataset.mine = 'yes'")
    page.wait_for_timeout(3500)
    assert page.evaluate("document.body.dataset.mine") == "yes"
    (folder / "source.md").write_text("second")
    page.get_by_text("second").wait_for()
    assert page.evaluate("document.body.dataset.mine") is None
    page.close()


def test_a_page_elsewhere_reaches_no_kernel(browser, address):
    page = opened_page(browser)
    page.goto("data:text/html,elsewhere")
    socket_address = address.replace("http", "ws").replace("page.html", "kernel")
    opened = page.evaluate(
        "url => new Promise(done => { const socket = new WebSocket(url);"
        "socket.onopen = () => done(true); socket.onerror = () => done(false); })",
        socket_address,
    )
    assert opened is False
    page.close()


def test_no_file_outside_the_pages_is_sent(address):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address.replace("page.html", "..%2f..%2fpage.html"))


def test_every_pattern_of_sources_finds_files():
    assert [p for p in serve_book.SOURCES if not any(Path(serve_book.ROOT).glob(p))] == []
