"""Methods on a tiny fake LFW: nobody was met before, and an interruption costs nothing."""

import csv
import json
import shutil
import sys

import lfw.__main__
import numpy as np
import pytest
from lfw import eigenfaces, methods, network, protocol, robust, student
from lfw import fisher as fisher_method
from sklearn.decomposition import PCA

from facebook_tut import augmentation, evaluation, fisher, metric_learning
from facebook_tut.data.lfw import LFW, load_lfw, photos_of
from facebook_tut.models import load_model
from facebook_tut.plda import fit_plda

PEOPLE = [f"Person_{number:02d}" for number in range(40)]  # of conftest's fake LFW
KINDS = ("network", "eigenfaces")


@pytest.fixture(scope="module")
def described():
    """`fisher.describe`, which describes no picture twice."""
    describe, found = fisher.describe, {}

    def described(picture, kind):
        key = kind, picture.tobytes()
        if key not in found:
            found[key] = describe(picture, kind)
        return found[key]

    return described


@pytest.fixture(scope="module")
def run(folder, tmp_path_factory, eagerly, described, build_quick_embedder):
    """A function that runs the command on small images with a small network or small mixtures.

    It takes the folder of the checkpoints and options; it returns the record.
    """
    output = tmp_path_factory.mktemp("results") / "record.json"

    def run(kept, *options):
        command = ["lfw", "--data", str(folder), "--output", str(output)]
        command += ["--checkpoints", str(kept), "--size", "16", "--dimensions", "8"]
        command += ["--modes", "4", "--components", "20", *options]
        with pytest.MonkeyPatch.context() as patch, eagerly():
            patch.setattr(network, "build_embedder", build_quick_embedder)
            patch.setattr(student, "build_embedder", build_quick_embedder)
            patch.setattr(fisher_method, "SIZE", (80, 80))
            patch.setattr(fisher_method, "PART", 50)
            patch.setattr(fisher_method, "CORES", 1)
            patch.setattr(fisher, "SCALES", {1.0: 12})
            patch.setattr(fisher, "describe", described)
            patch.setattr(sys, "argv", command)
            lfw.__main__.main()
        return json.loads(output.read_text())

    return run


@pytest.fixture(scope="module")
def view1(run, tmp_path_factory):
    """The folder of the checkpoints of View 1 and its record."""
    kept = tmp_path_factory.mktemp("kept")
    return kept, run(kept, "--method", "network", "--view", "1", "--epochs", "2")


def test_view_1_is_recorded_whole(view1, folder):
    kept, record = view1
    data = load_lfw(folder)
    assert record["data_fingerprint"] == data.fingerprint
    assert record["recipe"]["epochs"] == 2
    assert record["command"].startswith("python benchmarks/lfw --data PATH --size")
    assert str(folder) not in json.dumps(record)
    assert record["protocol"].startswith("View 1 is for choosing")
    (training,) = record["trainings"]
    assert (training["people"], training["images"]) == (25, 75)
    for key in ("epoch_loss", "epoch_seconds", "epoch_accuracy"):
        assert len(training[key]) == 2
    same, fold = np.array(record["pairs"]["same"]), np.array(record["pairs"]["fold"])
    assert same.tolist() == data.pairs("view1/test").same.tolist()
    assert np.bincount(fold).tolist() == [0, *[8] * 10]
    left, right = (np.array(record["pairs"][side]) for side in ("left", "right"))
    assert ((left == right) == same).all()
    names = [photo.name for photo in data.pairs("view1/test").left]
    assert len(set(zip(left.tolist(), names, strict=True))) == len(set(names))
    for kind in KINDS:
        result, scores = record[kind], np.array(record["pairs"][kind])
        thresholds = np.array(result["fold_thresholds"])[fold - 1]
        right = (scores >= thresholds) == same
        assert result["right"] == right.sum()  # as the rounded scores give it
        assert result["mean"] == pytest.approx(right.mean(), abs=1e-4)  # folds of equal size
        low, high = result["wilson_interval"]
        assert low < result["mean"] < high
        assert list(result["tar_at_far"]) == ["0.1"]  # 40 impostor pairs establish no 0.01
    assert record["network"]["mean"] == training["epoch_accuracy"][-1]
    model = load_model(kept / "view1_network.keras")
    images = data.images(data.pairs("view1/test").photos, size=16)
    embeddings, pairs = metric_learning.embed(model, images), data.pairs("view1/test")
    row = {photo: number for number, photo in enumerate(pairs.photos)}
    left, right = (embeddings[[row[photo] for photo in side]] for side in (pairs.left, pairs.right))
    cosines = np.einsum("nd,nd->n", left, right)
    np.testing.assert_allclose(record["pairs"]["network"], cosines, atol=1e-4)


