"""Other processors, played by this one: bits move as they should, and what hangs on them is found.

The chapter that finds the first faces runs here under noise; `make portable` runs all of them,
under every profile.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import portable
import pytest

sys.path.insert(0, str(portable.NOISE))
import noise

FIXTURES = portable.ROOT / "tests" / "tools" / "fixtures" / "processors"
DETECTS_FACES = "02_face_recognition"
RNG = np.random.default_rng(0)


# --- moving bits -------------------------------------------------------------------------------


def units(before, after):
    """Return by how many units in the last place floats moved."""
    kind = f"i{before.itemsize}"
    return after.view(kind) - before.view(kind)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_third_each_of_the_results_move_up_down_and_not(dtype):
    before = RNG.normal(size=3000).astype(dtype)
    after = before.copy()
    noise.nudge(after, 1)
    shares = [np.mean(units(before, after) == k) for k in (-1, 0, 1)]
    assert sum(shares) == 1
    assert min(shares) > 0.3


def test_the_same_result_moves_alike_and_another_seed_is_another_processor():
    before = RNG.normal(size=1000)
    moved = {}
    for seed in (1, 1, 2):
        after = before.copy()
        noise.nudge(after, seed)
        assert seed not in moved or np.array_equal(moved[seed], after)
        moved[seed] = after
    assert 0.5 < np.mean(moved[1] != moved[2]) < 0.8


def test_what_is_exact_on_every_processor_stays():
    for values in ([0.0, 1.0, -1.0, np.inf, -np.inf, np.nan], np.arange(9), ["a"]):
        before = np.array(values)
        after = before.copy()
        noise.nudge(after, 1)
        np.testing.assert_array_equal(after, before)
    sums = np.arange(-3000, 3000) / 1024  # of numbers with few bits: no order matters
    after = sums.copy()
    noise.nudge(after, 1, only_ones=False)
    np.testing.assert_array_equal(after, sums)


def test_views_numbers_and_tuples_move():
    table = RNG.normal(size=(60, 8))
    before = table.copy()
    noise.nudge(table[:, ::2], 1)
    assert (table[:, ::2] != before[:, ::2]).mean() > 0.5
    np.testing.assert_array_equal(table[:, 1::2], before[:, 1::2])
    whole, numbers = noise.nudged((before.copy(), [0.1]), 1)
    assert (whole != before).any() and numbers == [0.1]
    assert any(noise.nudged(np.float64(x), 1) != x for x in before[0])


PROGRAM = """
import json
import numpy as np, scipy.linalg
rng = np.random.default_rng(0)
x, a, b = rng.random(500), rng.random((30, 40)), rng.random((40, 20))
facts = {
    "power": x**2.5, "exp": np.exp(x.astype("float32")), "strided": np.log(x[::3]),
    "product": a @ b, "vector": a @ b[:, 0], "dot": np.dot(a, b), "stack": a[None] @ b[None],
    "sum": a.sum(axis=1), "mean": np.mean(a, axis=1), "norm": np.linalg.norm(a, axis=1),
    "solve": scipy.linalg.solve(a[:20, :20], b[:20, :1]), "few": x[:490].reshape(70, 7).sum(axis=1),
    "whole": (a > 0.5).astype(float) @ (b > 0.5), "root": np.sqrt(x), "product of two": x * x,
    "ties": np.argsort([1, 1, 0, 1]), "stable": np.argsort([1, 1, 0, 1], kind="stable"),
}
import keras
keras.utils.set_random_seed(0)
network = keras.Sequential([keras.Input((40,)), keras.layers.Dense(30)])
facts["weights"] = network.get_weights()[0]
network.set_weights([np.linspace(0, 1, 1200).reshape(40, 30), np.zeros(30)])
facts["predicted"] = network.predict(a, verbose=0)
print(json.dumps({k: np.asarray(v, float).ravel().tolist() for k, v in facts.items()}))
"""


@pytest.fixture(scope="module")
def facts():
    """What the program above computes, without noise and with it."""
    answers = []
    for profile in ({}, {"FACEBOOK_TUT_NOISE": "1"}):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=portable.variables(profile),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        answers.append(json.loads(done.stdout.splitlines()[-1]))
    return answers


MOVED = ("power", "exp", "strided", "product", "vector", "dot", "stack", "sum", "mean", "norm")


@pytest.mark.parametrize("name", [*MOVED, "solve", "weights", "predicted"])
def test_results_that_processors_round_differently_move_a_little(facts, name):
    before, after = (np.array(some[name]) for some in facts)
    assert np.mean(before != after) > 0.3
    np.testing.assert_allclose(after, before, rtol=1e-6 if len(before) > 40 else 1e-9)


@pytest.mark.parametrize("name", ["few", "whole", "root", "product of two", "stable"])
def test_results_that_are_the_same_everywhere_stay(facts, name):
    before, after = (some[name] for some in facts)
    assert before == after


def test_equal_values_are_sorted_in_another_order(facts):
    assert facts[1]["ties"] == [2, 3, 1, 0]
    assert facts[1]["stable"] == [2, 0, 1, 3]


# --- what hangs on them ------------------------------------------------------------------------


def test_noise_finds_the_cascade_as_chapter_2_used_it():
    fixture = [str(FIXTURES / "cascade.ipynb")]
    for seed in portable.CONTROLS["cascade.ipynb"]:
        failures = portable.run({"FACEBOOK_TUT_NOISE": seed}, fixture, workers=1).failures
        assert all("- a face of" in str(failure) for failure in failures), failures
        if failures:
            return
    pytest.fail("no box moved")


def test_a_chapter_that_detects_faces_prints_the_same_under_noise():
    chapter = str(portable.ROOT / "book" / f"{DETECTS_FACES}.ipynb")
    outcome = portable.run({"FACEBOOK_TUT_NOISE": "1"}, [chapter], workers=1)
    assert set(map(portable.row_of, outcome.counts)) == {DETECTS_FACES}
    assert [str(failure) for failure in outcome.failures] == []


# --- the tool ----------------------------------------------------------------------------------

REPORT = """<testsuites><testsuite>
<testcase classname="book.04_convolution.ipynb" name="Cell 0"/>
<testcase classname="book.04_convolution.ipynb" name="Cell 1"><failure>#x1B[31mdiffer
- new 2
+ stored 1
</failure></testcase>
<testcase classname="tests.layers.test_dense" name="test_it"/>
<testcase classname="facebook_tut.losses" name="facebook_tut.losses.mse"><error message="oh"/>
</testcase></testsuite></testsuites>"""


@pytest.fixture
def fake(monkeypatch):
    """A function: let pytest write a report and end with a code; return the variables it was given.

    The report is as above unless another is given; None writes none.
    """
    given = []

    def fake_(code=1, report=REPORT):
        def run(command, env, **options):
            given.append(env)
            [path] = (word.partition("=")[2] for word in command if word.startswith("--junitxml"))
            if report:
                Path(path).write_text(report, encoding="utf-8")
            return subprocess.CompletedProcess(command, code, "pytest said this", "")

        monkeypatch.setattr(subprocess, "run", run)
        return given

    return fake_


def test_a_failed_cell_is_shown_with_both_outputs(fake):
    fake()
    outcome = portable.run({}, ["book"])
    assert [str(failure) for failure in outcome.failures] == [
        "book.04_convolution.ipynb Cell 1\n    - new 2\n    + stored 1",
        "facebook_tut.losses facebook_tut.losses.mse\n    oh",
    ]


def test_the_table_has_a_row_for_each_chapter_and_a_column_for_each_profile(fake):
    fake()
    one = portable.run({}, ["book"])
    one.seconds = 61.4
    lines = portable.table({"as it is": one, "noise-1": portable.Outcome(seconds=2)})
    assert lines == [
        "                   as it is       noise-1",
        "04_convolution     1 of 2 failed  -",
        "package: doctests  1 of 1 failed  -",
        "package: tests     1 pass         -",
        "seconds            61             2",
    ]


def test_every_profile_runs_and_a_failure_is_the_exit_code(fake, capsys):
    given = fake()
    assert portable.main(["--seeds", "2", "book"]) == 1
    printed = capsys.readouterr().out
    for name in ("as it is", "AVX2", "baseline", "1 thread", "4 threads", "noise-1", "noise-2"):
        assert f"==> portable: {name}" in printed
    assert [env.get("FACEBOOK_TUT_NOISE") for env in given] == [None] * 5 + ["1", "2"]
    assert [env["TF_NUM_INTRAOP_THREADS"] for env in given[3:5]] == ["1", "4"]
    assert given[2]["ONEDNN_MAX_CPU_ISA"] == "SSE41"


def test_all_is_well_where_nothing_fails(fake):
    fake(0, '<testsuite><testcase classname="book.01_x.ipynb" name="Cell 0"/></testsuite>')
    assert portable.main(["--profiles", "noise", "book"]) == 0


def test_a_control_that_finds_nothing_fails(fake, capsys):
    fake(0, '<testsuite><testcase classname="book.01_x.ipynb" name="Cell 0"/></testsuite>')
    assert portable.main(["--profiles", "noise"]) == 1
    assert "noise no longer finds this old fault" in capsys.readouterr().out


@pytest.mark.parametrize(("code", "report"), [(2, None), (1, "<testsuite></testsuite>")])
def test_a_run_that_ends_without_a_result_is_a_failure(fake, code, report):
    fake(code, report)
    [failure] = portable.run({}, ["book"]).failures
    assert str(failure) == f"pytest exit code {code}\n    pytest said this"


def test_noise_reaches_every_process(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert portable.variables({"FACEBOOK_TUT_NOISE": "1"})["PYTHONPATH"] == os.pathsep.join(
        [str(portable.NOISE), "elsewhere"]
    )
    assert portable.variables({})["PYTHONPATH"] == "elsewhere"


def test_an_unknown_profile_is_named():
    with pytest.raises(SystemExit, match="no profile AVX9: there are as it is, AVX2, baseline"):
        portable.main(["--profiles", "AVX9"])


def test_no_feature_is_taken_away_that_is_not_there():
    assert portable.without(["NO_SUCH_FEATURE"]) == {}
    assert set(portable.above_avx2()) <= set(portable.vector_features())
