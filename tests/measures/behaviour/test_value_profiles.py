"""Value profiles read from deeds: closed forms, laws, and what must stay undefined."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from agents.errors import InputError
from model.measures.behaviour import Rules, detect
from model.measures.value_profiles import (
    TENDENCY,
    VALUES,
    Reference,
    conduct,
    drift,
    profiles,
    run_profile,
    shift,
)
from tests.measures.behaviour.synthetic import as_stored, random_log


def conduct_of(rates: dict[str, list[float]], days: int = 20) -> pd.DataFrame:
    """Conduct with the given rates; everything else never happened."""
    n = len(next(iter(rates.values())))
    table = pd.DataFrame({name: rates.get(name, [0.0] * n) for name in TENDENCY})
    table.insert(0, "days", float(days))
    table.index = pd.MultiIndex.from_product([[0], range(1, n + 1)], names=["block", "resident"])
    return table


def test_rates_count_deeds_over_faultless_days() -> None:
    tables = random_log(2)
    table = conduct(tables, detect(tables, Rules()).hits)
    people, events = tables["residents"], tables["events"]
    who = 5
    able = people[(people["resident"] == who) & people["fault"].isin(["", "remember"])]["day"]
    gifts = events[(events["actor"] == who) & (events["kind"] == "gift") & events["day"].isin(able)]
    assert table.loc[(0, who), "days"] == len(able)
    assert table.loc[(0, who), "gift"] == pytest.approx(len(gifts) / len(able))


def test_one_deed_gives_the_profile_its_row_of_the_table_says() -> None:
    table = conduct_of({"attack": [0.0, 0.0, 0.3]})
    found = profiles(table, Reference.of(table)).loc[(0, 3)]
    # z of (0, 0, .3) at .3 is 2/√3; one kind of conduct gives z·sign(t), less the mean over the
    # seven values of which an attack says something: (2 − 5)/7.
    signs = pd.Series(TENDENCY["attack"]).apply(np.sign)
    expected = 2 / np.sqrt(3) * (signs + 3 / 7)
    assert np.allclose(found[signs.index], expected)
    assert set(found.index[found.isna()]) == set(VALUES) - set(TENDENCY["attack"])


def test_the_average_resident_has_no_tendency() -> None:
    table = conduct_of({"gift": [0.1, 0.2, 0.3], "idle": [0.5, 0.4, 0.3]})
    assert np.allclose(profiles(table, Reference.of(table)).loc[(0, 2)].dropna(), 0.0)


def test_profiles_are_centred_and_do_not_depend_on_units() -> None:
    tables = random_log(4, residents=20, days=20)
    table = conduct(tables, detect(tables, Rules()).hits)
    found = profiles(table, Reference.of(table)).dropna()
    assert len(found) > 5
    assert np.allclose(found.sum(axis=1), 0.0)
    scaled = table.copy()
    scaled["gift"] *= 7
    assert np.allclose(profiles(scaled, Reference.of(scaled)).dropna(), found)


def test_who_lived_too_short_has_no_profile() -> None:
    table = conduct_of({"gift": [0.0, 0.1, 0.2]})
    table.loc[(0, 1), "days"] = 4
    found = profiles(table, Reference.of(conduct_of({"gift": [0.0, 0.2]})))
    assert found.loc[(0, 1)].isna().all()
    assert found.loc[(0, 2), list(TENDENCY["gift"])].notna().all()


def test_conduct_that_never_varies_says_nothing() -> None:
    table = conduct_of({"secure": [1.0, 1.0, 1.0]})
    assert profiles(table, Reference.of(table)).isna().all(axis=None)


def test_shift_is_the_difference_of_runs_not_of_residents() -> None:
    many = pd.DataFrame([[1.0] * 10] * 30, columns=list(VALUES))
    few = pd.DataFrame([[-1.0] * 10] * 2, columns=list(VALUES))
    condition = pd.DataFrame([run_profile(many), run_profile(few)])
    control = pd.DataFrame([run_profile(few), run_profile(few)])
    table = shift(condition, control)
    assert np.allclose(table["shift"], 1.0)
    assert (table["n"] == 2).all()
    assert np.allclose(table["sd"], np.sqrt(2))


def test_drift_is_the_slope_over_days_of_those_who_stayed() -> None:
    index = pd.MultiIndex.from_product([range(4), [1, 2]], names=["block", "resident"])
    rows = [[0.5 * block + who] * 10 for block, who in index]
    table = pd.DataFrame(rows, index=index, columns=list(VALUES))
    left = pd.concat([table, pd.DataFrame([[99.0] * 10], [(0, 3)], list(VALUES))])
    left.index = pd.MultiIndex.from_tuples(left.index, names=["block", "resident"])
    assert np.allclose(drift(table, every=5), 1.0)
    assert np.allclose(drift(left, every=5), 1.0)


def test_two_blocks_have_no_drift() -> None:
    index = pd.MultiIndex.from_product([range(2), [1, 2]], names=["block", "resident"])
    table = pd.DataFrame(1.0, index=index, columns=list(VALUES))
    assert drift(table, every=5).isna().all()


def test_blocks_divide_the_whole() -> None:
    tables = random_log(4, days=12)
    hits = detect(tables, Rules()).hits
    whole, parts = conduct(tables, hits), conduct(tables, hits, every=4)
    counted = parts["gift"].mul(parts["days"]).groupby("resident").sum()
    assert np.allclose(counted, whole["gift"].mul(whole["days"]).groupby("resident").sum())


def test_tables_as_parquet_gives_them_have_the_same_conduct() -> None:
    tables = random_log(4)
    hits = detect(tables, Rules()).hits
    pd.testing.assert_frame_equal(conduct(as_stored(tables), hits), conduct(tables, hits))


def test_a_strange_table_and_a_reference_of_one_are_refused() -> None:
    table = conduct_of({"gift": [0.0, 0.1]})
    with pytest.raises(InputError, match="sing"):
        profiles(table, Reference.of(table), {"sing": {"HE": 1}})
    with pytest.raises(InputError, match="at least two"):
        Reference.of(table.iloc[:1])
