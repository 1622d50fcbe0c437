"""Inverting, with the photographs of LFW: faces made of stolen templates of the shipped network."""

from functools import partial

import numpy as np
from _inversion import best_inverter, cosines, photos_of_attack, recognised

from facebook_tut import pretrained
from facebook_tut.metric_learning import embed
from facebook_tut.privacy.templates import biohash, recover_embeddings, rotate_embeddings

SECRET = b"a secret of the bank"


def inverting(data):
    """Return who is recognised from faces that were made of stolen templates, on LFW."""
    look = partial(embed, pretrained.load_embedder())
    photos = photos_of_attack(data)
    own, first, second = (data.images(some) / np.float32(255) for some in photos)
    known, stolen, later = map(look, (own, first, second))
    inverter, chosen = best_inverter(look, own, known)
    from_hash, chosen_for_hash = best_inverter(look, own, hashed_back(known), known)
    back = hashed_back(stolen)
    made = {
        "given back": inverter.invert(stolen),
        "given back from a BioHash and its secret": from_hash.invert(back),
        "turned by a secret": inverter.invert(rotate_embeddings(stolen, SECRET)),
    }
    shown = {name: look(images) for name, images in made.items()}
    return {
        "data_fingerprint": data.fingerprint,
        "sha256": pretrained.SHA256,
        "threshold": pretrained.THRESHOLD,
        "attacker's people": len(own),
        "victims": len(first),
        "inverter": chosen,
        "inverter for a BioHash": chosen_for_hash,
        "cosine of a BioHash undone": round(float(cosines(back, stolen).mean()), 3),
        "probes": {
            name: recognised(probes, later, pretrained.THRESHOLD)
            for name, probes in {"the photograph": stolen, **shown}.items()
        },
    }


def hashed_back(embeddings):
    """Return what a thief makes of BioHash codes whose secret was stolen with them."""
    dimension = embeddings.shape[1]
    return recover_embeddings(biohash(embeddings, SECRET, dimension), SECRET, dimension)
