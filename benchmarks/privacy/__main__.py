"""Measure what privacy and fairness cost, on synthetic people; and template inversion, on LFW.

Learning: a network says whether a face wears a mask. A fifth of its labels are wrong, so that there
is something to learn by heart. It is trained by heart and with DP-SGD at several ε, of 300 and of
1,200 people. Recorded are its accuracy on new people, against the true labels, and how well an
attacker tells by its losses who was in the training. δ is a tenth of one in the number of people.

Showing: pictures of people are blurred, pixelated, averaged (k-same) or get a synthetic face. An
attacker has another photograph of each of 200 people and three ways: to compare it as it is, to
treat it in the same way, and to train a network on pictures so treated ("parrot"). Recorded are the
people named rightly, and how often a linear reader still sees which way the head is turned. People
differ in their faces only: hair, clothes and background are the same for all.

Judging: two groups of people, light and dark of skin, of whom the training has 10 % or half dark
ones. Recorded are both groups' false match and false non-match rates at one threshold and at their
own, chosen on some people and judged on others, and the first network's rates at many thresholds.
Intervals, and those of differences, come from people resampled, the same for all that is compared.

Inverting, with the photographs of LFW: the embedder that ships, and the people of View 1's test
list, whom it has not met. Those with one photograph are the attacker's; of the others, the template
of the first photograph is stolen and a face made from it. Recorded are how often that face is
nearest to the *second* photograph of the same person among all, and how often it passes the shipped
threshold; the same for the photograph itself, for a template turned by a secret, for a BioHash
whose secret was stolen too, and for somebody else's photograph.

    python benchmarks/privacy --data folder/with/lfw
"""

import json
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # the folder that holds this package

from _record import describe, options, positive, write

from facebook_tut._files import check_writable
from facebook_tut.data.lfw import load_lfw
from privacy.inverting import inverting
from privacy.judging import judging
from privacy.learning import learning
from privacy.showing import showing


def main():
    """Run the studies and record them."""
    arguments = parse()
    check_writable(arguments.output, overwrite=True)
    os.environ.setdefault("TQDM_DISABLE", "1")
    studies = {"learning": learning, "showing": showing, "judging": judging}
    studies["inverting"] = lambda _seeds: inverting(load_lfw(arguments.data))
    record = {}
    if arguments.only:
        record = json.loads(arguments.output.read_text(encoding="utf-8"))
        studies = {arguments.only: studies[arguments.only]}
    made_by = describe("scikit-learn")
    for name, study in studies.items():
        record[name] = {**made_by, "seeds": arguments.seeds, **study(arguments.seeds)}
    write({**record, **made_by}, arguments.output)  # each study says which run made it


def parse():
    """Read the command line."""
    parser = options(__doc__, "privacy", data=True)
    parser.add_argument("--seeds", type=positive, default=3, help="of each study (default 3)")
    parser.add_argument(
        "--only",
        choices=("learning", "showing", "judging", "inverting"),
        help="run this study anew and keep the others of the file (default: run all)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
