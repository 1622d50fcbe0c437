"""A figure that answers its reader: on the book's page, and as a widget in Jupyter and Colab.

Its folder holds ``figure.js``, which computes and draws all that is seen, and the frame that the
script fills: ``figure.html`` and ``figure.css``. Python checks what it is given, and its dials
follow the reader's.
"""

import importlib.util
import sys
from numbers import Real

from .page import fragment, rounded, script, style

ELSEWHERE = (
    '<p class="ft-elsewhere">Here stands a live figure. It is drawn where scripts run: on this'
    " chapter’s page in the book, and in Jupyter or Colab once its cell has been run.</p>"
)


class Shown:
    """Something that shows itself as HTML, and as a widget where a kernel runs."""

    _widget = None

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle, metadata = {"text/plain": repr(self), "text/html": self._repr_html_()}, {}
        if _kernel_is_there() and importlib.util.find_spec("anywidget"):
            live, metadata = self.widget._repr_mimebundle_()
            bundle = {**live, **bundle}
        return bundle, metadata

    @property
    def widget(self):
        """The same as a Jupyter widget, made when it is first asked for (needs anywidget)."""
        if self._widget is None:
            vars(self)["_widget"] = self._make_widget()
        return self._widget


def _kernel_is_there():
    """Return whether this runs in a Jupyter kernel, without importing IPython."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def make_widget(name, folder, markup, **traits):
    """Return an anywidget whose script and style are those of a figure's folder.

    Parameters
    ----------
    name : str
        Of its class.
    folder : pathlib.Path
        With ``figure.js`` and ``figure.css``.
    markup : str
        The HTML that the script brings to life.
    **traits : traitlets.TraitType
        What page and Python tell each other, by name.
    """
    try:
        import anywidget
        from traitlets import Unicode
    except ImportError as error:
        wanted = 'pip install "facebook_tut[interactive]"'
        raise ImportError(f"a live widget needs anywidget: {wanted}") from error
    traits = {**traits, "markup": Unicode(markup)}
    synced = {trait: kind.tag(sync=True) for trait, kind in traits.items()}
    code = {"_esm": script(folder / "figure.js"), "_css": style(folder / "figure.css")}
    return type(name, (anywidget.AnyWidget,), {**code, **synced})()


class LiveFigure(Shown):
    """A figure that answers its reader; display it by leaving it as a cell's last line.

    Its dials are attributes: reading one gives where the reader has left it, and setting one
    moves the figure.

    Parameters
    ----------
    name : str
        The function that made it.
    folder : pathlib.Path
        With ``figure.js``, ``figure.css`` and ``figure.html``.
    data : dict
        What the figure shows, ready for JSON.
    dials : dict of str to (Dial, Choice or Table, and its value)
        What the reader can change, and its value at first.
    networks : dict of str to callable
        The networks that its script may ask for, by name, and what returns the bytes of each; a
        page has them in ``_static/networks``.
    """

    def __init__(self, name, folder, data, dials, networks=None):
        values = {dial: spec.check(dial, value) for dial, (spec, value) in dials.items()}
        specs = {dial: spec for dial, (spec, _) in dials.items()}
        data = rounded(data)  # a widget has it as a page has it
        vars(self).update(_name=name, _folder=folder, _data=data, _dials=specs, _values=values)
        vars(self)["_networks"] = networks or {}

    def __getattr__(self, name):
        values = vars(self).get("_values", {})
        if name not in values:
            raise AttributeError(f"{type(self).__name__} has no attribute or dial {name!r}")
        return values[name]

    def __setattr__(self, name, value):
        if name not in self._dials:
            raise AttributeError(f"no dial {name!r}; the dials are {', '.join(self._dials)}")
        self._values[name] = self._dials[name].check(name, value)
        if self._widget is not None:
            setattr(self._widget, name, self._values[name])

    def __dir__(self):
        return [*super().__dir__(), *self._dials]

    def __repr__(self):
        shown = {
            name: f"{value:g}" if isinstance(value, Real) else str(value)
            for name, value in self._values.items()
        }
        dials = ", ".join(f"{name}={value}" for name, value in shown.items())
        return f"<{self._name}: {dials}>"

    def _frame(self):
        return (self._folder / "figure.html").read_text("utf-8")

    def _repr_html_(self):
        values = {"data": self._data, "dials": [*self._dials], **self._values}
        values["markup"] = self._frame()
        return fragment(self._folder / "figure.js", ELSEWHERE, values)

    def _make_widget(self):
        from traitlets import Dict, List

        traits = {name: dial.trait(self._values[name]) for name, dial in self._dials.items()}
        fixed = {"data": Dict(self._data), "dials": List([*self._dials])}
        widget = make_widget(self._name, self._folder, self._frame(), **fixed, **traits)
        widget.observe(lambda change: self._values.update({change.name: change.new}), [*traits])
        widget.on_msg(self._send_weights)
        return widget

    def _send_weights(self, widget, message, _):
        """Answer a script's question for the bytes of a network."""
        name = message.get("weights")
        if name in self._networks:
            widget.send({"weights": name}, [self._networks[name]()])
        else:
            trouble = f"The network {name} does not come with this figure."
            widget.send({"weights": name, "trouble": trouble})
