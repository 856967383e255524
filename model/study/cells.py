"""From a design to its cells and runs.

Whatever has prevalence 0 is the same community, so it is one cell: the control, stored once and
compared with by all. Cells are told apart by their scenarios, never by their order.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from scipy.stats import qmc

from agents.errors import InputError
from model.measures.recovery import ramp_plan
from model.measures.sensitivity import sobol_design
from model.study.design import Design, Ramp
from model.study.job import Job
from model.study.seeds import run_seed
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from
from model.world.validation import unknown

#: Runs that a study may have; more are a mistake, or several studies.
LARGEST: Final = 200_000
CONTROL: Final = "control"
_TREATMENT: Final = ("value", "mode", "prevalence")


@dataclass(frozen=True)
class Cell:
    """One condition of a study.

    Attributes:
        label: how tables and figures call it, unique within the study.
        levels: factor -> level, without the treatment where nobody is treated.
        scenario: what is run.
        runs: how often.
        against: label of the control it is compared with; its own if it is one, empty for none.
    """

    label: str
    levels: Mapping[str, Any]
    scenario: Scenario
    runs: int
    against: str = ""

    @property
    def control(self) -> bool:
        """Whether it is a control."""
        return self.against == self.label


def cells_of(design: Design) -> tuple[Cell, ...]:
    """The cells of a design, the control first.

    Raises:
        InputError: an unknown factor, a level that no scenario can have, or too many runs.
    """
    expected = _size(design)
    if expected > LARGEST:
        raise InputError(
            f"factors: they make {expected:.3g} runs, a study has at most {LARGEST}; vary less, "
            "or draw points (method = lhs)"
        )
    for name in design.factors:
        compound = any(isinstance(level, dict) for level in _levels(design, name))
        if name not in Scenario.model_fields and name != "ramp" and not compound:
            raise unknown(name, [*Scenario.model_fields, "ramp"], "factor")
    base = scenario_from(design.scenario)
    if design.method == "factorial":
        found: dict[str, Cell] = {}
        for levels in _assignments(design):
            cell = _cell(design, base, levels)
            found.setdefault(cell.scenario.model_dump_json(), cell)
        cells = sorted(found.values(), key=lambda cell: not cell.control)
    else:
        cells = [_point(design, base, k, levels) for k, levels in enumerate(_points(design), 1)]
    _labels_differ(cells)
    return tuple(cells)


def jobs_of(
    design: Design, cells: tuple[Cell, ...], runs: Mapping[str, int] | None = None
) -> Iterator[Job]:
    """The runs of a study, replicate by replicate, so that all cells grow together.

    Args:
        design: the study.
        cells: its cells.
        runs: label -> runs, where cells have more than the design gives them.
    """
    wanted = {cell.label: cell.runs for cell in cells} | dict(runs or {})
    for replicate in range(max(wanted.values())):
        for cell in cells:
            if replicate < wanted[cell.label]:
                seed = run_seed(design.seed, design.pairing, cell.levels, replicate)
                yield Job(cell.scenario, seed, cell.label, design.settings)


def _size(design: Design) -> float:
    if design.method == "factorial":
        sizes = [len(levels) for levels in design.factors.values()]
        return float(design.runs) * math.prod(map(float, sizes)) + design.of_control
    points = float(design.points or 0)
    return design.runs * points * (len(design.factors) + 2 if design.method == "sobol" else 1)


def _levels(design: Design, name: str) -> list[Any]:
    levels = design.factors[name]
    return levels if isinstance(levels, list) else []


def _assignments(design: Design) -> Iterator[dict[str, Any]]:
    """Every cell's levels, by factor; those of the controls first."""
    if design.control:
        if _treats(design):
            world = [name for name in design.factors if name not in _TREATMENT]
            for levels in product(*(design.factors[name] for name in world)):
                yield dict(zip(world, levels, strict=True)) | {"prevalence": 0.0}
        else:
            yield {}
    for levels in product(*design.factors.values()):
        yield dict(zip(design.factors, levels, strict=True))


def _treats(design: Design) -> bool:
    """Whether the treatment is a factor: then each world has its own untreated control."""
    return any(name in design.factors for name in _TREATMENT)


