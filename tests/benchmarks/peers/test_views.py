"""The scores that were recorded are of these pairs, or refused."""

import json

import numpy as np
import pytest
from peers import views


def test_scores_of_other_pairs_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(views, "RECORDED", tmp_path)
    pairs = {"same": [1, 0], "fold": [1, 1], "fisher": [0.5, 0.1], "eigenfaces": [0.2, 0.1]}
    (tmp_path / "lfw_view1.json").write_text(json.dumps({"pairs": pairs}))
    scores = views.recorded_scores(1, np.array([True, False]), np.array([1, 1]))
    assert scores["fisher"].tolist() == [0.5, 0.1]
    with pytest.raises(ValueError, match="must hold the scores of these pairs"):
        views.recorded_scores(1, np.array([False, True]), np.array([1, 1]))
