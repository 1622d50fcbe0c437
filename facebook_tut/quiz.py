"""Quiz questions that answer on the page itself: no kernel, no network, by mouse or keyboard.

Leave a question, or several in `show`, as a cell's last line. Its texts may hold ``inline code``
in backticks and *emphasis* in asterisks.
"""

import html
import math
import re
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path

from ._live import fragment, minus

_SCRIPT = Path(__file__).with_suffix(".js")


@dataclass(frozen=True, repr=False)
class Question:
    """One question; `choice` and `numeric` make them.

    Attributes
    ----------
    text : str
        The question, as its author wrote it.
    inputs : str
        The HTML that takes the reader's answer.
    solution : str
        The HTML of the right answer.
    check : dict
        What ``quiz.js`` needs to judge an answer.
    """

    text: str
    inputs: str
    solution: str
    check: dict

    def __post_init__(self):
        if not isinstance(self.text, str):
            raise TypeError(f"question must be str, got {self.text!r}")

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        return show(self)._repr_html_()


@dataclass(frozen=True, repr=False)
class Quiz:
    """Some questions, numbered if there are several; `show` makes one."""

    questions: tuple

    def __repr__(self):
        return "\n".join(number + q.text for number, q in self._numbered())

    def _numbered(self):
        alone = len(self.questions) == 1
        return [("" if alone else f"{i}. ", q) for i, q in enumerate(self.questions, 1)]

    def _repr_html_(self):
        forms = "\n".join(_form(number, question) for number, question in self._numbered())
        return fragment(_SCRIPT, forms, {"questions": [q.check for q in self.questions]})


def choice(question, options, answer, explain=""):
    """Ask the reader to choose one of several options.

    Parameters
    ----------
    question : str
        The question.
    options : list of str
        Two options or more.
    answer : int or str
        The right option: its index or its text.
    explain : str or list of str, optional
        What to say to a right answer, or, as a list, to each of the options.

    Returns
    -------
    Question

    Examples
    --------
    >>> choice("Which layer shrinks the image?", ["`MaxPooling2D`", "`ReLU`"], answer=0)
    Which layer shrinks the image?
    """
    _check_texts("options", options, at_least=2)
    for option in options:
        if options.count(option) > 1:
            raise ValueError(f"options must differ, got {option!r} twice")
    right = _index(options, answer)
    hints = [explain] * len(options) if isinstance(explain, str) else explain
    _check_texts("explain", hints, at_least=len(options), at_most=len(options))
    check = {"answer": right, "tolerance": 0, "explain": inline(hints[right])}
    check["hints"] = [] if isinstance(explain, str) else [inline(hint) for hint in hints]
    check["ask"] = "Choose an answer first."
    inputs = "\n".join(
        f'<label class="ft-option"><input type="radio" name="option" value="{i}">'
        f"<span>{inline(option)}</span></label>"
        for i, option in enumerate(options)
    )
    return Question(question, inputs, inline(options[right]), check)


def numeric(question, answer, tolerance=0, explain="", unit="", hints=None):
    """Ask the reader for a number.

    Parameters
    ----------
    question : str
        The question.
    answer : number
        The right answer, best computed in the notebook: ``answer=model.count_params()``.
    tolerance : number, default 0
        How far off an answer may be; rounding errors never count.
    explain : str, optional
        What to say to a right answer.
    unit : str, optional
        What follows the number.
    hints : dict of number to str, optional
        What to say to wrong answers that are to be expected.

    Returns
    -------
    Question

    Examples
    --------
    >>> numeric("How many weights has a 3×3 filter on a colour image?", answer=3 * 3 * 3)
    How many weights has a 3×3 filter on a colour image?
    """
    answer, tolerance = _number("answer", answer), _number("tolerance", tolerance)
    if tolerance < 0:
        raise ValueError(f"tolerance must be 0 or more, got {tolerance}")
    check = {"answer": answer, "tolerance": tolerance, "explain": inline(explain)}
    check |= {"hints": _hints(hints or {}, answer, tolerance), "ask": "Type a number first."}
    inputs = (
        '<label class="ft-number"><span>Your answer</span> '
        '<input type="number" step="any" autocomplete="off"> '
        f"<span>{inline(unit)}</span></label>"
    )
    solution = f"{_written(answer, tolerance)} {inline(unit)}".strip()
    return Question(question, inputs, solution, check)


