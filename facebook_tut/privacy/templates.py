"""Cancellable templates: a secret turns an embedding, and a new secret makes a new template.

A password that leaks is replaced; a face cannot be. So what is stored is not the embedding but a
template that depends on a secret too. Whoever copies templates cannot compare them with those of
another secret. With the secret, or with enough pairs of embedding and template, a plain turn is
undone: `recover_rotation` does it. With the secret, the bits of a BioHash give most of the
embedding back: `recover_embeddings`.
"""

import hashlib
import hmac

import numpy as np

from facebook_tut._validation import check_array, check_number, check_numbers
from facebook_tut.matching import normalise

LEAST_SECRET = 16  # bytes: 128 bits, beyond trying


def keyed_rng(secret, purpose):
    """Return random numbers that only those can repeat who have the secret.

    The seed is HMAC-SHA256 (RFC 2104) of the purpose under the secret: numbers for one purpose tell
    nothing of those for another.

    Parameters
    ----------
    secret : bytes
        At least 16, such as those of ``secrets.token_bytes(32)``.
    purpose : str
        What the numbers are for.

    Returns
    -------
    numpy.random.Generator

    Examples
    --------
    >>> keyed_rng(b"sixteen byte key", "a").random() == keyed_rng(b"sixteen byte key", "a").random()
    True
    >>> keyed_rng(b"short", "a")
    Traceback (most recent call last):
        ...
    ValueError: secret must hold at least 16 bytes, got 5
    """
    if not isinstance(secret, bytes):
        raise TypeError(f"secret must be bytes, got {type(secret).__name__}")
    if len(secret) < LEAST_SECRET:
        raise ValueError(f"secret must hold at least {LEAST_SECRET} bytes, got {len(secret)}")
    if not isinstance(purpose, str):
        raise TypeError(f"purpose must be a str, got {type(purpose).__name__}")
    digest = hmac.new(secret, purpose.encode(), hashlib.sha256).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def random_rotation(secret, dimension):
    """Return the orthogonal matrix that belongs to a secret, even over all turns and mirrorings.

    The Q of a Gaussian matrix's QR decomposition, with the signs of R's diagonal taken into it
    (Mezzadri, 2007, section 5).

    Parameters
    ----------
    secret : bytes
        As in `keyed_rng`.
    dimension : int
        D, the length of an embedding.

    Returns
    -------
    ndarray, (D, D), float64
        Its transpose is its inverse.

    References
    ----------
    Mezzadri, "How to generate random matrices from the classical compact groups" (2007).

    Examples
    --------
    >>> turn = random_rotation(b"sixteen byte key", 4)
    >>> bool(np.allclose(turn @ turn.T, np.eye(4)))
    True
    """
    check_number("dimension", dimension, 1, 8192, integer=True)
    gaussian = keyed_rng(secret, f"rotation {dimension}").normal(size=(dimension, dimension))
    q, r = np.linalg.qr(gaussian)
    return q * np.where(np.diag(r) < 0, -1.0, 1.0)


def rotate_embeddings(embeddings, secret):
    """Turn embeddings as a secret says: templates that can be replaced.

    Cosines between templates of one secret are those between the embeddings, so recognition loses
    nothing, and a `matching.Gallery` takes them as they are. Random projections as cancellable
    biometrics are from Teoh, Goh and Ngo (2006).

    Parameters
    ----------
    embeddings : array_like, (N, D), float
        One a row.
    secret : bytes
        As in `keyed_rng`.

    Returns
    -------
    ndarray, (N, D), float64
        Rows of length 1.

    Raises
    ------
    ValueError
        If a row has no direction.

    References
    ----------
    Teoh, Goh and Ngo, "Random multispace quantization as an analytic mechanism for BioHashing of
    biometric and random identity inputs" (2006).

    Examples
    --------
    >>> templates = rotate_embeddings([[3, 4], [0, 2]], b"sixteen byte key")
    >>> (templates @ templates.T).round(6).tolist()
    [[1.0, 0.8], [0.8, 1.0]]
    """
    unit = normalise(embeddings).astype(np.float64)
    return unit @ random_rotation(secret, unit.shape[1]).T


def recover_rotation(embeddings, templates):
    """Find the secret turn from pairs of embedding and template: the attack on plain rotation.

    The orthogonal matrix that brings the ones nearest to the others, by a singular value
    decomposition (Schönemann, 1966). From D independent pairs on, it is the very turn: then every
    other template of that secret is undone by its transpose.

    Parameters
    ----------
    embeddings : array_like, (N, D), float
        What the attacker knows, such as those of people who helped.
    templates : array_like, (N, D), float
        What `rotate_embeddings` made of them.

    Returns
    -------
    ndarray, (D, D), float64
        An estimate of `random_rotation`.

    References
    ----------
    Schönemann, "A generalized solution of the orthogonal Procrustes problem" (1966).

    Examples
    --------
    >>> known = np.random.default_rng(0).normal(size=(4, 4))
    >>> turn = recover_rotation(known, rotate_embeddings(known, b"sixteen byte key"))
    >>> bool(np.allclose(turn, random_rotation(b"sixteen byte key", 4)))
    True
    """
    embeddings = normalise(embeddings).astype(np.float64)
    templates = check_numbers("templates", templates, embeddings.shape)
    u, _, vt = np.linalg.svd(templates.T @ embeddings)  # (D, D) each
    return u @ vt


