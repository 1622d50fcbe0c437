"""The kinds of dials: what they refuse."""

import numpy as np
import pytest

from facebook_tut import _live


@pytest.mark.parametrize(
    "value",
    [[[1, 2]], [[1], [2, 3]], [["a", 1], [2, 3]], 3, [[1, 2], [3, np.nan]], [[1, 2], [3, 10]]],
)
def test_a_table_of_the_wrong_shape_or_values_is_named(value):
    with pytest.raises(ValueError, match="kernel must hold 2 x 2 numbers from -9 to 9, got"):
        _live.Table(2, 2, -9, 9).check("kernel", value)
