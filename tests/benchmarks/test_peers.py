"""The table of peers: its intervals and rates by hand, what it keeps, and a run on a tiny LFW."""

import json
import sys
from types import SimpleNamespace

import _draws
import _peers
import numpy as np
import peers
import pytest
from sklearn.preprocessing import normalize

from facebook_tut import evaluation
from facebook_tut.data.lfw import Pairs, Photo, load_lfw

ONCE = np.ones((1, 4), int)  # a draw in which everybody comes once


def test_a_person_takes_their_pairs_along():
    left, right = np.array([0, 0, 1]), np.array([0, 1, 2])
    assert _draws.weights(np.array([2, 3, 0]), left, right).tolist() == [2, 6, 0]
    drawn = _draws.draws(5, rounds=50)
    assert drawn.shape == (50, 5) and (drawn.sum(1) == 5).all()
    assert (drawn == _draws.draws(5, rounds=50)).all()


def test_an_accuracy_weighs_both_kinds_alike():
    same = np.array([True, False, False, False])
    right = np.array([False, True, True, False])
    left, other = np.array([0, 0, 1, 2]), np.array([0, 1, 2, 3])
    assert _draws.accuracy(right, same, left, other, ONCE).tolist() == [pytest.approx(1 / 3)]
    twice = np.array([[1, 2, 1, 0]])  # the pairs 0–1 and 1–2 count twice, 2–3 not at all
    assert _draws.accuracy(right, same, left, other, twice).tolist() == [0.5]


def test_a_difference_is_paired():
    values = np.random.default_rng(0).random(1000)
    found = _draws.difference((0.6, values + 0.1), (0.5, values))
    assert found == {"value": 0.1, "interval": [0.1, 0.1]}


def test_where_everybody_comes_once_it_is_the_plain_rate():
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(40), 3)
    left, right = np.triu_indices(120, 1)
    same = person[left] == person[right]
    scores = rng.normal(size=len(same)) + 2 * same
    ranked = _draws.Ranked(person, left, right, same, scores, most=0.01)
    for far in (0.01, 0.002):
        point = evaluation.tar_at_far(same, scores, far)
        [tar], [threshold] = ranked.tar(np.ones((1, 40), int), far)
        assert (tar, threshold) == (pytest.approx(point.tar.value), point.threshold)


def test_the_draws_are_those_of_the_package_s_bootstrap():
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(30), 3)
    left, right = np.triu_indices(90, 1)
    same = person[left] == person[right]
    scores = rng.normal(size=len(same)) + 2 * same
    ranked = _draws.Ranked(person, left, right, same, scores, most=0.01)
    tars, _ = ranked.tar(_draws.draws(30, rounds=400), 0.01)
    groups = np.stack([person[left], person[right]], axis=1)

    def tar(same, scores):
        return evaluation.roc(same, scores).tar_at(0.01)

    other = evaluation.bootstrap(tar, same, scores, groups, rounds=400)
    np.testing.assert_allclose(_draws.interval(tars), other, atol=0.06)


def test_rates_of_a_matrix_by_hand():
    scores = np.array([[0.9, 0.1, 0.8], [0.2, 0.3, 0.1], [0.1, 0.7, 0.9]])
    drawn = np.array([[1, 1, 1], [2, 0, 1]])
    (tar, tars), (fmr, fmrs) = _draws.rates(scores, 0.6, drawn)
    assert (tar, fmr) == (pytest.approx(2 / 3), pytest.approx(2 / 6))
    assert tars.tolist() == [pytest.approx(2 / 3), 1]
    assert fmrs.tolist() == [pytest.approx(2 / 6), pytest.approx(2 / 4)]  # 0–2 twice, of 4


def test_what_is_kept_is_not_done_again(tmp_path, monkeypatch):
    monkeypatch.setattr(_peers, "PART", 2)
    done = []

    def work(items):
        done.extend(items)
        return np.array(items, float)[:, None] * [1, 2]

    rows = _peers.kept_rows(tmp_path, "twice", [1, 2, 3, 4, 5], work)
    assert rows.tolist() == [[1, 2], [2, 4], [3, 6], [4, 8], [5, 10]] and len(done) == 5
    again = _peers.kept_rows(tmp_path, "twice", [1, 2, 3, 4, 6], work)  # the last part is new
    assert again[-1].tolist() == [6, 12] and done[5:] == [6]
    _peers.kept_rows(tmp_path, "other", [1, 2], work)
    assert done[6:] == [1, 2]


