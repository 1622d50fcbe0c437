"""The kernels of a served page: one for each page, from its first cell to its last.

A kernel ends with its page, and so does every process that it started. If it ends by itself, the
page is told, and the next cell gets a new one.
"""

import asyncio
import json
import os
import signal
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
from jupyter_client import AsyncKernelManager
from tornado.websocket import WebSocketClosedError, WebSocketHandler

ROOT = Path(__file__).resolve().parents[1]
START = 300  # seconds that a kernel may need
LONGEST = 1_000_000  # characters of a cell
MOST = 20_000_000  # characters that a cell may put out
CUT = f"\nMore than {MOST:,} characters: the rest is left out.\n"
FORM = f'send {{"cell": its number, "code": its text}}, {LONGEST:,} characters at most'
WORKERS = set()  # the tasks of all pages


class KernelEnded(Exception):
    """The kernel has ended before the cell did."""


class Kernel:
    """A Python for the cells of one page.

    Attributes
    ----------
    ended : asyncio.Task
        Done when the process has ended; its result is a sentence that says how.
    """

    def __init__(self):
        self.manager = AsyncKernelManager(kernel_name="python3")
        self.ended = self.client = None

    async def start(self):
        """Start it where the chapters are, and wait until it listens."""
        await self.manager.start_kernel(cwd=str(ROOT / "book"), extra_arguments=["--log-level=40"])
        self.ended = asyncio.create_task(self._wait())
        self.client = self.manager.client()
        self.client.start_channels()
        await self._while_it_runs(self.client.wait_for_ready(timeout=START))

    async def run(self, code, hear):
        """Run the code of a cell, and let `hear` have what it puts out."""
        await self._while_it_runs(
            self.client.execute_interactive(code, allow_stdin=False, output_hook=hear)
        )

    async def _while_it_runs(self, work):
        """Wait for the work, but no longer than the process runs."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task, self.ended}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise KernelEnded(self.ended.result())
            task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _wait(self):
        process = self.manager.provisioner.process
        while process.poll() is None:
            await asyncio.sleep(0.1)
        return farewell(process.returncode)

    def kill(self):
        """End its process, and those that it started, at once."""
        provisioner = self.manager.provisioner
        if provisioner is None or provisioner.process is None:
            return
        started = descendants(provisioner.pid) if provisioner.process.poll() is None else []
        if hasattr(os, "killpg"):
            end(partial(os.killpg, provisioner.pgid, signal.SIGKILL))
        for process in (provisioner.process, *started):
            end(process.kill)

    async def close(self):
        """End it, and remove what it needed."""
        self.kill()
        if self.ended is not None:
            await self.ended
        if self.client is not None:
            self.client.stop_channels()
        if self.manager.has_kernel:
            await self.manager.provisioner.wait()
        await self.manager.cleanup_resources()


def descendants(pid):
    """Return the processes that a process has started, and those that they have.

    Examples
    --------
    >>> descendants(2**22)  # no system gives so high a number
    []
    """
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def end(kill):
    """Call what ends a process, which may have ended by itself."""
    with suppress(OSError, psutil.Error):
        kill()


def farewell(code):
    """Say how a kernel ended, and what comes next.

    Examples
    --------
    >>> farewell(-9)[:84]
    'The kernel was ended by SIGKILL, from outside or because the machine had no memory '
    """
    names = {-number.value: number.name for number in signal.Signals}
    how = f"has ended, with exit code {code}"
    if code in names:
        how = f"was ended by {names[code]}"
        how += ", from outside or because the machine had no memory left" if code == -9 else ""
    return f"The kernel {how}. The next run starts a new one, and all cells above run again."


def read_request(message):
    """Return the number and the code of the cell that a page wants to run.

    Raises
    ------
    ValueError
        If the message is of another form.

    Examples
    --------
    >>> read_request('{"cell": 3, "code": "print(1)"}')
    (3, 'print(1)')
    """
    try:
        request = json.loads(message) if len(message) <= 8 * LONGEST else None
        cell, code = request["cell"], request["code"]
        sound = type(cell) is int and 0 <= cell < 2**31 and len(code.encode()) <= LONGEST
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise ValueError(f"This message cannot be understood: {FORM}.")
    return cell, code


class Cells(WebSocketHandler):
    """Runs the cells of one page, one after the other, and sends back what they print."""

    worker = None
    max_message_size = 100 * LONGEST  # beyond it Tornado closes the connection, and says why

    def open(self):
        """Wait for cells."""
        self.kernel, self.requests = None, asyncio.Queue()
        self.worker = asyncio.create_task(self.work())
        WORKERS.add(self.worker)

    def on_message(self, message):
        """Take a cell; say so if it is none."""
        try:
            self.requests.put_nowait(read_request(message))
        except ValueError as error:
            self.say(None, "refused", str(error))

    def on_close(self):
        """End the kernel with its page."""
        if self.worker is not None:
            self.worker.cancel()

    def say(self, cell, kind, content=None):
        """Tell the page something about a cell, if the page is still there."""
        with suppress(WebSocketClosedError):
            sent = self.write_message({"cell": cell, "type": kind, "content": content})
            sent.add_done_callback(lambda sent: sent.cancelled() or sent.exception())

    async def work(self):
        """Run what the page sends until it is closed."""
        try:
            while True:
                await self.run(*await self.next_request())
        finally:
            if self.kernel is not None:
                self.kernel.kill()
                await self.kernel.close()
            WORKERS.discard(self.worker)

    async def next_request(self):
        """Wait for a cell, and say so if the kernel ends meanwhile."""
        waiting = asyncio.ensure_future(self.requests.get())
        try:
            if self.kernel is not None:
                ended = self.kernel.ended
                await asyncio.wait({waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
                if ended.done():
                    await self.lose_kernel(ended.result())
            return await waiting
        finally:
            waiting.cancel()

    async def run(self, cell, code):
        """Run a cell; if the kernel ends, those that wait for it end too."""
        try:
            if self.kernel is None:
                self.kernel = Kernel()
                await self.kernel.start()
            self.put_out = 0
            await self.kernel.run(code, partial(self.pass_on, cell))
            self.say(cell, "done")
        except Exception as error:  # whatever it is, the page must not wait for ever
            said = str(error) if isinstance(error, KernelEnded) else f"No kernel: {error!r}."
            waiting = [self.requests.get_nowait()[0] for _ in range(self.requests.qsize())]
            for lost in (cell, *waiting):
                self.say(lost, "error", {"ename": "", "evalue": said, "traceback": [said]})
                self.say(lost, "done")
            await self.lose_kernel(said)

    def pass_on(self, cell, output):
        """Send a kernel's message to the page, unless the cell has put out too much already."""
        kind, content = output["msg_type"], output["content"]
        if kind in ("stream", "display_data", "execute_result"):
            before = self.put_out
            self.put_out += len(str(content))
            if before > MOST:
                return
            if self.put_out > MOST:
                kind, content = "stream", {"name": "stderr", "text": CUT}
        self.say(cell, kind, content)

    async def lose_kernel(self, said):
        """Tell the page that its kernel has ended, and forget it."""
        kernel, self.kernel = self.kernel, None
        self.say(None, "ended", said)
        await kernel.close()
