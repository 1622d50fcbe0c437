"""The tools for notebooks: each rule finds its own fault, and the normaliser repairs safely.

The folder `fixtures` is a small book of its own. `good.ipynb` keeps every rule and comes near to
breaking some; each other notebook breaks the one rule that it is named after.
"""

import io
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import colab
import links
import lint_notebooks
import normalise_notebooks
import pytest
from lint_notebooks import RULES, lint, rule_name
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from normalise_notebooks import differs, normalised_text, read, to_text, write

from facebook_tut import quiz

FIXTURES = Path(__file__).parent / "fixtures"
GOOD = FIXTURES / "good.ipynb"
TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture
def book(tmp_path):
    """Return an empty book to write notebooks into."""
    for name in ("_config.yml", "references.bib"):
        shutil.copy(FIXTURES / name, tmp_path)
    shutil.copytree(FIXTURES / "_static", tmp_path / "_static")
    return tmp_path


@pytest.fixture
def good(book):
    """Return a copy of the good notebook that a test may change."""
    return Path(shutil.copy(GOOD, book))


@pytest.fixture
def messy(book):
    """Return a notebook that ran well but breaks every rule that the normaliser can repair."""
    path = book / "messy.ipynb"
    write(path, to_text(messy_notebook()))
    return path


def messy_notebook():
    """Return a notebook as an editor or Colab might leave it."""
    old_badge = (
        "[![Colab](https://x.org/b.svg)](https://colab.research.google.com/github/a/b.ipynb)"
    )
    install = {"tags": ["colab-install"], "collapsed": True}
    pieces = [new_output("stream", name="stdout", text=text) for text in ("a\n", "b\n")]
    size = {"image/png": {"width": 9}, "needs_background": "light"}
    image = new_output("display_data", data={"image/png": "iVBORw0K"}, metadata=size)
    options = {"image": {"alt": "A curve that rises"}, "figure": {"caption": "It never falls."}}
    figure = {"mystnb": options, "outputId": "x", "tags": []}
    cells = [
        new_markdown_cell(old_badge),
        new_markdown_cell(f"# A chapter\n{old_badge}\nIts text."),
        new_markdown_cell("## Why a token?"),
        new_code_cell("!pip install book", metadata=install, execution_count=1),
        new_code_cell("draw()", metadata=figure, execution_count=2),
    ]
    cells[-1].outputs = [*pieces, image]
    metadata = {"kernelspec": {"name": "venv", "display_name": "venv"}, "colab": {"provenance": []}}
    notebook = new_notebook(cells=cells, metadata=metadata)
    for cell, name in zip(cells, ["badge", "same", "same", "install", "draw"], strict=True):
        cell.id = name
    return notebook


def run_tool(tool, *arguments):
    """Run one of the tools with these arguments; return its exit code and what it said."""
    said, complained = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(complained):
        try:
            code = tool.main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
    return SimpleNamespace(returncode=code, stdout=said.getvalue(), stderr=complained.getvalue())


def run_as_make_does(name, *arguments):
    """Run one of the tools in a process of its own; return its exit code."""
    return subprocess.run([sys.executable, TOOLS / name, *arguments], check=False).returncode


# The rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_fixture_breaks_its_own_rule_and_no_other(rule):
    assert set(lint(FIXTURES / f"{rule_name(rule)}.ipynb")) == {rule_name(rule)}


def test_good_notebook_breaks_no_rule():
    assert lint(GOOD) == {}


def test_every_fixture_belongs_to_a_rule():
    fixtures = {path.stem for path in FIXTURES.glob("*.ipynb")}
    assert fixtures == {"good", *map(rule_name, RULES)}


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_problem_says_what_and_how_to_fix_it(rule):
    (problems,) = lint(FIXTURES / f"{rule_name(rule)}.ipynb").values()
    assert all(problem.what and problem.fix for problem in problems)


@pytest.mark.parametrize(
    "text",
    [
        "/home/me/data.txt",
        "open('/tmp/x')",
        "File /work/book/a.py",
        "[link](/content/drive/x)",
        "/var/folders/zz/x",
        "file:///data/x",
        r"C:\Users\me",
        r"'C:\\temp'",
        "D:/data/x.csv",
    ],
)
def test_absolute_path_is_found(text):
    assert lint_notebooks.ABSOLUTE_PATH.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/home/me/",
        "https://tmp/x",
        "../work/x",
        "data/tmp/x",
        "~/home/x",
        "f'{folder}/tmp/x'",
        r"print('Part B:\n')",
        "and/or",
        "a 3:/4 ratio",
    ],
)
def test_other_text_is_no_absolute_path(text):
    assert not lint_notebooks.ABSOLUTE_PATH.search(text)


