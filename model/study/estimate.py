"""What a study will use, before it is begun: runs, calls, tokens, money and time, with intervals.

A few of its runs, spread over its cells, are lived (offline minds) or counted as they would be sent
(language minds), and their mean is scaled to all runs. Its interval is that of a mean over these
pilots; with so few it is wide, and is meant to be.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from model.measures.intervals import mean_interval
from model.run.estimate import CPU, estimate
from model.study.cells import cells_of, jobs_of
from model.study.design import Design
from model.study.detectable import Detectables, detectable_effects
from model.study.interleave import AT_ONCE
from model.study.job import Job, live
from model.study.many import cores

#: Pilots of an offline study; each is lived in full.
PILOTS: Final = 6
#: Pilots of a language study; each is lived by the surrogate and counted.
COUNTED: Final = 4
#: Seconds that a worker needs to start, and what writing adds to living, measured on two cores.
START: Final = 4.0
WRITING: Final = 1.25


@dataclass(frozen=True)
class Span:
    """A quantity of the whole study.

    Attributes:
        expected: the pilots' mean, scaled.
        low: its 95 % interval; the expected number where pilots do not differ.
        high: see low.
    """

    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class StudyEstimate:
    """What a study is expected to use.

    Attributes:
        cells: of the design.
        runs: that it begins with.
        most_runs: that it may come to, where it replicates until precise.
        pilots: runs that were lived or counted for this.
        resident_days: lived by all runs.
        calls: of language models; 0 for offline minds.
        tokens: in and out.
        money: at the prices given; NaN without.
        seconds: wall time.
        workers: processes, or communities at a time.
        detectable: what its arms can show; None where no arm is compared with a control.
    """

    cells: int
    runs: int
    most_runs: int
    pilots: int
    resident_days: Span
    calls: Span
    tokens: Span
    money: Span
    seconds: Span
    workers: int
    detectable: Detectables | None


def estimate_study(
    design: Design,
    workers: int | None = None,
    latency: float = 2.0,
    folder: Path | None = None,
) -> StudyEstimate:
    """Estimate a study from a few pilots.

    Args:
        design: the study.
        workers: processes; one a core by default.
        latency: seconds that one reply of a language model takes.
        folder: of a study whose finished runs are pilots of what can be detected; by default the
            design's own place, studies/NAME.

    Raises:
        InputError: the design cannot be run, or the folder holds a study that cannot be read.
    """
    cells = cells_of(design)
    detectable = detectable_effects(design, folder or Path("studies") / design.name)
    jobs = list({job.key: job for job in jobs_of(design, cells)}.values())
    most = max(len(jobs), design.stop.cap * len(cells) if design.stop else 0)
    asking = [job for job in jobs if job.scenario.asks_language]
    if asking:
        found = _language(design, jobs, asking, len(cells), most, latency)
        return replace(found, detectable=detectable)
    pilots = _spread(jobs, PILOTS)
    days, seconds = [], []
    # The first run pays for what is imported once.
    live(replace(pilots[0], scenario=pilots[0].scenario.model_copy(update={"days": 1})))
    for job in pilots:
        began = time.perf_counter()
        days.append(live(job)["resident_days"])
        seconds.append((time.perf_counter() - began) * WRITING)
    count = max(1, cores() if workers is None else workers)
    nothing = Span(0.0, 0.0, 0.0)
    wall = _scaled(seconds, len(jobs) / min(count, len(jobs)))
    start = START if workers != 0 else 0.0
    return StudyEstimate(
        cells=len(cells),
        runs=len(jobs),
        most_runs=most,
        pilots=len(pilots),
        resident_days=_scaled(days, len(jobs)),
        calls=nothing,
        tokens=nothing,
        money=nothing,
        seconds=Span(wall.expected + start, wall.low + start, wall.high + start),
        workers=count,
        detectable=detectable,
    )


def _language(
    design: Design, jobs: list[Job], asking: list[Job], cells: int, most: int, latency: float
) -> StudyEstimate:
    pilots = _spread(asking, COUNTED)
    found = [estimate(job.scenario, design.settings, job.seed, latency)[0] for job in pilots]
    runs = len(asking)
    calls = _scaled([one.calls for one in found], runs)
    tokens = _scaled([one.total.tokens for one in found], runs)
    rounds = math.ceil(runs / AT_ONCE)
    alone = _scaled([one.seconds for one in found], rounds)
    s = design.settings

    def wall(name: str) -> float:
        call, token = getattr(calls, name), getattr(tokens, name)
        rates = [getattr(alone, name), call * latency / s.in_flight_limit, call * CPU]
        if s.requests_per_minute is not None:
            rates.append(60 * call / s.requests_per_minute)
        if s.tokens_per_minute is not None:
            rates.append(60 * token / s.tokens_per_minute)
        return float(max(rates))

    return StudyEstimate(
        cells=cells,
        runs=len(jobs),
        most_runs=most,
        pilots=len(pilots),
        resident_days=_scaled([one.mornings for one in found], runs),
        calls=calls,
        tokens=tokens,
        money=_scaled([one.money for one in found], runs),
        seconds=Span(wall("expected"), wall("low"), wall("high")),
        workers=AT_ONCE,
        detectable=None,
    )


def _spread(jobs: list[Job], count: int) -> list[Job]:
    """Some jobs, evenly over all of them."""
    places = np.unique(np.linspace(0, len(jobs) - 1, min(count, len(jobs))).astype(np.int64))
    return [jobs[place] for place in places]


def _scaled(values: list[float] | list[int], factor: float) -> Span:
    """The total over all runs, with the interval of the pilots' mean; never below 0."""
    if not np.isfinite(values).all():
        return Span(math.nan, math.nan, math.nan)
    found = mean_interval([float(value) for value in values])
    low = found.estimate if math.isnan(found.low) else max(0.0, found.low)
    high = found.estimate if math.isnan(found.high) else found.high
    return Span(found.estimate * factor, low * factor, high * factor)
