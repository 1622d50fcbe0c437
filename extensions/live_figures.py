"""Sphinx extension: draw the live figures when the book is built.

A page shows each figure at once, also where no script runs: its own script, run in an embedded
JavaScript engine, says what is seen, and its frame is filled with that here, as `fill` of
``live.js`` does it in a browser.

Each figure starts when its reader comes near. One whose script and data weigh much has them in a
file of its own, `_static/live/*.js`, and its still has its large pictures in others; the page loads
them then.

The directive `live-figure` is for pages that are not notebooks. Its content is one Python
expression, which may use `interactive` and `skimage`, and whose value shows itself as HTML.
"""

import base64
import hashlib
import json
import re
from functools import cache, partial
from pathlib import Path

import skimage.data
from bs4 import BeautifulSoup
from docutils import nodes
from PIL import Image
from sphinx.util.docutils import SphinxDirective

from facebook_tut._live import ELSEWHERE, embed_json

DATA = re.compile(r'(<script type="application/json">)(.*?)(</script>)', re.DOTALL)
SCRIPT = re.compile(r'<script type="module">\n(.*)mount\("[^"]*", hydrate\);\n</script>', re.DOTALL)
KEPT_APART, FOLDER = 64_000, "_static/live"  # characters of script and data
LIVE = re.compile(
    r'<div class="ft-live" data-live="(?P<key>ft-\w+)">\n'
    r"(?P<still>(?:(?!<script).)*)"
    r'<script type="application/json">(?P<data>[^<]*)</script>\n</div>\n'
    r'<script type="module">\n(?P<script>(?:(?!</script>).)*)'
    r'^mount\("(?P=key)", hydrate\);\n</script>',
    re.DOTALL | re.MULTILINE,
)
PICTURE = re.compile(r'(src="|url\()(data:image/(\w+);base64,([\w+/=]{8000,}))')
# As a classic script it also loads where the page is read from a file.
APART = """(() => {{
"use strict";
{script}for (const root of document.querySelectorAll('[data-live="{key}"]')) {{
const [data, pictures] = [document.createElement("script"), {pictures}];
for (const image of root.querySelectorAll("[data-picture]"))
image.src = pictures[image.dataset.picture];
root.append(Object.assign(data, {{ type: "application/json", textContent: {data} }}));
}}
mount("{key}", hydrate);
}})();
"""
EXPORT = re.compile(r"^export (?:default .*;$)?", re.MULTILINE)
# What V8 alone lacks of a browser.
SHIM = """
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
function btoa(text) {
  let [out, bits, count] = ["", 0, 0];
  for (let i = 0; i < text.length; i++) {
    [bits, count] = [(bits << 8) | text.charCodeAt(i), count + 8];
    for (; count >= 6; count -= 6) out += LETTERS[(bits >> (count - 6)) & 63];
    bits &= (1 << count) - 1;
  }
  if (count) out += LETTERS[(bits << (6 - count)) & 63];
  return out + "=".repeat((4 - (out.length % 4)) % 4);
}
function atob(text) {
  let [out, bits, count] = ["", 0, 0];
  for (const letter of text.replace(/=+$/, "")) {
    [bits, count] = [(bits << 6) | LETTERS.indexOf(letter), count + 6];
    if (count >= 8) out += String.fromCharCode((bits >> (count -= 8)) & 255);
    bits &= (1 << count) - 1;
  }
  return out;
}
"""


@cache
def engine(script):
    """Return a JavaScript engine that has run a figure's script."""
    from py_mini_racer import MiniRacer

    running = MiniRacer()
    running.eval(
        f"{SHIM}const still = (() => {{\n{EXPORT.sub('', script)}\nreturn (values) => "
        "JSON.stringify(hydrate.still(JSON.parse(values)));\n})();"
    )
    return running


def drawn(html):
    """Return a live figure's HTML as the page has it: with its still, and without its frame."""
    found, script = DATA.search(html), SCRIPT.search(html)
    values = json.loads(found[2])
    frame = values.pop("markup")
    shown = json.loads(engine(script[1]).call("still", json.dumps(values)))
    values["data"].pop("once", None)
    data = f"{found[1]}{embed_json(values)}{found[3]}"
    return html.replace(found[0], data).replace(ELSEWHERE, filled(frame, shown))


