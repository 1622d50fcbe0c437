"""How a page's figures wait: light ones in the page, heavy ones in files that it loads."""

import base64
import io
import json
import re
from types import SimpleNamespace

import live_figures
import numpy as np
import pytest
from PIL import Image

from facebook_tut import _live

RNG = np.random.default_rng(0)
FILE = io.BytesIO()
Image.fromarray(RNG.integers(0, 256, (60, 80, 3), dtype=np.uint8)).save(FILE, "png")
PICTURE = "data:image/png;base64," + base64.b64encode(FILE.getvalue()).decode()
SMALL = "data:image/bmp;base64," + base64.b64encode(bytes(300)).decode()
STILL = f'<img alt="one" src="{PICTURE}"/><b style="--strip: url({PICTURE}); --count: 3;"></b>'


@pytest.fixture
def figure(tmp_path):
    """A function that returns the HTML of a figure of so many characters of data."""
    folder = tmp_path / "figure"
    folder.mkdir()
    (folder / "figure.css").write_text("p { color: red; }\n")
    (folder / "figure.js").write_text("export const hydrate = () => {};\nexport default hydrate;\n")

    def made(size, still=STILL):
        return _live.fragment(folder / "figure.js", still, {"data": "a</script>" + "x" * size})

    return made


@pytest.fixture
def shown(tmp_path):
    """A function that returns a page's body as the builder writes it."""

    def show(body, builder="html", page="book/04_convolution"):
        app = SimpleNamespace(builder=SimpleNamespace(name=builder), outdir=str(tmp_path / "html"))
        context = {"body": body}
        live_figures.wait(app, page, "page.html", context, None)
        return context["body"]

    return show


def test_a_light_figure_waits_in_the_page(figure, shown, tmp_path):
    page = shown(f"<p>before</p>{figure(10)}<p>after</p>")
    [key] = re.findall(r'data-live="(ft-\w+)"', page)
    assert f'whenNear("{key}", () => mount("{key}", hydrate));' in page
    assert PICTURE in page and not (tmp_path / "html").exists()


def test_a_heavy_figure_waits_in_a_file_with_its_data_and_its_large_pictures(
    figure, shown, tmp_path
):
    body = f"<p>before</p>{figure(90_000, STILL + f'<img src={SMALL!r}>')}<p>after</p>"
    page = shown(body)
    assert page.startswith("<p>before</p>") and page.endswith("<p>after</p>")
    assert len(page) < 20_000 and "application/json" not in page
    [(key, address)] = re.findall(
        r'whenNear\("(.*?)", \(\) => loadFigure\("\1", "(.*?)"\)\);', page
    )
    written = tmp_path / "html" / address.partition("?")[0].removeprefix("../")
    source = written.read_text("utf-8")
    [data] = re.findall(r'textContent: (".*") \}\)\);', source)
    assert json.loads(json.loads(data)) == {"data": "a</script>" + "x" * 90_000}
    assert source.endswith(f'mount("{key}", hydrate);\n}})();\n') and "export" not in source
    [image] = re.findall(r'<img alt="one" data-picture="0" [^>]*src="(.*?)"/>', page)
    [strip] = re.findall(r"--strip: url\((.*?)\); --count: 3;", page)
    assert 'style="aspect-ratio: auto 80 / 60;"' in page  # nothing moves when it comes
    for place in (image, strip):
        kept = tmp_path / "html" / place.partition("?")[0].removeprefix("../")
        assert kept.read_bytes() == FILE.getvalue()
    assert PICTURE not in page and SMALL in page and source.count(PICTURE) == 2


def test_what_changes_gets_another_address(figure, shown):
    one, other = (
        re.search(r"\?v=(\w+)\"\)\)", shown(figure(size)))[1] for size in (90_000, 91_000)
    )
    assert one != other


def test_books_that_are_not_pages_keep_their_figures_whole(figure, shown):
    body = figure(90_000)
    assert shown(body, builder="epub") == body


def test_the_cover_finds_the_files_from_where_it_is(figure, shown):
    assert '"_static/live/ft-' in shown(figure(90_000), page="intro")
