"""People who do not exist: an endless set of faces whose every property is a dial.

A face here is drawn, not photographed. Its *traits*, geometry and colours, say who it is. Its
*nuisances*, such as pose, light, expression and glasses, say how the picture was taken. Each is a
dial with a range and a neutral value, and every picture comes with the dials that made it.

Who somebody is lies in the geometry, for the most part. Colours differ between people too, but
exposure and warmth differ from picture to picture about as much, so that a tone of skin alone names
nobody. `benchmarks/synthetic_people.py` measures how much each trait tells.

The head is an ellipsoid. Each pixel sends a ray to it; where the ray meets the turned head, the
features are painted in the head's own coordinates, so that turning foreshortens and hides them.

Drawing uses only + − × ÷, square roots, comparisons and rounding, one pixel at a time. Processors
agree on these to the last bit, so a seed gives the same bytes everywhere.
"""

from facebook_tut.data.synthetic.dials import DIALS, NUISANCES, TRAITS, Dial
from facebook_tut.data.synthetic.geometry import EDGE, LANDMARKS, SMILE
from facebook_tut.data.synthetic.painting import CLOTHES, HAIR, HUES, IRIS, MASK, SKIN, UNDERTONE
from facebook_tut.data.synthetic.people import (
    BLOCK,
    People,
    render_face,
    render_faces,
    sample_people,
)
