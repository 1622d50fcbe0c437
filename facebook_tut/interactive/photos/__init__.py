"""The photo recogniser: photographs of the reader's own, with every face boxed and named.

Unlike the live figures it needs Python at work: the page shows a photograph and sends it as a
JPEG, Python answers with boxes and words. Neither is in the widget's state, so that a notebook
which is saved with its widgets holds no photograph.
"""

import base64
import io
import logging
from contextlib import suppress
from html import escape
from pathlib import Path
from string import Template

import numpy as np

from facebook_tut._live import Shown, make_widget, style

FOLDER = Path(__file__).parent
UNCLEAR = "not named: too small, dark, pale or blurred"
MOST_PIXELS = 25_000_000  # of a photograph; the page sends 1600 × 1600 at most
FORMS = {"look": 1, "enrol": 1, "forget": 0}  # what the page may ask for, with how many texts
logger = logging.getLogger(__name__)


def photo_recognizer(recognizer):
    """Let readers recognise people on photographs of their own.

    In a running notebook they choose a file or take a picture with their camera. Every face is
    boxed and named, or it says why it is not; the one face of a photograph can be enrolled under a
    name. The photograph goes to the machine that runs Python and no further, and no file is
    written.

    Parameters
    ----------
    recognizer : pipeline.Recognizer
        It answers, and people are enrolled in its gallery.

    Returns
    -------
    PhotoRecognizer
        Leave it as a cell's last line. It needs anywidget; without it, or on a static page, a still
        is shown.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> recognizer = SimpleNamespace(gallery=SimpleNamespace(names=("Ada",)))
    >>> photo_recognizer(recognizer)
    <photo_recognizer: 1 enrolled>
    """
    return PhotoRecognizer(recognizer)


class PhotoRecognizer(Shown):
    """A photograph, and what a recogniser makes of it; made by `photo_recognizer`.

    Parameters
    ----------
    recognizer : pipeline.Recognizer
        As for `photo_recognizer`.

    Attributes
    ----------
    picture : ndarray, (H, W, 3), uint8, or None
        The photograph that is shown.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> nobody = SimpleNamespace(gallery=SimpleNamespace(names=()))
    >>> PhotoRecognizer(nobody).enrol("Ada")["said"]
    'Choose a photograph first.'
    """

    def __init__(self, recognizer):
        self.recognizer, self.picture = recognizer, None

    def __repr__(self):
        return f"<photo_recognizer: {len(self.recognizer.gallery.names)} enrolled>"

    def look(self, photo):
        """Find and name the faces of a photograph that the page sent, and keep it for `enrol`.

        Parameters
        ----------
        photo : str
            A picture as a data URI.

        Returns
        -------
        dict
            What the page shows: ``faces``, each with its ``box`` and ``text``; ``said`` and
            ``known``.
        """
        self.picture = None  # a photograph that cannot be read is not the one before it
        try:
            self.picture = _decode(photo)
        except ValueError as error:
            return self._reply(f"This photograph cannot be read: {error}.")
        return self._answer()

    def enrol(self, name):
        """Enrol the one face of the photograph, or merge it into the template that is there.

        Parameters
        ----------
        name : str
            Who it is.

        Returns
        -------
        dict
            As `look`.
        """
        if self.picture is None:
            return self._reply("Choose a photograph first.")
        name, gallery = " ".join(name.split()), self.recognizer.gallery
        try:
            add = self.recognizer.update if name in gallery else self.recognizer.enrol
            add(name, self.picture)
        except (TypeError, ValueError) as error:
            return self._answer(f"Not enrolled: {error}.")
        return self._answer(f"{name} is enrolled.")

    def forget(self):
        """Remove everybody from the gallery, and let go of the photograph.

        Returns
        -------
        dict
            As `look`.
        """
        self.picture = None
        for name in self.recognizer.gallery.names:
            with suppress(KeyError, ValueError):  # somebody else has forgotten them just now
                self.recognizer.gallery.remove(name)
        return self._reply("Everybody is forgotten, and the photograph too.")

    def _answer(self, said=""):
        """Return what the page shows for the photograph."""
        try:
            answers = self.recognizer.identify(self.picture)
        except (TypeError, ValueError) as error:
            return self._reply(" ".join([said, f"This cannot be searched: {error}."]).strip())
        height, width = self.picture.shape[:2]
        sides = np.array([height, width, height, width])
        faces = [
            {
                "box": (np.array(answer.face.box) / sides).round(4).tolist(),
                "text": _words(answer, self.recognizer.threshold),
            }
            for answer in answers
        ]
        return self._reply(said or _count(len(faces)), faces)

    def _reply(self, said, faces=()):
        return {"said": said, "faces": [*faces], "known": _known(self.recognizer.gallery.names)}

    def _receive(self, message):
        """Do what the page asks for, and return the answer: it waits for one, whatever happens."""
        try:
            answer = self._do(message)
        except (Exception, KeyboardInterrupt) as error:
            logger.debug("the photo recogniser failed", exc_info=True)
            answer = self._reply(_sorry(error))
        number = message.get("number") if isinstance(message, dict) else None
        return {**answer, "number": number} if isinstance(number, int) else answer

    def _do(self, message):
        """Do what a message asks for, if it is of the right form."""
        do, values = (
            (message.get("do"), message.get("with")) if isinstance(message, dict) else (None, None)
        )
        sound = isinstance(do, str) and isinstance(values, list) and len(values) == FORMS.get(do)
        if not sound or not all(isinstance(value, str) for value in values):
            return self._reply("The page asked for something unknown. Run its cell again.")
        return {"look": self.look, "enrol": self.enrol, "forget": self.forget}[do](*values)

    def _markup(self):
        """Return the HTML of all controls, and who is enrolled."""
        frame = Template((FOLDER / "figure.html").read_text("utf-8"))
        return frame.substitute(known=escape(_known(self.recognizer.gallery.names)))

    def _repr_html_(self):
        styled = f"<style>\n{style(FOLDER / 'figure.css')}</style>\n"
        return f'<div class="ft-live">\n{styled}{self._markup()}</div>'

    def _make_widget(self):
        widget = make_widget("photo_recognizer", FOLDER, self._markup())
        widget.on_msg(lambda widget, message, buffers: widget.send(self._receive(message)))
        return widget