@pytest.mark.parametrize(
    ("text", "alts"),
    [
        ("![a curve](x.png) and ![](y.png)", ["a curve", ""]),
        ('<img src="x.png" alt="a curve">', ["a curve"]),
        ('<img src="x.png">', [""]),
        ("`![](x.png)` and\n```\n![](x.png)\n```", []),
    ],
)
def test_alt_texts_of_each_way_to_write_an_image(text, alts):
    found = lint_notebooks.image_alts(lint_notebooks.prose(text))
    assert [alt.strip() for alt in found] == alts


@pytest.mark.parametrize("alt", ["", "  ", "plot.png", "A short text"])
def test_alt_text_that_describes_nothing_is_a_fault(alt):
    assert lint_notebooks.alt_fault(alt, lint_notebooks.MIN_ALT_LENGTH)


def test_links_within_the_book_are_told_from_others():
    text = "[a](x.md#part) [b](https://a.b/c) [c](label) [d](#a-b%3F) [e](mailto:a@b.c) ![f](f/g)"
    found = [("x.md", "part"), ("label", ""), ("", "a-b?"), ("f/g", "")]
    assert links.targets(text) == found


@pytest.mark.parametrize("target", ["missing.md", "good", "#no-part", "good.ipynb#no-part"])
def test_a_link_to_a_missing_file_or_heading_leads_nowhere(target):
    notebook = new_notebook(cells=[new_markdown_cell(f"# A\n\n[a]({target})")])
    (problem,) = lint_notebooks.internal_links(notebook, GOOD)
    assert problem.what == f"the link to {target} leads nowhere"


@pytest.mark.parametrize(
    "target", ["#A-*very*-long-one?", "good.ipynb#What-the-rules-allow", "references.md#deng2019"]
)
def test_a_link_to_a_heading_or_an_entry_leads_there(target):
    text = f"# A *very* long one?\n\n[a]({target.replace('*', '')})"
    notebook = new_notebook(cells=[new_markdown_cell(text)])
    assert list(lint_notebooks.internal_links(notebook, GOOD)) == []


@pytest.mark.parametrize(
    "text",
    [
        "see {cite:t}`a`",
        "as {eq}`eq-a` says",
        "```{note}\nText\n```",
        "> ````{admonition} A title\n> Text\n> ````",
        ":::{tip}\nText\n:::",
        "(a-label)=\n## A heading",
        "$$a = b$$ (eq-a)",
    ],
)
def test_what_only_jupyter_book_reads_is_found(text):
    notebook = new_notebook(cells=[new_markdown_cell(text)])
    assert len(list(lint_notebooks.plain_markdown(notebook, GOOD))) == 1


@pytest.mark.parametrize(
    "text", ["$\\text{FAR}$ and `{name}`", "```python\n{1: 2}\n```", "$$f(a)$$ (with $a$ small)"]
)
def test_other_text_is_plain_markdown(text):
    notebook = new_notebook(cells=[new_markdown_cell(text)])
    assert list(lint_notebooks.plain_markdown(notebook, GOOD)) == []


def test_a_citation_needs_an_entry():
    notebook = new_notebook(cells=[new_markdown_cell("[A, 2019](references.md#a2019)")])
    (problem,) = lint_notebooks.citation_names(notebook, GOOD)
    assert problem.what == "a2019 is not in references.bib"


@pytest.mark.parametrize(("loose", "broken"), [(1, False), (2, True)])
def test_one_cell_in_ten_may_be_compared_loosely(loose, broken):
    tags = [["nbval-skip"]] * loose + [[]] * (10 - loose)
    output = new_output("stream", name="stdout", text="x")
    cells = [new_code_cell("f()", outputs=[output], metadata={"tags": tag}) for tag in tags]
    problems = list(lint_notebooks.strict_comparison(new_notebook(cells=cells), GOOD))
    assert bool(problems) == broken


def test_nbval_knows_the_tags():
    plugin = pytest.importorskip("nbval.plugin")
    assert set(plugin.metadata_tags) >= lint_notebooks.NBVAL_TAGS


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_rule_judges_a_notebook_without_cells(rule):
    problems = list(rule(new_notebook(), GOOD))
    assert all(isinstance(problem, lint_notebooks.Problem) for problem in problems)