def test_an_interrupted_run_goes_on_and_ends_the_same(view1, run, tmp_path, monkeypatch):
    whole, train = view1[1], metric_learning.fit_embedder

    def killed(*arguments, after_epoch, **options):
        def note(epoch, model):
            after_epoch(epoch, model)
            if epoch == 2:
                raise KeyboardInterrupt

        return train(*arguments, after_epoch=note, **options)

    monkeypatch.setattr(network, "fit_embedder", killed)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, "--method", "network", "--view", "1", "--epochs", "2")
    monkeypatch.undo()
    assert (tmp_path / "view1_network.npz").is_file()
    resumed = run(tmp_path, "--method", "network", "--view", "1", "--epochs", "2")
    for key in ("network", "eigenfaces", "pairs", "recipe"):
        assert resumed[key] == whole[key]
    for key in ("epoch_loss", "epoch_accuracy"):
        assert resumed["trainings"][0][key] == whole["trainings"][0][key]
    assert len(resumed["trainings"][0]["epoch_seconds"]) == 2


def test_view_2_scores_every_fold_by_a_network_that_saw_nobody_of_it(run, tmp_path, monkeypatch):
    learnt = []

    def spy(model, images, names, **options):
        learnt.append((set(names), options["validation"]))
        return metric_learning.fit_embedder(model, images, names, **options)

    monkeypatch.setattr(network, "fit_embedder", spy)
    record = run(
        tmp_path, "--method", "network", "--view", "2", "--trainings", "2", "--epochs", "1"
    )
    assert record["protocol"].startswith("View 2 is for reporting")
    assert learnt == [(set(PEOPLE[20:]), None), (set(PEOPLE[:20]), None)]
    assert [one["name"] for one in record["trainings"]] == [
        "view2_without_1_2_3_4_5",
        "view2_without_6_7_8_9_10",
    ]
    assert record["pairs"]["fold"] == np.repeat(range(1, 11), 6).tolist()
    assert record["pairs"]["same"] == [1, 1, 1, 0, 0, 0] * 10
    for kind in KINDS:
        assert len(record[kind]["fold_accuracies"]) == 10


def test_ten_trainings_leave_out_one_fold_each(folder):
    plan = protocol.plan(load_lfw(folder), 2, 10)
    for fold, experiment in enumerate(plan):
        own = set(PEOPLE[4 * fold : 4 * fold + 4])
        assert set(experiment.people) == set(PEOPLE) - own
        assert {photo.name for photo in experiment.pairs.photos} <= own
        assert experiment.folds.tolist() == [fold + 1] * 6
        half = PEOPLE[:20] if fold < 5 else PEOPLE[20:]
        assert set(experiment.group.people) == set(PEOPLE) - set(half)
    assert [experiment.name for experiment in plan][::9] == [
        "view2_without_1",
        "view2_without_10",
    ]


def test_a_test_person_in_training_is_refused(run, tmp_path, monkeypatch):
    class Leaky(LFW):
        def people(self, part):
            return dict.fromkeys(PEOPLE, 3)

    monkeypatch.setattr(methods, "load_lfw", lambda path: Leaky(load_lfw(path).folder))
    with pytest.raises(ValueError, match="nobody in common, got 15 in both: Person_25, Person_26"):
        run(tmp_path, "--view", "1")


@pytest.fixture(scope="module")
def view1_fisher(run, tmp_path_factory):
    """The folder of what is kept of View 1 with Fisher vectors, and its record."""
    kept = tmp_path_factory.mktemp("fisher")
    return kept, run(kept, "--view", "1")


