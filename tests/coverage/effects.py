"""Coverage of effect sizes under worst ranks, paired and not, and false verdicts of families."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from model.measures.effects import delta_rows, newcombe_limits, paired_delta
from model.measures.families import holm
from model.measures.intervals import Interval, welch_limits
from model.measures.pairing import Paired
from model.measures.permutation import DRAWS, sign_test, two_sample_weights
from model.measures.verdicts import YES, verdict
from tests.coverage.collapse import ALIVE, FALLEN, SHARES, SPREAD, mean_limits
from tests.coverage.table import SCORE_BAR, Floats, Row, covered, width

RUNS = (3, 6, 12, 24)
SHIFTS = (0.0, -0.15)
CORRELATIONS = (0.0, 0.8)
DAYS = 60
FAMILY = 20
#: Studies made at a time, so that memory stays bounded.
_CHUNK = 250


@dataclass(frozen=True)
class Arms:
    """Arms of many studies on common seeds, [studies, arms, runs]; the first is the control.

    Attributes:
        values: nAUP.
        order: what runs are ranked by: the living by value, below them the fallen by their day.
    """

    values: Floats
    order: Floats


def arms_of(
    rng: np.random.Generator, shape: tuple[int, int, int], share: float, r: float, shift: float
) -> Arms:
    """Make them up; a seed is shared to the degree r in value and in fate."""
    studies, arms, n = shape

    def linked() -> Floats:
        common = rng.normal(size=(studies, 1, n))
        return np.sqrt(r) * common + np.sqrt(1 - r) * rng.normal(size=(studies, arms, n))

    values = ALIVE + SPREAD * linked()
    values[:, 1:] += shift
    fell = linked() < stats.norm.ppf(share)
    days = rng.uniform(1, DAYS, size=(studies, arms, n))
    low, high = FALLEN
    return Arms(
        np.where(fell, low + (high - low) * days / DAYS, values),
        np.where(fell, days - 1_000, values),
    )


def paired_rows(studies: int) -> list[Row]:
    """Paired δ on common seeds; before, the mean of differences."""
    return [
        _paired(studies, share, r, shift, n)
        for r in CORRELATIONS
        for shift in SHIFTS
        for share in SHARES
        for n in RUNS
    ]


def unpaired_rows(studies: int) -> list[Row]:
    """Cliff's δ of arms with seeds of their own; before, Welch's difference."""
    return [
        _unpaired(studies, share, shift, n) for shift in SHIFTS for share in SHARES for n in RUNS
    ]


@lru_cache
def truths(share: float, r: float, shift: float) -> tuple[float, float]:
    """True δ and true mean difference, of two million pairs."""
    arms = arms_of(np.random.default_rng(0), (2_000, 2, 1_000), share, r, shift)
    order = np.sign(arms.order[:, 1] - arms.order[:, 0])
    return float(order.mean()), float((arms.values[:, 1] - arms.values[:, 0]).mean())


@lru_cache
def paired(higher: int, lower: int, n: int) -> tuple[Interval, float]:
    """Interval of δ and p of the sign test, which hang on these counts alone."""
    signs = np.array([1.0] * higher + [-1.0] * lower + [0.0] * (n - higher - lower))
    return paired_delta(signs), sign_test(Paired(signs)).p


def _paired(studies: int, share: float, r: float, shift: float, n: int) -> Row:
    rng = np.random.default_rng([int(1000 * share), int(10 * r), int(-100 * shift), n])
    arms = arms_of(rng, (studies, 2, n), share, r, shift)
    delta, mean = truths(share, r, shift)
    before = mean_limits(arms.values[:, 1] - arms.values[:, 0])
    found = [paired(*_counts(one), n)[0] for one in arms.order[:, 1] - arms.order[:, 0]]
    now = np.array([one.low for one in found]), np.array([one.high for one in found])
    return Row(
        "Paired δ (before: mean difference in nAUP)",
        f"{share:g} collapse, correlation {r:g}, shift {shift:g}",
        n,
        covered(before, mean),
        width(before),
        covered(now, delta),
        width(now),
        bar=SCORE_BAR if n > 3 else None,
    )


def _unpaired(studies: int, share: float, shift: float, n: int) -> Row:
    rng = np.random.default_rng([int(1000 * share), int(-100 * shift), n, 7])
    arms = arms_of(rng, (studies, 2, n), share, 0.0, shift)
    delta, mean = truths(share, 0.0, shift)
    before = welch_limits(arms.values[:, 1], arms.values[:, 0], 0.95)
    theta = (delta_rows(arms.order[:, 1], arms.order[:, 0]) + 1) / 2
    low, high = newcombe_limits(theta, n, n, 0.95)
    now = 2 * low - 1, 2 * high - 1
    return Row(
        "Cliff’s δ (before: mean difference in nAUP)",
        f"{share:g} collapse, correlation 0, shift {shift:g}",
        n,
        covered(before, mean),
        width(before),
        covered(now, delta),
        width(now),
        bar=SCORE_BAR if n > 3 else None,
    )


# --- families in which nothing differs


@dataclass(frozen=True)
class Families:
    """Families of comparisons in which no arm differs from the control.

    Attributes:
        what: in words.
        studies: families made up.
        before: families with a verdict by interval and uncorrected test.
        now: families with a verdict “yes”.
    """

    what: str
    studies: int
    before: int
    now: int

    @property
    def allowed(self) -> int:
        """False families that a true 5 % would hardly pass: 120 of 2,000, 18 of 200."""
        return 120 * self.studies // 2_000 if self.studies >= 2_000 else 18 * self.studies // 200


def null_families(studies: int) -> list[Families]:
    """Twenty arms against one control, on common seeds; five arms with seeds of their own."""
    found = [_paired_null(studies, r, n) for r in CORRELATIONS for n in (12, 24)]
    return [*found, *(_unpaired_null(studies, n) for n in (6, 9))]


def _paired_null(studies: int, r: float, n: int) -> Families:
    rng = np.random.default_rng([n, int(10 * r), 99])
    arms = arms_of(rng, (studies, FAMILY + 1, n), SHARES[1], r, 0.0)
    signs = arms.order[:, 1:] - arms.order[:, :1]
    before = now = 0
    for study in signs:
        found = [paired(*_counts(one), n) for one in study]
        before += any(_apart(one) and p <= 0.05 for one, p in found)
        now += _any_yes(found, n)
    what = f"{FAMILY} arms, common seeds, correlation {r:g}, {SHARES[1]:g} collapse, n = {n}"
    return Families(what, studies, before, now)


def _unpaired_null(studies: int, n: int) -> Families:
    rng = np.random.default_rng([n, 98])
    count = 5
    values = rng.normal(ALIVE, SPREAD, (studies, count + 1, n))
    weights, exact = two_sample_weights(n, n, DRAWS, 0)
    before = now = 0
    for start in range(0, studies, _CHUNK // count):
        part = values[start : start + _CHUNK // count]
        control = np.broadcast_to(part[:, :1], (len(part), count, n)).reshape(-1, n)
        treated = part[:, 1:].reshape(-1, n)
        null = np.abs(weights @ (np.concatenate([treated, control], axis=1) - ALIVE).T)
        seen = np.abs(treated.mean(axis=1) - control.mean(axis=1)) - 1e-9
        beyond = (null >= seen).sum(axis=0)
        p = beyond / len(weights) if exact else (beyond + 1) / (len(weights) + 1)
        theta = (delta_rows(treated, control) + 1) / 2
        low, high = (2 * x - 1 for x in newcombe_limits(theta, n, n, 0.95))
        limits = [
            Interval(np.nan, a, b, (n, n), "any")
            for a, b in zip(low.tolist(), high.tolist(), strict=True)
        ]
        for k in range(len(part)):
            mine = slice(k * count, (k + 1) * count)
            found = list(zip(limits[mine], p[mine].tolist(), strict=True))
            before += any(_apart(one) and q <= 0.05 for one, q in found)
            now += _any_yes(found, n)
    return Families(f"{count} arms, seeds of their own, n = {n}", studies, before, now)


def _any_yes(found: list[tuple[Interval, float]], n: int) -> bool:
    adjusted = holm([p for _, p in found]).tolist()
    words = [
        verdict(one, p, n, float("nan")).word for (one, _), p in zip(found, adjusted, strict=True)
    ]
    return YES in words


def _apart(found: Interval) -> bool:
    return found.low > 0 or found.high < 0


def _counts(differences: Floats) -> tuple[int, int]:
    return int((differences > 0).sum()), int((differences < 0).sum())
