"""The benchmark on a tiny fake LFW: nobody was met before, and an interruption costs nothing."""

import csv
import hashlib
import itertools
import json
import shutil
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.decomposition import PCA

from facebook_tut import evaluation, fisher, metric_learning, pretrained
from facebook_tut.data.lfw import LFW, load_lfw, photos_of
from facebook_tut.models import build_embedder, load_model, save_model
from facebook_tut.plda import fit_plda

PEOPLE = [f"Person_{number:02d}" for number in range(40)]  # of conftest's fake LFW
KINDS = ("network", "eigenfaces")


@pytest.fixture(scope="module")
def benchmark(load):
    """The module benchmarks/lfw.py."""
    return load("lfw")


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
def run(benchmark, folder, tmp_path_factory, eagerly, described, build_quick_embedder):
    """A function that runs the command on small images with a small network or small mixtures.

    It takes the folder of the checkpoints and options; it returns the record.
    """
    output = tmp_path_factory.mktemp("results") / "record.json"

    def run(kept, *options):
        command = ["lfw.py", "--data", str(folder), "--output", str(output)]
        command += ["--checkpoints", str(kept), "--size", "16", "--dimensions", "8"]
        command += ["--modes", "4", "--components", "20", *options]
        with pytest.MonkeyPatch.context() as patch, eagerly():
            patch.setattr(benchmark.lfw_network, "build_embedder", build_quick_embedder)
            patch.setattr(benchmark.lfw_student, "build_embedder", build_quick_embedder)
            patch.setattr(benchmark.lfw_fisher, "SIZE", (80, 80))
            patch.setattr(benchmark.lfw_fisher, "PART", 50)
            patch.setattr(benchmark.lfw_fisher, "CORES", 1)
            patch.setattr(fisher, "SCALES", {1.0: 12})
            patch.setattr(fisher, "describe", described)
            patch.setattr(sys, "argv", command)
            benchmark.main()
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
    assert record["command"].startswith("python benchmarks/lfw.py --data PATH --output")
    assert str(folder) not in json.dumps(record)
    assert record["protocol"].startswith("View 1 is for choosing")
    (training,) = record["trainings"]
    assert (training["people"], training["images"]) == (25, 75)
    for key in ("epoch_loss", "epoch_seconds", "epoch_accuracy"):
        assert len(training[key]) == 2
    same, fold = np.array(record["pairs"]["same"]), np.array(record["pairs"]["fold"])
    assert same.tolist() == data.pairs("view1/test").same.tolist()
    assert np.bincount(fold).tolist() == [0, *[8] * 10]
    for kind in KINDS:
        result, scores = record[kind], np.array(record["pairs"][kind])
        thresholds = np.array(result["fold_thresholds"])[fold - 1]
        right = (scores >= thresholds) == same
        assert result["right"] == right.sum()  # as the rounded scores give it
        assert result["mean"] == pytest.approx(right.mean(), abs=1e-4)  # folds of equal size
        low, high = result["wilson_interval"]
        assert low < result["mean"] < high
        assert list(result["tar_at_far"]) == ["0.1"]  # 40 impostor pairs establish no 0.01
        assert len(result["roc"]["far"]) == len(result["roc"]["tar"]) <= 200
        assert result["roc"]["far"][-1] == result["roc"]["tar"][-1] == 1
    assert record["network"]["mean"] == training["epoch_accuracy"][-1]
    model = load_model(kept / "view1_network.keras")
    images = data.images(data.pairs("view1/test").photos, size=16)
    embeddings, pairs = metric_learning.embed(model, images), data.pairs("view1/test")
    row = {photo: number for number, photo in enumerate(pairs.photos)}
    left, right = (embeddings[[row[photo] for photo in side]] for side in (pairs.left, pairs.right))
    cosines = np.einsum("nd,nd->n", left, right)
    np.testing.assert_allclose(record["pairs"]["network"], cosines, atol=1e-4)


