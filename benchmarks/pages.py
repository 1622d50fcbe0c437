"""Measure every page of the built book with Lighthouse and axe-core, phone and desktop.

The pages are served on this machine, compressed, as a host of static pages serves them. Lighthouse
loads each as a middling phone on a slow mobile network and as a desktop, three times if the first
misses the target in performance. It needs a quiet machine. axe-core looks at light and dark. The
weight is what the page loads, compressed; the pictures of live figures that stand in the page
itself are taken off.

    make book && python benchmarks/pages.py --only book/intro book/04_convolution

Lighthouse comes from the npm registry (`npm install lighthouse@12.2.3` in any folder, named by
`--lighthouse`), and runs the Chromium that is installed.
"""

import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from _record import options, run
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from facebook_tut._progress import progress_bar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import chromium  # noqa: E402

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FORMS = {"phone": (), "desktop": ("--preset=desktop",)}
TARGET, MOST = 95, 1.5e6  # points of each category; bytes of a page
LEFT_OUT = ("index", "genindex", "search")
COMPRESSED = {".html", ".css", ".js", ".svg", ".json", ".xml", ".txt"}
SCROLL_THROUGH = """async () => {
    for (let place = 0; place < document.documentElement.scrollHeight; place += innerHeight) {
        scrollTo(0, place);
        await new Promise(done => setTimeout(done, 50));
    }
}"""


class Compressing(SimpleHTTPRequestHandler):
    """Serves a folder, text compressed, and keeps connections open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Send a file."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return self.send_error(404)
        body, squeeze = path.read_bytes(), path.suffix in COMPRESSED
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header(
            "Cache-Control", "max-age=31536000" if "_" in path.parts[-2] else "no-cache"
        )
        if squeeze:
            body = gzip.compress(body, 9)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


def main():
    """Measure, print the table and record it."""
    parser = options(__doc__, "pages")
    parser.add_argument("--pages", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--only", nargs="+", metavar="PAGE", help="such as book/intro; else all")
    parser.add_argument("--lighthouse", default=shutil.which("lighthouse"), help="the program")
    arguments = parser.parse_args()
    if not arguments.pages.is_dir():
        sys.exit(f"{arguments.pages} is not there; run `make book` first")
    if arguments.lighthouse is None:
        sys.exit("lighthouse was not found; install it with npm and name it by --lighthouse")
    run(arguments, measure, table, "axe-playwright-python")


def measure(arguments):
    """Serve the pages and return what Lighthouse and axe-core say of each."""
    names = arguments.only or page_names(arguments.pages)
    handler = partial(Compressing, directory=arguments.pages)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        pages = {
            name: measure_page(arguments, name, f"{base}/{name}.html")
            for name in progress_bar(names, desc="pages", unit="page")
        }
        server.shutdown()
    version = version_of(arguments.lighthouse)
    return {"lighthouse": version, "target": TARGET, "most_bytes": MOST, "pages": pages}


def measure_page(arguments, name, url):
    """Return what is found of a page, on a phone and on a desktop."""
    return {
        **{form: lighthouse(arguments.lighthouse, url, form) for form in FORMS},
        "axe_violations": axe(url),
        "live_figure_bytes": pictures_in_figures(arguments.pages / f"{name}.html"),
    }


def page_names(folder):
    """Return every page's name, with no suffix, in the folder's order."""
    paths = sorted(path for path in folder.rglob("*.html") if "_static" not in path.parts)
    names = [path.relative_to(folder).with_suffix("").as_posix() for path in paths]
    return [name for name in names if name not in LEFT_OUT]


def version_of(program):
    """Return what a program calls its version."""
    return subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()


def lighthouse(program, url, form):
    """Return Lighthouse's scores of a page and what they are made of.

    What else the machine does can only slow a page down. So one that misses the target in
    performance is loaded twice more, and the middle run counts.
    """
    runs = [lighthouse_once(program, url, form)]
    if runs[0]["performance"] < TARGET:
        runs += [lighthouse_once(program, url, form) for _ in range(2)]
    middle = sorted(runs, key=lambda run: run["performance"])[len(runs) // 2]
    return {**middle, "performances": [run["performance"] for run in runs]}


def lighthouse_once(program, url, form):
    """Return Lighthouse's four scores of a page, out of 100, and what they are made of."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        flags = "--headless=new --no-sandbox --disable-gpu"
        command = [program, url, "--quiet", f"--chrome-flags={flags}", "--output=json"]
        only = "--only-categories=" + ",".join(CATEGORIES)
        command += [only, f"--output-path={report}", *FORMS[form]]
        subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(report.read_text("utf-8"))
    audits = found["audits"]
    return {
        **{name: round(100 * found["categories"][name]["score"]) for name in CATEGORIES},
        "first_paint_ms": round(audits["first-contentful-paint"]["numericValue"]),
        "largest_paint_ms": round(audits["largest-contentful-paint"]["numericValue"]),
        "blocking_ms": round(audits["total-blocking-time"]["numericValue"]),
        "layout_shift": round(audits["cumulative-layout-shift"]["numericValue"], 4),
        "bytes": audits["total-byte-weight"]["numericValue"],
        "failed": failed(found),
    }


def failed(found):
    """Return the names of the audits that cost points."""
    weighed = {
        audit["id"]
        for category in found["categories"].values()
        for audit in category["auditRefs"]
        if audit["weight"]
    }
    scores = {name: found["audits"][name]["score"] for name in weighed}
    return sorted(name for name, score in scores.items() if score is not None and score < 0.9)


def axe(url):
    """Return the rules of axe-core that a page breaks, in light and in dark."""
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        broken = []
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme)
            page.goto(url)
            # All of it, not what is near the window alone, is to be laid out, and seen once.
            page.add_style_tag(content="section { content-visibility: visible !important }")
            page.evaluate(SCROLL_THROUGH)
            broken += [rule["id"] for rule in Axe().run(page).response["violations"]]
        browser.close()
    return broken


def pictures_in_figures(path):
    """Return how many bytes of pictures a page's live figures hold, compressed as they are sent."""
    pictures = re.findall(r"data:image/[^\"')]*", path.read_text("utf-8"))
    return len(gzip.compress("".join(pictures).encode(), 9))


def table(record):
    """Return the measurements in lines: four scores on a phone and on a desktop, weight, axe."""
    lines = ["page                                  phone             desktop         KB  axe"]
    for name, page in record["pages"].items():
        scores = "  ".join(
            " ".join(f"{page[form][category]:3}" for category in CATEGORIES) for form in FORMS
        )
        weight = (page["phone"]["bytes"] - page["live_figure_bytes"]) / 1000
        lines.append(f"{name:36} {scores} {weight:6.0f} {len(page['axe_violations']):4}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