# The Colab parts -----------------------------------------------------------------------------


def test_badge_leads_to_the_notebook_and_shows_an_image_of_the_book(book):
    path = book / "part" / "a.ipynb"
    image, link = (
        "../_static/colab-badge.svg",
        "github/example/book/blob/main/open_in_colab/a.ipynb",
    )
    expected = f"[![Open In Colab]({image})](https://colab.research.google.com/{link})"
    assert colab.badge(path) == expected


def test_colab_follows_the_configuration(book):
    config = "repository: {url: https://github.com/me/fork.git, branch: draft}"
    (book / "_config.yml").write_text(config)
    assert "/me/fork/blob/draft/open_in_colab/a.ipynb" in colab.badge(book / "a.ipynb")
    assert "git+https://github.com/me/fork@draft" in colab.install_cell(book / "a.ipynb")


def test_configuration_without_repository_says_what_to_set(book):
    (book / "_config.yml").write_text("title: A book")
    with pytest.raises(ValueError, match="set `repository: url:`"):
        colab.badge(book / "a.ipynb")


# The normaliser ------------------------------------------------------------------------------


def test_messy_notebook_becomes_one_without_a_problem(messy):
    assert lint(messy)
    write(messy, normalised_text(messy))
    assert lint(messy) == {}


def test_messy_notebook_keeps_only_what_the_book_uses(messy):
    write(messy, normalised_text(messy))
    cells = read(messy).cells
    draw = cells[-2]
    names = ["same", "install", "why-a-token", "draw", "caption-draw"]
    assert [cell.id for cell in cells] == names
    assert set(draw.metadata) == {"mystnb"}
    assert draw.outputs[0].text == "a\nb\n"
    assert draw.outputs[1].metadata == {"image/png": {"width": 9}}


def test_equations_are_numbered_anew_and_the_text_follows(book):
    text = r"$$a \tag{4.2}$$ $$b \tag{?}$$ $$c \tag{4.1}$$ equation (4.1), Equation (4.2)"
    path = book / "04_a.ipynb"
    notebook = new_notebook(cells=[new_markdown_cell("# A"), new_markdown_cell(text)])
    cells = normalise_notebooks.normalise(notebook, path).cells
    expected = r"$$a \tag{4.1}$$ $$b \tag{4.2}$$ $$c \tag{4.3}$$ equation (4.3), Equation (4.1)"
    assert cells[-1].source == expected


def test_what_tags_hide_is_folded_and_citations_get_their_names(good):
    cells = [
        new_markdown_cell("# A"),
        new_code_cell("a", metadata={"tags": ["hide-input"], "jupyter": {"outputs_hidden": True}}),
        new_code_cell("b", metadata={"tags": ["hide-cell"]}),
        new_markdown_cell("[Deng](references.md#deng2019), [D (1)](references.md#deng2019)"),
    ]
    _, install, figure, solution, text = normalise_notebooks.normalise(
        new_notebook(cells=cells), good
    ).cells
    assert install.metadata.jupyter == figure.metadata.jupyter == {"source_hidden": True}
    assert solution.metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
    assert solution.metadata.mystnb.code_prompt_show == "Show the solution"
    assert text.source.startswith("[Deng et al., 2019](") and "[Deng et al. (2019)]" in text.source


PICTURE = new_output("display_data", data={"image/png": "iVBORw0K"})
LIVE = new_output("display_data", data={"text/html": '<div class="ft-live"></div>'})
QUIZ = new_output(
    "display_data", data={"text/html": '<div class="ft-live"><i class="ft-question">'}
)


def figure(caption, *outputs, **metadata):
    """Return a code cell with a caption."""
    metadata["mystnb"] = {"figure": {"caption": caption}}
    return new_code_cell("draw()", outputs=[*outputs], metadata=metadata)


