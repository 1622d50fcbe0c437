"""The quiz: what it refuses, the HTML that it makes, and readers with and without JavaScript."""

import itertools
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from facebook_tut import quiz

BOOK = Path(__file__).parents[1] / "book"
OPTIONS = ["`Conv2D`", "`MaxPooling2D`", "`Dense`"]
HINTS = ["It learns its filters.", "There is nothing to learn.", "It has a weight for each input."]


def pooling(explain=HINTS, answer=1):
    return quiz.choice("Which layer has *no* weights?", OPTIONS, answer, explain)


def area(**options):
    return quiz.numeric("How large is the circle?", math.pi, 0.01, "It is `π r²`.", **options)


def test_the_text_of_a_question_is_what_a_terminal_shows():
    assert repr(pooling()) == "Which layer has *no* weights?"
    lines = ["1. Which layer has *no* weights?", "2. How large is the circle?"]
    assert repr(quiz.show(pooling(), area())) == "\n".join(lines)
    assert repr(quiz.show(area())) == "How large is the circle?"


@pytest.mark.parametrize("answer", [1, np.int64(1), "`MaxPooling2D`"])
def test_an_answer_is_an_index_or_a_text(answer):
    assert pooling(answer=answer).check["answer"] == 1


@pytest.mark.parametrize("answer", [3, -1, True, 1.5, "`Flatten`", None])
def test_an_answer_that_is_no_option_is_named(answer):
    with pytest.raises(ValueError, match=f"answer must be .* from 0 to 2, got {answer!r}"):
        pooling(answer=answer)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (["a"], ValueError, "options must be a list of 2 or more str, got 1"),
        ("ab", TypeError, "options must be a list of 2 or more str, got 'ab'"),
        (["a", 2], TypeError, r"options must be a list of 2 or more str, got \['a', 2\]"),
        (["a", "b", "a"], ValueError, "options must differ, got 'a' twice"),
    ],
)
def test_wrong_options_are_named(options, error, message):
    with pytest.raises(error, match=message):
        quiz.choice("Which?", options, 0)


@pytest.mark.parametrize(
    ("explain", "error", "message"),
    [
        (["a", "b"], ValueError, "explain must be a list of 3 str, got 2"),
        (["a", "b", None], TypeError, "explain must be a list of 3 str, got"),
        (7, TypeError, "explain must be a list of 3 str, got 7"),
    ],
)
def test_a_wrong_explanation_is_named(explain, error, message):
    with pytest.raises(error, match=message):
        pooling(explain=explain)


@pytest.mark.parametrize("value", [896, np.int64(896), np.float32(896), np.array(896.0)])
def test_a_number_may_come_from_any_library(value):
    answer = quiz.numeric("How many?", value).check["answer"]
    assert answer == 896
    assert type(answer) in (int, float)


@pytest.mark.parametrize(
    ("answer", "tolerance", "error", "message"),
    [
        ("12", 0, TypeError, "answer must be a number, got '12'"),
        (None, 0, TypeError, "answer must be a number, got None"),
        (True, 0, TypeError, "answer must be a number, got True"),
        (math.nan, 0, ValueError, "answer must be a finite number, got nan"),
        (1, -1, ValueError, "tolerance must be 0 or more, got -1"),
        (1, "1%", TypeError, "tolerance must be a number, got '1%'"),
    ],
)
def test_a_wrong_number_is_named(answer, tolerance, error, message):
    with pytest.raises(error, match=message):
        quiz.numeric("How many?", answer, tolerance)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((), ValueError, "questions must be one or more, got none"),
        (("What?",), TypeError, "questions must come from choice or numeric, got 'What?'"),
    ],
)
def test_show_wants_questions(arguments, error, message):
    with pytest.raises(error, match=message.replace("?", r"\?")):
        quiz.show(*arguments)


