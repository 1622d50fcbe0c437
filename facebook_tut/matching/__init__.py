"""Matching: whose template is nearest to a probe, and is it near enough to say the name."""

from facebook_tut.matching.doubts import Doubt, enrolment_doubts
from facebook_tut.matching.gallery import Candidate, Gallery, Verification
from facebook_tut.matching.groups import group_people
from facebook_tut.matching.index import (
    ENGINES,
    PROBES,
    ROWS,
    ExactIndex,
    FaissIndex,
    cosine_search,
    normalise,
)

__all__ = [
    "ENGINES",
    "PROBES",
    "ROWS",
    "Candidate",
    "Doubt",
    "ExactIndex",
    "FaissIndex",
    "Gallery",
    "Verification",
    "cosine_search",
    "enrolment_doubts",
    "group_people",
    "normalise",
]