def test_captions_are_written_below_their_figures_and_follow_them(book):
    path = book / "04_a.ipynb"
    hidden = {"tags": ["hide-cell"]}
    cells = [
        new_markdown_cell("# A"),
        new_code_cell("quiz", outputs=[QUIZ]),
        new_code_cell("draw()", outputs=[PICTURE]),
        figure("A *rise*.", PICTURE),
        figure("Seen later.", PICTURE, **hidden),
        figure("Not yet run."),
        figure("A live one.", LIVE),
    ]
    notebook = normalise_notebooks.normalise(new_notebook(cells=cells), path)
    found = [cell for cell in notebook.cells if "caption" in cell.metadata.get("tags", [])]
    expected = ["**Figure 4.2.** A *rise*.", "**Figure 4.4.** Not yet run."]
    expected += ["**Figure 4.5.** A live one."]
    assert [cell.source for cell in found] == expected
    above = notebook.cells[notebook.cells.index(found[0]) - 1]
    assert found[0].id == f"caption-{above.id}" and "remove-cell" in found[0].metadata.tags
    text = to_text(notebook)
    assert to_text(normalise_notebooks.normalise(notebook, path)) == text
    above.metadata.mystnb.figure.caption = "Another."
    found = [cell.source for cell in normalise_notebooks.normalise(notebook, path).cells]
    assert "**Figure 4.2.** Another." in found and expected[0] not in found


def test_normalising_twice_equals_once(messy):
    write(messy, normalised_text(messy))
    assert not differs(messy, normalised_text(messy))


def test_good_notebook_is_left_alone(good):
    before = good.stat().st_mtime_ns
    assert normalise_notebooks.main([str(good)]) == 0
    assert good.stat().st_mtime_ns == before


def test_install_cell_is_put_into_a_notebook_without_one(book):
    path = book / "a.ipynb"
    write(path, to_text(new_notebook(cells=[new_markdown_cell("# A"), new_code_cell("1 + 1")])))
    write(path, normalised_text(path))
    assert [cell.cell_type for cell in read(path).cells] == ["markdown", "code", "code"]
    assert set(lint(path)) == {"execution-counts"}


def test_failure_while_writing_leaves_the_old_file(messy, monkeypatch):
    def fail(*arguments):
        raise OSError("disk full")

    before, files = messy.read_bytes(), sorted(messy.parent.iterdir())
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write(messy, "new")
    assert messy.read_bytes() == before
    assert sorted(messy.parent.iterdir()) == files


def test_check_writes_nothing_and_names_the_file(messy, capsys):
    before = messy.read_bytes()
    assert normalise_notebooks.main(["--check", str(messy)]) == 1
    assert messy.read_bytes() == before
    assert f"{messy}: not normalised" in capsys.readouterr().out


def test_notebook_without_a_title_is_named_and_left_alone(book, capsys):
    path = book / "a.ipynb"
    write(path, to_text(new_notebook(cells=[new_markdown_cell("Text")])))
    before = path.read_bytes()
    assert normalise_notebooks.main([str(path)]) == 1
    assert path.read_bytes() == before
    assert "start the first cell" in capsys.readouterr().out


# Running the cells ---------------------------------------------------------------------------


def test_execute_stores_outputs_and_counts(book, capsys):
    pytest.importorskip("nbclient")
    path = book / "a.ipynb"
    cells = [new_markdown_cell("# A"), new_code_cell("1 + 1", execution_count=7)]
    write(path, to_text(new_notebook(cells=cells)))
    assert normalise_notebooks.main(["--execute", str(path)]) == 0
    assert lint(path) == {}
    assert read(path).cells[-1].outputs[0].data == {"text/plain": "2"}
    assert "executing (2 cells) ..." in capsys.readouterr().out


def test_execute_runs_in_the_folder_of_the_notebook(book, monkeypatch):
    pytest.importorskip("nbclient")
    (book / "part").mkdir()
    path = book / "part" / "a.ipynb"
    source = "from pathlib import Path\n\nPath.cwd().name"
    write(path, to_text(new_notebook(cells=[new_markdown_cell("# A"), new_code_cell(source)])))
    monkeypatch.chdir(path.parent)
    assert normalise_notebooks.main(["--execute", path.name]) == 0
    assert read(path).cells[-1].outputs[0].data == {"text/plain": "'part'"}


def test_failing_cell_is_named_and_leaves_the_file(book, capsys):
    pytest.importorskip("nbclient")
    path = book / "a.ipynb"
    write(path, to_text(new_notebook(cells=[new_markdown_cell("# A"), new_code_cell("1 / 0")])))
    before = path.read_bytes()
    assert normalise_notebooks.main(["--execute", str(path)]) == 1
    assert path.read_bytes() == before
    assert f"{path}: cell 3: ZeroDivisionError: division by zero" in capsys.readouterr().out