def test_a_photograph_has_its_own_noise():
    images = np.full((2, 64, 64, 3), 0.5, np.float32)
    photos = [Photo("Ann", 1), Photo("Bo", 1)]
    one = _peers.spoil(images, photos, "noise", 4)
    other = _peers.spoil(images[:1], photos[1:], "noise", 4)
    assert (one[1] == other[0]).all() and (one[0] != one[1]).any()


def test_lfw_s_landmarks_are_those_of_the_aligned_crop():
    [places] = _peers.lfw_places([Photo("Ann", 1)])
    top, left, bottom, right = _peers.FACE_BOX
    inside = (places + 0.5) / 250 - [left, top]
    np.testing.assert_allclose(inside / [right - left, bottom - top], _peers.TEMPLATE)


def test_the_people_of_a_smaller_sample_come_first():
    names = [f"person {number}" for number in range(20)]
    left = [Photo(name, number) for name in names for number in (1, 3)]
    right = [Photo(name, number) for name in names for number in (2, 4)]
    pairs = Pairs([*left, Photo("Ann", 1)], [*right, Photo("Bo", 1)])
    chosen = peers.choose_people(pairs, 8)
    assert len({one.name for one, _ in chosen}) == 8
    assert all((one.name, one.number, two.number) == (two.name, 1, 2) for one, two in chosen)
    assert peers.choose_people(pairs, 3) == chosen[:3]


def test_a_search_and_its_rates_by_hand():
    angles = np.deg2rad([0, 40, 90, 135, 320, 200])  # Ann twice, Bo twice, two strangers
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    listed, strangers = np.array([[0, 1], [2, 3]]), np.array([4, 5])
    own, alarms = peers.search(embeddings, listed, strangers, lists := [np.array([0, 1])] * 2)
    np.testing.assert_allclose(own, [np.cos(np.deg2rad([40, 45]))] * 2)
    np.testing.assert_allclose(alarms, [np.cos(np.deg2rad([40, 110]))] * 2)
    found = peers.rates_of_lists((own, alarms), lists, 0.75, ONCE)["at_pairs_threshold"]
    assert found["fnir"]["value"] == found["fpir"]["value"] == 0.5  # Bo is missed, one is named
    lists = [np.array([0]), np.array([1])]
    named = peers.search(embeddings, listed, strangers, lists)
    found = peers.rates_of_lists(named, lists, 0.75, ONCE)["at_pairs_threshold"]
    assert (found["fnir"]["value"], found["fpir"]["value"]) == (0.5, 0.25)  # Bo's list names nobody


def test_a_probe_that_is_more_like_somebody_else_is_missed_at_any_threshold():
    angles = np.deg2rad([0, 80, 90, 95, 200])  # Ann's second photograph is nearer to Bo's first
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    listed = np.array([[0, 1], [2, 3]])
    [own], _ = peers.search(embeddings, listed, np.array([4]), [np.array([0, 1])])
    assert own[0] == -np.inf and own[1] == pytest.approx(np.cos(np.deg2rad(5)))


def test_counts_by_hand():
    angles = np.deg2rad([0, 10, 90, 100])
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    names = np.array(["Ann", "Ann", "Bo", "Cy"])
    assert peers.count(embeddings, names, [0.9, 0.999]) == [[0, 1 / 3, -1 / 3], [1 / 3, 0, 1 / 3]]
    found = peers.summarise(np.array([[0, 0.5, -0.5], [0.5, 0, 0.5]]))
    assert found["wrong_by"] == 0.5 and found["splits"] == found["merges"] == 0.25


def test_scores_of_other_pairs_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(peers, "RECORDED", tmp_path)
    pairs = {"same": [1, 0], "fold": [1, 1], "fisher": [0.5, 0.1], "eigenfaces": [0.2, 0.1]}
    (tmp_path / "lfw_view1.json").write_text(json.dumps({"pairs": pairs}))
    scores = peers.recorded_scores(1, np.array([True, False]), np.array([1, 1]))
    assert scores["fisher"].tolist() == [0.5, 0.1]
    with pytest.raises(ValueError, match="must hold the scores of these pairs"):
        peers.recorded_scores(1, np.array([False, True]), np.array([1, 1]))