def test_an_interrupted_run_goes_on_and_ends_the_same(view1, run, tmp_path, monkeypatch, benchmark):
    whole, train = view1[1], metric_learning.fit_embedder

    def killed(*arguments, after_epoch, **options):
        def note(epoch, model):
            after_epoch(epoch, model)
            if epoch == 2:
                raise KeyboardInterrupt

        return train(*arguments, after_epoch=note, **options)

    monkeypatch.setattr(benchmark.lfw_network, "fit_embedder", killed)
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


def test_view_2_scores_every_fold_by_a_network_that_saw_nobody_of_it(
    run, benchmark, tmp_path, monkeypatch
):
    learnt = []

    def spy(model, images, names, **options):
        learnt.append((set(names), options["validation"]))
        return metric_learning.fit_embedder(model, images, names, **options)

    monkeypatch.setattr(benchmark.lfw_network, "fit_embedder", spy)
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


def test_ten_trainings_leave_out_one_fold_each(benchmark, folder):
    plan = benchmark.plan(load_lfw(folder), 2, 10)
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


def test_a_test_person_in_training_is_refused(benchmark, run, tmp_path, monkeypatch):
    class Leaky(LFW):
        def people(self, part):
            return dict.fromkeys(PEOPLE, 3)

    monkeypatch.setattr(benchmark, "load_lfw", lambda path: Leaky(load_lfw(path).folder))
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


def test_an_experiment_is_a_row_of_the_table(view1_fisher, run, benchmark, tmp_path, monkeypatch):
    kept, record = view1_fisher
    table = tmp_path / "experiments.csv"
    monkeypatch.setattr(benchmark, "EXPERIMENTS", table)
    table.write_text(",".join(benchmark.COLUMNS) + "\nthe first\n")
    run(kept, "--experiment", "fewer, larger patches", "quicker", "--view", "1")
    with table.open(newline="") as file:
        first, second = csv.DictReader(file)
    assert first["changed"] == "the first"
    assert (second["changed"], second["expected"]) == ("fewer, larger patches", "quicker")
    assert float(second["accuracy"]) == record["mean"]
    low, high = record["fisher"]["wilson_interval"]
    assert (float(second["low"]), float(second["high"])) == (low, high)
    assert int(second["parameters"]) == record["parameters"]
    assert second["command"].startswith("python benchmarks/lfw.py --data PATH")
    assert second["command"].endswith(" --components 20 --view 1")
    with pytest.raises(SystemExit):
        run(kept, "--view", "2", "--experiment", "choosing", "on the report")


def test_scores_of_fisher_vectors_follow_the_recipe(view1_fisher, folder, benchmark):
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


def test_fisher_vectors_that_were_made_are_not_made_again(
    view1_fisher, run, benchmark, monkeypatch
):
    kept, record = view1_fisher

    def encode(*arguments, **options):
        raise AssertionError("encoded again")

    monkeypatch.setattr(benchmark.lfw_fisher.FisherEncoder, "encode", encode)
    again = run(kept, "--view", "1")
    assert again["pairs"] == record["pairs"]
    next(kept.glob("view1_colour_4_0_*.npz")).unlink()
    with pytest.raises(AssertionError, match="encoded again"):
        run(kept, "--view", "1")


def test_a_student_learns_from_the_embeddings_of_its_teacher(
    view1_fisher, run, benchmark, monkeypatch, tmp_path
):
    kept, taught = view1_fisher[0], []

    def spy(model, images, teacher, **options):
        taught.append((images, teacher))
        return metric_learning.fit_student(model, images, teacher, **options)

    monkeypatch.setattr(benchmark.lfw_student, "fit_student", spy)
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

    monkeypatch.setattr(benchmark.lfw_fisher, "embed", compute)
    options = ("--epochs", "1", "--augment", "light", "--checkpoints", str(tmp_path))
    [kept_teacher] = kept.glob("view1_teacher_8_*.npy")
    shutil.copy(kept_teacher, tmp_path)
    record = run(kept, "--view", "1", "--method", "student", *options)
    assert record["recipe"]["augment"] == "light"
    np.testing.assert_array_equal(taught[1][1], teacher)


