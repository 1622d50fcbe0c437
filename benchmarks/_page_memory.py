"""What the two figures with a network need of memory, in the process that shows their page."""

import io
from pathlib import Path

import skimage.data
from PIL import Image

LARGE = (4000, 3000)  # pixels: what a phone's camera gives, twelve million
SMALL = (640, 480)
FEW, MANY = 5, 50  # photographs, one after the other
HTML = """<!doctype html><html data-content_root="../"><meta charset="utf-8"><title>Memory</title>
<body>%s</body></html>"""
FIGURES = {
    "own_photograph": ("[data-part=load]", "[data-part=file]", "Your photograph", None),
    "who_is_nearer": (
        "[data-do=load]",
        "[data-part=files]",
        "A face was found",
        "[data-do=forget]",
    ),
}
HEAP = ("usedSize", "embedderHeapUsedSize", "backingStorageSize")
RESTED = "document.querySelector('progress').hidden"


def memory(browser, route, name, html, *, few=FEW, many=MANY, large=LARGE):
    """Return the memory of a figure's page: at rest, at the peak of one large photograph, and kept.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
        It shows no other page.
    route : callable
        Answers requests for networks.
    name : str
        Of the figure.
    html : str
        The figure as the book's build draws it.
    few, many : int
        How many photographs there have been when the heap is measured.
    large : tuple of int
        Width and height of the large photograph.

    Returns
    -------
    dict
        In MiB; ``heap`` counts objects and arrays of the page, by the number of photographs.
    """
    page = browser.new_page()
    page.set_default_timeout(300_000)
    page.route("**/*", lambda one: _answer(one, route, HTML % html))
    page.goto("https://book.test/book/page.html")
    load, chosen, said, forget = FIGURES[name]
    page.locator(f"{load}:enabled").click()
    page.locator("[role=status]").get_by_text("loaded.").wait_for()

    def take(content):
        if forget and page.locator(forget).is_visible():
            page.locator(forget).click()
        given = {"name": "own.jpg", "mimeType": "image/jpeg", "buffer": content}
        page.locator(chosen).set_input_files(given)
        page.locator("[role=status]").get_by_text(said).wait_for()
        page.wait_for_function(RESTED)

    process = renderer(browser)
    rest = resident(process, "VmRSS")
    Path(f"/proc/{process}/clear_refs").write_text("5")  # the peak is counted anew
    take(portrait(large))
    found = {"at rest": rest, "peak, 12 megapixels": resident(process, "VmHWM")}
    session, heap = page.context.new_cdp_session(page), {}
    for k in range(1, many + 1):
        take(portrait((SMALL[0] + k, SMALL[1])))
        if k in (few, many):
            session.send("HeapProfiler.collectGarbage")
            used = session.send("Runtime.getHeapUsage")
            heap[str(k)] = round(sum(used[part] for part in HEAP) / 2**20, 1)
    found |= {"heap": heap, "after all": resident(process, "VmRSS")}
    page.close()
    return found


def _answer(route, networks, html):
    if route.request.url.endswith(".html"):
        route.fulfill(body=html, content_type="text/html")
    else:
        networks(route)


def renderer(browser):
    """Return the number of the process that shows pages: of several, the largest."""
    session = browser.new_browser_cdp_session()
    told = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return max(
        (one["id"] for one in told if one["type"] == "renderer"),
        key=lambda process: resident(process, "VmRSS"),
    )


def resident(process, name):
    """Return one of Linux' figures of a process' memory, in MiB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    kib = next(int(line.split()[1]) for line in lines if line.startswith(name))
    return round(kib / 1024, 1)


def portrait(sides):
    """Return scikit-image's astronaut, so wide and so high, as a JPEG."""
    width, height = sides
    face = Image.fromarray(skimage.data.astronaut()[:384])  # (384, 512, 3)
    file = io.BytesIO()
    face.resize((width, height)).save(file, "JPEG", quality=90)
    return file.getvalue()
