"""What a judge's readings are worth: agreement, corrected rates, equality across arms.

Everything works on one table, one row an item and label (`READINGS`): what the judge said, what
the reference said (rules, or people), whether the label had an opportunity. A judge's fault is a
missing reading, counted apart, never a "no". The run is resampled where there are at least twenty;
below that the items are, and the interval says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from agents.asides.labels import LABELS
from model.measures.agreement import (
    class_scores,
    cohens_kappa,
    fleiss_kappa,
    krippendorff_alpha,
)
from model.measures.intervals import MIN_RUNS_PERCENTILE
from model.measures.judged_rates import (
    EqualAcrossArms,
    Validation,
    equal_across_arms,
    judged_rate,
)
from model.measures.rates import dispersion

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Columns of a table of readings; `judged` and `reference` are 1, 0 or NaN (fault, undefined).
READINGS: Final = ("item", "run", "arm", "part", "label", "opportunity", "judged", "reference")
RESAMPLES: Final = 1_999
ITEMS_RESAMPLED: Final = f"items resampled: fewer than {MIN_RUNS_PERCENTILE} runs"


def agreement(
    readings: pd.DataFrame, *, level: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> pd.DataFrame:
    """Agreement of judge and reference, label by label, on the items drawn at random.

    Args:
        readings: a table of `READINGS`.
        level: coverage of the intervals.
        resamples: bootstrap resamples.
        seed: of the resampling.

    Returns:
        Indexed by label: items (read by both), positives (of the reference), faults, precision,
        recall, f1, kappa (Cohen's), alpha, each of the last three with `_low` and `_high`; fleiss
        (Fleiss' kappa, which pools the two readers' habits); grade (of alpha); flag. What is
        undefined is NaN.
    """
    rows = {}
    for label, group in readings[readings["part"] == "rate"].groupby("label", sort=False):
        both = group.dropna(subset=["judged", "reference"])
        faults = int(group["judged"].isna().sum())
        rows[str(label)] = {**_agreed(both, level, resamples, seed), "faults": faults}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("label")


def validations(
    readings: pd.DataFrame, parts: tuple[str, ...] = ("rate", "extra")
) -> dict[str, dict[str, Validation]]:
    """The judge against the reference where the label could have hit, as rates count.

    Args:
        readings: a table of `READINGS`.
        parts: which items. Those in `extra` were drawn because the rules found something: they
            serve where the rules are the reference, and are left out where people are.

    Returns:
        label -> arm (and `all`) -> counts.
    """
    could = readings[readings["part"].isin(parts) & (readings["opportunity"] == 1)]
    both = could.dropna(subset=["judged", "reference"])
    found: dict[str, dict[str, Validation]] = {}
    for label, group in both.groupby("label", sort=False):
        arms = {str(arm): _validation(part) for arm, part in group.groupby("arm", sort=True)}
        found[str(label)] = {**arms, "all": _validation(group)}
    return found


def equality(readings: pd.DataFrame, *, alpha: float = 0.05) -> pd.DataFrame:
    """Whether the judge errs alike in all arms.

    Returns:
        Indexed by label: sensitivity_p, specificity_p, differential (then each arm is corrected by
        its own errors), flags. Labels read in one arm only are left out.
    """
    rows = {}
    for label, arms in validations(readings).items():
        own = {arm: one for arm, one in arms.items() if arm != "all"}
        if len(own) < 2:
            continue
        found: EqualAcrossArms = equal_across_arms(own, alpha=alpha)
        rows[label] = {
            "sensitivity_p": found.sensitivity_p,
            "specificity_p": found.specificity_p,
            "differential": found.differential,
            "flags": "; ".join(found.flags),
        }
    names = ["sensitivity_p", "specificity_p", "differential", "flags"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    return table.rename_axis("label")


def corrected_rates(
    readings: pd.DataFrame,
    validated: Mapping[str, Mapping[str, Validation]] | None = None,
    *,
    level: float = 0.95,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """The judge's rates by arm, corrected for its errors with their uncertainty.

    Rates are hits over opportunities of the items drawn for rates (`part` = `rate`) without a judge
    fault. Where errors differ by arm, each arm is corrected by its own; else all by the pooled.

    Args:
        readings: a table of `READINGS`; `reference` is not read if `validated` is given.
        validated: label -> arm (and `all`) -> counts, from items of known truth; by default from
            the readings themselves.
        level: coverage.
        alpha: of the test that errors are equal.

    Returns:
        One row a label and arm: runs, hits, opportunities, faults, observed, raw, corrected, low,
        high, sensitivity, specificity, corrected_by (`all` or the arm), flags.
    """
    known = validations(readings) if validated is None else validated
    rows = []
    drawn = readings[(readings["part"] == "rate") & (readings["opportunity"] == 1)]
    between = _dispersions(drawn)
    for (label, arm), group in drawn.groupby(["label", "arm"], sort=True):
        arms = known.get(str(label), {})
        own = {name: one for name, one in arms.items() if name != "all"}
        differs = len(own) > 1 and equal_across_arms(own, alpha=alpha).differential
        by = str(arm) if differs and arm in own else "all"
        found = judged_rate(
            *_by_run(group),
            arms.get(by, Validation(0, 0, 0, 0)),
            between=between[str(label)],
            level=level,
        )
        flags = (*found.corrected.flags, *(("errors differ by arm",) if differs else ()))
        rows.append(
            {
                "label": label,
                "arm": arm,
                "runs": found.observed.runs,
                "hits": found.observed.hits,
                "opportunities": found.observed.trials,
                "faults": int(group["judged"].isna().sum()),
                "observed": found.observed.rate,
                "raw": found.raw,
                "corrected": found.corrected.estimate,
                "low": found.corrected.low,
                "high": found.corrected.high,
                "sensitivity": found.sensitivity.estimate,
                "specificity": found.specificity.estimate,
                "corrected_by": by,
                "flags": "; ".join(flags),
            }
        )
    return pd.DataFrame(rows)


def _by_run(group: pd.DataFrame) -> tuple[Ints, Ints]:
    """Hits and opportunities of one label in one arm, by run; a judge's fault is neither."""
    read = group.dropna(subset=["judged"]).groupby("run", sort=True)["judged"].agg(["sum", "count"])
    return read["sum"].to_numpy(np.int64), read["count"].to_numpy(np.int64)


def _dispersions(drawn: pd.DataFrame) -> dict[str, float]:
    """How many hits of each label come at a time, over all arms; 1 where arms are few."""
    found = {}
    for label, group in drawn.groupby("label", sort=False):
        arms = [_by_run(part) for _, part in group.groupby("arm", sort=True)]
        between = dispersion(arms, [False] * len(arms))
        found[str(label)] = 1.0 if np.isnan(between) else between
    return found


def fault_rates(readings: pd.DataFrame) -> pd.DataFrame:
    """The judge's own faults by arm: items, faults, share."""
    items = readings.drop_duplicates(["item"])
    lost = readings.groupby("item")["judged"].apply(lambda s: bool(s.isna().all()))
    table = items.assign(fault=items["item"].map(lost)).groupby("arm")["fault"].agg(["size", "sum"])
    table.columns = pd.Index(["items", "faults"])
    return table.assign(share=table["faults"] / table["items"])


def four(judged: npt.ArrayLike, reference: npt.ArrayLike) -> Ints:
    """Counts of (reference, judged): both, judged alone, reference alone, neither; int[4]."""
    j, r = np.asarray(judged) == 1, np.asarray(reference) == 1
    return np.array([(j & r).sum(), (j & ~r).sum(), (~j & r).sum(), (~j & ~r).sum()], np.int64)


def scores_of(counts: Ints | Floats) -> Floats:
    """F1, kappa and nominal alpha of two-by-two counts, float[..., 3].

    Args:
        counts: [..., 4] as `four` gives them.
    """
    tp, fp, fn, tn = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    n = tp + fp + fn + tn
    with np.errstate(divide="ignore", invalid="ignore"):
        f1 = 2 * tp / (2 * tp + fp + fn)
        chance = ((tp + fp) * (tp + fn) + (fn + tn) * (fp + tn)) / n**2
        kappa = ((tp + tn) / n - chance) / (1 - chance)
        ones = 2 * tp + fp + fn
        expected = 2 * ones * (2 * n - ones) / (2 * n * (2 * n - 1))
        alpha = 1 - ((fp + fn) / n) / expected
    found = np.stack([f1, kappa, alpha], axis=-1)
    found[~np.isfinite(found)] = np.nan
    return found


def _agreed(both: pd.DataFrame, level: float, resamples: int, seed: int) -> dict[str, Any]:
    counts = four(both["judged"], both["reference"])
    tp, fp, fn, tn = counts.tolist()
    scored = {
        one.label: one for one in class_scores(both["reference"].tolist(), both["judged"].tolist())
    }
    one = scored.get(1.0)
    readings = both[["judged", "reference"]].to_numpy(np.float64).T
    alpha = krippendorff_alpha(readings)
    estimates = {
        "f1": np.nan if one is None else one.f1,
        "kappa": cohens_kappa([[tp, fn], [fp, tn]]),
        "alpha": alpha.alpha,
    }
    limits, flag = _limits(both, counts, level, resamples, seed)
    return {
        "items": len(both),
        "positives": tp + fn,
        "precision": np.nan if one is None else one.precision,
        "recall": np.nan if one is None else one.recall,
        **estimates,
        **limits,
        "fleiss": fleiss_kappa(readings),
        "grade": alpha.grade,
        "flag": flag,
    }


def _limits(
    both: pd.DataFrame, counts: Ints, level: float, resamples: int, seed: int
) -> tuple[dict[str, float], str]:
    names = ("f1", "kappa", "alpha")
    n = int(counts.sum())
    flag = ""
    if n == 0:
        drawn = np.full((1, 3), np.nan)
    else:
        rng = np.random.default_rng(seed)
        parts = [four(g["judged"], g["reference"]) for _, g in both.groupby("run", sort=True)]
        if len(parts) >= MIN_RUNS_PERCENTILE:
            picked = rng.multinomial(len(parts), np.full(len(parts), 1 / len(parts)), resamples)
            drawn = scores_of(picked @ np.stack(parts))
        else:
            drawn, flag = scores_of(rng.multinomial(n, counts / n, resamples)), ITEMS_RESAMPLED
    ends = [0.5 - level / 2, 0.5 + level / 2]
    limits: dict[str, float] = {}
    for k, name in enumerate(names):
        known = drawn[:, k][~np.isnan(drawn[:, k])]
        # Where the score is often undefined, quantiles of the rest would say too much.
        low, high = np.quantile(known, ends) if len(known) > 0.9 * len(drawn) else (np.nan, np.nan)
        limits |= {f"{name}_low": float(low), f"{name}_high": float(high)}
    return limits, flag


def _validation(group: pd.DataFrame) -> Validation:
    tp, fp, fn, tn = four(group["judged"], group["reference"]).tolist()
    return Validation(tp, tp + fn, tn, tn + fp)


def empty_readings() -> pd.DataFrame:
    """A table of readings without a row."""
    return pd.DataFrame(columns=list(READINGS)).astype({"label": pd.CategoricalDtype([*LABELS])})
