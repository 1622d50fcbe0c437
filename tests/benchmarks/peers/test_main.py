"""A run of all measurements on a tiny LFW, dlib's network replaced by mean colours."""

import json
import sys
from functools import partial
from types import SimpleNamespace

import _draws
import _inversion
import numpy as np
from peers import __main__ as peers
from peers import conditions, counting, everybody, finding, inverting, systems, views, watch_list
from sklearn.preprocessing import normalize

from facebook_tut.data.lfw import Photo, load_lfw


class FakeDlib(systems.Shipped):
    """Stands for dlib's network: the mean colours of a face's quarters, in any length."""

    name = "dlib"

    def __init__(self, data, kept):
        self.data, self.kept, self.find = data, kept, None
        look = {"embed": self.embed, "align": lambda image, _: image}
        self.embedder = SimpleNamespace(**look, fingerprint="dlib 0123")
        self.key = self.name

    def embed(self, images):
        rows = images.reshape(len(images), 4, 16, 4, 16, 3).mean((2, 4)).reshape(len(images), -1)
        return normalize(rows - 0.4)

    def descriptors(self, photos):
        return 1.4 * self.rows(photos)


def somewhere(frame):
    """Stand for a detector: it finds no face in dark frames, else the place where LFW has it."""
    return systems.lfw_places(frame) if frame.mean() > 40 else None


def thirds(data):
    """Return the third, the first and the second photographs: here everybody has several."""
    names = [name for name, photos in data.people("view1/test").items() if photos > 2]
    return tuple([Photo(name, number) for name in names] for number in (3, 1, 2))


def test_it_runs_on_people_that_our_network_never_met(folder, tmp_path, monkeypatch):
    class Quick(FakeDlib):
        name = "shipped"

    compared = {"shipped": Quick, "dlib": FakeDlib, "eigenfaces": systems.Eigenfaces}
    monkeypatch.setattr(peers, "SYSTEMS", compared)
    behind = {
        "shipped, mtcnn": partial(systems.Eigenfaces, find=somewhere),
        "dlib, mtcnn": FakeDlib,
        "dlib, own": FakeDlib,
    }
    for module in (peers, finding):
        monkeypatch.setattr(module, "DETECTED" if module is peers else "SYSTEMS", behind)
    few = {"as it is": ("noise", 0), "noise": ("noise", 4)}
    small = [(everybody, "FARS", (0.1,)), (everybody, "FAR", 0.1), (watch_list, "LISTS", (3, 6))]
    small += [(watch_list, "LISTED", 2), (counting, "STREAMS", (3, 5)), (counting, "STEPS", 4)]
    small += [(conditions, "CONDITIONS", few), (_inversion, "COMPONENTS", (4,))]
    small += [(_draws, "ROUNDS", 20), (peers, "table", lambda record: "")]
    for module, name, value in small:
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(inverting, "photos_of_attack", thirds)
    photos_of_all = peers.test_photos

    def some_once(data, experiment, at_most=None):
        """Return the photographs; for watch lists the last five people's second ones left out."""
        photos = photos_of_all(data, experiment, at_most)
        last = sorted({photo.name for photo in photos})[-5:]
        return [one for one in photos if at_most != 2 or one.number == 1 or one.name not in last]

    monkeypatch.setattr(peers, "test_photos", some_once)
    data, records = load_lfw(folder), tmp_path / "recorded"
    records.mkdir()
    monkeypatch.setattr(views, "RECORDED", records)
    for view in (1, 2):
        experiments = peers.plan(data, view)
        same = np.concatenate([one.pairs.same for one in experiments])
        fold = np.concatenate([one.folds for one in experiments])
        guesses = np.random.default_rng(view).random(len(same)) + same
        pairs = {"same": same.astype(int).tolist(), "fold": fold.tolist()}
        pairs |= {"fisher": guesses.tolist(), "eigenfaces": (guesses**2).tolist()}
        (records / f"lfw_view{view}.json").write_text(json.dumps({"pairs": pairs}))
    output, kept = tmp_path / "record.json", tmp_path / "kept"
    command = ["peers", "--data", str(folder), "--output", str(output), "--spoiled", "6"]
    command += ["--checkpoints", str(kept), "--streams", "2", "--frames"]
    monkeypatch.setattr(sys, "argv", command)
    peers.main()
    record, made = json.loads(output.read_text()), len([*kept.iterdir()])
    assert {*record["view1"]["systems"]} == {"fisher", "eigenfaces", "shipped", "dlib"}
    assert {*record["view2"]["systems"]} == {"fisher", "eigenfaces", "dlib"}  # ours has met them
    assert record["all_pairs"]["tar_differences"]["dlib − shipped"]["interval"] == [0, 0]
    assert record["conditions"]["impostor_pairs"] == 30
    for name in compared:
        as_it_is = record["conditions"]["systems"][name]["as it is"]
        assert as_it_is["one"] == as_it_is["both"]
        for found in record["watch_list"]["systems"][name].values():
            assert 0 <= found["at_fpir"]["fpir"]["value"] <= found["at_fpir"]["fpir"]["interval"][1]
    behind_all = record["detected"]
    assert {*behind_all["view1"]["systems"]} == {*behind}
    assert {*behind_all["view2"]["systems"]} == {"dlib, own"}  # ours has met them
    assert behind_all["view1"]["accuracy_differences"]["dlib, own − dlib, mtcnn"]["value"] == 0
    for name, looks in record["inverting"]["faces"].items():
        assert {*looks} == {*compared}
        if name != "the photograph":
            assert looks[name]["cosine to the first"] > looks[name]["cosine of others"]
    for path in kept.iterdir():
        path.chmod(0o400)
    peers.main()
    again = json.loads(output.read_text())
    assert len([*kept.iterdir()]) == made  # nothing is embedded anew
    assert again["all_pairs"] == record["all_pairs"] and again["counting"] == record["counting"]
    again["detected"]["view2"], again["counting"] = {}, "kept"
    output.write_text(json.dumps(again))
    monkeypatch.setattr(sys, "argv", [*command, "--only-frames"])
    peers.main()
    alone = json.loads(output.read_text())
    anew = alone["detected"].pop("view2")
    assert anew["command"].endswith("--only-frames") and alone["command"] == again["command"]
    assert {**anew, **behind_all["view2"]} == anew and alone["counting"] == "kept"
