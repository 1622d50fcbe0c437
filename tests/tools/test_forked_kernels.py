"""tools/forked_kernels.py: kernels that start with Keras loaded, and are kernels like any other."""

import os
import signal
import sys
from pathlib import Path

import forked_kernels
import pytest
from jupyter_client.manager import KernelManager

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")

HANG = 600  # seconds; no slow machine comes near
OUTPUTS = ("stream", "display_data", "error")


@pytest.fixture(scope="module")
def forked():
    """Kernels are forked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forked_kernels.local_provisioner, "launch_kernel", None)
        forked_kernels.use()
        yield


@pytest.fixture
def start(forked):
    """A function that starts a kernel and returns its manager and a function that runs code.

    That function returns what the code prints and shows, in order.
    """
    kernels = []

    def start_(**options):
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(**options)
        client = manager.client()
        kernels.append((manager, client))
        client.start_channels()
        client.wait_for_ready(timeout=HANG)

        def run(code):
            said = []
            client.execute_interactive(code, timeout=HANG, output_hook=said.append)
            return [one["content"] for one in said if one["msg_type"] in OUTPUTS]

        return manager, run

    yield start_
    for manager, client in kernels:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.context.destroy(linger=0)


def printed(said):
    return "".join(content.get("text", "") for content in said)


def test_keras_is_loaded_before_the_first_cell_and_no_name_is_known(start):
    _, run = start()
    assert printed(run("import sys; print('keras' in sys.modules)")) == "True\n"
    assert run("keras")[-1]["ename"] == "NameError"
    assert run("np")[-1]["ename"] == "NameError"


def test_kernels_share_nothing_and_each_has_its_folder_and_environment(start, tmp_path):
    facts = "import os, keras; print(os.getcwd(), os.environ.get('ASKED'), hasattr(keras, 'mark'))"
    _, first = start(cwd=tmp_path, env={**os.environ, "ASKED": "yes"})
    assert printed(first(f"{facts}; keras.mark = 1")) == f"{tmp_path} yes False\n"
    _, second = start()
    assert printed(second(facts)) == f"{Path.cwd()} None False\n"


def test_a_figure_is_shown_and_an_error_is_told_as_everywhere(start):
    _, run = start()
    said = run("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])\nplt.show()")
    assert {"image/png", "text/plain"} == set(said[-1]["data"])
    assert run("1 / 0")[-1]["ename"] == "ZeroDivisionError"


def test_a_kernel_computes_what_a_fresh_process_computes(start):
    from facebook_tut import models, training

    code = (
        "from facebook_tut import models, training\n"
        "training.set_seed(0)\n"
        "print(float(models.build_classifier().get_weights()[0].sum()))"
    )
    _, run = start()
    training.set_seed(0)
    assert printed(run(code)) == f"{float(models.build_classifier().get_weights()[0].sum())}\n"


def test_it_is_interrupted_and_ends_when_told_and_when_killed(start):
    manager, run = start()
    manager.interrupt_kernel()
    assert manager.is_alive() and printed(run("print(1)")) == "1\n"
    process = manager.provisioner.process
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    assert process.wait(HANG) == process.poll() == -signal.SIGKILL
    manager, _ = start()
    process = manager.provisioner.process
    manager.shutdown_kernel()
    assert process.poll() is not None


def test_a_kernel_of_another_environment_starts_as_it_did(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(forked_kernels, "launch_kernel", lambda *a, **k: asked.append((a, k)))
    command = [str(tmp_path / "python"), "-m", "ipykernel_launcher", "-f", "a.json"]
    assert forked_kernels.start(command, cwd=tmp_path, env={"A": "1"}, stdin=0) is None
    assert asked == [((command,), {"cwd": tmp_path, "env": {"A": "1"}, "stdin": 0})]


def test_elsewhere_kernels_start_as_they_did(monkeypatch):
    monkeypatch.setattr(forked_kernels.local_provisioner, "launch_kernel", "as it was")
    monkeypatch.setattr(sys, "platform", "darwin")
    forked_kernels.use()
    assert forked_kernels.local_provisioner.launch_kernel == "as it was"
