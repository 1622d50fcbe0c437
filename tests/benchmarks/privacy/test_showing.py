"""Pictures that are changed hide people, and those that are not do not."""

import numpy as np
from privacy import showing


def test_k_same_and_one_square_hide_and_what_is_left_alone_does_not(pixels, monkeypatch):
    few = {"ATTACKERS": 12, "GALLERY": 10, "PICTURES": 2}
    few |= {"EDGES": (1,), "BLURS": (), "GROUPS": (5,), "embed": pixels}
    few["recognizer"] = lambda images, identities, seed: "a network"
    for name, value in few.items():
        monkeypatch.setattr(showing, name, value)
    ways = showing.showing(seeds=1)["ways"]
    assert [*ways] == ["as it is", "pixelate", "blur", "k-same", "drawn face"]
    [plain] = ways["as it is"][""]
    assert plain["naive"] == plain["same treatment"] == plain["parrot"]
    assert plain["naive"]["successes"] > 3 * 1 and plain["naive"]["trials"] == 10  # chance is 1
    [averaged] = ways["k-same"]["5"]
    for attacker in ("naive", "same treatment", "parrot"):
        assert averaged[attacker]["successes"] <= 2  # of 10: one in five


def test_equal_pictures_are_one_and_nobody_is_named_twice_for_them(pixels, monkeypatch):
    monkeypatch.setattr(showing, "embed", pixels)
    image = np.random.default_rng(0).random((1, 8, 8, 3))
    found = showing.named("a network", np.repeat(image, 6, axis=0), np.repeat(image, 6, axis=0))
    assert found == {"successes": 1, "trials": 6}
