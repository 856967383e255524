"""Rates, social prevalence and sensitivity of the labels: from hits to numbers of one run.

- rate = hits / opportunities; none → NaN. Beside it hits / resident-days (`resident_days`).
- social prevalence = residents with a hit / residents with an opportunity, and / ever alive.
- Undefined is NaN: a label whose message kinds are switched off has no rate, not the rate 0.

The run is the unit of analysis: average these over runs, never pool residents of several.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from model.measures.behaviour.catalogue import LABELS, judge
from model.measures.behaviour.found import Hits
from model.measures.behaviour.rules import Rules
from model.measures.behaviour.tables import Tables, read
from model.measures.resident_days import judged_days, per_resident_day

NAMES: Final = tuple(one.name for one in LABELS)
WINDOWS: Final = (3, 5, 10)
#: (units, share) that a claimed number may be off: exact, the default, and twice the default.
TOLERANCES: Final = ((0.0, 0.0), (5.0, 0.10), (10.0, 0.20))


def rates(hits: Hits, residents: pd.DataFrame) -> pd.DataFrame:
    """Rates of every label in one run.

    Args:
        hits: what `detect` found.
        residents: the run's table of that name.

    Returns:
        Indexed by label: hits, opportunities, resident_days (counts, NaN if undefined), rate,
        per_resident_day.
    """
    return _rates(hits, hits.hits, hits.opportunities, judged_days(residents))


def rates_by_treatment(hits: Hits, residents: pd.DataFrame) -> pd.DataFrame:
    """Rates by treated and untreated actors and targets.

    A resident counts as treated on the days on which it carries the treatment. The denominator is
    the actor group's: opportunities name no target. So for each actor group the rates over the
    targets add up to its rate.

    Returns:
        Indexed by (label, actor, target): the columns of `rates`; actor treated or untreated,
        target treated, untreated, or nobody (labels and hits without a target).
    """
    treated = pd.Series(
        residents["treated"].to_numpy(dtype=bool),
        index=pd.MultiIndex.from_arrays([residents["day"], residents["resident"]]),
    )
    days = judged_days(residents)
    actor = _treated(treated, hits.hits["day"], hits.hits["resident"])
    target = _treated(treated, hits.hits["day"], hits.hits["target"])
    chance = _treated(treated, hits.opportunities["day"], hits.opportunities["resident"])
    alive = _treated(treated, days["day"], days["resident"])
    tables = {
        (who, whom): _rates(
            hits,
            hits.hits[(actor == code) & (target == aim)],
            hits.opportunities[chance == code],
            days[alive == code],
        )
        for who, code in (("treated", 1), ("untreated", 0))
        for whom, aim in (("treated", 1), ("untreated", 0), ("nobody", -1))
    }
    joined = pd.concat(tables, names=["actor", "target", "label"])
    return joined.reorder_levels(["label", "actor", "target"]).sort_index()


def social_prevalence(hits: Hits, residents: pd.DataFrame) -> pd.DataFrame:
    """How widely each label is spread over the residents of one run.

    Returns:
        Indexed by label: residents (with a hit), of_able (share of those with an opportunity),
        of_all (share of those ever alive).
    """
    did = _people(hits.hits)
    could = _people(hits.opportunities)
    ever = float(residents["resident"].nunique()) or np.nan
    table = pd.DataFrame(
        {"residents": did, "of_able": did / could.where(could > 0), "of_all": did / ever}
    )
    return _masked(table, hits)


def daily(hits: Hits, residents: pd.DataFrame) -> pd.DataFrame:
    """Actor-days with cooperation, betrayal and deception, by day.

    Returns:
        Indexed by day 1 … T: cooperation, betrayal, deception, faultless; counts of residents.
        Social capital of a day is (cooperation − betrayal) / faultless.
    """
    last = int(residents["day"].max()) if len(residents) else 0
    index = pd.RangeIndex(1, last + 1, name="day")
    table = {
        label: _count_days(hits.hits.loc[hits.hits["label"] == label, "day"], index)
        for label in ("cooperation", "betrayal", "deception")
    }
    table["faultless"] = _count_days(judged_days(residents)["day"], index)
    return pd.DataFrame(table)


def sensitivity(
    tables: Tables,
    rules: Rules,
    *,
    windows: Sequence[int] = WINDOWS,
    tolerances: Sequence[tuple[float, float]] = TOLERANCES,
) -> pd.DataFrame:
    """The rates under other windows and other claim tolerances, one at a time.

    Every window is tried with the default tolerance, every tolerance with the default window.

    Returns:
        window, units, share, label and the columns of `rates`, one row a try and label.
    """
    log = read(tables)
    tries = [(k, (5.0, 0.10)) for k in windows] + [(5, t) for t in tolerances]
    found = {}
    for window, tolerance in dict.fromkeys(tries):
        one = judge(log, rules, window=window, tolerance=tolerance)
        found[(window, *tolerance)] = rates(one, tables["residents"])
    return pd.concat(found, names=["window", "units", "share", "label"]).reset_index()


def _rates(hits: Hits, did: pd.DataFrame, could: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    n, m = (
        t["label"].value_counts().reindex(NAMES, fill_value=0).astype(float) for t in (did, could)
    )
    table = pd.DataFrame({"hits": n, "opportunities": m, "resident_days": float(len(days))})
    table["rate"] = n / m.where(m > 0)
    table["per_resident_day"] = n.map(lambda hits: per_resident_day(hits, len(days)))
    return _masked(table, hits)


def _masked(table: pd.DataFrame, hits: Hits) -> pd.DataFrame:
    table = table.reindex(NAMES).rename_axis("label")
    table.loc[[name for name in NAMES if name in hits.undefined]] = np.nan
    return table


def _people(table: pd.DataFrame) -> pd.Series[float]:
    counts = table.groupby("label", observed=False)["resident"].nunique()
    return counts.reindex(NAMES, fill_value=0).astype(float)


def _treated(
    treated: pd.Series[bool], day: pd.Series[int], who: pd.Series[int]
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """1 treated, 0 untreated, -1 nobody."""
    place = treated.index.get_indexer(pd.MultiIndex.from_arrays([day, who]))
    flags = np.append(treated.to_numpy(dtype=np.int64), -1)
    return flags[place]


def _count_days(day: pd.Series[int], index: pd.RangeIndex) -> pd.Series[int]:
    return day.value_counts().reindex(index, fill_value=0).astype(np.int64)
