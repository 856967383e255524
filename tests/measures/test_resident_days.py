"""Resident-days and the numbers of a run's days."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.analysis.measures import RunSource
from model.analysis.summary import numbers_of
from model.measures.resident_days import judged_days, mornings, per_resident_day, resident_days
from model.world.numbers import FLOWS

#: Daily numbers of which a run's is the mean over its days alive.
MEANS = ("development", "communication", "competence", "gini", "top_share")
WORDS = ("", "remember", "act", "perceive", "communicate")


def days(**columns: list[float]) -> dict[str, list[float]]:
    """Three days of ten residents, with these columns; day 0 has no flows."""
    blank = {name: [math.nan, 0.0, 0.0, 0.0] for name in (*FLOWS, *MEANS)}
    state = {"population": [10.0] * 4, "founders": [10.0] * 4}
    return blank | state | {"faultless": [math.nan, 10, 10, 10]} | columns


def numbers_of_days(columns, horizon):
    return numbers_of(RunSource(columns, horizon), ("days",))


def test_a_rate_is_over_judged_days_and_not_over_mornings() -> None:
    numbers = numbers_of_days(
        days(
            attacks=[math.nan, 1, 2, 3],
            births=[math.nan, 0, 2, 1],
            faultless=[math.nan, 10, 5, 9],
        ),
        3,
    )
    assert (numbers["mornings"], numbers["resident_days"]) == (30, 24)
    assert numbers["attacks"] == 6 / 24
    assert numbers["births_per_resident_day"] == 3 / 24


def test_a_run_without_a_judged_day_has_no_rate() -> None:
    numbers = numbers_of_days(days(faultless=[math.nan, 0, 0, 0]), 3)
    assert math.isnan(numbers["attacks"])
    assert math.isnan(numbers["social_capital"])
    assert math.isnan(per_resident_day(3, 0))


def test_mornings_are_those_before_the_days_lived() -> None:
    # Two days lived by 10 and one by 12 residents.
    assert mornings([10, 10, 12, 14]) == 32
    assert resident_days([math.nan, 9, 9, 11]) == 29


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(WORDS)), max_size=30), st.booleans())
def test_a_day_is_judged_unless_a_fault_took_its_conduct(
    rows: list[tuple[int, str]], dictionary: bool
) -> None:
    table = pd.DataFrame(rows, columns=["day", "fault"]).astype({"day": "int64", "fault": object})
    if dictionary:
        table = table.astype({"fault": "category"})
    kept = judged_days(table)
    assert list(zip(kept["day"], kept["fault"], strict=True)) == [
        (day, fault) for day, fault in rows if day >= 1 and fault in ("", "remember")
    ]


@pytest.mark.parametrize("name", MEANS)
def test_a_mean_is_over_days_alive_on_which_it_is_defined(name: str) -> None:
    numbers = numbers_of_days(
        days(population=[4, 4, 0, 0], **{name: [math.nan, 0.5, math.nan, 0.9]}), 3
    )
    assert numbers[name] == 0.5
