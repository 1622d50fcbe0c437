"""Pairs of photographs: drawn without a person in two sets, and their scores."""

import numpy as np

from facebook_tut._validation import check_names, check_number, check_numbers, check_seed


def pair_scores(embeddings_a, embeddings_b):
    """Return the cosine of the angle between the embeddings of each pair.

    Parameters
    ----------
    embeddings_a, embeddings_b : array_like, (N, D), float
        Row n of the one is compared with row n of the other. No row may be all zeros.

    Returns
    -------
    ndarray, (N,), float
        From −1 to 1; 1 for the same direction.

    Examples
    --------
    >>> pair_scores([[1, 0], [1, 0], [0, 2]], [[3, 0], [0, 1], [0, -1]]).tolist()
    [1.0, 0.0, -1.0]
    """
    a = check_numbers("embeddings_a", embeddings_a, ("N", "D"))
    b = check_numbers("embeddings_b", embeddings_b, a.shape)
    return np.sum(_unit("embeddings_a", a) * _unit("embeddings_b", b), axis=1)


def normalised_pair_scores(embeddings_a, embeddings_b, cohort, nearest=100):
    """Return how far the cosine of each pair stands out from those with strangers.

    Some faces are like many others: their cosines with strangers are high too. So each face of a
    pair is compared with the people of a cohort. The mean and the standard deviation of its highest
    cosines there say what is usual for it: z = (cosine − mean) / deviation. The pair's score is the
    mean of its two z.

    Parameters
    ----------
    embeddings_a, embeddings_b : array_like, (N, D), float
        As in `pair_scores`.
    cohort : array_like, (C, D), float
        One embedding each of C other people. None of them may be in a pair.
    nearest : int
        How many of the cohort each face is compared with: those most like it; 2 or more.

    Returns
    -------
    ndarray, (N,), float
        In standard deviations; 0 for what is usual among strangers who are alike.

    References
    ----------
    Adaptive symmetric normalisation (AS-norm) of speaker recognition: Cumani, Batzu, Colibro, Vair,
    Laface and Vasilakakis, "Comparison of speaker recognition approaches for real applications"
    (2011).

    Examples
    --------
    >>> cohort = [[0.6, 0.8], [0.8, -0.6], [-1, 0]]
    >>> normalised_pair_scores([[1, 0]], [[1, 0]], cohort, nearest=2).round(6).tolist()
    [3.0]
    """
    scores = pair_scores(embeddings_a, embeddings_b)
    cohort = check_numbers("cohort", cohort, ("C", np.shape(embeddings_a)[1]))
    check_number("nearest", nearest, 2, len(cohort), integer=True)
    cohort = _unit("cohort", cohort)

    def z(embeddings):
        usual = np.sort(_unit("embeddings", embeddings) @ cohort.T, axis=1)[:, -nearest:]
        return (scores - usual.mean(axis=1)) / np.maximum(usual.std(axis=1), 1e-6)

    return (z(embeddings_a) + z(embeddings_b)) / 2


def sample_pairs(identities, count, seed=0):
    """Return random pairs of images, as many genuine as impostor, each at most once.

    Every genuine pair that the images allow is equally likely, and so is every impostor pair. A
    person with many images therefore is in more of the pairs.

    Parameters
    ----------
    identities : array_like, (N,)
        Who is in each image.
    count : int
        How many pairs; even.
    seed : int
        The same pairs for the same seed.

    Returns
    -------
    left, right : ndarray, (count,), int
        The rows of the two images, never one image twice. Genuine pairs come first.
    same : ndarray, (count,), bool
        Whether the pair is genuine.

    Raises
    ------
    ValueError
        If there are not so many pairs.

    Examples
    --------
    >>> identities = np.array(["Ann", "Ann", "Ann", "Bo", "Bo"])
    >>> left, right, same = sample_pairs(identities, 6)
    >>> same.tolist()
    [True, True, True, False, False, False]
    >>> (identities[left] == identities[right]).tolist()
    [True, True, True, False, False, False]
    """
    identities = check_names("identities", identities)
    check_number("count", count, 2, 2**31, integer=True)
    check_seed("seed", seed)
    if count % 2:
        raise ValueError(f"count must be even, half genuine and half impostor pairs, got {count}")
    order = np.argsort(identities, kind="stable")
    sizes = np.unique(identities, return_counts=True)[1]
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)  # where the person of each row begins
    rng, rows = np.random.default_rng(seed), np.arange(len(order))
    genuine = _draw_pairs(rng, count // 2, start, rows - start, "genuine")
    impostor = _draw_pairs(rng, count // 2, np.zeros_like(start), start, "impostor")
    left, right = order[np.concatenate([genuine, impostor], axis=1)]
    return left, right, np.arange(count) < count // 2


def _draw_pairs(rng, count, first, partners, kind):
    """Draw pairs of row n with one of `partners[n]` rows, from row `first[n]` on."""
    ends = np.cumsum(partners)  # all pairs are numbered, row by row
    if count > ends[-1]:
        raise ValueError(f"count asks for {count} {kind} pairs, identities has {ends[-1]}")
    numbers = rng.choice(ends[-1], count, replace=False)
    row = np.searchsorted(ends, numbers, side="right")
    return first[row] + numbers - (ends - partners)[row], row


def check_disjoint(train_people, test_people):
    """Raise an error unless nobody is in both sets: a known face is no test of recognition.

    Parameters
    ----------
    train_people, test_people : array_like
        Names or numbers, once or many times each.

    Raises
    ------
    TypeError
        If some are texts and some are numbers.
    ValueError
        If somebody is in both. It names them, or the first five.

    Examples
    --------
    >>> check_disjoint(["Ann", "Bo", "Cy"], ["Di", "Cy", "Cy"])
    Traceback (most recent call last):
        ...
    ValueError: train_people and test_people must have nobody in common, got 1 in both: Cy
    """
    train = check_names("train_people", train_people)
    test = check_names("test_people", test_people)
    if (train.dtype.kind == "U") != (test.dtype.kind == "U"):
        raise TypeError("train_people and test_people must both be texts, or both numbers")
    both = np.intersect1d(train, test)
    if len(both):
        names = ", ".join(map(str, both[:5])) + (", ..." if len(both) > 5 else "")
        raise ValueError(
            "train_people and test_people must have nobody in common,"
            f" got {len(both)} in both: {names}"
        )


def _unit(name, rows):
    """Return the rows at length 1."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError(f"{name} must hold no row of zeros, row {lengths.argmin()} is one")
    return rows / lengths
