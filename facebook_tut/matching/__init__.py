"""Matching: whose template is nearest to a probe, and is it near enough to say the name."""

from facebook_tut.matching.answers import Candidate, Verification
from facebook_tut.matching.doubts import Doubt, enrolment_doubts
from facebook_tut.matching.gallery import Gallery
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
