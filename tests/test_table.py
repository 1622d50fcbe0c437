"""Tables are aligned in any script, and move no cursor."""

import unicodedata

import pytest

from facebook_tut._table import as_table

NAMES = {
    "cat": 3,
    "猫": 2,
    "قطة": 3,
    "बिल्ली": 5,
    unicodedata.normalize("NFD", "é"): 1,
    "👩\u200d🚀": 4,
}


@pytest.mark.parametrize(("name", "width"), NAMES.items())
def test_columns_stand_below_each_other(name, width):
    head, row = as_table([{"class": name, "label": 0}], ["class", "label"]).split("\n")
    assert head == "class  label"
    assert row == name + " " * (7 - width) + "0"


def test_nothing_moves_the_cursor():
    assert as_table([{"a": "x\x1b[2J\n"}], ["a"]) == "a\nx\\x1b[2J\\n"
