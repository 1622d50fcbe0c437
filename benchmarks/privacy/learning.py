"""Learning: a network says whether a face wears a mask, by heart or with DP-SGD."""

import numpy as np

from facebook_tut import training
from facebook_tut._backend import keras
from facebook_tut.data.synthetic import render_faces, sample_people
from facebook_tut.privacy.accountant import noise_for
from facebook_tut.privacy.dpsgd import fit_private
from facebook_tut.privacy.membership import log_likelihood, membership_attack
from privacy.networks import share

BUDGETS = (0.25, 0.5, 1, 2, 4, 8, 16)
PEOPLE = {300: 100, 1200: 200}  # in the training, and the size of a batch
NEW, WRONG, EPOCHS, BY_HEART = 2000, 0.2, 15, 400


def learning(seeds):
    """Return, by number of people and by way to train, what each seed reached."""
    by_people = {
        str(people): {
            "delta": delta_of(people),
            "by heart": [outcome(by_heart, people, seed) for seed in range(seeds)],
            "private": {
                str(budget): [outcome(private, people, seed, budget) for seed in range(seeds)]
                for budget in (*BUDGETS, "inf")
            },
        }
        for people in PEOPLE
    }
    return {"people": by_people}


def delta_of(people):
    """Return δ: so small that a mechanism that betrays one of them at random cannot hide in it."""
    return 0.1 / people


def masks(people, seed):
    """Return faces with and without a mask, their labels, some of them wrong, and the truth."""
    rng = np.random.default_rng(seed)
    dials = dict(sample_people(people, 1, seed=seed, size=16).attributes)
    truth = rng.integers(0, 2, people)
    images, _ = render_faces(dials | {"mask": truth.astype(float)}, 16)
    return images, np.where(rng.random(people) < WRONG, 1 - truth, truth), truth


def classifier(seed):
    """Return an untrained network of one hidden layer."""
    training.set_seed(seed)
    model = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Flatten()])
    model.add(keras.layers.Rescaling(2.0, offset=-1.0))
    model.add(keras.layers.Dense(32, activation="relu"))
    model.add(keras.layers.Dense(2, activation="softmax"))
    return model


def by_heart(model, images, labels, _seed):
    """Train until the labels are known, the wrong ones too."""
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)  # else Keras traces the first step twice
    for _ in range(BY_HEART):
        model.train_on_batch(images, labels)


def private(model, images, labels, seed, budget):
    """Train with DP-SGD; a budget of "inf" clips gradients and adds no noise."""
    batch = PEOPLE[len(images)]
    steps, delta = EPOCHS * round(len(images) / batch), delta_of(len(images))
    noise = 0.0 if budget == "inf" else noise_for(budget, batch / len(images), steps, delta)
    options = {"batch_size": batch, "epochs": EPOCHS, "learning_rate": 0.3, "seed": seed}
    done = fit_private(model, images, labels, noise=noise, **options)
    assert done.steps == steps
    assert budget == "inf" or abs(done.epsilon(delta) - budget) < 1e-3 * budget


def outcome(train, people, seed, *budget):
    """Return one training's accuracy on new people and the attack on its members."""
    images, labels, _ = masks(people, 2 * seed)
    others, other_labels, truth = masks(NEW, 2 * seed + 1)
    model = classifier(seed)
    train(model, images, labels, seed, *budget)
    known, new = (model.predict(part, verbose=0, batch_size=512) for part in (images, others))
    attack = membership_attack(
        log_likelihood(known, labels), log_likelihood(new, other_labels), rounds=200
    )
    print(people, train.__name__, *budget, attack, flush=True)
    return {
        "accuracy": share(new.argmax(axis=1) == truth),
        "auc": round(attack.auc, 4),
        "interval": [round(end, 4) for end in attack.interval],
        "advantage": round(attack.advantage, 4),
    }
