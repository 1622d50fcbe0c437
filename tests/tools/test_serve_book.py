"""tools/serve_book.py: code that runs in the served page, and only there.

A real server is asked by HTTP, by sockets and by a real browser; real kernels run.
"""

import asyncio
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import psutil
import pytest
import serve_book
import serve_guard
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

CELL = (
    '<div class="cell"><div class="cell_input"><div class="highlight"><pre>{}</pre></div></div>'
    '<div class="cell_output"><pre>old</pre></div></div>'
)
CODE = ("n = 20", "print(n + 1)", "1 / 0", "import os; os._exit(3)")
HANG = 300  # seconds that nothing takes, however slow the machine


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
    """A page of four cells, the source it would be built from, and what must not be sent."""
    above = tmp_path_factory.mktemp("above")
    (above / "secret.html").write_text("secret")
    folder = above / "pages"
    (folder / "empty").mkdir(parents=True)
    page = f"<html><head></head><body>{''.join(map(CELL.format, CODE))}</body></html>"
    (folder / "page.html").write_text(page)
    (folder / "source.md").write_text("first")
    (folder / "latin.html").write_bytes(b"<head></head>caf\xe9")
    (folder / "out.html").symlink_to(above / "secret.html")
    (folder / "out.txt").symlink_to(above / "secret.html")
    (folder / "out").symlink_to(above)
    (folder / "ring.html").symlink_to(folder / "ring.html")
    return folder


class Running:
    """A server that runs: where, with which token, and how to ask it."""

    def __init__(self, process, line):
        self.process = process
        self.opened = re.search(r"http://\S+", line)[0]
        self.port, self.token = re.fullmatch(
            r"http://127\.0\.0\.1:(\d+)/\?token=([\w-]{40,})", self.opened
        ).groups()
        self.host = f"127.0.0.1:{self.port}"
        self.cookie = {"Cookie": f"facebook_tut_{self.port}={self.token}"}

    def ask(self, path, method="GET", **headers):
        """Return the status, the headers and the text of an answer."""
        headers = {"Host": self.host, **headers}
        with closing(http.client.HTTPConnection("127.0.0.1", int(self.port), HANG)) as line:
            line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                if value is not None:
                    line.putheader(name, value)
            line.endheaders()
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read().decode("latin-1")

    @asynccontextmanager
    async def page(self, path="/kernel", **headers):
        """A socket that is opened as a page does, unless other headers are given."""
        headers = {"Host": self.host, "Origin": f"http://{self.host}", **self.cookie, **headers}
        headers = {name: value for name, value in headers.items() if value is not None}
        request = HTTPRequest(f"ws://127.0.0.1:{self.port}{path}", headers=headers)
        page = await websocket_connect(request)
        yield page
        page.close()
        while page.close_code is None and await asyncio.wait_for(page.read_message(), HANG):
            pass

    def kernels(self):
        """Return the processes that it has started."""
        return psutil.Process(self.process.pid).children(recursive=True)


@contextmanager
def serving(folder):
    """A server of this folder, until the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", SERVER, folder, str(port)]
    tools = Path(serve_book.__file__).parent
    with subprocess.Popen(command, cwd=tools, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Running(process, process.stdout.readline())
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def server(folder):
    """The server of the pages."""
    with serving(folder) as running:
        yield running


def speak(coroutine):
    """Run a coroutine in a thread: where a browser runs, this one has a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


async def run(page, code, cell=0):
    """Run a cell in the kernel of a page, and return what the page would show."""
    await page.write_message(json.dumps({"cell": cell, "code": code}))
    return await shown(page)


async def shown(page):
    """Return the text of a cell, once it is done."""
    text = ""
    while (message := await heard(page))["type"] != "done":
        content = message["content"]
        text += content.get("text", "") if message["type"] == "stream" else ""
        text += content["evalue"] if message["type"] == "error" else ""
    return text


async def heard(page):
    """Return the next message that says more than that a kernel works."""
    while True:
        message = json.loads(await asyncio.wait_for(page.read_message(), HANG))
        if message["type"] not in ("status", "execute_input"):
            return message


def wait_until(true):
    """Wait until something is so."""
    deadline = time.monotonic() + HANG
    while not true():
        assert time.monotonic() < deadline, "it never was so"
        time.sleep(0.05)


