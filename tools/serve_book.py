"""Serve the built book with live code: its cells can be changed and run, and saving rebuilds it.

`python tools/serve_book.py PAGES [PORT]` is what `make serve` runs. It prints an address with a
token: whoever reaches a kernel can run anything, so only the browser that opens this address on
this machine is served (see `serve_guard.py`). Every open page has a kernel of its own from its
first run on (see `live_kernels.py`). Whenever a source is saved the book is built anew and the
browser reloads; a build that fails says so and leaves the pages as they were.
"""

import asyncio
import errno
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from live_kernels import WORKERS, Cells, descendants, end
from livereload.handlers import ForceReloadHandler, LiveReloadHandler, LiveReloadJSHandler
from livereload.watcher import Watcher
from serve_guard import Guard, guarded, log_request
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"  # "localhost" may be two addresses, and the other one somebody else's
SCRIPT = b'<script src="/live_code.js" defer></script></head>'
SOURCES = (
    "_config.yml",
    "_toc.yml",
    "_static/*",
    "_templates/**/*",
    "book/*",
    "extensions/*.py",
    "facebook_tut/**/*",
)


class Files(Guard, StaticFileHandler):
    """Sends the files of a folder, and nothing else."""

    def validate_absolute_path(self, root, absolute_path):
        """Return the file that is meant, if it is one, and in the folder."""
        path = super().validate_absolute_path(root, absolute_path)
        return path and str(inside(Path(root), path))

    async def get(self, path, include_body=True):
        """Send the file; one that is elsewhere, or cannot be read, is not there."""
        try:
            await super().get(path, include_body)
        except (OSError, ValueError, RuntimeError) as error:  # too long, no text, links in a ring
            raise HTTPError(404) from error
        except HTTPError as error:
            raise HTTPError(404) if error.status_code == 403 else error from None

    def set_extra_headers(self, path):
        """Let the browser ask each time: the next build may change the file."""
        self.set_header("Cache-Control", "no-cache")

    def compute_etag(self):
        """Return none: Tornado would keep that of the first build."""

    def should_return_304(self):
        """Send the file each time."""
        return False


class Page(Guard, RequestHandler):
    """Sends a page with the script that makes its cells run and reloads it."""

    def initialize(self, folder):
        """Take the folder of the pages."""
        self.folder = folder

    def get(self, name):
        """Send the page of this name."""
        try:
            page = inside(self.folder, self.folder / name).read_bytes()
        except (OSError, ValueError, RuntimeError) as error:
            raise HTTPError(404) from error
        self.set_header("Cache-Control", "no-cache")
        self.finish(page.replace(b"</head>", SCRIPT, 1))

    head = get


class Reload(Guard, LiveReloadHandler):
    """Tells a page when to reload."""

    def on_message(self, message):
        """Take what livereload.js says, and end the connection at anything else."""
        try:
            super().on_message(message)
        except (ValueError, TypeError, AttributeError, RecursionError):
            self.close(1003, "only livereload.js speaks here")


def inside(folder, path):
    """Return a path without links, if it is that of a file in the folder.

    Raises
    ------
    HTTPError, OSError, ValueError, RuntimeError
        If it is none.
    """
    path = Path(path).resolve(strict=True)
    if folder in path.parents and path.is_file():
        return path
    raise HTTPError(404)


def application(folder, port, token):
    """Return what answers every address of the server, each behind a `Guard`."""
    files = {"path": str(folder), "default_filename": "index.html"}
    handlers = [
        (r"/kernel", guarded(Cells)),
        (r"/(live_code\.js)", Files, {"path": str(Path(__file__).parent)}),
        (r"/livereload", Reload),
        (r"/forcereload", guarded(ForceReloadHandler)),
        (r"/livereload\.js", guarded(LiveReloadJSHandler)),
        (r"/(.*\.html)", Page, {"folder": folder}),
        (r"(?s)/?(.*)", Files, files),
    ]
    cookie = f"facebook_tut_{port}"  # cookies know no ports
    return Application(handlers, token=token, cookie=cookie, log_function=log_request)


def rebuild():
    """Run `make book`."""
    subprocess.run([sys.executable, ROOT / "make.py", "book"], cwd=ROOT, check=False)


def watch(sources, build, reload):
    """Build whenever a source is saved, and then reload, until the program ends."""
    watcher = LiveReloadHandler.watcher = Watcher()
    LiveReloadHandler.live_css = True
    for pattern in sources:
        watcher.watch(str(ROOT / pattern), build, ignore=lambda path: "__pycache__" in path)
    while True:
        try:
            if watcher.examine()[0]:
                reload()
        except OSError:  # a file went while it was looked at
            pass
        time.sleep(0.8)


async def serve(folder, port, sources, build):
    """Serve until a signal comes; then end every kernel, and all else that was started."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in {"SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"} & set(dir(signal)):
        stop_on(getattr(signal, name), lambda: loop.call_soon_threadsafe(stop.set))
    token = secrets.token_urlsafe(32)
    application(folder, port, token).listen(port, HOST)

    def reload():
        loop.call_soon_threadsafe(LiveReloadHandler.reload_waiters)

    threading.Thread(target=watch, args=(sources, build, reload), daemon=True).start()
    print(f"==> serve: http://{HOST}:{port}/?token={token} (Ctrl-C stops)", flush=True)
    await stop.wait()
    await end_all()


def stop_on(number, stop):
    """Stop at a signal, unless whoever started this program wants it ignored, as nohup does."""
    if number == getattr(signal, "SIGHUP", None) and signal.getsignal(number) == signal.SIG_IGN:
        return
    signal.signal(number, lambda *_: stop())


async def end_all():
    """End the kernels of all pages, and a build that runs."""
    started = descendants(os.getpid())
    for worker in WORKERS:
        worker.cancel()
    await asyncio.gather(*WORKERS, return_exceptions=True)
    for process in started:
        end(process.kill)


def main(pages, port=8000, sources=SOURCES, build=rebuild):
    """Serve a folder of pages until Ctrl-C; build them anew when a source is saved.

    Parameters
    ----------
    pages : path-like
        The folder; it must hold a page.
    port : int or str
        From 1 to 65535.
    sources : sequence of str
        Patterns of files, from the folder of the repository.
    build : callable
        Builds the pages.

    Raises
    ------
    SystemExit
        With one line that says what is wrong with the folder or the port.
    """
    folder, port = checked_folder(pages), checked_port(port)
    try:
        asyncio.run(serve(folder, port, sources, build))
    except OSError as error:
        used = error.errno == errno.EADDRINUSE
        why = "something else uses it" if used else error.strerror or error
        sys.exit(f"serve_book: port {port} cannot be had: {why}; name another one")


def checked_folder(pages):
    """Return the folder of the pages, if it is one."""
    try:
        folder = Path(pages).resolve()
        if next(folder.glob("*.html"), None) and folder.is_dir():
            return folder
    except (OSError, ValueError, RuntimeError):
        pass
    sys.exit(f"serve_book: PAGES must be a folder with a built book, got {str(pages)!r}: make book")


def checked_port(port):
    """Return the port as a number, if it is one that a server can have."""
    if re.fullmatch(r"[0-9]{1,5}", str(port)) and 1 <= int(port) <= 65535:
        return int(port)
    sys.exit(f"serve_book: PORT must be a whole number from 1 to 65535, got {str(port)!r}")


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit("serve_book: usage: python tools/serve_book.py PAGES [PORT]")
    main(*sys.argv[1:])
