"""Serve the built book with live code: its cells can be changed and run, and saving rebuilds it.

`python tools/serve_book.py PAGES [PORT]` is what `make serve` runs. Every open page has a kernel of
its own from its first run on. Whenever a source is saved the book is built anew and the browser
reloads; a build that fails says so and leaves the pages as they were. Only this machine is served,
since whoever reaches the kernel can run anything.
"""

import json
import subprocess
import sys
from pathlib import Path

from jupyter_client import AsyncKernelManager
from livereload import Server
from tornado.web import HTTPError, RequestHandler, StaticFileHandler
from tornado.websocket import WebSocketHandler

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = "live_code.js"
LOCAL = ("localhost", "127.0.0.1")
SOURCES = (
    "_config.yml",
    "_toc.yml",
    "_static/*",
    "_templates/**/*",
    "book/*",
    "extensions/*.py",
    "facebook_tut/**/*",
)


class Kernel(WebSocketHandler):
    """Runs the cells of one page, one after the other, and sends back what they print."""

    def check_origin(self, origin):
        """Let only pages of this server in, under its own name."""
        return super().check_origin(origin) and self.request.host_name in LOCAL

    async def open(self):
        """Start a kernel where the chapters are."""
        self.manager = AsyncKernelManager(kernel_name="python3")
        await self.manager.start_kernel(cwd=str(ROOT / "book"), extra_arguments=["--log-level=40"])
        self.client = self.manager.client()
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=300)

    async def on_message(self, message):
        """Run the code of a cell."""
        request = json.loads(message)

        def send(kind, content=None):
            self.write_message({"cell": request["cell"], "type": kind, "content": content})

        await self.client.execute_interactive(
            request["code"],
            allow_stdin=False,
            output_hook=lambda output: send(output["msg_type"], output["content"]),
        )
        send("done")

    def on_close(self):
        """Stop the kernel with its page."""
        self.client.stop_channels()
        self.manager.provisioner.process.kill()


class Page(RequestHandler):
    """Sends a page with the script that makes its cells run."""

    def initialize(self, folder):
        """Take the folder of the pages."""
        self.folder = Path(folder).resolve()

    def get(self, name):
        """Send the page of this name."""
        path = (self.folder / name).resolve()
        if self.folder not in path.parents or not path.is_file():
            raise HTTPError(404)
        script = f'<script src="/{SCRIPT}" defer></script></head>'
        self.write(path.read_text("utf-8").replace("</head>", script, 1))


class BookServer(Server):
    """A server that reloads pages, with kernels besides."""

    def get_web_handlers(self, script):
        """Return what answers which address."""
        return [
            (r"/kernel", Kernel),
            (rf"/({SCRIPT})", StaticFileHandler, {"path": Path(__file__).parent}),
            (r"/(.*\.html)", Page, {"folder": self.root}),
            *super().get_web_handlers(script),
        ]


def rebuild():
    """Run `make book`."""
    subprocess.run([sys.executable, ROOT / "make.py", "book"], cwd=ROOT, check=False)


def main(pages, port=8000, sources=SOURCES, build=rebuild):
    """Serve a folder of pages until Ctrl-C; build them anew when a source is saved."""
    server = BookServer()
    for pattern in sources:
        server.watch(str(ROOT / pattern), build, ignore=lambda path: "__pycache__" in path)
    # Left alone, livereload also reloads every page two seconds after the start, kernel and all.
    server.serve(root=pages, port=port, host="127.0.0.1", restart_delay="forever")


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:3]))