def biohash(embeddings, secret, bits):
    """Return BioHash codes: the sides of secret planes on which embeddings are.

    Each bit is the sign of a dot product with one of `bits` orthonormal directions. Several
    embeddings have one code, but an attacker who also has the secret comes close to the one it was
    made from: `recover_embeddings`.

    Parameters
    ----------
    embeddings : array_like, (N, D), float
        One a row.
    secret : bytes
        As in `keyed_rng`.
    bits : int
        From 1 to D.

    Returns
    -------
    ndarray, (N, bits), bool

    Raises
    ------
    ValueError
        If a row has no direction.

    References
    ----------
    Jin, Ling and Goh, "Biohashing: two factor authentication featuring fingerprint data and
    tokenised random number" (2004), here with the threshold τ = 0.

    Examples
    --------
    >>> codes = biohash([[3, 4], [-3, -4]], b"sixteen byte key", bits=2)
    >>> (codes[0] == codes[1]).tolist()
    [False, False]
    """
    unit = normalise(embeddings).astype(np.float64)
    check_number("bits", bits, 1, unit.shape[1], integer=True)
    return unit @ random_rotation(secret, unit.shape[1])[:bits].T > 0


def recover_embeddings(codes, secret, dimension):
    """Estimate embeddings from BioHash codes and their secret: the attack with a stolen token.

    The sum of the planes' normals, each on the side where the embedding is: Rᵀ sign(R x), at
    length 1. For an embedding x of length 1 its cosine with x is the sum of abs(rᵢ · x) over √bits.
    The secret directions are even over the sphere, so abs(rᵢ · x) is √(2 / (π D)) in the mean, and
    the cosine about √(2 bits / (π D)): 0.80 for as many bits as dimensions.

    Parameters
    ----------
    codes : array_like, (N, bits), bool
        Of `biohash`.
    secret : bytes
        Under which they were made.
    dimension : int
        D, the length of an embedding; at least the number of bits.

    Returns
    -------
    ndarray, (N, D), float64
        Rows of length 1.

    References
    ----------
    Topcu, Karabat, Azadmanesh and Erdogan, "Practical security and privacy attacks against
    biometric hashing using sparse recovery" (2016), which knows stronger attacks; Plan and
    Vershynin, "Robust 1-bit compressed sensing and sparse logistic regression: a convex programming
    approach" (2013), for the mean.

    Examples
    --------
    >>> x = np.eye(64)[:1]
    >>> codes = biohash(x, b"sixteen byte key", bits=64)
    >>> round(float((recover_embeddings(codes, b"sixteen byte key", 64) @ x.T)[0, 0]), 1)
    0.8
    """
    codes = _check_codes("codes", codes, ("N", "bits"))
    check_number("dimension", dimension, codes.shape[1], 8192, integer=True)
    directions = random_rotation(secret, dimension)[: codes.shape[1]]  # (bits, D)
    return np.where(codes, 1.0, -1.0) @ directions / np.sqrt(codes.shape[1])


def hamming_similarity(codes_a, codes_b):
    """Return the share of equal bits of each pair of codes: 1 minus the Hamming distance.

    If the angle between two embeddings is θ, about 1 − θ/π of their bits are equal (Charikar,
    2002).

    Parameters
    ----------
    codes_a, codes_b : array_like, (N, bits), bool
        Row n of the one is compared with row n of the other.

    Returns
    -------
    ndarray, (N,), float
        From 0 to 1; about 0.5 for codes that have nothing to do with each other.

    References
    ----------
    Charikar, "Similarity estimation techniques from rounding algorithms" (2002).

    Examples
    --------
    >>> hamming_similarity([[True, True, False, False]], [[True, False, False, False]]).tolist()
    [0.75]
    """
    codes_a = _check_codes("codes_a", codes_a, ("N", "bits"))
    codes_b = _check_codes("codes_b", codes_b, codes_a.shape)
    return (codes_a == codes_b).mean(axis=1)


def _check_codes(name, codes, shape):
    if np.ndim(check_array(name, codes, shape)) and np.asarray(codes).dtype != bool:
        raise TypeError(f"{name} must hold bool, got dtype {np.asarray(codes).dtype}")
    return np.asarray(codes)
