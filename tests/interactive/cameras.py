"""A camera for tests: Chromium takes a film of scikit-image's astronaut for what it sees."""

from contextlib import contextmanager
from types import SimpleNamespace

import chromium  # of the folder tools
import numpy as np
import skimage.data
from PIL import Image


@contextmanager
def seeing_the_astronaut(browser, folder, width=320):
    """Give a browser of the kind of `browser` whose camera shows her, so many pixels wide."""
    path = folder / "film.y4m"
    write_film(path, (width, width * 3 // 4))
    playwright = SimpleNamespace(chromium=browser.browser_type)
    fake = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    )
    with chromium.launch(playwright, "--disable-gpu", *fake) as other:
        yield other


def write_film(path, size):
    """Write a film of one frame in the format that Chromium plays, YUV4MPEG2."""
    frame = Image.fromarray(skimage.data.astronaut()[:384]).resize(size).convert("YCbCr")
    planes = [np.asarray(frame)[..., 0]] + [np.asarray(frame)[::2, ::2, k] for k in (1, 2)]
    head = f"YUV4MPEG2 W{size[0]} H{size[1]} F10:1 Ip A1:1 C420\nFRAME\n".encode()
    path.write_bytes(head + b"".join(plane.tobytes() for plane in planes))
