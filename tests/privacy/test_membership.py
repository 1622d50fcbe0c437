"""Membership inference: hand cases, a network that learned by heart, and what makes it forget."""

import numpy as np
import pytest

from facebook_tut.data.synthetic import render_faces, sample_people
from facebook_tut.privacy.accountant import advantage_bound, noise_for
from facebook_tut.privacy.membership import (
    log_likelihood,
    membership_attack,
    threshold_advantage,
)

PEOPLE, DELTA, BUDGET = 300, 1e-3, 3.0


def test_the_measures_by_hand():
    """Sorted: M M N M N M N N, three times 10: 13 of 16 kinds of pair are in order."""
    members, non_members = np.repeat([8.0, 7, 5, 3], 10), np.repeat([6.0, 4, 2, 1], 10)
    attack = membership_attack(members, non_members, fpr=0.25)
    assert attack.auc == pytest.approx(13 / 16)
    assert attack.interval[0] < 13 / 16 < attack.interval[1]
    assert attack.advantage == 0.5
    assert (attack.at_low_fpr.tar.value, attack.at_low_fpr.far.value) == (0.75, 0.25)
    assert threshold_advantage(members, non_members, threshold=6.5) == 0.5
    assert threshold_advantage(members, non_members) == 0.25  # the members' mean is 5.75


def test_scores_that_tell_nothing_give_nothing():
    attack = membership_attack([1.0] * 80, [1.0] * 80)
    assert (attack.auc, attack.advantage, attack.at_low_fpr.tar.value) == (0.5, 0, 0)
    rng = np.random.default_rng(0)
    attack = membership_attack(rng.normal(size=500), rng.normal(size=500))
    assert attack.interval[0] < 0.5 < attack.interval[1]
    assert abs(attack.at_low_fpr.tar.value - 0.05) < 0.03


def test_the_log_likelihood_is_minus_the_loss():
    from facebook_tut._backend import keras

    probabilities = np.random.default_rng(0).dirichlet(np.ones(5), 20)
    labels = np.arange(20) % 5
    losses = np.asarray(keras.losses.sparse_categorical_crossentropy(labels, probabilities))
    np.testing.assert_allclose(log_likelihood(probabilities, labels), -losses, rtol=1e-5)
    assert log_likelihood([[0.0, 1.0]], [0])[0] == pytest.approx(np.log(1e-12))


def masks(seed):
    """Return pictures with and without a mask, labels of which a fifth is wrong, and the truth."""
    rng = np.random.default_rng(seed)
    dials = dict(sample_people(PEOPLE, 1, seed=seed, size=16).attributes)
    truth = rng.integers(0, 2, PEOPLE)
    images, _ = render_faces(dials | {"mask": truth.astype(float)}, 16)
    return images, np.where(rng.random(PEOPLE) < 0.2, 1 - truth, truth), truth


def network():
    from facebook_tut import training
    from facebook_tut._backend import keras

    training.set_seed(0)
    model = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Flatten()])
    model.add(keras.layers.Rescaling(2.0, offset=-1.0))
    model.add(keras.layers.Dense(32, activation="relu"))
    model.add(keras.layers.Dense(2, activation="softmax"))
    return model


@pytest.fixture(scope="module")
def outcomes():
    """The attack on three trainings, and how often each is right on new pictures."""
    from facebook_tut._backend import keras
    from facebook_tut.privacy.dpsgd import fit_private

    learned, others = masks(1), masks(2)

    def outcome(model):
        scores = [
            log_likelihood(model.predict_on_batch(images), labels)
            for images, labels, _ in (learned, others)
        ]
        right = model.predict_on_batch(others[0]).argmax(axis=1) == others[2]
        return membership_attack(*scores, rounds=300), threshold_advantage(*scores), right.mean()

    model, outcomes = network(), {}
    model.compile(keras.optimizers.Adam(6e-3), "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)  # else Keras traces the first step twice
    for step in range(1, 126):
        model.train_on_batch(*learned[:2])
        if step == 25:
            outcomes["stopped early"] = outcome(model)
    outcomes["by heart"] = outcome(model)

    model, steps = network(), 15 * PEOPLE // 100
    noise = noise_for(BUDGET, 100 / PEOPLE, steps, DELTA)
    done = fit_private(
        model, *learned[:2], noise=noise, batch_size=100, epochs=15, learning_rate=0.3, seed=0
    )
    assert done.steps == steps and done.epsilon(DELTA) == pytest.approx(BUDGET, rel=1e-4)
    return outcomes | {"DP-SGD": outcome(model)}


def test_a_network_that_learned_by_heart_gives_its_pictures_away(outcomes):
    attack, by_loss, _ = outcomes["by heart"]
    assert attack.auc > 0.65 and attack.interval[0] > 0.6
    assert attack.advantage > 0.25 and by_loss > 0.2


@pytest.mark.parametrize("defence", ["stopped early", "DP-SGD"])
def test_a_defence_takes_most_of_the_attack_away_and_errs_less(outcomes, defence):
    attack, by_loss, right = outcomes[defence]
    undefended, undefended_by_loss, undefended_right = outcomes["by heart"]
    assert attack.auc - 0.5 < (undefended.auc - 0.5) / 2
    assert attack.interval[1] < undefended.interval[0]
    assert by_loss < undefended_by_loss / 2
    assert right > undefended_right


def test_the_attack_keeps_to_the_bound_of_dp_sgd(outcomes):
    assert outcomes["DP-SGD"][0].advantage < advantage_bound(BUDGET, DELTA)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: membership_attack([], [1.0]), ValueError, r"members must have shape \(N,\)"),
        (lambda: membership_attack([1.0], [np.inf]), ValueError, "non_members must hold finite"),
        (lambda: membership_attack([1.0], [1.0] * 20, fpr=0.1), ValueError, "rule of 3"),
        (lambda: threshold_advantage([1.0], [1.0], "1"), TypeError, "threshold must be a number"),
        (
            lambda: log_likelihood([[0.5, 0.5]], [2]),
            ValueError,
            "labels must hold values from 0 to 1",
        ),
        (lambda: log_likelihood([[0.5, 0.5]], [0, 1]), ValueError, "labels must have shape"),
        (lambda: log_likelihood([[0.5, 0.5]], [0.0]), TypeError, "labels must hold whole numb"),
    ],
)
def test_what_is_wrong_is_named(act, error, message):
    with pytest.raises(error, match=message):
        act()