def ended(pid):
    """Return whether a process has ended, reaped or not."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


# --- who is answered ---------------------------------------------------------------------------

ADDRESSES = (
    "/",
    "/page.html",
    "/source.md",
    "/no-such-page",
    "/live_code.js",
    "/livereload.js",
    "/forcereload",
    "/livereload",
    "/kernel",
)
FOREIGN = (
    "evil.example",
    "evil.example:{port}",
    "localhost.evil.example:{port}",
    "127.0.0.1.evil.example",
    "evil.example.",
    "127.0.0.2:{port}",
    "0.0.0.0:{port}",
    "[::2]:{port}",
    "localhost:port",
    "localhost@evil.example",
    "",
)


@pytest.mark.parametrize("path", ADDRESSES)
def test_no_address_answers_under_another_name(server, path):
    for host in FOREIGN:
        status, _, text = server.ask(path, Host=host.format(port=server.port), **server.cookie)
        assert status in (400, 403), host
        assert text.count("\n") <= 1 and "first" not in text
    status, _, text = server.ask(path, Host="evil.example", **server.cookie)
    assert (status, text) == (403, f"403: {serve_guard.OTHER_HOST}\n")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:{port}", "localhost.:{port}", "[::1]"])
def test_this_machine_s_own_names_are_answered(server, host):
    host = host.format(port=server.port)
    assert server.ask("/page.html", Host=host, **server.cookie)[0] == 200


def test_a_request_without_a_host_is_refused(server):
    with socket.create_connection(("127.0.0.1", int(server.port))) as line:
        cookie = server.cookie["Cookie"]
        line.sendall(f"GET /page.html HTTP/1.0\r\nCookie: {cookie}\r\n\r\n".encode())
        assert b" 403 " in line.makefile("rb").readline()


@pytest.mark.parametrize("path", ADDRESSES)
def test_nothing_is_answered_without_the_token(server, path):
    name = server.cookie["Cookie"].partition("=")[0]
    for cookie in (None, f"{name}=", f"{name}={server.token[:-1]}", f"other={server.token}"):
        status, headers, text = server.ask(path, Cookie=cookie)
        assert (status, text) == (403, f"403: {serve_guard.NO_TOKEN}\n")
        assert "Set-Cookie" not in headers
    for token in ("", "é", "%C3%A9", server.token[:-1]):
        assert server.ask(path + f"?token={token}".replace("é", "%e9"))[0] in (400, 403)


def test_the_token_becomes_a_cookie_and_leaves_the_address(server):
    status, headers, _ = server.ask(f"/page.html?a=1&token={server.token}&b=%26")
    assert (status, headers["Location"]) == (303, "/page.html?a=1&b=%26")
    assert headers["Referrer-Policy"] == "no-referrer"
    cookie = headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    status, headers, page = server.ask("/page.html", Cookie=cookie.partition(";")[0])
    assert status == 200 and headers["Referrer-Policy"] == "no-referrer"
    assert server.token not in page
    for path in ("//evil.example/", "/\\evil.example/"):
        assert server.ask(f"{path}?token={server.token}")[1]["Location"] == "/evil.example/"


def test_every_start_has_its_own_token_and_keeps_it_to_itself(server, folder, capfd):
    with serving(folder) as other:
        assert other.token != server.token
        assert other.ask("/page.html", **server.cookie)[0] == 403
        other.ask(f"/page.html?token={other.token}", Host="evil.example")
        other.ask(f"/page.html?token={other.token}", method="POST")
        words = " ".join(psutil.Process(other.process.pid).cmdline())
        other.process.terminate()
        written = "".join(capfd.readouterr()) + other.process.communicate()[0]
    assert "403 GET '/page.html'" in written
    assert other.token not in written + words


SOCKETS = {
    "no origin": {"Origin": None},
    "another origin": {"Origin": "http://evil.example"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "https": {"Origin": "https://{host}"},
    "null": {"Origin": "null"},
    "a rebound name": {"Origin": "http://evil.example:{port}", "Host": "evil.example:{port}"},
    "said to be ours": {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    "no token": {"Cookie": None},
    "a wrong token": {"Cookie": "facebook_tut_{port}=wrong"},
}


@pytest.mark.parametrize("path", ["/kernel", "/livereload"])
@pytest.mark.parametrize("case", SOCKETS)
def test_a_socket_from_elsewhere_is_refused_and_starts_no_kernel(server, path, case):
    words = {"host": server.host, "port": server.port}
    headers = {k: v and v.format(**words) for k, v in SOCKETS[case].items()}
    before = len(server.kernels())
    with pytest.raises(HTTPClientError, match="403"):
        speak(connected(server, path, headers))
    assert len(server.kernels()) == before


async def connected(server, path, headers):
    async with server.page(path, **headers):
        pass


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_page_elsewhere_loads_is_refused(server, site):
    fetched = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", **server.cookie}
    assert server.ask("/forcereload", **fetched)[0] == 403
    clicked = {**fetched, "Sec-Fetch-Mode": "navigate"}
    assert server.ask("/page.html", **clicked)[0] == 200


# --- which files -------------------------------------------------------------------------------

ODD = (
    "/..%2fsecret.html",
    "/../secret.html",
    "/%2e%2e/secret.html",
    "/out.html",
    "/out.txt",
    "/out/secret.html",
    "/ring.html",
    "/%00",
    "/%00.html",
    "/page.html%00",
    "/" + 300 * "n",
    "/" + 300 * "n" + ".html",
    "/" + 2000 * "n/" + ".html",
    "/%ff",
    "/%ff.html",
    "/%ed%a0%80.html",
    "/%zz.html",
    "/empty",
    "/empty/",
    "/empty.html/",
    "/page.html/more.html",
    "/.",
    "/..",
    "/...",
    "/....html",
    "/.html",
    "/%0a",
    "/%0a.html",
    "//page.html",
    "/%5c..%5csecret.html",
    "/%2fetc%2fpasswd",
    "//etc/passwd",
    "/live_code.js/",
    "*",
    "http://evil.example/page.html",
)


@pytest.mark.parametrize("path", ODD, ids=lambda path: path[:30])
def test_an_odd_path_is_not_found(server, path):
    status, headers, text = server.ask(path, **server.cookie)
    if status == 301:  # a folder
        status, headers, text = server.ask(headers["Location"], **server.cookie)
    assert status in (400, 404) and text.count("\n") <= 1
    assert "secret" not in text and "root" not in text


def test_pages_and_files_are_sent_as_they_are(server, folder):
    status, _, page = server.ask("/page.html", **server.cookie)
    assert status == 200 and page.count("/live_code.js") == 1
    assert server.ask("/page.html", method="HEAD", **server.cookie)[0] == 200
    assert server.ask("/source.md", **server.cookie)[2] == (folder / "source.md").read_text()
    assert server.ask("/page.html", method="POST", **server.cookie)[0] == 405
    assert "WebSocket" in server.ask("/live_code.js", **server.cookie)[2]
    assert "livereload" in server.ask("/livereload.js", **server.cookie)[2].lower()


def test_a_page_in_another_encoding_is_sent(server):
    assert server.ask("/latin.html", **server.cookie)[2].endswith("</head>café")


# --- kernels -----------------------------------------------------------------------------------

FAMILY = """
import os, subprocess, sys
sleep = [sys.executable, "-c", "import time; time.sleep(1000)"]
children = subprocess.Popen(sleep), subprocess.Popen(sleep, start_new_session=True)
print(os.getpid(), *[child.pid for child in children])
"""


def test_a_kernel_ends_with_its_page_and_another_page_s_stays(server):
    async def pages():
        async with server.page() as other:
            async with server.page() as busy:
                family = [int(pid) for pid in (await run(busy, FAMILY)).split()]
                assert await run(other, "kept = 5; print(kept)") == "5\n"
                code = "while True: print(end='')"
                await busy.write_message(json.dumps({"cell": 1, "code": code}))
                await asyncio.sleep(1)
                assert not any(map(ended, family))
            wait_until(lambda: all(map(ended, family)))
            assert await run(other, "print(kept)") == "5\n"

    speak(pages())
    wait_until(lambda: server.kernels() == [])


@pytest.mark.parametrize("pause", [0, 0.1, 0.5])
def test_a_page_closed_while_its_kernel_starts_leaves_none(server, pause):
    async def page():
        async with server.page() as page:
            await page.write_message('{"cell": 0, "code": "import time; time.sleep(1000)"}')
            await asyncio.sleep(pause)

    speak(page())
    time.sleep(0.2)
    wait_until(lambda: server.kernels() == [])


ENDS = {
    "import os; os._exit(7)": "with exit code 7.",
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": "by SIGKILL, from outside",
}


def test_a_cell_that_ends_its_kernel_ends_and_the_next_gets_another(server):
    async def page():
        async with server.page() as page:
            for code, how in ENDS.items():
                assert await run(page, "kept = 5; print(kept)") == "5\n"
                for cell in range(3):  # the others wait, and are not forgotten
                    await page.write_message(json.dumps({"cell": cell, "code": code}))
                said = [await shown(page) for _ in range(3)]
                assert [how in words and "The next run" in words for words in said] == 3 * [True]
                assert (await heard(page))["type"] == "ended"
                assert "'kept' is not defined" in await run(page, "kept")

    speak(page())
    wait_until(lambda: server.kernels() == [])


def test_a_kernel_killed_between_two_cells_is_told_and_replaced(server):
    async def page():
        async with server.page() as page:
            family = [int(pid) for pid in (await run(page, FAMILY)).split()]
            os.kill(family[0], signal.SIGKILL)
            message = await heard(page)
            assert message["type"] == "ended" and "SIGKILL" in message["content"]
            wait_until(lambda: ended(family[1]))
            os.kill(family[2], signal.SIGKILL)  # in a session of its own: nobody knows it now
            assert await run(page, "print('children' in globals())") == "False\n"

    speak(page())


def test_a_cell_that_puts_out_too_much_is_cut_and_ends(server):
    async def page():
        async with server.page() as page:
            said = await run(page, "for _ in range(30): print(10**6 * 'x', flush=True)")
            assert said.endswith("More than 20,000,000 characters: the rest is left out.\n")
            assert 18_000_000 < len(said) < 21_000_000
            assert await run(page, "print(1)") == "1\n"

    speak(page())


MALFORMED = (
    "",
    "no JSON",
    b"\xff",
    "[]",
    "3",
    "null",
    "{}",
    '{"cell": 0}',
    '{"code": "1"}',
    '{"cell": "0", "code": "1"}',
    '{"cell": true, "code": "1"}',
    '{"cell": -1, "code": "1"}',
    '{"cell": 0.5, "code": "1"}',
    '{"cell": NaN, "code": "1"}',
    '{"cell": 0, "code": 1}',
    '{"cell": 0, "code": null}',
    '{"cell": 0, "code": ["1"]}',
    '{"cell": 0, "code": "\\ud800"}',
    100_000 * "[",
    '{"cell": 0, "code": "' + 2_000_000 * "1" + '"}',
    20_000_000 * "1",
)


def test_a_message_of_another_form_is_answered_and_the_kernel_stays(server):
    async def page():
        async with server.page() as page:
            assert await run(page, "kept = 5; print(kept)") == "5\n"
            for message in MALFORMED:
                await page.write_message(message, binary=isinstance(message, bytes))
                answer = await heard(page)
                assert (answer["cell"], answer["type"]) == (None, "refused"), message[:40]
                assert '{"cell": its number' in answer["content"]
            assert await run(page, "print(kept)") == "5\n"

    speak(page())


def test_livereload_ends_a_connection_that_speaks_otherwise(server):
    async def page():
        for message in ("no JSON", "[]", "{}", 100_000 * "["):
            async with server.page("/livereload") as page:
                await page.write_message(message)
                assert await asyncio.wait_for(page.read_message(), HANG) is None
                assert page.close_code == 1003

    speak(page())


@pytest.fixture
def unignored(number):
    """Let a signal end programs that are started now, also where the tests run under nohup."""
    ignored = signal.getsignal(number) is signal.SIG_IGN
    if ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    if ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_server_and_every_kernel(folder, number, unignored):
    async def pages(server):
        async with server.page() as busy, server.page() as idle:
            families = await asyncio.gather(run(busy, FAMILY), run(idle, FAMILY))
            await busy.write_message('{"cell": 1, "code": "while True: pass"}')
            await asyncio.sleep(0.5)
            server.process.send_signal(number)
            return [int(pid) for family in families for pid in family.split()]

    with serving(folder) as server:
        family = speak(pages(server))
        assert server.process.wait(HANG) == 0
        wait_until(lambda: all(map(ended, family)))


# --- the start ---------------------------------------------------------------------------------


def said_by(*words):
    """Return the exit code of the program, and the lines that it writes."""
    command = [sys.executable, serve_book.__file__, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG)
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_a_port_in_use_is_one_line(folder, server):
    code, [line] = said_by(folder, server.port)
    assert code == 1 and f"port {server.port} cannot be had: something else uses it" in line


def refusal(capsys, function, *arguments):
    with pytest.raises(SystemExit) as stopped:
        function(*arguments)
    assert "\n" not in stopped.value.code
    return stopped.value.code


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", "", "1.5", "９", "8_0", 5000 * "9"])
def test_a_wrong_port_is_one_line(folder, capsys, port):
    said = refusal(capsys, serve_book.main, folder, port)
    assert "PORT must be a whole number from 1 to 65535, got" in said


def test_no_folder_and_no_book_are_one_line(folder, tmp_path, capsys):
    wrong = (tmp_path / "none", folder / "page.html", tmp_path, "", "\0", 300 * "n")
    for pages in wrong:
        said = refusal(capsys, serve_book.main, pages)
        assert "PAGES must be a folder with a built book" in said


def test_the_command_says_what_it_needs():
    assert said_by() == (1, ["serve_book: usage: python tools/serve_book.py PAGES [PORT]"])


# --- the page ----------------------------------------------------------------------------------


@pytest.fixture
def page(browser, server):
    """The page in a browser, opened with the token; it waits as long as a slow machine needs."""
    page = browser.new_page()
    page.set_default_timeout(1000 * HANG)
    page.goto(f"http://{server.host}/page.html?token={server.token}")
    assert page.url == f"http://{server.host}/page.html"
    yield page
    page.close()


def test_a_cell_runs_with_those_above_it_and_can_be_changed(page):
    cells = page.locator("div.cell")
    cells.nth(1).get_by_role("button", name="Run").dblclick()  # the second while it connects
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


def test_a_page_says_that_its_kernel_ended_and_runs_all_again(page):
    cells = page.locator("div.cell")
    cells.nth(2).get_by_role("textbox").fill("print(n + 2)")
    cells.nth(3).get_by_role("button", name="Run").click()
    cells.nth(3).get_by_text("failed").wait_for()
    assert "The kernel has ended, with exit code 3." in cells.nth(3).inner_text()
    cells.nth(1).get_by_text("its kernel has ended").wait_for()
    cells.nth(2).get_by_role("button", name="Run").click()
    cells.nth(2).get_by_text("22", exact=True).wait_for()  # n is known again
    assert "done" in cells.nth(0).inner_text()


def test_a_page_whose_server_has_ended_says_so(browser, folder):
    page = browser.new_page()
    with serving(folder) as server:
        page.goto(f"http://{server.host}/page.html?token={server.token}")
        cells = page.locator("div.cell")
        cells.nth(0).get_by_role("textbox").fill("while True: pass")
        cells.nth(0).get_by_role("button", name="Run").click()
        cells.nth(0).get_by_text("running").wait_for()
        wait_until(server.kernels)
    cells.nth(0).get_by_text("the connection has ended").wait_for()
    cells.nth(1).get_by_role("button", name="Run").click()
    cells.nth(1).get_by_text("no kernel: is the server running").wait_for()
    page.close()


def test_a_page_stays_as_it_is_until_a_source_is_saved(page, folder):
    page.evaluate("document.body.dataset.mine = 'yes'")
    page.wait_for_timeout(3500)
    assert page.evaluate("document.body.dataset.mine") == "yes"
    (folder / "source.md").write_text("second")
    page.get_by_text("second").wait_for()
    assert page.evaluate("document.body.dataset.mine") is None


def test_a_page_elsewhere_reaches_no_kernel(page, server):
    page.goto("data:text/html,elsewhere")
    opened = page.evaluate(
        "url => new Promise(done => { const socket = new WebSocket(url);"
        "socket.onopen = () => done(true); socket.onerror = () => done(false); })",
        f"ws://{server.host}/kernel?token={server.token}",
    )
    assert opened is False


def test_every_pattern_of_sources_finds_files():
    assert [p for p in serve_book.SOURCES if not any(Path(serve_book.ROOT).glob(p))] == []