def test_fisher_vectors_are_recorded_whole(view1_fisher, folder):
    kept, record = view1_fisher
    assert record["method"] == "fisher"
    assert "View 1 is for choosing" in record["protocol"]
    assert "Nothing here goes down a gradient" in record["protocol"]
    assert record["recipe"]["modes"] == 4
    (training,) = record["trainings"]
    assert (training["people"], training["images"]) == (25, 75)
    assert record["mean"] == record["fisher"]["mean"]
    assert record["folds"] == record["fisher"]["fold_accuracies"]
    assert record["parameters"] > 0
    spent = training["seconds"] + training["encoding_seconds"]
    assert record["seconds"] == pytest.approx(spent, abs=0.11)
    assert len([*kept.glob("view1_shape_4_0_*.npz")]) == 3  # of 50 photographs each


def test_an_experiment_is_a_row_of_the_table(view1_fisher, run, tmp_path, monkeypatch):
    kept, record = view1_fisher
    table = tmp_path / "experiments.csv"
    monkeypatch.setattr(methods, "EXPERIMENTS", table)
    table.write_text(",".join(methods.COLUMNS) + "\nthe first\n")
    run(kept, "--experiment", "fewer, larger patches", "quicker", "--view", "1")
    with table.open(newline="") as file:
        first, second = csv.DictReader(file)
    assert first["changed"] == "the first"
    assert (second["changed"], second["expected"]) == ("fewer, larger patches", "quicker")
    assert float(second["accuracy"]) == record["mean"]
    low, high = record["fisher"]["wilson_interval"]
    assert (float(second["low"]), float(second["high"])) == (low, high)
    assert int(second["parameters"]) == record["parameters"]
    assert second["command"].startswith("python benchmarks/lfw --data PATH")
    assert second["command"].endswith(" --components 20 --view 1")
    with pytest.raises(SystemExit):
        run(kept, "--view", "2", "--experiment", "choosing", "on the report")


def test_scores_of_fisher_vectors_follow_the_recipe(view1_fisher, folder):
    """Made again from the kept vectors, without the benchmark's own functions."""
    kept, record = view1_fisher
    data = load_lfw(folder)
    known, pairs = photos_of(dict.fromkeys(PEOPLE[:25], 3)), data.pairs("view1/test")
    names = np.array([photo.name for photo in known])
    parts = []
    for kind, weight in (("shape", 1.0), ("colour", 0.7)):
        vectors = np.concatenate(
            [np.load(path)["vectors"] for path in sorted(kept.glob(f"*_{kind}_*.npz"))]
        )
        vectors = vectors.astype(np.float32)
        pca = PCA(20, svd_solver="randomized", random_state=0).fit(vectors[:75])
        coordinates = pca.transform(vectors)
        parts.append(weight * fit_plda(coordinates[:75], names).embed(coordinates))
    embeddings = np.hstack(parts)
    cohort = [embeddings[:75][names == name].mean(axis=0) for name in np.unique(names)]
    left, right = (embeddings[75 + rows] for rows in pairs.rows(pairs.photos))
    wanted = evaluation.normalised_pair_scores(left, right, cohort, nearest=25)
    np.testing.assert_allclose(record["pairs"]["fisher"], wanted, atol=2e-4)


def test_fisher_vectors_that_were_made_are_not_made_again(view1_fisher, run, monkeypatch):
    kept, record = view1_fisher

    def encode(*arguments, **options):
        raise AssertionError("encoded again")

    monkeypatch.setattr(fisher_method.FisherEncoder, "encode", encode)
    again = run(kept, "--view", "1")
    assert again["pairs"] == record["pairs"]
    next(kept.glob("view1_colour_4_0_*.npz")).unlink()
    with pytest.raises(AssertionError, match="encoded again"):
        run(kept, "--view", "1")


