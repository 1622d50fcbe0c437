"""The tables of peers show what the record holds."""

import pytest

from facebook_tut import recorded


@pytest.fixture(scope="module")
def record():
    return recorded.load("peers")


def quoted(found, digits=3):
    """Return the texts that a table must hold for an estimate."""
    return [f"{number:.{digits}f}" for number in (found["value"], *found["interval"])]


def line_of(table, *words):
    """Return the line of a table that holds all words."""
    [line] = [line for line in table.splitlines() if all(word in line for word in words)]
    return line


def test_pairs_stand_with_their_intervals_and_a_dash_where_nothing_was_measured(record):
    table = recorded.peers_table("pairs").partition("\n\n")[0]
    line = line_of(table, "dlib")
    for text in quoted(record["view2"]["systems"]["dlib"]["accuracy"]):
        assert text in line
    assert line_of(table, "shipped").split("  ")[-1] != "-"
    assert line_of(table, "Fisher").endswith("-")


def test_behind_detectors_the_faces_that_are_not_found_are_printed(record):
    table, found = recorded.peers_table("detectors"), record["detected"]["view1"]
    missed = found["not_found"]["eigenfaces, own"]["photos"]
    line = line_of(table, "eigenfaces", "its own", f"{missed} of {found['photos']:,}")
    for text in quoted(found["systems"]["eigenfaces, own"]["accuracy"]):
        assert text in line
    less = found["accuracy_differences"]["dlib, own − shipped, mtcnn"]["value"]
    assert f"{less:+.3f}" in line_of(table, "View 1, dlib, own − shipped, mtcnn")


def test_every_condition_has_a_line(record):
    table = recorded.peers_table("conditions")
    for condition, one in record["conditions"]["systems"]["dlib"].items():
        line = next(line for line in table.splitlines() if line.startswith(condition + "  "))
        fmr = 100 * one["both"]["fmr"]["value"]
        assert any(f"{fmr:.{digits}f} (" in line for digits in (1, 2))
    assert table.startswith(f"{record['conditions']['people']} people")


def test_a_list_and_its_paired_difference(record):
    table, lists = recorded.peers_table("watch list"), record["watch_list"]
    at = lists["systems"]["dlib"]["100"]["at_fpir"]["fnir"]
    assert all(text in line_of(table, "dlib  ", "FPIR 1 %") for text in quoted(at))
    less = lists["fnir_differences_at_fpir"]["100"]["dlib − shipped"]
    assert f"{less['value']:+.3f}" in table.splitlines()[-1]


def test_a_face_made_of_a_template_stands_beside_chance(record):
    table, found = recorded.peers_table("inverting"), record["inverting"]
    one = found["faces"]["dlib"]["shipped"]
    [line] = [line for line in table.splitlines() if line.split()[:2] == ["dlib", "shipped"]]
    assert all(t in line for t in quoted(one["rank 1"]))
    assert f"{found['chance']:.3f}" in line_of(table, "by chance")
    less = found["rank_1_differences"]["dlib"]["shipped − eigenfaces"]["value"]
    assert f"{less:+.3f}" in line_of(table, "seen by dlib, shipped − eigenfaces")
    assert table.count(" *  ") == 3


def test_a_part_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="part"):
        recorded.peers_table("views")
