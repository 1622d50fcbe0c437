"""What live figures and quizzes share: one script each, the same on a page and in a notebook."""

from .dials import Choice, Dial, Table, check_names
from .figure import ELSEWHERE, LiveFigure, Shown, make_widget
from .page import FOLDER, embed_json, fragment, key, minus, rounded, script, style
from .pictures import SIDES, as_jpeg, data_uri, grey_levels