def test_no_part_of_fisher_vectors_saw_a_person_it_is_measured_on(
    run, benchmark, tmp_path, monkeypatch
):
    mixtures, plda = [], []

    def spy_on_mixtures(data, group, kind, arguments):
        mixtures.append((group.name, set(group.people)))
        return fit_encoder(data, group, kind, arguments)

    def spy_on_plda(features, names, **options):
        plda.append(set(names))
        return fit_plda(features, names, **options)

    fit_encoder = benchmark.lfw_fisher.fit_encoder
    monkeypatch.setattr(benchmark.lfw_fisher, "fit_encoder", spy_on_mixtures)
    monkeypatch.setattr(benchmark.lfw_fisher, "fit_plda", spy_on_plda)
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


def test_eigenfaces_agree_with_an_eigendecomposition(benchmark, folder, monkeypatch):
    monkeypatch.setattr(benchmark, "EIGENFACES_SIZE", 20)
    data = load_lfw(folder)
    known, new = photos_of(dict.fromkeys(PEOPLE[:25], 3)), photos_of({"Person_30": 3})
    x, y = (benchmark.brightness(data, photos).astype(float) for photos in (known, new))
    ours = benchmark.whitened_components(data, known, new, 0)
    values, vectors = np.linalg.eigh(np.cov(x, rowvar=False))
    theirs = (y - x.mean(0)) @ vectors[:, ::-1][:, :20] / np.sqrt(values[::-1][:20])
    np.testing.assert_allclose(np.abs(ours[:, :20]), np.abs(theirs), rtol=0.02, atol=0.02)


@pytest.fixture(scope="module")
def embedder_benchmark(load):
    """The module benchmarks/face_embedder.py."""
    return load("face_embedder")