# The command line ----------------------------------------------------------------------------


def test_lint_command_passes_a_good_notebook():
    assert run_as_make_does("lint_notebooks.py", GOOD) == 0


def test_lint_command_prints_place_rule_and_fix():
    path = FIXTURES / "no-stderr.ipynb"
    result = run_tool(lint_notebooks, GOOD, path)
    assert result.returncode == 1
    assert f"{path}: cell 4: [no-stderr] " in result.stdout


def test_lint_command_tells_an_unreadable_file(book):
    texts = ["", "[]", "{}", '{"nbformat": 4, "cells": 1}']
    paths = [book / f"{number}.ipynb" for number in range(5)]  # of which the last is missing
    for path, text in zip(paths, texts, strict=False):
        path.write_text(text)
    result = run_tool(lint_notebooks, *paths, FIXTURES / "no-stderr.ipynb")
    assert result.returncode == 2
    for path in paths:
        assert f"{path}: cannot be checked" in result.stdout
    assert "Traceback" not in result.stderr


def test_normalise_command_checks_rewrites_and_checks(messy):
    codes = [
        run_tool(normalise_notebooks, *options, messy).returncode
        for options in (["--check"], [], ["--check"])
    ]
    assert codes == [1, 0, 0]


def test_normalise_command_needs_one_mode():
    assert run_tool(normalise_notebooks, "--check", "--execute", GOOD).returncode == 2


# What is to be edited ------------------------------------------------------------------------

LISTED = """\
# What is to be edited

a = [
    "code-line-length",
    "verdicts",
]

b = [
    "verdicts",
]
"""


@pytest.fixture
def listed(book):
    """Return a chapter with a long line, which is listed for that and, no longer true, verdicts."""
    path = book / "a.ipynb"
    cells = [new_markdown_cell("# A"), new_code_cell(f"print({'1' * 80})", execution_count=1)]
    write(path, to_text(new_notebook(cells=cells)))
    write(path, normalised_text(path))
    for folder, name in (("tools", "unedited.toml"), ("book", "ruff.toml")):
        (book / folder).mkdir()
        (book / folder / name).write_text(LISTED if folder == "tools" else '    "a.ipynb",\n')
    lint_notebooks.unedited.cache_clear()
    yield path
    lint_notebooks.unedited.cache_clear()


def test_a_listed_rule_may_be_broken_and_one_that_holds_is_to_come_off(listed):
    (problem,) = lint(listed)["verdicts"]
    assert problem.fix == 'take "verdicts" off the list of a in tools/unedited.toml'
    assert "code-line-length" not in lint(listed)


def test_pruning_takes_off_what_holds_and_nothing_else(listed):
    file, ruff = (listed.parent / name for name in ("tools/unedited.toml", "book/ruff.toml"))
    run_tool(lint_notebooks, "--prune", listed)
    assert file.read_text() == LISTED.replace('    "verdicts",\n', "", 1)
    assert "verdicts" not in lint(listed) and "a.ipynb" in ruff.read_text()
    notebook = read(listed)
    notebook.cells[-1].source = "print(1)"
    write(listed, to_text(notebook))
    run_tool(lint_notebooks, "--prune", listed)
    assert "a =" not in file.read_text() and "b = [" in file.read_text()
    assert "a.ipynb" not in ruff.read_text()


def test_counts_are_printed_with_their_sums():
    said = run_tool(lint_notebooks, "--counts", GOOD, FIXTURES / "verdicts.ipynb").stdout
    head, *rows = (line.split("  ") for line in said.splitlines())
    assert [row[0].split()[0] for row in rows] == ["good", "verdicts", "all"]
    at = [one.strip() for one in head if one.strip()].index("verdicts")
    assert [line.split()[1 + at] for line in said.splitlines()[1:]] == ["0", "1", "1"]


# Captions, lines, quizzes, exercises ---------------------------------------------------------


@pytest.mark.parametrize(
    ("caption", "fault"),
    [
        ("", "is missing"),
        ("Without an end", "has 0 sentences, not one or two"),
        ("One. Two. Three.", "has 3 sentences, not one or two"),
        ("A line that  rises.", "is the alt text, which says what is drawn: say what to see"),
        ("It rises by 0.5 a step, e.g. at $x = 1$.", ""),
        ("Does it fall? It rises (see p. 3).", ""),
    ],
)
def test_a_caption_has_a_sentence_or_two_of_its_own(caption, fault):
    cell = figure(caption, PICTURE)
    cell.metadata.mystnb.image = {"alt": "A line that rises."}
    assert lint_notebooks.caption_fault(cell) == fault


