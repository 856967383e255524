"""What a shock costs and whether a community comes back: recovery, loss, hysteresis.

Recovery and loss are measured against *unshocked runs of the same cell*, never against the run's
own past: a community drifts without any shock (it would leave a ±10 % band around its own level
for good in most unshocked runs), and only the controls say by how much.

Hysteresis asks whether the way back equals the way there. The prevalence p of a value among the
living residents is raised in small steps and lowered again; the area ∮N dp of the loop is what the
way back lacks. A loop that shrinks to nothing as the ramp slows is mere delay; one that stays has
two stable states (Scheffer et al. 2001, Nature 413; Mayergoyz 2003 on rate dependence).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import linregress, t

BAND = 0.1
BAND_SD = 2.0
WITHIN = 0.9
LEAST_REMAINING = 10
LEAST_STEP = 10
RAMP_STEP = 0.05


@dataclass(frozen=True)
class Recovery:
    """When a shocked run is back among the unshocked ones.

    Attributes:
        recovered: Whether it is; if not, the time is censored.
        day: The day of recovery; if censored, the last day on which it could have been declared.
        duration: Days from the shock to ``day``: with ``recovered`` an event time for survival
            analysis, without it a censoring time.
    """

    recovered: bool
    day: int
    duration: int


@dataclass(frozen=True)
class Hysteresis:
    """The loop that a ramp of prevalence up and down draws in the plane of p and N.

    Attributes:
        verdict: ``closed`` if the ramp came back to its start in p and N; ``irreversible`` if it
            could not, or did not, come back, and then no area is defined.
        reason: Why the verdict is ``irreversible``; empty otherwise.
        area: ∮N dp in residents (prevalence as a share); positive where N is lower on the way
            down than on the way up. NaN if irreversible.
        relative_area: area / N at the start.
        prevalence: Level of each step, up and then down.
        population: Mean N over the days of each step.
    """

    verdict: Literal["closed", "irreversible"]
    reason: str
    area: float
    relative_area: float
    prevalence: tuple[float, ...]
    population: tuple[float, ...]


@dataclass(frozen=True)
class RateTrend:
    """Loop area against the ramp's rate, by least squares.

    Attributes:
        slope: Residents per unit of rate; positive where slower ramps draw smaller loops.
        static_area: The line's area at rate 0: what remains of the loop without any haste.
        lower: Lower 95 % limit of ``static_area`` (Student t).
        upper: Upper limit.
        rates: Number of different rates.
        runs: Number of loops.
    """

    slope: float
    static_area: float
    lower: float
    upper: float
    rates: int
    runs: int


def recovery(population: ArrayLike, control: ArrayLike, shock_day: int) -> Recovery:
    """First day after which a shocked run stays with the unshocked ones.

    It is the first day r ≥ shock_day such that |N − N_ctrl| ≤ max(.1·N_ctrl, 2·sd_ctrl) on at
    least 90 % of the days r + 1 … T, of which there must be at least 10. As a tenth of the
    remaining days may lie outside, r can precede the last day outside by that many days.

    Args:
        population: N₀ … N_T of the shocked run.
        control: N₀ … N_T of unshocked runs of the same cell, shape (runs, T + 1), at least 2.
        shock_day: Day at whose start the shock struck, 1 … T.

    Raises:
        ValueError: If shapes do not fit, or fewer than 10 days follow the shock.
    """
    shocked, mean, sd = _against(population, control, shock_day)
    last = len(shocked) - 1
    if last - shock_day < LEAST_REMAINING:
        raise ValueError(
            f"{last - shock_day} days follow the shock of day {shock_day}: recovery needs at least "
            f"{LEAST_REMAINING}; run longer or shock earlier"
        )
    within = np.abs(shocked - mean) <= np.maximum(BAND * mean, BAND_SD * sd)
    days_left = np.arange(last, 0, -1)  # after day 0, 1 … T − 1
    within_left = np.cumsum(within[:0:-1])[::-1]
    candidates = (within_left >= WITHIN * days_left - 1e-9) & (days_left >= LEAST_REMAINING)
    candidates[:shock_day] = False
    found = np.flatnonzero(candidates)
    day = int(found[0]) if len(found) else last - LEAST_REMAINING
    return Recovery(recovered=len(found) > 0, day=day, duration=day - shock_day)


def loss(population: ArrayLike, control: ArrayLike, shock_day: int, horizon: int) -> float:
    """What the shock cost over a stated horizon, Σ(N_ctrl − N) / N_pre.

    The sum runs over the evenings of days shock_day … shock_day + horizon − 1; N_pre is N of the
    evening before. So the unit is days of the whole pre-shock community: 3 means that three days
    of everybody's life were lost. Negative where the shocked run fared better.

    Args:
        population: N₀ … N_T of the shocked run.
        control: Unshocked runs of the same cell, shape (runs, T + 1), at least 2.
        shock_day: Day at whose start the shock struck, 1 … T.
        horizon: Days over which the loss is summed.

    Returns:
        Days; NaN if nobody lived before the shock.

    Raises:
        ValueError: If shapes do not fit or the horizon goes past the run's end.
    """
    shocked, mean, _ = _against(population, control, shock_day)
    last = len(shocked) - 1
    if not 1 <= horizon <= last - shock_day + 1:
        raise ValueError(
            f"horizon = {horizon} days from day {shock_day}, but the run has {last} days: "
            f"state a horizon of 1 … {last - shock_day + 1}"
        )
    before = shocked[shock_day - 1]
    if before == 0:
        return float("nan")
    span = slice(shock_day, shock_day + horizon)
    return float((mean[span] - shocked[span]).sum() / before)


def ramp_plan(
    days_per_step: int, low: float = 0.0, high: float = 1.0, first_day: int = 1
) -> tuple[tuple[int, float], ...]:
    """The schedule of a ramp from low to high and back, in steps of 5 %.

    One loop says little: run it at three rates (10, 20 and 40 days a step, say) with slight
    immigration both ways, and give the areas to `rate_trend`, rate = .05 / days_per_step.

    Args:
        days_per_step: Days each prevalence is held, at least 10.
        low: Prevalence at start and end, a share.
        high: Prevalence at the turning point.
        first_day: Day at whose start the first step begins.

    Returns:
        (day, prevalence) pairs: on that day the living residents are retrained to that share.

    Raises:
        ValueError: If steps are too short or low … high is no whole number of steps.
    """
    if days_per_step < LEAST_STEP:
        raise ValueError(f"days_per_step = {days_per_step}: hold each for at least {LEAST_STEP}")
    steps = round((high - low) / RAMP_STEP)
    if not 0 <= low < high <= 1 or not np.isclose(steps * RAMP_STEP, high - low):
        raise ValueError(f"low = {low}, high = {high}: must lie {RAMP_STEP} · k apart within 0 … 1")
    up = [round(low + RAMP_STEP * k, 10) for k in range(steps + 1)]
    return tuple(
        (first_day + days_per_step * k, level) for k, level in enumerate([*up, *up[-2::-1]])
    )


def hysteresis(prevalence: ArrayLike, population: ArrayLike, immigration: float) -> Hysteresis:
    """Area of the loop of a prevalence ramp, up and down again.

    Consecutive days at one prevalence are a step of at least 10 days; its N is the mean over
    them. The area is the trapezoid sum of N dp along the steps. It has a meaning only where the
    community can come back: without immigration a dead or shrunken one may not, and the loop is
    called irreversible rather than given an area; likewise if N in the last step has not returned
    to within max(.1·N, 2 sd over the days of the first step) of the first.

    Args:
        prevalence: Share of treated residents that the ramp sets, per day, 0 … 1: from a level up
            and back to it. Not the share living, which births and removals move every day.
        population: N per day, same length.
        immigration: Immigrants a day during the whole ramp, both ways (0 = none).

    Raises:
        ValueError: If lengths differ, a step is shorter than 10 days, or the ramp is not one way
            up and one way down to where it started.
    """
    level, count = np.asarray(prevalence, dtype=float), np.asarray(population, dtype=float)
    if level.shape != count.shape or level.ndim != 1 or not level.size:
        raise ValueError(
            f"prevalence has {level.size} days, population {count.size}: one entry a day"
        )
    first = np.flatnonzero(np.r_[True, np.diff(level) != 0])
    lengths = np.diff(np.r_[first, len(level)])
    if (lengths < LEAST_STEP).any():
        short = int(np.argmin(lengths))
        raise ValueError(
            f"the step at prevalence {level[first[short]]:g} lasts {lengths[short]} days: hold "
            f"each step for at least {LEAST_STEP}"
        )
    steps = level[first]
    means = np.add.reduceat(count, first) / lengths
    top = int(np.argmax(steps))
    rises, falls = np.diff(steps[: top + 1]) > 0, np.diff(steps[top:]) < 0
    there_and_back = 0 < top < len(steps) - 1 and rises.all() and falls.all()
    if not there_and_back or not np.isclose(steps[0], steps[-1]):
        raise ValueError("prevalence must rise step by step and then fall to where it started")

    reason = ""
    tolerance = max(BAND * means[0], BAND_SD * float(np.std(count[: lengths[0]], ddof=1)))
    if immigration <= 0:
        reason = "no immigration: what died on the way up could not be replaced on the way down"
    elif abs(means[-1] - means[0]) > tolerance:
        reason = (
            f"population {means[-1]:.1f} at the end of the ramp, {means[0]:.1f} at its start: "
            f"not back within {tolerance:.1f}"
        )
    area = float("nan") if reason else float(np.trapezoid(means, steps))
    return Hysteresis(
        verdict="irreversible" if reason else "closed",
        reason=reason,
        area=area,
        relative_area=area / means[0] if means[0] > 0 else float("nan"),
        prevalence=tuple(steps.tolist()),
        population=tuple(means.tolist()),
    )


def rate_trend(rates: Sequence[float], areas: Sequence[float]) -> RateTrend:
    """How the loop's area changes as the ramp slows, from loops at three rates or more.

    Args:
        rates: Per loop, prevalence change per day (> 0).
        areas: Per loop, its area; all finite (an irreversible loop has none, and no trend).

    Raises:
        ValueError: If there are fewer than three different rates, or an area is undefined.
    """
    rate, area = np.asarray(rates, dtype=float), np.asarray(areas, dtype=float)
    if rate.shape != area.shape or not (rate > 0).all():
        raise ValueError("give one rate > 0 and one area per loop")
    different = len(np.unique(rate))
    if different < 3:
        raise ValueError(f"{different} different rates: a trend needs at least 3")
    if not np.isfinite(area).all():
        raise ValueError(
            "an area is undefined: an irreversible loop has no trend; report it as such"
        )
    line = linregress(rate, area)
    half = float(t.ppf(0.975, len(rate) - 2)) * float(line.intercept_stderr)
    static = float(line.intercept)
    return RateTrend(float(line.slope), static, static - half, static + half, different, len(rate))


def _against(
    population: ArrayLike, control: ArrayLike, shock_day: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The shocked run, and mean and sd (ddof 1) of the unshocked ones, day by day."""
    shocked, unshocked = np.asarray(population, dtype=float), np.asarray(control, dtype=float)
    if unshocked.ndim != 2 or len(unshocked) < 2:
        raise ValueError(
            f"control has shape {unshocked.shape}: at least 2 unshocked runs × days are needed"
        )
    if shocked.ndim != 1 or len(shocked) != unshocked.shape[1]:
        raise ValueError(
            f"population has {shocked.size} days, control {unshocked.shape[1]}: same days for both"
        )
    if not (np.isfinite(shocked).all() and np.isfinite(unshocked).all()):
        raise ValueError("a population is missing: a run that died out has 0, not NaN")
    if not 1 <= shock_day < len(shocked):
        raise ValueError(f"shock_day = {shock_day}: must lie in 1 … {len(shocked) - 1}")
    return shocked, unshocked.mean(axis=0), unshocked.std(axis=0, ddof=1)
