"""Resident-days a second of the world with the surrogate, beside Mesa's own examples.

Full logging and collection; the set-up is apart. Cells and factories grow with the number of
residents, what each knows at the start stays the same, nobody is born, and all begin with fifteen
days of food, so that the population stays within 5 % while residents of a large grid look round.
One core. The peers are Mesa's Sugarscape and Epstein's civil violence, in the same process. A
shared machine is now faster and now slower, so everything is measured in turns, several times; the
median counts, and the slowest and the fastest turn are told.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

from model import CommunityModel, Scenario


@dataclass(frozen=True)
class Speed:
    """One line of the table.

    Attributes:
        name: what was run.
        agents: agents at the start.
        left: agents at the end; a mean over turns.
        per_second: agent-steps a second, the median turn.
        slowest: the same of the slowest turn.
        fastest: the same of the fastest turn.
    """

    name: str
    agents: int
    left: int
    per_second: float
    slowest: float
    fastest: float


@dataclass(frozen=True)
class Turn:
    """One measurement: agents at the start and at the end, and agent-steps a second between."""

    agents: int
    left: int
    per_second: float


def speed(name: str, turns: Sequence[Turn]) -> Speed:
    """What several turns say."""
    rates = [turn.per_second for turn in turns]
    left = round(mean(turn.left for turn in turns))
    return Speed(name, turns[0].agents, left, median(rates), min(rates), max(rates))


def scaled(residents: int, days: int) -> Scenario:
    """The baseline made larger: the same density of cells, factories, food and knowledge."""
    times = max(1, round(residents / 25))
    side = round(12 * math.sqrt(times))
    base = Scenario()
    return Scenario(
        residents=residents,
        days=days,
        width=side,
        height=side,
        outputs=base.outputs * times,
        halves=base.halves * times,
        start_known=base.start_known / times,
        start_stock=150,
        births=False,
        factory_spacing=4 if times == 1 else 3,
    )


def community(residents: int, days: int, lives: int, first: int, warm: int = 3) -> Turn:
    """Resident-days a second of so many communities, after a few days of warming up each."""
    seconds, lived, left = 0.0, 0, 0
    for seed in range(first, first + lives):
        gc.collect()  # nobody pays for what others left
        model = CommunityModel(scaled(residents, days + warm), rng=seed)
        for _ in range(warm):
            model.step()
        start = time.perf_counter()
        for _ in range(days):
            lived += model.latest.population
            model.step()
        seconds += time.perf_counter() - start
        left += model.latest.population
    return Turn(residents, round(left / lives), lived / seconds)


def peer(build: Callable[[], Any], steps: int) -> Turn:
    """Agent-steps a second of one of Mesa's examples."""
    gc.collect()
    model = build()
    model.step()
    start = time.perf_counter()
    lived = 0
    agents = len(model.agents)
    for _ in range(steps):
        lived += len(model.agents)
        model.step()
    return Turn(agents, len(model.agents), lived / (time.perf_counter() - start))


def run(turns: int = 5) -> list[Speed]:
    """All lines, communities by size first."""
    from mesa.examples.advanced.epstein_civil_violence.model import EpsteinCivilViolence
    from mesa.examples.advanced.sugarscape_g1mt.model import SugarscapeG1mt

    measured: dict[str, Callable[[int], Turn]] = {
        "civa, 25 residents": lambda turn: community(25, 25, 4, 4 * turn + 1),
        "civa, 1,000 residents": lambda turn: community(1_000, 20, 1, turn + 1),
        "civa, 10,000 residents": lambda turn: community(10_000, 4, 1, turn + 1),
        "Mesa Sugarscape (200 traders)": lambda turn: peer(lambda: SugarscapeG1mt(seed=1), 50),
        "Mesa Epstein (40×40)": lambda turn: peer(lambda: EpsteinCivilViolence(seed=1), 10),
    }
    found: dict[str, list[Turn]] = {name: [] for name in measured}
    for turn in range(turns):
        for name, measure in measured.items():
            found[name].append(measure(turn))
    return [speed(name, results) for name, results in found.items()]