def _hints(hints, answer, tolerance):
    """Return hints by the number as JavaScript writes it, so that a typed number finds its own."""
    if not isinstance(hints, dict):
        raise TypeError(f"hints must be a dict of number to str, got {hints!r}")
    _check_texts("hints", [*hints.values()], at_least=0)
    numbers = [_number("hints", number) for number in hints]
    for number in numbers:
        if abs(number - answer) <= tolerance + 1e-9 * abs(answer):
            raise ValueError(f"hints must be for wrong answers, {number:g} is right")
    written = [str(int(number)) if number == int(number) else repr(number) for number in numbers]
    return dict(zip(written, map(inline, hints.values()), strict=True))


def show(*questions):
    """Show several questions as one numbered quiz.

    Parameters
    ----------
    *questions : Question
        The questions, in reading order.

    Returns
    -------
    Quiz

    Examples
    --------
    >>> show(numeric("What is 2 + 2?", 4), numeric("What is 2 × 2?", 4))
    1. What is 2 + 2?
    2. What is 2 × 2?
    """
    for question in questions:
        if not isinstance(question, Question):
            raise TypeError(f"questions must come from choice or numeric, got {question!r}")
    if not questions:
        raise ValueError("questions must be one or more, got none")
    return Quiz(questions)


def inline(text):
    """Return `text` as HTML with its code and emphasis, everything else escaped.

    Examples
    --------
    >>> inline("Is `x < 3` *always* true?")
    'Is <code>x &lt; 3</code> <em>always</em> true?'
    >>> inline("2 % of them")  # which no line may break apart
    '2\xa0% of them'
    >>> inline("2 * 3 * 4")
    '2 * 3 * 4'
    """
    if not isinstance(text, str):
        raise TypeError(f"every text of a question must be str, got {text!r}")
    parts = re.split(r"`([^`]+)`", html.escape(text, quote=False))
    emphasis = re.compile(r"(?<!\w)\*(\S(?:[^*]*\S)?)\*(?!\w)")
    parts[::2] = [emphasis.sub(r"<em>\1</em>", part).replace(" %", "\xa0%") for part in parts[::2]]
    parts[1::2] = [f"<code>{code}</code>" for code in parts[1::2]]
    return "".join(parts)


def _form(number, question):
    """Return one question as an HTML form."""
    explain = question.check["explain"]
    return (
        f'<form class="ft-question" novalidate>\n<fieldset>\n'
        f"<legend>{number}{inline(question.text)}</legend>\n{question.inputs}\n"
        '<button type="submit" disabled>Check</button>\n<p role="status"></p>\n'
        "<details><summary>Show the answer</summary>\n"
        f"<p><b>{question.solution}</b> {explain}</p></details>\n</fieldset>\n</form>"
    )


def _check_texts(name, texts, at_least, at_most=math.inf):
    """Raise unless `texts` is a list of as many strings as wanted."""
    wanted = f"{name} must be a list of {at_least}{'' if at_most == at_least else ' or more'} str"
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise TypeError(f"{wanted}, got {texts!r}")
    if not at_least <= len(texts) <= at_most:
        raise ValueError(f"{wanted}, got {len(texts)}")


def _index(options, answer):
    """Return the index of the right option, which may be given by its text."""
    if answer in options:
        return options.index(answer)
    if isinstance(answer, Integral) and not isinstance(answer, bool) and 0 <= answer < len(options):
        return int(answer)
    wanted = f"answer must be one of the options or an index from 0 to {len(options) - 1}"
    raise ValueError(f"{wanted}, got {answer!r}")


def _written(answer, tolerance):
    """Return an answer with no more decimals than its tolerance makes matter.

    Examples
    --------
    >>> _written(18.1351170521, 0.5), _written(1953.125, 1), _written(-0.982, 0.02)
    ('18.1', '1,953', '−0.98')
    """
    if tolerance:
        answer = round(answer, max(0, math.ceil(-math.log10(tolerance))))
    whole = float(answer).is_integer()
    return minus(f"{int(answer):,}" if whole else f"{answer:,.6g}")


def _number(name, value):
    """Return `value`, whatever its library, as a Python int or float."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    try:
        if isinstance(value, bool | str):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    return number
