"""The first table: every measure by condition, with its interval, and the runs behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from model.analysis.arms import Arm
from model.analysis.estimates import ceiling_words, estimate
from model.analysis.measures import Measure
from model.analysis.measures import measure as measure_of
from model.measures.intervals import Interval
from model.measures.rates import share_with_hit
from model.measures.shares import none_collapsed_words
from model.report.conditions import Material, per_run
from model.report.tables import Cell, Column, Table, listed, number, plain

#: What a folder of runs is told by, in this order.
HEADLINE: Final = (
    "naup", "naup_survived", "founder_rmst", "births_per_resident_day", "alive", "social_capital",
    "development", "communication", "scc_share_day", "competence", "gini", "top_share",
    "cooperation", "betrayal", "betrayal_other", "betrayal_joint", "attacks", "deception", "faults",
)  # fmt: skip
#: Those that one run has and that conditions are compared in.
COMPARED: Final = tuple(
    name for name in HEADLINE if name not in ("alive", "naup_survived", "faults")
)
_SHOWN: Final = 10
NOTE = (
    "Mean over runs with a 95 % interval: Student’s t below 6 runs, bootstrap-t from 6. Rates are "
    "pooled over runs with chi-square limits; how many hits come at a time is judged by all "
    "conditions together, of fewer than three by the untreated runs, and without these there are "
    "no limits. Beside a rate, another number: the share of runs in which it happened at all. "
    "Shares of runs: Clopper–Pearson. nAUP of runs not collapsed is conditional on an outcome: "
    "printed, never tested. Below 6 runs (8 for an outcome with two modes) the runs themselves are "
    "printed instead of an interval. Limits are cut where a measure ends. Capacities and "
    "inequality are means over the days on which a run lived: where runs collapsed they describe "
    "the living, and only the comparisons below hold between conditions. At its ceiling: every run "
    "lies within .005 of the greatest possible value, so the measure cannot tell conditions apart."
)


def headline(material: Material) -> Table:
    """The table of all measures, one column a condition."""
    return measures_table(material, HEADLINE, "headline", "By condition", NOTE, counts=True)


def measures_table(
    material: Material,
    names: Sequence[str],
    file: str,
    title: str,
    note: str,
    *,
    counts: bool = False,
) -> Table:
    """Some measures of the table of measures, one column a condition; `counts` names its runs."""
    records: list[dict[str, Any]] = []
    rows: list[tuple[Cell, ...]] = []
    arms = [one.arm for one in material.conditions]
    for name in names:
        measure = measure_of(name)
        cells = [Cell(measure.title, note=measure.unit)]
        for condition in material.conditions:
            found = estimate(condition.arm, measure, arms)
            share = share_with_hit(*condition.arm.counts(name)) if measure.kind == "rate" else None
            ceiling = ceiling_words(condition.arm, measure)
            beside = _beside(condition.arm, measure, share) or ceiling
            cells.append(_cell(measure, found, len(records), beside))
            told = record(condition.label, measure, found)
            told["flags"] = "; ".join(one for one in (told["flags"], ceiling) if one)
            records.append({**told, **_share_columns(share)})
        rows.append(tuple(cells))
    heads = [
        f"{one.label} (n = {len(one.runs)})" if counts else one.label for one in material.conditions
    ]
    return Table(file, title, pd.DataFrame(records), ("measure", *heads), tuple(rows), note)


def record(condition: str, measure: Measure, found: Interval) -> dict[str, Any]:
    """One row of numbers, in the unit shown."""
    points = found.points[0] if found.points else ()
    return {
        "condition": condition,
        "measure": measure.name,
        "unit": measure.unit,
        "estimate": found.estimate * measure.scale,
        "low": found.low * measure.scale,
        "high": found.high * measure.scale,
        "runs": found.n[0],
        "method": found.method,
        "flags": "; ".join(found.flags),
        "points": " ".join(f"{point * measure.scale:.6g}" for point in points if point == point),
    }


def interval_words(found: Interval, scale: float, digits: int) -> str:
    """An interval as a reader sees it: limits, or the runs, or why there is neither."""
    if found.unreliable and found.points:
        return runs_words(found.points[0], scale, digits)
    if found.low == found.low:
        limits = f"{number(found.low * scale, digits)} … {number(found.high * scale, digits)}"
        return f"{limits} (few runs)" if found.unreliable else limits
    same = [flag for flag in found.flags if flag.endswith("identical runs")]
    return same[0] if same else "no interval"


def runs_words(points: Sequence[float], scale: float, digits: int) -> str:
    """The runs themselves, the first ten of them, where an interval would not be reliable."""
    known = [number(point * scale, digits) for point in points if point == point]
    if not known:
        return "no run defines it"
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"runs: {' '.join(known[:_SHOWN])}{more}"


def runs_table(material: Material) -> Table:
    """Every scored run: seed, fate and numbers."""
    frame = per_run(material, ["population", "collapsed", *COMPARED])
    frame["collapsed"] = frame["collapsed"] > 0
    frame["days"] = [len(run.days) - 1 for _, run in material.runs]
    frame["status"] = [run.meta.status for _, run in material.runs]
    frame["hash"] = [run.meta.hash for _, run in material.runs]
    frame["civa"] = [run.meta.versions.get("civa", "") for _, run in material.runs]
    frame["mind"] = [run.meta.mind for _, run in material.runs]
    frame["faults"] = [int(run.summary.counts["faults"][0]) for _, run in material.runs]
    columns = [
        Column("condition", "condition"),
        Column("seed", "seed"),
        Column("status", "status"),
        Column("days", "days"),
        Column("population", "residents at the end"),
        Column("collapsed", "collapsed"),
        Column("naup", "nAUP"),
        Column("faults", "faults"),
        Column("hash", "hash", lambda value: plain(value)[:12]),
    ]
    note = "Rates here are per resident-day and unscaled; faults are a count."
    return listed("runs", "Every run", frame, columns, note=note, folded=True)


def others_table(material: Material) -> Table | None:
    """Runs that are no results: failed, stopped or under way; None if there are none."""
    if not material.others:
        return None
    frame = pd.DataFrame(
        [
            {
                "run": run.name,
                "seed": run.meta.seed,
                "mind": run.meta.mind,
                "status": run.meta.status,
                "cause": run.meta.cause,
                "days": len(run.days) - 1,
            }
            for run in material.others
        ]
    )
    columns = [Column(name, name) for name in frame.columns]
    note = "Not done, so not scored: none of their numbers enter this report."
    return listed("not_scored", "Runs that are no results", frame, columns, note=note)


def share_words(share: Interval) -> str:
    """In how many runs something happened, with its limits in percent."""
    hit, of = round(share.estimate * share.n[0]) if share.n[0] else 0, share.n[0]
    if not of:
        return "in no run an opportunity"
    return hit_words(hit, of, share.low, share.high)


def hit_words(hit: int, of: int, low: float, high: float) -> str:
    """So many of so many runs, with the limits of their share in percent."""
    return f"in {hit} of {of} runs ({100 * low:.0f}–{100 * high:.0f} %)"


def _beside(arm: Arm, measure: Measure, share: Interval | None) -> str:
    """What stands beside an interval: the other number of a rate, or what no collapse means."""
    if share is not None:
        return share_words(share)
    return none_collapsed_words(len(arm.fell), len(arm.runs)) if measure.kind == "share" else ""


def _share_columns(share: Interval | None) -> dict[str, float]:
    nan = float("nan")
    of = (share.estimate, share.low, share.high) if share else (nan, nan, nan)
    return dict(zip(("runs_with_hit", "runs_with_hit_low", "runs_with_hit_high"), of, strict=True))


def _cell(measure: Measure, found: Interval, row: int, beside: str) -> Cell:
    words = interval_words(found, measure.scale, measure.digits)
    return Cell(
        number(found.estimate * measure.scale, measure.digits),
        row,
        f"{words}; {beside}" if beside else words,
    )
