"""Resident-days a second of the world with the surrogate, beside Mesa's own examples.

Full logging and collection; the set-up is apart. Cells and factories grow with the number of
residents, what each knows at the start stays the same, nobody is born, and all begin with fifteen
days of food, so that the population stays within 5 % while residents of a large grid look round.
One core. The peers are Mesa's Sugarscape and Epstein's civil violence, in the same process.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from model import CommunityModel, Scenario


@dataclass(frozen=True)
class Speed:
    """One line of the table.

    Attributes:
        name: what was run.
        agents: agents at the start.
        left: agents at the end; a mean over communities.
        per_second: agent-steps a second.
    """

    name: str
    agents: int
    left: int
    per_second: float


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


def community(residents: int, days: int, lives: int = 1, warm: int = 3) -> Speed:
    """Resident-days a second after a few days of warming up, over so many communities."""
    seconds, lived, left = 0.0, 0, 0
    for seed in range(1, lives + 1):
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
    return Speed(f"civa, {residents} residents", residents, round(left / lives), lived / seconds)


def peer(name: str, build: Callable[[], Any], steps: int) -> Speed:
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
    return Speed(name, agents, len(model.agents), lived / (time.perf_counter() - start))


def peers() -> list[Speed]:
    """Mesa's Sugarscape and Epstein, as they come."""
    from mesa.examples.advanced.epstein_civil_violence.model import EpsteinCivilViolence
    from mesa.examples.advanced.sugarscape_g1mt.model import SugarscapeG1mt

    return [
        peer("Mesa Sugarscape (200 traders)", lambda: SugarscapeG1mt(seed=1), 50),
        peer("Mesa Epstein (40×40)", lambda: EpsteinCivilViolence(seed=1), 10),
    ]


def run(sizes: tuple[int, ...] = (25, 1_000, 10_000)) -> list[Speed]:
    """All lines, sizes first."""
    days, lives = {25: 25, 1_000: 20, 10_000: 4}, {25: 12}
    return [community(size, days.get(size, 10), lives.get(size, 1)) for size in sizes] + peers()
