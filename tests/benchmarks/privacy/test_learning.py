"""A network that learns by heart, and one with a budget."""

import numpy as np
import pytest
from privacy import learning


@pytest.fixture
def few(monkeypatch):
    """Few people and short trainings."""
    small = {"PEOPLE": {60: 20}, "NEW": 80, "BUDGETS": (2,), "BY_HEART": 150, "EPOCHS": 3}
    for name, value in small.items():
        monkeypatch.setattr(learning, name, value)


def test_learning_by_heart_betrays_and_a_budget_is_kept(few):
    [(people, study)] = learning.learning(seeds=1)["people"].items()
    assert people == "60" and [*study["private"]] == ["2", "inf"]
    assert study["by heart"][0]["auc"] > 0.65
    for runs in study["private"].values():  # `private` itself asserts that ε is the budget
        assert runs[0]["accuracy"]["trials"] == 80
        assert runs[0]["auc"] < study["by heart"][0]["auc"]


def test_labels_are_wrong_as_often_as_told():
    _, labels, truth = learning.masks(2000, seed=0)
    assert np.mean(labels != truth) == pytest.approx(learning.WRONG, abs=0.03)


def test_a_delta_is_a_tenth_of_one_in_the_number_of_people():
    assert learning.delta_of(300) == pytest.approx(1 / 3000)