def _points(design: Design) -> Iterator[dict[str, Any]]:
    for point in points_of(design).tolist():
        named = zip(design.factors, point, strict=True)
        yield {name: round(x) if _whole(name) else x for name, x in named}


def points_of(design: Design) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The drawn points of an lhs or sobol design, float64[points, factors]."""
    bounds = {name: (float(f["low"]), float(f["high"])) for name, f in design.factors.items()}
    if design.method == "sobol":
        return sobol_design(bounds, design.points or 0, seed=design.seed % 2**32).points
    sampler = qmc.LatinHypercube(len(bounds), rng=np.random.default_rng(design.seed))
    low, high = zip(*bounds.values(), strict=True)
    return np.asarray(qmc.scale(sampler.random(design.points or 0), low, high))


def _whole(name: str) -> bool:
    return name in Scenario.model_fields and Scenario.model_fields[name].annotation is int


def _cell(design: Design, base: Scenario, levels: dict[str, Any]) -> Cell:
    fields: dict[str, Any] = {}
    for name, level in levels.items():
        if name == "ramp" and design.ramp:
            fields |= _ramp(design.ramp, level)
        elif isinstance(level, dict):
            fields |= {key: value for key, value in level.items() if key != "label"}
        else:
            fields[name] = level
    treated = fields.get("prevalence", base.prevalence) != 0
    if not treated:
        # Nobody is treated, so how makes no difference: this is the control.
        fields |= {"value": "", "mode": "with", "prevalence": 0.0}
        levels = {name: level for name, level in levels.items() if name not in _TREATMENT}
    named = {
        name: level["label"] if isinstance(level, dict) else level for name, level in levels.items()
    }
    of_treatment = _treats(design)
    world = {name: level for name, level in named.items() if name not in _TREATMENT}
    against = " ".join([CONTROL, _label(world)]).strip() if of_treatment else CONTROL
    control = design.control and (not treated if of_treatment else not named)
    label = against if control else _label(named) or "base"
    try:
        scenario = scenario_from(fields, over=base)
    except InputError as error:
        raise InputError(f"cell {label!r}: {error}") from None
    return Cell(
        label,
        json.loads(json.dumps(named)),
        scenario,
        design.of_control if control else design.runs,
        against if design.control else "",
    )


def _point(design: Design, base: Scenario, number: int, levels: dict[str, Any]) -> Cell:
    try:
        scenario = scenario_from(levels, over=base)
    except InputError as error:
        raise InputError(f"point {number}: {error}") from None
    return Cell(f"point {number}", levels, scenario, design.runs)


def _label(levels: Mapping[str, Any]) -> str:
    words = [str(levels[name]) for name in ("mode", "value") if name in levels]
    words += [f"{levels['prevalence']:g}"] if "prevalence" in levels else []
    for name, level in levels.items():
        if name not in _TREATMENT:
            number = isinstance(level, int | float) and not isinstance(level, bool)
            shown = f"{level:g}" if number else json.dumps(level)
            words.append(level if isinstance(level, str) else f"{name}={shown}")
    return " ".join(words)


def _labels_differ(cells: list[Cell]) -> None:
    """Levels that look alike must not pose as one cell."""
    seen: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if cell.label in seen:
            raise InputError(
                f"factors: two different cells would both be called {cell.label!r}; give their "
                "levels labels that differ"
            )
        seen[cell.label] = place


def _ramp(ramp: Ramp, days: Any) -> dict[str, Any]:
    """Retrain everybody back and a share anew, at each step of the ramp."""
    if not isinstance(days, int):
        raise InputError(f"factors: ramp has the level {days!r}; give days a step, whole numbers")
    try:
        plan = ramp_plan(days, first_day=ramp.settle + 1)
    except ValueError as error:
        raise InputError(f"ramp: {error}") from None
    rows: list[dict[str, Any]] = []
    for day, level in plan:
        rows.append({"day": day, "kind": "retrain", "size": 1.0, "mode": "original"})
        if level > 0:
            treatment = {"value": ramp.value, "mode": ramp.mode}
            rows.append({"day": day, "kind": "retrain", "size": level, **treatment})
    return {"shocks": rows, "days": ramp.settle + days * len(plan)}
