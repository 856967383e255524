"""A judge's rate, corrected for the judge's errors without pretending to know them.

Rogan & Gladen (1978): true rate = (observed + spec - 1)/(sens + spec - 1). Sensitivity and
specificity are themselves estimates from a validation sample; with both held fixed a "95 %"
interval covers 30-73 %. The interval here is that of Lang & Reiczigel (2014, Prev. Vet. Med.
113:13), which carries their uncertainty through; the observed rate enters with as many trials as
would be as informative if acts within a run were independent (`model.measures.rates`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from model.measures.intervals import UNRELIABLE, Interval, add, few_runs, proportion_interval
from model.measures.rates import Counts, counted, moments

MIN_YOUDEN: Final = 0.3
MIN_POSITIVES: Final = 100
MIN_NEGATIVES: Final = 400


@dataclass(frozen=True, slots=True)
class Validation:
    """A judge's verdicts on items whose truth is known.

    Attributes:
        true_positives: judged positive among the positives.
        positives: items that are truly positive.
        true_negatives: judged negative among the negatives.
        negatives: items that are truly negative.
    """

    true_positives: int
    positives: int
    true_negatives: int
    negatives: int

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        if not 0 <= self.true_positives <= self.positives:
            raise ValueError(f"{self.true_positives} true positives of {self.positives} positives")
        if not 0 <= self.true_negatives <= self.negatives:
            raise ValueError(f"{self.true_negatives} true negatives of {self.negatives} negatives")

    @property
    def sensitivity(self) -> float:
        """Share of positives found; NaN without positives."""
        return self.true_positives / self.positives if self.positives else float("nan")

    @property
    def specificity(self) -> float:
        """Share of negatives left alone; NaN without negatives."""
        return self.true_negatives / self.negatives if self.negatives else float("nan")


@dataclass(frozen=True, slots=True)
class ObservedRate:
    """The judge's own rate over runs.

    Attributes:
        rate: sum of hits / sum of trials; NaN without trials.
        effective: independent trials that would be as informative; NaN below two runs.
        hits: in all runs.
        trials: in all runs.
        runs: with at least one trial.
        flags: what a reader must know.
    """

    rate: float
    effective: float
    hits: int
    trials: int
    runs: int
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedRate:
    """A judged rate before and after correction.

    Attributes:
        observed: the judge's own rate over runs.
        raw: Rogan-Gladen estimate, unclipped; may lie outside [0, 1].
        corrected: estimate and interval, clipped to [0, 1]; NaN where the judge is too weak.
        sensitivity: with its exact interval.
        specificity: the same.
    """

    observed: ObservedRate
    raw: float
    corrected: Interval
    sensitivity: Interval
    specificity: Interval


@dataclass(frozen=True, slots=True)
class EqualAcrossArms:
    """Whether a judge errs alike in all arms.

    Attributes:
        sensitivity_p: Fisher's exact p that the sensitivity is equal; NaN if it cannot be tested.
        specificity_p: the same for the specificity.
        differential: either p, doubled for the two tests, is at most alpha: correct by arm.
        flags: arms without the wanted number of validated items.
    """

    sensitivity_p: float
    specificity_p: float
    differential: bool
    flags: tuple[str, ...]


def judged_rate(
    hits: Counts,
    opportunities: Counts,
    validation: Validation,
    *,
    between: float = 1.0,
    level: float = 0.95,
) -> JudgedRate:
    """Correct a judge's rate over runs.

    Args:
        hits: int[runs], positives by the judge.
        opportunities: int[runs].
        validation: of this judge on this label, from items outside the estimate's own noise.
        between: dispersion of the label over a study's arms (`rates.dispersion`); 1 where this
            arm's own runs, which have many items each, must do.
        level: nominal coverage.

    Returns:
        The corrected rate. sens + spec - 1 < .3, or no validation: NaN with the reason.

    Raises:
        ValueError: if counts are impossible.
    """
    observed = observed_rate(hits, opportunities, between)
    sens = proportion_interval(validation.true_positives, validation.positives, level=level)
    spec = proportion_interval(validation.true_negatives, validation.negatives, level=level)
    flags = add(observed.flags, *few_runs((observed.runs,), False), *_small(validation))
    youden = validation.sensitivity + validation.specificity - 1
    n, method = (observed.runs,), "Lang-Reiczigel 2014, dispersion by run"
    if not youden >= MIN_YOUDEN:
        reason = f"sens + spec - 1 = {youden:.2f}, below {MIN_YOUDEN}: the judge is too weak"
        nothing = Interval(np.nan, np.nan, np.nan, n, "none", level, (*flags, reason))
        return JudgedRate(observed, np.nan, nothing, sens, spec)
    raw = (observed.rate + validation.specificity - 1) / youden
    low, high = _lang_reiczigel(observed.rate, observed.effective, validation, level)
    if np.isnan(low):
        method, flags = "none", add(flags, UNRELIABLE)
    limits = np.clip([raw, low, high], 0.0, 1.0)
    corrected = Interval(
        float(limits[0]), float(limits[1]), float(limits[2]), n, method, level, flags
    )
    return JudgedRate(observed, float(raw), corrected, sens, spec)


def observed_rate(hits: Counts, opportunities: Counts, between: float) -> ObservedRate:
    """The judge's rate with the number of independent trials that it is worth.

    Of the two outcomes the rarer is counted, so that a rate and its complement are worth the same.

    Args:
        hits: int[runs].
        opportunities: int[runs]; a run without any is left out.
        between: dispersion over arms; 1 adds nothing to what this arm's own runs say.

    Raises:
        ValueError: if counts are impossible.
    """
    h, t, flags = counted(hits, opportunities)
    runs, total = int(t.size), int(t.sum())
    if runs == 0:
        return ObservedRate(np.nan, np.nan, 0, 0, 0, flags)
    rate = float(h.sum() / total)
    if runs == 1:
        return ObservedRate(rate, np.nan, int(h.sum()), total, 1, (*flags, "one run"))
    variance, mean = (float(x) for x in moments(h if rate <= 0.5 else t - h, t))
    # Few runs know their variance badly: Korn and Graubard's (1998) factor for that.
    factor = float(stats.t.ppf(0.975, runs - 1) / stats.norm.ppf(0.975)) ** 2
    clump = factor * variance / mean if mean > 0 else 0.0
    clump = max(clump, between if between > 1 else 0.0)
    # Independent trials have the variance 1 − rate of a Poisson count's, not 1.
    effective = min(total, total * max(rate, 1 - rate) / clump) if clump > 0 else total
    return ObservedRate(rate, float(effective), int(h.sum()), total, runs, flags)


def equal_across_arms(
    validations: Mapping[str, Validation], *, alpha: float = 0.05
) -> EqualAcrossArms:
    """Test that sensitivity and specificity do not differ between arms.

    A judge that errs differently by arm makes a difference of arms out of nothing; then each arm
    needs its own correction. A large p is no proof of equality: the sizes are flagged.

    Args:
        validations: arm -> its validation.
        alpha: level over both tests together (Bonferroni).

    Returns:
        Fisher's exact tests (2 x k; Fisher-Freeman-Halton beyond two arms).

    Raises:
        ValueError: with fewer than two arms.
    """
    if len(validations) < 2:
        raise ValueError("equality across arms needs at least two arms")
    arms = list(validations.values())
    sens = _fisher([(v.true_positives, v.positives) for v in arms])
    spec = _fisher([(v.true_negatives, v.negatives) for v in arms])
    flags = tuple(f"{arm}: {flag}" for arm, v in validations.items() for flag in _small(v))
    return EqualAcrossArms(sens, spec, bool(np.nanmin([sens, spec, 1.0]) * 2 <= alpha), flags)


def _lang_reiczigel(
    rate: float, trials: float, validation: Validation, level: float
) -> tuple[float, float]:
    """Unclipped limits; the counts are shrunk as Agresti and Coull do for one proportion."""
    z = float(stats.norm.ppf(0.5 + level / 2))
    n = trials + z**2
    p = (rate * trials + z**2 / 2) / n
    n_se, n_sp = validation.positives + 2, validation.negatives + 2
    se = (validation.true_positives + 1) / n_se
    sp = (validation.true_negatives + 1) / n_sp
    theta = (p + sp - 1) / (se + sp - 1)
    var_se, var_sp = se * (1 - se) / n_se, sp * (1 - sp) / n_sp
    shift = 2 * z**2 * (theta * var_se - (1 - theta) * var_sp)
    spread = p * (1 - p) / n + theta**2 * var_se + (1 - theta) ** 2 * var_sp
    half = z * float(np.sqrt(spread)) / (se + sp - 1)
    return theta + shift - half, theta + shift + half


def _small(validation: Validation) -> tuple[str, ...]:
    flags: tuple[str, ...] = ()
    if validation.positives < MIN_POSITIVES:
        flags += (f"{validation.positives} validated positives, {MIN_POSITIVES} wanted",)
    if validation.negatives < MIN_NEGATIVES:
        flags += (f"{validation.negatives} validated negatives, {MIN_NEGATIVES} wanted",)
    return flags


def _fisher(found: list[tuple[int, int]]) -> float:
    table = np.array([[k, n - k] for k, n in found])
    if (table.sum(axis=1) == 0).any():
        return float("nan")
    if (table.sum(axis=0) == 0).any():
        return 1.0
    if len(found) == 2:
        return float(stats.fisher_exact(table).pvalue)
    method = stats.MonteCarloMethod(n_resamples=9_999, rng=np.random.default_rng(0))
    return float(stats.fisher_exact(table, method=method).pvalue)
