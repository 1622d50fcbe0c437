"""What the linter needs to know of the questions that a quiz has shown, from its stored output."""

import json
import re
from typing import NamedTuple

from nbformat import NotebookNode

DATA = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)
FORM = re.compile(r'<form class="ft-question".*?</form>', re.DOTALL)
OPTION = 'name="option"'


class Question(NamedTuple):
    """One question: in a list the place of its right option, and how many answers lack a hint.

    A number to type has no place. Wrong numbers are without end: it wants a hint for one at least.
    """

    place: list[int]
    without_hint: int


def questions(cell: NotebookNode) -> list[Question]:
    """Return the questions that a code cell has shown."""
    pages = [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", [])]
    return [question for page in pages for question in of_page(page)]


def of_page(page: str) -> list[Question]:
    """Return the questions in the HTML of one output."""
    forms = FORM.findall(page)
    checks = json.loads(DATA.search(page)[1])["questions"] if forms else []
    return [question(check, form.count(OPTION)) for check, form in zip(checks, forms, strict=True)]


def question(check: dict, options: int) -> Question:
    """Return a question from what its script checks, and from the number of its options."""
    if not options:
        return Question([], int(not any(check["hints"].values())))
    hints = check["hints"] or [""] * options
    wrong = [hint.strip() for place, hint in enumerate(hints) if place != check["answer"]]
    own = {hint for hint in wrong if hint and wrong.count(hint) == 1}
    return Question([check["answer"]], len(wrong) - len(own))
