"""A measure that stands at its greatest value in every run is said to."""

import pytest

from model.measures.ceiling import at_ceiling

NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "most", "found"),
    [
        ([0.996, 1.0, 0.999], 1.0, True),
        ([0.995], 1.0, True),
        ([0.9949, 1.0], 1.0, False),  # one run that differs is enough
        ([0.996, NAN], 1.0, True),
        ([NAN], 1.0, False),
        ([], 1.0, False),
        ([1e9], float("inf"), False),
        ([-1.0, -1.0], 1.0, False),
    ],
)
def test_every_run_within_five_thousandths_of_the_bound(
    values: list[float], most: float, found: bool
) -> None:
    assert at_ceiling(values, most) is found