class FakeDlib(_peers.Shipped):
    """Stands for dlib's network: the mean colours of a face's quarters, in any length."""

    name = "dlib"

    def __init__(self, data, kept):
        self.data, self.kept, self.places = data, kept, None
        self.embedder = SimpleNamespace(embed=self.embed, fingerprint="dlib 0123")
        self.key = self.name

    def embed(self, images):
        rows = images.reshape(len(images), 4, 16, 4, 16, 3).mean((2, 4)).reshape(len(images), -1)
        return normalize(rows - 0.4)

    def descriptors(self, photos):
        return 1.4 * self.rows(photos)


def test_it_runs_on_people_that_our_network_never_met(folder, tmp_path, monkeypatch):
    class Quick(FakeDlib):
        name = "shipped"

    systems = {"shipped": Quick, "dlib": FakeDlib, "eigenfaces": _peers.Eigenfaces}
    monkeypatch.setattr(peers, "SYSTEMS", systems)
    small = {"FARS": (0.1,), "FAR": 0.1, "LISTS": (3, 100), "LISTED": 2, "STREAMS": (3, 5)}
    small |= {"STEPS": 4, "CONDITIONS": {"as it is": ("noise", 0), "noise": ("noise", 4)}}
    for name, value in small.items():
        monkeypatch.setattr(peers, name, value)
    monkeypatch.setattr(_draws, "ROUNDS", 20)
    monkeypatch.setattr(peers, "LISTS", (3, 6))
    monkeypatch.setattr(peers, "table", lambda record: "")
    photos_of_all = peers.test_photos

    def some_once(data, experiment, at_most=None):
        """Return the photographs; for watch lists the last five people's second ones left out."""
        photos = photos_of_all(data, experiment, at_most)
        last = sorted({photo.name for photo in photos})[-5:]
        return [one for one in photos if at_most != 2 or one.number == 1 or one.name not in last]

    monkeypatch.setattr(peers, "test_photos", some_once)
    data, records = load_lfw(folder), tmp_path / "recorded"
    records.mkdir()
    monkeypatch.setattr(peers, "RECORDED", records)
    for view in (1, 2):
        experiments = peers.plan(data, view)
        same = np.concatenate([one.pairs.same for one in experiments])
        fold = np.concatenate([one.folds for one in experiments])
        guesses = np.random.default_rng(view).random(len(same)) + same
        pairs = {"same": same.astype(int).tolist(), "fold": fold.tolist()}
        pairs |= {"fisher": guesses.tolist(), "eigenfaces": (guesses**2).tolist()}
        (records / f"lfw_view{view}.json").write_text(json.dumps({"pairs": pairs}))
    output, kept = tmp_path / "record.json", tmp_path / "kept"
    command = ["peers.py", "--data", str(folder), "--output", str(output), "--spoiled", "6"]
    command += ["--checkpoints", str(kept), "--streams", "2"]
    monkeypatch.setattr(sys, "argv", command)
    peers.main()
    record, made = json.loads(output.read_text()), len([*kept.iterdir()])
    assert {*record["view1"]["systems"]} == {"fisher", "eigenfaces", "shipped", "dlib"}
    assert {*record["view2"]["systems"]} == {"fisher", "eigenfaces", "dlib"}  # ours has met them
    assert record["all_pairs"]["tar_differences"]["dlib − shipped"]["interval"] == [0, 0]
    assert record["conditions"]["impostor_pairs"] == 30
    for name in systems:
        as_it_is = record["conditions"]["systems"][name]["as it is"]
        assert as_it_is["one"] == as_it_is["both"]
        for found in record["watch_list"]["systems"][name].values():
            assert 0 <= found["at_fpir"]["fpir"]["value"] <= found["at_fpir"]["fpir"]["interval"][1]
    for path in kept.iterdir():
        path.chmod(0o400)
    peers.main()
    again = json.loads(output.read_text())
    assert len([*kept.iterdir()]) == made  # nothing is embedded anew
    assert again["all_pairs"] == record["all_pairs"] and again["counting"] == record["counting"]