def test_a_cell_with_two_figures_has_too_few_captions():
    notebook = new_notebook(cells=[figure("It rises.", PICTURE, PICTURE)])
    (problem,) = lint_notebooks.figure_caption(notebook, GOOD)
    assert problem.what == "2 figures in one cell, which has one caption"


@pytest.mark.parametrize(("verdict", "broken"), [("equal: True", True), ("True, 0.96", False)])
def test_one_printed_line_in_twenty_may_be_a_verdict(verdict, broken):
    for lines, expected in ((20, False), (19, broken)):
        printed = new_output("stream", name="stdout", text="0.5\n" * (lines - 1) + verdict)
        notebook = new_notebook(cells=[new_code_cell("f()", outputs=[printed])])
        assert bool(list(lint_notebooks.verdicts(notebook, GOOD))) == expected


def test_long_lines_are_found_in_folded_answers_too():
    text = f"<details>\n\n```python\n{'x' * 77}\n```\n\n</details>\n\n{'y' * 90}"
    (problem,) = lint_notebooks.code_line_length(
        new_notebook(cells=[new_markdown_cell(text)]), GOOD
    )
    assert problem.what.startswith("1 lines above 76 characters")


def asked(*shown):
    """Return what the rule finds in a notebook that has shown these questions."""
    output = new_output("execute_result", data={"text/html": quiz.show(*shown)._repr_html_()})
    notebook = new_notebook(cells=[new_code_cell("quiz", outputs=[output])])
    return [problem.what for problem in lint_notebooks.quiz_hints(notebook, GOOD)]


def test_every_wrong_answer_has_its_own_hint():
    own = quiz.choice("1 + 1?", ["1", "2", "3"], 1, ["Too few.", "Yes.", "Too many."])
    same = quiz.choice("2 + 1?", ["3", "2", "1"], 0, ["Yes.", "No.", "No."])
    typed, hinted = quiz.numeric("3 + 1?", 4), quiz.numeric("4 + 1?", 5, hints={6: "Too many."})
    assert asked(own, hinted) == []
    assert asked(own, same) == ["question 2: 2 wrong answers have no own hint"]
    assert asked(hinted, typed) == ["question 2: 1 wrong answers have no own hint"]


def test_right_answers_do_not_all_stand_in_one_place():
    first = quiz.choice("1 + 1?", ["1", "2"], 1, ["No.", "Yes."])
    second = quiz.choice("1 - 1?", ["1", "0"], 1, ["No.", "Yes."])
    other = quiz.choice("2 - 1?", ["1", "0"], 0, ["Yes.", "No."])
    assert asked(first, second) == ["all 2 right answers stand in place 2"]
    assert asked(first, second, other) == asked(first) == []


EXERCISE = "> **1. A ratio (easy)**\n>\n> Print it."
STARTER = new_code_cell("ratio = 1  # change it\nprint(ratio)")
SOLUTION = new_code_cell("2  # so", metadata={"tags": ["hide-cell"]})


@pytest.mark.parametrize(
    ("cells", "titles"),
    [
        ([EXERCISE, STARTER, SOLUTION], []),
        ([EXERCISE, SOLUTION], ["1. A ratio (easy)"]),
        ([EXERCISE], ["1. A ratio (easy)"]),
        ([EXERCISE, new_code_cell("print('# 1')"), SOLUTION], ["1. A ratio (easy)"]),
        ([f"{EXERCISE}\n\n{EXERCISE.replace('1', '2')}", STARTER], ["1. A ratio (easy)"]),
    ],
)
def test_an_exercise_has_a_cell_that_says_where_to_change_it(cells, titles):
    made = [new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    found = lint_notebooks.exercise_starter(new_notebook(cells=made), GOOD)
    assert [problem.what for problem in found] == [
        f"exercise {title} has no starter cell" for title in titles
    ]


def test_a_numbered_chapter_says_how_long_it_takes(book):
    notebook = new_notebook(cells=[new_markdown_cell("# A")])
    assert len(list(lint_notebooks.reading_time(notebook, book / "04_a.ipynb"))) == 1
    assert list(lint_notebooks.reading_time(notebook, book / "a.ipynb")) == []