def _decode(photo):
    """Return the picture in a data URI, (H, W, 3) uint8, or say what is wrong with it."""
    from PIL import Image, UnidentifiedImageError

    from facebook_tut._pictures import formats

    content = base64.b64decode(photo.partition(",")[2])
    if not content:
        raise ValueError("it is empty, or too narrow to be shown")
    try:
        with Image.open(io.BytesIO(content), formats=formats()) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise ValueError(f"it is too large, {width} × {height} pixels")
            return np.array(picture.convert("RGB"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError("it is too large") from error
    except UnidentifiedImageError as error:
        raise ValueError("it is no picture") from error
    except (OSError, SyntaxError) as error:  # as Pillow's decoders raise them
        raise ValueError("it is damaged") from error


def _sorry(error):
    """Say in a sentence what went wrong, to somebody who does not read Python's errors."""
    if isinstance(error, MemoryError):
        return "There is not enough memory for this photograph. Try a smaller one."
    if isinstance(error, KeyboardInterrupt):
        return "This was stopped. Choose a photograph again."
    kind = type(error).__name__
    said = " ".join(str(error).split()).rstrip(".")
    what = f"{kind}: {said}" if said else kind
    return f"Something went wrong in Python ({what}). Try again, or another photograph."


def _count(faces):
    """Return how many faces there are, in words."""
    if not faces:
        return "No face found. A large, frontal, evenly lit one is found best."
    return f"{faces} face{'s' if faces > 1 else ''} found."


def _words(answer, threshold):
    """Return the name of a face with its cosine, or why there is none."""
    if answer.name is not None:
        return f"{answer.name}, cosine {answer.score:.2f}"
    if answer.reason == "unknown":
        return f"unknown: nearest cosine {answer.score:.2f}, threshold {threshold:.2f}"
    if answer.reason == "low quality":
        return f"{UNCLEAR} (quality {answer.face.quality.score:.2f})"
    if answer.reason == "empty gallery":
        return "nobody is enrolled yet"
    return f"no name: {answer.reason}"


def _known(names):
    """Return who is enrolled, as a sentence."""
    return f"Enrolled: {', '.join(names)}." if names else "Nobody is enrolled."
