"""A recipe is checked when it is made, stays as it is, and is what the record says."""

from dataclasses import FrozenInstanceError, fields

import pytest
from lfw.methods import METHODS

from facebook_tut import recorded

WRONG = [
    ("fisher", "modes", 0, ValueError),
    ("fisher", "nearest", 1.5, TypeError),
    ("fisher", "shrinkage", -0.1, ValueError),
    ("network", "seed", -1, ValueError),
    ("network", "loss", "triplet", ValueError),
    ("network", "margin", float("nan"), ValueError),
    ("student", "augment", "none", ValueError),
    ("student", "dropout", 1, ValueError),
    ("student", "learning_rate", "fast", TypeError),
    ("robust", "apart", -1, ValueError),
]


@pytest.mark.parametrize(("method", "name", "value", "error"), WRONG)
def test_a_wrong_number_is_named(method, name, value, error):
    with pytest.raises(error, match=name):
        METHODS[method].Recipe(**{name: value})


@pytest.mark.parametrize("method", METHODS)
def test_a_recipe_cannot_be_changed(method):
    recipe = METHODS[method].Recipe()
    with pytest.raises(FrozenInstanceError):
        recipe.seed = 1


@pytest.mark.parametrize("method", METHODS)
def test_options_take_the_place_of_defaults_and_those_of_others_are_passed_over(method):
    given = {"seed": 3, "modes": 4, "epochs": 5, "view": 1, "loss": None}
    recipe = METHODS[method].Recipe.of(given)
    names = {field.name for field in fields(recipe)}
    for name in ("seed", "modes", "epochs"):
        assert name not in names or getattr(recipe, name) == given[name]
    assert method != "student" or (recipe.teacher.modes, recipe.teacher.seed) == (4, 3)
    assert method != "network" or recipe.loss == "cosface"


@pytest.mark.parametrize(
    ("method", "name"), [("fisher", "lfw_view2"), ("network", "lfw_view1_network")]
)
def test_the_defaults_are_those_of_the_records(method, name):
    assert as_lists(METHODS[method].Recipe().record()) == recorded.load(name)["recipe"]


def as_lists(value):
    """Return a value as JSON gives it back: lists instead of tuples."""
    if isinstance(value, dict):
        return {name: as_lists(part) for name, part in value.items()}
    return [*map(as_lists, value)] if isinstance(value, tuple) else value
