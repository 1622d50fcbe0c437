"""Starts kernels as copies of one process that has loaded Keras, which takes some five seconds.

For programs that run many chapters. A chapter imports what it always imports, and finds it loaded.
"""

import multiprocessing
import os
import sys
import time
from multiprocessing import context
from pathlib import Path

from jupyter_client.launcher import launch_kernel
from jupyter_client.provisioning import local_provisioner

LOADED = ["facebook_tut._backend", "ipykernel.kernelapp", "matplotlib.pyplot", "scipy.stats"]


class Kernel:
    """The process of a kernel, with what jupyter_client asks of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, process):
        """Start a `multiprocessing.Process` that makes itself the leader of a group."""
        process.start()
        self.process, self.pid = process, process.pid
        self.terminate, self.kill = process.terminate, process.kill
        while self.poll() is None and os.getpgid(self.pid) != self.pid:
            time.sleep(0.01)  # jupyter_client sends signals to the group

    def poll(self):
        """Return the exit code, or None while it runs."""
        return self.process.exitcode

    def wait(self, timeout=None):
        """Return the exit code, once it has ended."""
        self.process.join(timeout)
        return self.process.exitcode

    def send_signal(self, number):
        """Send it a signal, while it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


def run(arguments, folder, environment):
    """Be a kernel with ipykernel's arguments, in a folder and an environment, and say nothing."""
    import matplotlib
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment, JPY_PARENT_PID=str(os.getppid()))  # it ends with its parent
    matplotlib.rcParams["backend"] = "module://matplotlib_inline.backend_inline"
    IPKernelApp.launch_instance(arguments)


def start(command, cwd=None, env=None, **options):
    """Start a kernel, in place of jupyter_client's `launch_kernel`, which starts all others."""
    if command[0] != sys.executable:  # of another environment
        return launch_kernel(command, cwd=cwd, env=env, **options)
    arguments = command[command.index("ipykernel_launcher") + 1 :]
    facts = (arguments, cwd or Path.cwd(), dict(env or os.environ))
    return Kernel(context.ForkServerProcess(target=run, args=facts))


def use():
    """Let jupyter_client start kernels by `start` from now on; on Linux, elsewhere do nothing."""
    if sys.platform == "linux":
        multiprocessing.get_context("forkserver").set_forkserver_preload(LOADED)
        local_provisioner.launch_kernel = start