def filled(frame, shown):
    """Return a frame's HTML with the values that its elements ask for."""
    page = BeautifulSoup(frame, "html.parser")
    for part in page.select("[data-parts]"):
        part.append(BeautifulSoup(shown[part["data-parts"]], "html.parser"))
    for slot in page.select("[data-slot]"):
        text, attribute = str(shown[slot["data-slot"]]), {"path": "d", "img": "src"}.get(slot.name)
        if attribute:
            slot[attribute] = text
        else:
            slot.string = text
    for part in page.select("[data-places]"):
        own = [part["style"]] if part.get("style") else []
        places = (f"--{name}: {shown[name]};" for name in part["data-places"].split())
        part["style"] = " ".join([*own, *places])
    for part in page.select("[data-attributes]"):
        for pair in part["data-attributes"].split():
            attribute, name = pair.split("=")
            put(part, attribute, shown[name])
    for control in page.select("[data-dial]"):
        set_to(control, shown[control["data-dial"]])
    for button in page.select("[data-set]"):
        name, value = button["data-set"].split()
        button["aria-pressed"] = str(shown[name] == value).lower()
    return str(page)


def put(element, name, value):
    """Give an element an attribute: True leaves it without a value, False takes it away."""
    if value is False:
        element.attrs.pop(name, None)
    else:
        element[name] = "" if value is True else str(value)


def set_to(control, value):
    """Let an input show a dial's value, a menu also in words where menus are not shown."""
    if control.name == "select":
        control.parent.select_one(".ft-printed").string = value
        for option in control.select("option"):
            put(option, "selected", option.get("value", option.get_text()) == value)
    elif control.get("type") == "radio":
        put(control, "checked", control["value"] == str(value))
    elif "data-cell" in control.attrs:
        row, column = map(int, control["data-cell"].split())
        control["value"] = str(value[row][column])
    else:
        control["value"] = value


def draw(app, doctree):
    """Draw the figures of a page."""
    for node in list(doctree.findall(nodes.raw)):
        if node["format"] == "html" and ELSEWHERE in node.astext():
            html = drawn(node.astext())
            node.replace_self(nodes.raw("", html, format="html"))


def wait(app, pagename, templatename, context, doctree):
    """Let the figures of a page start when they come near, as `book.js` does it."""
    if app.builder.name == "html" and "body" in context:
        to = "../" * pagename.count("/")
        waiting = partial(waits, folder=Path(app.outdir) / FOLDER, address=f"{to}{FOLDER}")
        context["body"] = LIVE.sub(waiting, context["body"])


def waits(found, folder, address):
    """Return a figure's HTML as a page has it that lets it wait."""
    key, data, script = found["key"], found["data"], found["script"]
    if len(data) + len(script) < KEPT_APART:
        start = f'whenNear("{key}", () => mount("{key}", hydrate));'
        return found[0].replace(f'mount("{key}", hydrate);', start)
    folder.mkdir(parents=True, exist_ok=True)
    still, pictures = without_pictures(found["still"], folder, f"{address}/{key}")
    parts = {"data": json.dumps(data), "pictures": json.dumps(pictures)}
    source = APART.format(key=key, script=EXPORT.sub("", script), **parts)
    (folder / f"{key}.js").write_text(source, "utf-8")
    return (
        f'<div class="ft-live" data-live="{key}">\n{still}</div>\n<script type="module">\n'
        f'whenNear("{key}", () => loadFigure("{key}", "{address}/{key}.js?v={version(source)}"));\n'
        "</script>"
    )


def without_pictures(still, folder, address):
    """Write a still's large pictures to files; return its HTML with them, and what they held.

    The script may read pixels, which a page that is a file may not do of other files: images get
    back what they held when it comes.
    """
    pictures = []

    def kept(found):
        number, (before, uri, kind, content) = len(pictures), found.groups()
        path = folder / f"{Path(address).name}-{number}.{kind}"
        path.write_bytes(base64.b64decode(content))
        pictures.append(uri)
        place = f"{before}{Path(address).parent.as_posix()}/{path.name}?v={version(content)}"
        if not before.startswith("src"):
            return place
        with Image.open(path) as image:
            room = "aspect-ratio: auto {} / {};".format(*image.size)
        return f'data-picture="{number}" loading="lazy" style="{room}" {place}'

    return PICTURE.sub(kept, still), pictures


def version(content):
    """Return what changes a file's address when its content changes."""
    return hashlib.sha256(content.encode()).hexdigest()[:8]


class LiveFigure(SphinxDirective):
    """Show a live figure here."""

    has_content = True

    def run(self):
        """Return the figure's HTML."""
        from facebook_tut import interactive

        names = {"interactive": interactive, "skimage": skimage}
        figure = eval("\n".join(self.content), names)
        return [nodes.raw("", figure._repr_html_(), format="html")]


def setup(app):
    """Tell Sphinx of the directive, and when to draw."""
    app.add_directive("live-figure", LiveFigure)
    app.connect("doctree-read", draw)
    app.connect("html-page-context", wait)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