def test_a_question_that_is_no_text_is_named():
    with pytest.raises(TypeError, match="question must be str, got 5"):
        quiz.numeric(5, 5)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("`a * b * c` and *this*", "<code>a * b * c</code> and <em>this</em>"),
        ("2*3*4 and 2 * 3 * 4", "2*3*4 and 2 * 3 * 4"),
        ("one ` tick, one * star", "one ` tick, one * star"),
        ("*`code` inside*", "*<code>code</code> inside*"),
    ],
)
def test_code_and_emphasis_and_nothing_else(text, html):
    assert quiz.inline(text) == html


def test_html_depends_on_the_questions_alone_and_fetches_nothing():
    html = quiz.show(pooling(), area())._repr_html_()
    assert html == quiz.show(pooling(), area())._repr_html_() != pooling()._repr_html_()
    assert not any(text in html for text in ("http:", "https:", "src=", "url(", "@import"))


def places(chapter):
    """Return where the right answer of each question with options stands in a chapter's quiz."""
    cells = json.loads(chapter.read_text("utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    shown = ("".join(output.get("data", {}).get("text/html", "")) for output in outputs)
    (quiz,) = (html for html in shown if "ft-question" in html)
    data = re.search(r'<script type="application/json">(.*)</script>', quiz)[1]
    forms = re.findall(r"<form.*?</form>", quiz, re.DOTALL)
    questions = zip(json.loads(data)["questions"], forms, strict=True)
    return [check["answer"] for check, form in questions if 'type="radio"' in form]


def test_the_right_answer_has_no_usual_place():
    chapters = {path.stem: places(path) for path in sorted(BOOK.glob("[01]*.ipynb"))}
    assert all(len(set(at)) > 1 for at in chapters.values() if len(at) > 1), chapters
    all_places = list(itertools.chain.from_iterable(chapters.values()))
    assert max(map(all_places.count, range(3))) < 0.45 * len(all_places)


# The page in a browser


def check(form):
    form.get_by_role("button", name="Check").click()
    return form.get_by_role("status").inner_text()


def test_a_choice_says_why(open_page):
    form = open_page(pooling()).locator("form")
    assert check(form) == "Choose an answer first."
    form.get_by_label("Dense").check()
    assert check(form) == "✗ Not quite. It has a weight for each input."
    form.get_by_label("MaxPooling2D").check()
    assert form.get_by_role("status").inner_text() == ""
    assert check(form) == "✓ Right. There is nothing to learn."


def test_a_single_explanation_waits_for_the_right_answer(open_page):
    form = open_page(pooling("Pooling only picks.")).locator("form")
    form.get_by_label("Conv2D").check()
    assert check(form) == "✗ Not quite. Try again, or open the answer."
    form.get_by_label("MaxPooling2D").check()
    assert check(form) == "✓ Right. Pooling only picks."


def test_a_choice_works_by_keyboard_alone(open_page):
    page = open_page(pooling())
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.get_by_role("status").inner_text() == "✓ Right. There is nothing to learn."


@pytest.mark.parametrize(
    ("typed", "reply"),
    [
        ("3.14", "✓ Right. It is π r²."),
        ("3.2", "✗ Not quite."),
        ("0", "✗ Not quite."),
        ("", "Type"),
    ],
)
def test_a_number_is_right_within_its_tolerance(open_page, typed, reply):
    page = open_page(area(unit="cm²"))
    page.get_by_role("spinbutton", name="Your answer cm²").fill(typed)
    page.keyboard.press("Enter")
    assert page.get_by_role("status").inner_text().startswith(reply)


@pytest.mark.parametrize(("answer", "typed"), [(0.1 + 0.2, "0.3"), (0, "0"), (6462593, "6462593")])
def test_rounding_is_no_mistake(open_page, answer, typed):
    page = open_page(quiz.numeric("How many?", answer))
    page.get_by_role("spinbutton").fill(typed)
    assert check(page.locator("form")).startswith("✓ Right.")


def test_a_usual_mistake_has_a_hint_of_its_own(open_page):
    hints = {2 * math.pi: "That is `2πr`.", 0.5: "Half of a *circle*?", 3: "Use all digits."}
    form = open_page(area(hints=hints)).locator("form")
    for typed, said in [("0.5", "Half of a circle?"), ("3", "Use all digits."), ("9", "Try again")]:
        form.get_by_role("spinbutton").fill(typed)
        assert check(form).startswith(f"✗ Not quite. {said}")
    assert [*area(hints=hints).check["hints"]] == [repr(2 * math.pi), "0.5", "3"]


@pytest.mark.parametrize(
    ("hints", "error", "message"),
    [
        (["2"], TypeError, r"hints must be a dict of number to str, got \['2'\]"),
        ({2: 3}, TypeError, "hints must be a list of 0 or more str"),
        ({"2": "two"}, TypeError, "hints must be a number, got '2'"),
        ({3.145: "near"}, ValueError, "hints must be for wrong answers, 3.145 is right"),
    ],
)
def test_a_wrong_hint_is_named(hints, error, message):
    with pytest.raises(error, match=f"^{message}"):
        area(hints=hints)


def test_the_answer_opens_after_a_wrong_try(open_page):
    page = open_page(area(unit="cm²"))
    answer = page.get_by_text("Show the answer")
    assert not answer.is_visible()
    page.get_by_role("spinbutton").fill("3")
    check(page.locator("form"))
    answer.click()
    assert page.get_by_text("3.14 cm² It is π r².").is_visible()


def test_the_answer_goes_with_a_right_try_and_comes_back_with_a_wrong_one(open_page):
    page = open_page(area())
    answer, field = page.get_by_text("Show the answer"), page.get_by_role("spinbutton")
    for typed, shown in [("3", True), ("3.14", False), ("3.1", True)]:
        field.fill(typed)
        check(page.locator("form"))
        assert answer.is_visible() == shown


@pytest.mark.parametrize(
    ("answer", "tolerance", "shown"),
    [
        (0.948683298051, 0.02, "0.95"),
        (18.1351170521, 0.5, "18.1"),
        (1953.125, 1, "1,953"),
        (0.69314718056, 0.006, "0.693"),
        (6462593, 0, "6,462,593"),
        (1 / 4, 0, "0.25"),
        (-0.982, 0.02, "−0.98"),
        (2.0, 0, "2"),
    ],
)
def test_a_shown_answer_has_the_digits_that_matter_and_is_right(
    open_page, answer, tolerance, shown
):
    page = open_page(quiz.numeric("How many?", answer, tolerance))
    form, said = page.locator("form"), shown.replace(",", "").replace("−", "-")
    assert form.locator("details b").text_content() == shown
    page.get_by_role("spinbutton").fill(said)
    assert check(form).startswith("✓ Right.")


def test_without_javascript_the_answer_opens_at_once(open_page):
    page = open_page(pooling(), java_script_enabled=False)
    assert not page.get_by_role("button", name="Check").is_visible()
    page.get_by_text("Show the answer").click()
    assert page.get_by_text("MaxPooling2D There is nothing to learn.").is_visible()


def test_quizzes_on_one_page_live_apart(open_page):
    page = open_page(quiz.show(pooling(), area()), pooling(), pooling())
    forms = page.locator("form")
    for number, label in [(0, "MaxPooling2D"), (2, "Conv2D"), (3, "Dense")]:
        forms.nth(number).get_by_label(label).check()
    forms.nth(1).get_by_role("spinbutton").fill("3.14")
    verdicts = [check(forms.nth(number))[0] for number in range(4)]
    assert verdicts == ["✓", "✓", "✗", "✗"]


def test_a_set_is_numbered(open_page):
    page = open_page(quiz.show(pooling(), area()))
    legends = ["1. Which layer has no weights?", "2. How large is the circle?"]
    assert page.locator("legend").all_inner_texts() == legends


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_in_either_scheme(open_page, scheme):
    long = quiz.numeric("How many `parameters` has it? " * 5, 896, unit="parameters in all")
    phone = {"width": 390, "height": 800}
    page = open_page(quiz.show(pooling(), long), color_scheme=scheme, viewport=phone)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Dense").check()
    check(page.locator("form").first)
    colour = page.evaluate("getComputedStyle(document.querySelector('[role=status] b')).color")
    assert colour == {"light": "rgb(166, 74, 6)", "dark": "rgb(245, 163, 92)"}[scheme]
