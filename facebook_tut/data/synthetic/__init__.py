"""People who do not exist: an endless set of faces whose every property is a dial.

Its *traits* say who it is: geometry for the most part, since colours differ between people no more
than exposure and warmth do between photographs (`benchmarks/synthetic_people.py` measures each).
Its *nuisances*, such as pose, light and glasses, say how the photograph was taken. Each is a dial
with a range and a neutral value, and every image comes with the dials that made it.

The head is an ellipsoid. Each pixel sends a ray to it; where the ray meets the turned head, the
features are painted in the head's own coordinates, so that turning foreshortens and hides them.

Drawing uses only + − × ÷, square roots, comparisons and rounding, one pixel at a time. Processors
agree on these to the last bit, so a seed gives the same bytes everywhere.
"""

from facebook_tut.data.synthetic.dials import DIALS, NUISANCES, TRAITS, Dial
from facebook_tut.data.synthetic.geometry import EDGE, LANDMARKS, SMILE
from facebook_tut.data.synthetic.painting import CLOTHES, HAIR, HUES, IRIS, MASK, SKIN, UNDERTONE
from facebook_tut.data.synthetic.parts import PARTS
from facebook_tut.data.synthetic.people import People, render_face, render_faces, sample_people