def test_a_student_learns_from_the_embeddings_of_its_teacher(
    view1_fisher, run, monkeypatch, tmp_path
):
    kept, taught = view1_fisher[0], []

    def spy(model, images, teacher, **options):
        taught.append((images, teacher))
        return metric_learning.fit_student(model, images, teacher, **options)

    monkeypatch.setattr(student, "fit_student", spy)
    record = run(kept, "--view", "1", "--method", "student", "--epochs", "1")
    [(images, teacher)] = taught
    assert (images.shape, teacher.shape) == ((75, 16, 16, 3), (75, 8))
    names = np.repeat(np.arange(25), 3)
    similar = teacher @ teacher.T
    same = names[:, None] == names
    assert similar[same].mean() > similar[~same].mean() + 0.1  # the teacher knew the names
    assert record["recipe"]["teacher"]["modes"] == 4
    assert record["mean"] == record["trainings"][0]["epoch_accuracy"][-1]
    model = load_model(kept / "view1_student.keras")
    assert model.count_params() == record["parameters"]

    def compute(*arguments):
        raise AssertionError("the teacher embedded again")

    monkeypatch.setattr(fisher_method, "embed", compute)
    options = ("--epochs", "1", "--augment", "light", "--checkpoints", str(tmp_path))
    [kept_teacher] = kept.glob("view1_teacher_8_*.npy")
    shutil.copy(kept_teacher, tmp_path)
    record = run(kept, "--view", "1", "--method", "student", *options)
    assert record["recipe"]["augment"] == "light"
    np.testing.assert_array_equal(taught[1][1], teacher)


def test_a_robust_network_keeps_what_it_saw_in_clean_photographs(
    view1, run, monkeypatch, tmp_path, folder
):
    begun, taught = view1[0] / "view1_network.keras", []

    def spy(model, images, teacher, **options):
        taught.append((images, teacher, options))
        quick = options | {"augment": False}  # corruption wants larger images
        return metric_learning.fit_student(model, images, teacher, **quick)

    monkeypatch.setattr(robust, "fit_student", spy)
    options = ("--epochs", "1", "--start", str(begun), "--apart", "2")
    record = run(tmp_path, "--view", "1", "--method", "robust", *options)
    [(images, teacher, given)] = taught
    own = metric_learning.embed(load_model(begun), images)
    np.testing.assert_allclose(teacher, own, atol=1e-5)
    assert (given["apart"], given["augment"]) == (2, augmentation.vary_camera)
    assert record["recipe"]["start"] == begun.name and str(begun) not in str(record)
    assert (tmp_path / "view1_robust.keras").is_file()


def test_no_part_of_fisher_vectors_saw_a_person_it_is_measured_on(run, tmp_path, monkeypatch):
    mixtures, plda = [], []

    def spy_on_mixtures(data, group, kind, chosen):
        mixtures.append((group.name, set(group.people)))
        return fit_encoder(data, group, kind, chosen)

    def spy_on_plda(features, names, **options):
        plda.append(set(names))
        return fit_plda(features, names, **options)

    fit_encoder = fisher_method.fit_encoder
    monkeypatch.setattr(fisher_method, "fit_encoder", spy_on_mixtures)
    monkeypatch.setattr(fisher_method, "fit_plda", spy_on_plda)
    record = run(tmp_path, "--view", "2")
    first, second = "view2_without_1_2_3_4_5", "view2_without_6_7_8_9_10"
    assert mixtures == [
        *[(first, set(PEOPLE[20:]))] * 2,
        *[(second, set(PEOPLE[:20]))] * 2,
    ]
    for fold in range(10):
        left_out = set(PEOPLE[4 * fold : 4 * fold + 4])
        assert plda[2 * fold] == plda[2 * fold + 1] == set(PEOPLE) - left_out
    assert record["pairs"]["fold"] == np.repeat(range(1, 11), 6).tolist()
    assert len(record["folds"]) == 10


def test_eigenfaces_agree_with_an_eigendecomposition(folder, monkeypatch):
    monkeypatch.setattr(eigenfaces, "SIZE", 20)
    data = load_lfw(folder)
    known, new = photos_of(dict.fromkeys(PEOPLE[:25], 3)), photos_of({"Person_30": 3})
    x, y = (eigenfaces.brightness(data, photos).astype(float) for photos in (known, new))
    ours = eigenfaces.whitened_components(data, known, new, 0)
    values, vectors = np.linalg.eigh(np.cov(x, rowvar=False))
    theirs = (y - x.mean(0)) @ vectors[:, ::-1][:, :20] / np.sqrt(values[::-1][:20])
    np.testing.assert_allclose(np.abs(ours[:, :20]), np.abs(theirs), rtol=0.02, atol=0.02)
