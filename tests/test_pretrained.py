"""The network that ships: whole, small, the one that was measured, and better than an untrained."""

import hashlib

import numpy as np
import pytest
import skimage.data

from facebook_tut import pretrained, recorded
from facebook_tut.metric_learning import embed, fingerprint
from facebook_tut.models import build_embedder
from facebook_tut.pipeline import Recognizer

MEASURED, SPOILED = recorded.load("face_embedder"), recorded.load("spoiled")
BEYOND = "conditions_beyond"
CARD = (pretrained.files(pretrained.__package__) / "MODEL_CARD.md").read_text("utf-8")


@pytest.fixture(scope="module")
def model():
    return pretrained.load_embedder()


def test_the_file_is_small_and_the_one_that_was_measured():
    content = pretrained.content()
    assert len(content) == MEASURED["bytes"] <= 8_000_000
    assert hashlib.sha256(content).hexdigest() == pretrained.SHA256 == MEASURED["sha256"]
    assert MEASURED["threshold"] == pretrained.THRESHOLD
    counting = recorded.load("counting")
    assert counting["threshold"] == pretrained.COUNT_THRESHOLD
    assert counting["sha256"] == pretrained.SHA256


def test_it_has_the_layout_that_was_measured(model):
    assert model.count_params() == MEASURED["parameters"]
    assert model.name == "face_embedder"
    assert fingerprint(model) == fingerprint(pretrained.load_embedder())


def test_it_is_as_good_as_when_it_was_trained():
    trained, plain = recorded.load("lfw_view1_student"), MEASURED["conditions"]["as it is"]
    assert plain["mean"] == pytest.approx(trained["mean"], abs=0.005)
    assert plain["auc"] == pytest.approx(trained["student"]["auc"], abs=0.002)
    assert trained["recipe"]["blocks"] == [*pretrained.LAYOUT["blocks"]]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: b"", lambda data: data + b"!"]
)
def test_any_other_file_is_refused(damage, monkeypatch):
    damaged = damage(pretrained.content())
    monkeypatch.setattr(pretrained, "content", lambda: damaged)
    with pytest.raises(ValueError, match=r"face_embedder\.npz must have the SHA-256"):
        pretrained.load_embedder()


def test_packing_keeps_three_digits_and_gives_the_same_bytes_again(model):
    packed = pretrained.pack(model)
    assert packed == pretrained.pack(model)
    for before, after in zip(
        model.get_weights(), pretrained.unpack(packed).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(before, after)  # it had been packed before
    rough = build_embedder(**pretrained.LAYOUT)
    again = pretrained.unpack(pretrained.pack(rough))
    for before, after in zip(rough.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-3, atol=1e-7)


def test_another_layout_is_refused():
    other = build_embedder(16, filters=(4, 8))
    with pytest.raises(ValueError):
        pretrained.unpack(pretrained.pack(other))


def test_it_knows_her_again_in_other_light_and_not_a_wall(model):
    """One face cannot say how good a network is; it can say that the right weights are loaded."""
    photo = skimage.data.astronaut() / 255
    recognizer = Recognizer(model, limits={})  # half of her light may be too little to be named
    recognizer.enrol("Eileen Collins", photo)
    darker = recognizer.verify("Eileen Collins", 0.5 * photo)
    assert darker.accepted and darker.score > pretrained.THRESHOLD + 0.2
    wall = np.repeat(skimage.data.brick()[:64, :64, None], 3, axis=2)
    score = float(embed(model, wall[None])[0] @ recognizer.gallery.template("Eileen Collins"))
    assert score < pretrained.THRESHOLD
    untrained = Recognizer(build_embedder(**pretrained.LAYOUT))
    assert fingerprint(untrained.model) != fingerprint(model)


def test_the_recogniser_uses_it_unless_told_otherwise(model):
    recognizer = Recognizer()
    assert fingerprint(recognizer.model) == fingerprint(model)
    assert recognizer.threshold == pretrained.THRESHOLD
    assert recognizer.gallery.model == fingerprint(model)


def test_the_limits_are_of_the_conditions_in_which_the_threshold_does_not_hold(model):
    conditions = SPOILED["conditions"]
    beyond = [name for name, one in conditions.items() if one["both"]["fmr"]["value"] > 0.002]
    assert SPOILED["conditions_beyond"] == beyond == pretrained.FACTS["spoiled"][BEYOND]
    assert SPOILED["threshold"] == pretrained.THRESHOLD
    assert fingerprint(model) == pretrained.FINGERPRINT
    for limit in pretrained.LIMITS.values():
        assert {*limit["conditions"]} <= {*beyond}
        assert limit["wrongly"]["value"] <= 0.01
        noticed = min(conditions[name]["refused"]["value"] for name in limit["conditions"])
        assert noticed > conditions["as it is"]["refused"]["value"]


def test_a_photograph_without_colour_is_refused_where_the_threshold_does_not_hold_for_it(model):
    photo = skimage.data.astronaut()
    grey = np.repeat(skimage.color.rgb2gray(photo)[..., None], 3, axis=2)
    recognizer = Recognizer(model)
    recognizer.enrol("Eileen Collins", photo)
    [answer] = recognizer.identify(grey)
    expected = "no colour" in pretrained.FACTS["spoiled"][BEYOND]
    assert (answer.reason == "too grey") == expected
    assert Recognizer(model, limits={}).face(grey).quality.colour < 0.01


def test_the_card_says_what_was_measured():
    for wanted in figures():
        assert wanted in CARD, wanted


def figures():
    """Yield the measured figures as the card must print them."""
    yield f"{MEASURED['bytes'] / 1e6:.1f} MB"
    yield f"{MEASURED['parameters']:,}"
    yield pretrained.SHA256
    yield f"{pretrained.THRESHOLD:.2f}"
    plain = MEASURED["conditions"]["as it is"]
    low, high = plain["wilson_interval"]
    yield f"{plain['mean']:.3f} ± {plain['standard_error']:.3f} ({low:.3f} to {high:.3f})"
    for far, point in MEASURED["operating_points"].items():
        low, high = point["tar"]["interval"]
        yield f"| {far} | {point['tar']['value']:.3f} ({low:.3f} to {high:.3f}) |"
    for name, one in MEASURED["conditions"].items():
        fixed = one["at_threshold"]
        yield (
            f"| {name} | {one['mean']:.3f} | {fixed['fnmr']['value']:.1%}"
            f" | {fixed['fmr']['value']:.1%} |"
        )
    for one in SPOILED["conditions"].values():
        value, (low, high) = (one["both"]["fmr"][key] for key in ("value", "interval"))
        yield f"{100 * value:.2f} ({100 * low:.2f} to {100 * high:.2f})"
        low, high = (100 * bound for bound in one["refused"]["interval"])
        yield f"| {100 * one['refused']['value']:.1f} ({low:.1f} to {high:.1f}) |"
    for word, limit in SPOILED["limits"].items():
        side = "least" if "least" in limit else "most"
        yield f"| {word} | {limit['measure']} | {side} {limit[side]:.4f} |"
    for name, thirds in MEASURED["groups"].items():
        for word, one in zip(("low", "middle", "high"), thirds, strict=True):
            yield (f"| {name}, {word} | {one['fnmr']['value']:.1%} | {one['fmr']['value']:.3%} |")
    speed = recorded.load("embedder_speed")["cases"]["one at a time"]["faces_per_second"]
    yield f"{speed['ours']:.0f} faces a second"
    yield f"{speed['dlib']:.1f} a second"
