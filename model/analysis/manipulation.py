"""Did the treatment take? The manipulation check of a condition, from assessments of its runs.

A treated resident is asked twice before the run, with its treatment and without it (for a sham:
with the text it stands in for), so its shift is its own and no difference between worlds enters.
The run is the unit: residents are averaged first. A treatment of v *took* if v moved the way it
should (up under `with`, down under `without` and `against`), by at least a quarter of a point, and
the interval over at least two runs excludes none at all; it *moved the other way* likewise. That it
*did not take* is a claim of its own, equivalence: both limits lie within a quarter of a point of
none. Everything else is *cannot tell*. Runs that are all equal are their own limits. What happened
to v's neighbours and its opposite on the circle stands beside it, and so does what the same
residents did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from model.analysis.labelled_runs import RunTables
from model.measures.intervals import mean_interval
from model.measures.value_profiles import VALUES, Reference, conduct, profiles
from model.measures.variance import Component, variance_components

#: Least shift of a centred score that counts: one step of one of four probes.
LEAST: Final = 0.25
#: Runs below which nothing is said to have taken or not.
LEAST_RUNS: Final = 2
#: Methods whose manipulation must not take: they convey nothing, or nothing new.
CONTROLS: Final = ("none", "placebo", "sham")
SIGN: Final[Mapping[str, int]] = {"with": 1, "without": -1, "against": -1}
CONDITION: Final = ("mind", "family", "method", "value", "mode")
_RUN: Final = ("run", "seed", *CONDITION, "paraphrase", "prevalence")

TOOK: Final = "took"
DID_NOT_TAKE: Final = "did not take"
OTHER_WAY: Final = "moved the other way"
CANNOT_TELL: Final = "cannot tell"
UNDEFINED: Final = "undefined"
NO_DIRECTION: Final = "no direction to test"


def shifts(assessments: pd.DataFrame) -> pd.DataFrame:
    """The stated shift of each run's treated residents.

    Args:
        assessments: of `assess_run`, any number of runs together.

    Returns:
        One row a run, treatment and time asked: what it was, residents (with both answers), faults
        (treated residents without), and by value the mean of bare minus reference; NaN without
        residents.
    """
    treated = assessments[assessments["treated"]]
    index = [*_RUN, "time", "resident"]
    both = {
        where: treated[treated["context"] == where].set_index(index)
        for where in ("bare", "reference")
    }
    change = both["bare"][list(VALUES)] - both["reference"][list(VALUES)]
    valid = change.notna().all(axis=1)
    levels = [*_RUN, "time"]
    table = change.where(valid).groupby(level=levels, sort=True).mean()
    table.insert(0, "residents", valid.groupby(level=levels).sum())
    table.insert(1, "faults", (~valid).groupby(level=levels).sum())
    return table.reset_index()


def manipulation_check(
    stated: pd.DataFrame,
    behaved: pd.DataFrame | None = None,
    *,
    by: tuple[str, ...] = CONDITION,
) -> pd.DataFrame:
    """Say of every condition whether its manipulation took.

    Args:
        stated: of `shifts`.
        behaved: of `behavioural_shifts`; None leaves behaviour out.
        by: what makes a condition; add `paraphrase` to see each wording.

    Returns:
        One row a condition: runs, residents, faults; `own` with `low` and `high` (NaN below two
        runs); `neighbours`, `opposite`, `others` (mean shifts); `largest` (v moved furthest);
        `expected` (by the method: texts that convey nothing, and a sham, must not take);
        `order` (neighbours moved more v's way than the opposite); `circle` (correlation of the ten
        shifts with the cosine of their distance to v, signed by the mode); `verdict`; `flag` (red,
        in words, empty where all is well); `behaviour` with its limits, and `acted` (the same
        direction in behaviour; None where it was not measured).
    """
    rows: list[dict[str, Any]] = []
    for key, group in _runs(stated).groupby(list(by), sort=True):
        labels = dict(zip(by, key, strict=True))
        rows.append({**labels, **_one(group, str(labels["value"]), str(labels["mode"]))})
    table = pd.DataFrame(rows)
    if table.empty or behaved is None:
        return table.assign(
            behaviour=np.nan, behaviour_low=np.nan, behaviour_high=np.nan, acted=None
        )
    extra = [_behaviour(row, behaved, by) for row in rows]
    return pd.concat([table, pd.DataFrame(extra, index=table.index)], axis=1)


def behavioural_shifts(runs: Iterable[RunTables], controls: Iterable[RunTables]) -> pd.DataFrame:
    """How the deeds of treated residents differ from those of the untreated runs' residents.

    Args:
        runs: treated runs.
        controls: untreated runs, which are the reference.

    Returns:
        One row a treated run: what it was, and by value the mean profile of its treated residents
        minus the mean over control runs (`model.measures.value_profiles`).

    Raises:
        InputError: the controls hold fewer than two residents with enough days.
    """
    untreated = {run.name: _conduct(run) for run in controls}
    reference = Reference.of(pd.concat(untreated.values()))
    base = pd.DataFrame({n: profiles(c, reference).mean() for n, c in untreated.items()}).mean(
        axis=1
    )
    rows = []
    for run in runs:
        profile = profiles(_conduct(run), reference)
        who = profile.index.get_level_values("resident")
        mean = profile[who.isin(run.treated)].mean()
        change = (mean - base).reindex(list(VALUES)).tolist()
        rows.append({**run.condition, **dict(zip(VALUES, change, strict=True))})
    return pd.DataFrame(rows, columns=[*_RUN, *VALUES])


def variance_split(
    stated: pd.DataFrame, factors: tuple[str, ...] = ("seed", "paraphrase", "mind")
) -> pd.DataFrame:
    """Split the variance of the own shift, in its expected direction, between its sources.

    Args:
        stated: of `shifts`, one or several methods.
        factors: columns to split by; `value` may be among them. Rows beyond one a combination are
            replies: the same question asked again (`time`).

    Returns:
        One row a method, mode and source: variance, low, high, share, levels, flags. Replies are
        not identified, and said not to be, where each combination was asked once. A method whose
        combinations were not asked equally often, or not all answered, has one row `all` that
        says so.
    """
    rows = []
    tested = stated[stated["mode"].isin(SIGN)]
    for (method, mode), group in tested.groupby(["method", "mode"], sort=True):
        # Means of quarters differ in their last bits: that is rounding, and no variance.
        own = [round(row[row["value"]] * SIGN[str(mode)], 9) for row in group.to_dict("records")]
        given = {name: group[name].tolist() for name in factors}
        if all(len(set(levels)) < 2 for levels in given.values()):
            continue
        rows += [
            {
                "method": method,
                "mode": mode,
                "source": one.source,
                "variance": one.variance,
                "low": one.low,
                "high": one.high,
                "share": one.share,
                "levels": one.levels,
                "flags": "; ".join(_ASKED_ONCE if flag == _ONE_RUN else flag for flag in one.flags),
            }
            for one in _components(own, given)
        ]
    return pd.DataFrame(rows, columns=["method", "mode", *_SPLIT])


_SPLIT: Final = ("source", "variance", "low", "high", "share", "levels", "flags")
_ONE_RUN: Final = "one run a cell"
_ASKED_ONCE: Final = "not identified: each combination was asked once; civa assess --times 2"


def _components(own: list[float], given: dict[str, list[Any]]) -> tuple[Component, ...]:
    """The split, or one row that says why there is none."""
    nan = float("nan")
    if not np.isfinite(own).all():
        return (Component("all", nan, nan, nan, nan, 0, ("not split: a run has no answer",)),)
    try:
        return variance_components(own, given)
    except ValueError as error:
        return (Component("all", nan, nan, nan, nan, 0, (f"not split: {error}",)),)


def _runs(stated: pd.DataFrame) -> pd.DataFrame:
    """One row a run: the mean over the times it was asked, of those that have residents."""
    keys = [name for name in _RUN if name in stated]
    grouped = stated.groupby(keys, sort=True)
    counts = grouped.agg(residents=("residents", "max"), faults=("faults", "sum"))
    return counts.join(grouped[list(VALUES)].mean()).reset_index()


def _one(group: pd.DataFrame, value: str, mode: str) -> dict[str, Any]:
    k = VALUES.index(value)
    defined = group[group["residents"] > 0]
    mean = defined[list(VALUES)].mean().to_numpy(dtype=float)
    sign = SIGN.get(mode, 0)
    steps = np.abs(np.arange(len(VALUES)) - k)
    steps = np.minimum(steps, len(VALUES) - steps)
    own = mean_interval(defined[value].to_numpy(float)) if len(defined) else None
    near, far = float(mean[steps == 1].mean()), float(mean[steps == len(VALUES) // 2].mean())
    verdict = _verdict(own, sign)
    controls = bool(group["method"].isin(CONTROLS).all())
    return {
        "expected": DID_NOT_TAKE if controls else TOOK if sign else NO_DIRECTION,
        "runs": len(defined),
        "residents": int(group["residents"].sum()),
        "faults": int(group["faults"].sum()),
        "own": np.nan if own is None else own.estimate,
        "low": np.nan if own is None else own.low,
        "high": np.nan if own is None else own.high,
        "neighbours": near,
        "opposite": far,
        "others": float(mean[steps > 0].mean()),
        "largest": bool(np.nanargmax(np.abs(mean)) == k) if np.isfinite(mean).all() else False,
        "order": bool(sign * (near - far) > 0),
        "circle": _circle(mean, k, sign),
        "verdict": verdict,
        "flag": _flag(verdict, own, sign, controls),
    }


def _verdict(own: Any, sign: int) -> str:
    if not sign:
        return NO_DIRECTION
    if own is None or np.isnan(own.estimate):
        return UNDEFINED
    low, high = _limits(own)
    if np.isnan(low):
        return CANNOT_TELL
    if max(abs(low), abs(high)) <= LEAST:
        return DID_NOT_TAKE
    if abs(own.estimate) < LEAST or low <= 0 <= high:
        return CANNOT_TELL
    return TOOK if sign * own.estimate > 0 else OTHER_WAY


def _limits(own: Any) -> tuple[float, float]:
    """The interval over runs; the estimate twice where they are all equal; NaN below two."""
    if own.n[0] < LEAST_RUNS:
        return float("nan"), float("nan")
    if np.isnan(own.low):
        return own.estimate, own.estimate
    return own.low, own.high


def _flag(verdict: str, own: Any, sign: int, control: bool) -> str:
    if verdict == UNDEFINED:
        return "no treated resident answered both ways: the manipulation is unchecked"
    if verdict in (TOOK, OTHER_WAY) and control:
        return f"a text that must not move the value moved it by {own.estimate:+.2f}"
    if verdict == OTHER_WAY:
        return f"the value moved the wrong way, by {own.estimate:+.2f}"
    if verdict == DID_NOT_TAKE:
        return f"the value moved by {own.estimate:+.2f}, less than {LEAST:g}"
    return _open(own) if verdict == CANNOT_TELL else ""


def _open(own: Any) -> str:
    """Why neither can be said."""
    if own.n[0] < LEAST_RUNS:
        return f"{own.estimate:+.2f} in one run: at least {LEAST_RUNS} runs are needed"
    low, high = _limits(own)
    if low <= 0 <= high:
        beyond = f"no shift and shifts beyond {LEAST:g}"
        return f"the interval {low:+.2f} to {high:+.2f} includes {beyond}"
    return f"the interval {low:+.2f} to {high:+.2f} includes shifts below and beyond {LEAST:g}"


def _circle(mean: np.ndarray[Any, Any], k: int, sign: int) -> float:
    wave = np.cos(2 * np.pi * (np.arange(len(VALUES)) - k) / len(VALUES)) * sign
    if not sign or not np.isfinite(mean).all() or np.ptp(mean) < 1e-9:
        return float("nan")
    return float(np.corrcoef(mean, wave)[0, 1])


def _behaviour(row: dict[str, Any], behaved: pd.DataFrame, by: tuple[str, ...]) -> dict[str, Any]:
    same = np.logical_and.reduce([(behaved[name] == row[name]).to_numpy() for name in by])
    own = behaved.loc[same, row["value"]].dropna().to_numpy(float)
    if not len(own):
        nan = float("nan")
        return {"behaviour": nan, "behaviour_low": nan, "behaviour_high": nan, "acted": None}
    found = mean_interval(own)
    sign = SIGN.get(row["mode"], 0)
    bound = found.low if sign > 0 else found.high
    acted = bool(sign * found.estimate > 0 and not sign * bound <= 0)
    return {
        "behaviour": found.estimate,
        "behaviour_low": found.low,
        "behaviour_high": found.high,
        "acted": acted if sign else None,
    }


def _conduct(run: RunTables) -> pd.DataFrame:
    return conduct(run.tables, run.found.hits)