def test_the_shipped_network_is_measured_on_people_it_never_met(
    embedder_benchmark, folder, tmp_path, monkeypatch
):
    output = tmp_path / "record.json"
    centre = SimpleNamespace(box=(0, 0, 250, 250), embedding=np.ones(256))
    elsewhere = SimpleNamespace(box=(0, 0, 90, 90), embedding=-np.ones(256))

    def recognizer(model):
        turn = itertools.cycle([[elsewhere, centre]] * 9 + [[elsewhere]])  # some are not found
        return SimpleNamespace(faces=lambda picture: next(turn))

    monkeypatch.setattr(embedder_benchmark, "Recognizer", recognizer)
    monkeypatch.setattr(embedder_benchmark, "FARS", (0.1, 0.01))
    monkeypatch.setattr(embedder_benchmark, "CHOSEN", 0.01)
    conditions = {"the same": lambda image: image, "dark": lambda image: 0 * image}
    monkeypatch.setattr(embedder_benchmark, "CONDITIONS", conditions)
    monkeypatch.setattr(sys, "argv", ["x.py", "--data", str(folder), "--output", str(output)])
    embedder_benchmark.main()
    record = json.loads(output.read_text())
    assert (record["people"], record["photos"]) == (15, 45)
    assert (record["genuine_pairs"], record["impostor_pairs"]) == (15 * 3, 45 * 44 // 2 - 15 * 3)
    point = record["operating_points"]["0.01"]
    accepted, trials = point["far"]["counted"]
    assert trials == 945 and accepted <= 9
    assert record["threshold"] == round(point["threshold"], 2)
    for thirds in record["groups"].values():
        pairs = [one[kind]["counted"][1] for one in thirds for kind in ("fnmr", "fmr")]
        assert len(thirds) == 3 and sum(pairs) == 3 * (15 * 14 // 2)  # of 15 photographs each
    conditions = record["conditions"]
    assert [*conditions] == ["as it is", "the same", "dark", "found by Recognizer"]
    assert conditions["the same"] == conditions["as it is"]
    assert conditions["as it is"]["pairs_not_found"] == conditions["dark"]["pairs_not_found"] == 0
    assert conditions["dark"]["roc"] != conditions["as it is"]["roc"]
    found = conditions["found by Recognizer"]
    lost = found["pairs_not_found"]
    assert 0 < lost < 40
    fixed = found["at_threshold"]  # all who are found look alike, all others are rejected
    same = load_lfw(folder).pairs("view1/test").same
    rejected, accepted = (fixed[kind]["counted"][0] for kind in ("fnmr", "fmr"))
    assert rejected + (same.size - same.sum() - accepted) == lost


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A network that is not the shipped one: packed, and as a file."""
    model = build_embedder(**pretrained.LAYOUT)
    path = tmp_path_factory.mktemp("other") / "other.keras"
    return pretrained.pack(model), save_model(model, path)


def test_another_network_is_measured_into_a_file_of_its_own(
    embedder_benchmark, other, folder, tmp_path, monkeypatch, capsys
):
    packed, model = other
    command = ["x.py", "--data", str(folder), "--model", str(model)]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit):
        embedder_benchmark.main()
    assert "--model needs --output" in capsys.readouterr().err
    monkeypatch.setattr(embedder_benchmark, "measure_all_pairs", lambda *_: {"threshold": 0.5})
    monkeypatch.setattr(embedder_benchmark, "measure_conditions", lambda *_: {})
    monkeypatch.setattr(embedder_benchmark, "table", lambda record: "")
    output = tmp_path / "record.json"
    monkeypatch.setattr(sys, "argv", [*command, "--output", str(output)])
    embedder_benchmark.main()
    record = json.loads(output.read_text())
    assert record["sha256"] == hashlib.sha256(packed).hexdigest()
    assert record["sha256"] != pretrained.SHA256
    assert str(model) not in record["command"]


def test_a_network_is_packed_where_the_package_looks(
    embedder_benchmark, other, tmp_path, monkeypatch, capsys
):
    wanted, path = other
    monkeypatch.setattr(pretrained, "__file__", str(tmp_path / "__init__.py"))
    monkeypatch.setattr(sys, "argv", ["x.py", "--pack", str(path)])
    embedder_benchmark.main()
    packed = (tmp_path / pretrained.WEIGHTS).read_bytes()
    assert packed == wanted
    assert hashlib.sha256(packed).hexdigest() in capsys.readouterr().out


def test_proxies_of_a_photograph_see_what_they_name(embedder_benchmark):
    pale, dark = (
        np.full((64, 64, 3), colour) for colour in ((0.9, 0.75, 0.65), (0.35, 0.22, 0.15))
    )
    assert embedder_benchmark.skin_tone(pale) > 40 > -20 > embedder_benchmark.skin_tone(dark)
    face = np.random.default_rng(0).random((64, 64, 3))
    both = (face + face[:, ::-1]) / 2
    assert embedder_benchmark.symmetry(both) == pytest.approx(1)
    assert abs(embedder_benchmark.symmetry(face)) < 0.1


@pytest.fixture(scope="module")
def trainings(load, build_quick_embedder):
    """The module benchmarks/lfw_trainings.py, with a small network and few images."""
    module = load("lfw_trainings")
    patch = pytest.MonkeyPatch()
    patch.setattr(module, "VIEWS", 60)
    patch.setattr(module, "DRAWN", (6, 4))
    patch.setattr(module, "BATCH_SIZE", 100)
    # of 30 photographs no rate below one in a hundred
    patch.setattr(sys.modules["face_embedder"], "FARS", (0.1, 0.01))
    patch.setattr(sys.modules["face_embedder"], "AT_MOST", 2)
    patch.setattr(module, "build_embedder", lambda *_, **__: build_quick_embedder(8))
    patch.setattr(
        module,
        "STUDIES",
        {
            "people": {"10": {"people": 10}, "25": {}},
            "names": {"0.2": {"least": 3, "wrong": 0.2, "cleaned": True}},
            "first": {"25": {}, "drawn": {"drawn_first": True, "augment": "none"}},
        },
    )
    patch.setattr(module, "numbers_of", lambda result: (result["accuracy"], result["auc"], 0.0))
    yield module
    patch.undo()


def test_every_study_is_recorded_and_no_training_is_done_twice(
    trainings, folder, tmp_path, monkeypatch, eagerly
):
    output, kept = tmp_path / "record.json", tmp_path / "kept"
    command = ["x.py", "--data", str(folder), "--seeds", "2", "--output", str(output)]
    monkeypatch.setattr(sys, "argv", [*command, "--checkpoints", str(kept)])

    def margins(training, images, names):  # a small network's would leave nobody
        return np.where(np.arange(len(images)) % 5, 1.0, -1.0)

    monkeypatch.setattr(trainings, "name_margins_of_others", margins)
    with eagerly():
        trainings.main()
    record = json.loads(output.read_text())
    assert len(list(kept.iterdir())) == 2 * 4  # the reference is in two studies
    studies = record["studies"]
    assert studies["people"]["25"]["trainings"] == studies["first"]["25"]["trainings"]
    few, many = (studies["people"][n]["trainings"][0] for n in ("10", "25"))
    assert (few["people"], few["images"], few["epochs"]) == (10, 30, 2)
    assert (many["people"], many["images"], many["epochs"]) == (25, 75, 1)
    for one in studies["names"]["0.2"]["trainings"]:
        assert (one["wrong"], one["left_out"], one["images"]) == (15, 15, 60)
        assert 0 < one["wrong_left_out"] < 15
    assert many["all_pairs"]["operating_points"]["0.1"]["tar"]["counted"][1] == 15
    before = output.read_text()
    monkeypatch.setattr(trainings, "train", None)
    trainings.main()
    assert json.loads(output.read_text())["studies"] == json.loads(before)["studies"]


def test_few_people_are_among_the_many_and_photographs_are_capped(trainings):
    people = {f"p{k:02d}": 1 + k % 4 for k in range(40)}
    few = trainings.draw_photos(people, trainings.Training(3, people=5))
    many = trainings.draw_photos(people, trainings.Training(3, people=12))
    assert set(few) < set(many)
    assert len({photo.name for photo in few}) == 5 and len({photo.name for photo in many}) == 12
    assert all(people[photo.name] >= 2 for photo in many)
    capped = trainings.draw_photos(people, trainings.Training(3, photos=2, least=3))
    counts = np.unique([photo.name for photo in capped], return_counts=True)[1]
    assert len(counts) == 20 and (counts == 2).all()
    assert capped != trainings.draw_photos(people, trainings.Training(4, photos=2, least=3))


def test_so_many_names_are_wrong_and_none_by_chance_right(trainings):
    names = np.repeat(["Ann", "Bea", "Cy"], 20)
    mixed = trainings.mix_up(names, 0.3, seed=1)
    assert (mixed != names).sum() == 18 and set(mixed) == {"Ann", "Bea", "Cy"}
    np.testing.assert_array_equal(mixed, trainings.mix_up(names, 0.3, seed=1))
    assert (trainings.mix_up(names, 0.0, seed=1) == names).all()


def test_each_half_is_judged_by_a_network_of_the_other(trainings, monkeypatch):
    learned = []

    def fit(training, images, names):
        learned.append({int(image.flat[0]) for image in images})
        return "network", 1

    def embed(model, images):
        return np.eye(10)[np.arange(len(images)) // 2 % 10]

    monkeypatch.setattr(trainings, "fit", fit)
    monkeypatch.setattr(trainings, "embed", embed)
    images = np.arange(20, dtype=np.uint8).reshape(20, 1, 1, 1)
    margins = trainings.name_margins_of_others(trainings.Training(0), images, np.arange(20) // 2)
    assert learned[0] | learned[1] == set(range(20)) and not learned[0] & learned[1]
    np.testing.assert_allclose(margins, 1)  # every image is like the other of its name only
