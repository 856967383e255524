"""What a report is about: runs found in a folder, grouped by condition.

A condition is a resolved scenario: runs of one condition differ in their seed alone. Conditions are
named by the treatment and by whatever else differs between them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from agents.errors import InputError
from agents.values import NAMES
from model.analysis.arms import Arm
from model.analysis.digest import Digest
from model.measures.pairing import Pairing, pairing_of
from model.report.style import Look, looks
from model.report.text import shortened, visible
from model.store.meta import FILE

Floats = npt.NDArray[np.float64]

_DEPTH: Final = 3
_TREATMENT: Final = ("value", "mode", "prevalence")


@dataclass(frozen=True)
class Condition:
    """Runs that differ in their seed alone.

    Attributes:
        key: short name, for tables.
        label: name a reader understands.
        treatment: the same without the prevalence: levels of one treatment are one family.
        look: how it is drawn.
        scenario: its resolved scenario.
        runs: the runs, by seed.
    """

    key: str
    label: str
    treatment: str
    look: Look
    scenario: Mapping[str, Any]
    runs: tuple[Digest, ...]

    @property
    def treated(self) -> bool:
        """Whether a value is treated on anybody."""
        return bool(self.scenario["value"]) and self.scenario["prevalence"] > 0

    @property
    def horizon(self) -> int:
        """Days a run was to last."""
        return int(self.scenario["days"])

    @cached_property
    def arm(self) -> Arm:
        """Its runs as they are compared."""
        return Arm(
            label=self.label,
            levels={name: self.scenario[name] for name in _TREATMENT},
            against="" if self.treated else self.label,
            runs=tuple(run.summary for run in self.runs),
            group=self.treatment,
        )

    def values(self, name: str) -> Floats:
        """One number of every run."""
        return np.array(list(self.arm.values(name).values()), dtype=float)

    def daily(self, column: str) -> Floats:
        """A column of `days` as runs × days 0 … T; NaN on days a run did not live to record."""
        longest = max(len(run.days) for run in self.runs)
        table = np.full((len(self.runs), longest), np.nan)
        for row, run in zip(table, self.runs, strict=True):
            row[: len(run.days)] = run.days[column].to_numpy(dtype=float)
        return table

    @property
    def undefined(self) -> frozenset[str]:
        """Labels that this condition cannot show: their message kinds are switched off."""
        table = self.runs[0].rates
        return frozenset(table.index[table["resident_days"].isna()])

    @property
    def collapsed(self) -> npt.NDArray[np.bool_]:
        """Which runs collapsed."""
        return self.arm.collapsed


@dataclass(frozen=True)
class Material:
    """Everything a report is made from.

    Attributes:
        source: the folder.
        conditions: those with at least one scored run, the control first.
        others: runs that are no results: failed, stopped or under way.
    """

    source: Path
    conditions: tuple[Condition, ...]
    others: tuple[Digest, ...]

    @property
    def runs(self) -> list[tuple[Condition, Digest]]:
        """Every scored run with its condition."""
        return [(one, run) for one in self.conditions for run in one.runs]

    @property
    def control(self) -> Condition | None:
        """The one condition without treatment, if there is exactly one beside treated ones."""
        plain = [one for one in self.conditions if not one.treated]
        return plain[0] if len(plain) == 1 and len(self.conditions) > 1 else None

    @property
    def minds(self) -> tuple[str, ...]:
        """The minds that produced these runs."""
        return tuple(dict.fromkeys(run.meta.mind for _, run in self.runs))

    @property
    def pairing(self) -> Pairing | Literal["mixed"]:
        """Whether the conditions ran on the same seeds (`model.measures.pairing.pairing_of`)."""
        return pairing_of([{run.meta.seed for run in one.runs} for one in self.conditions])


def find_runs(folder: Path) -> list[Path]:
    """Folders of runs in and below a folder, in the order of their names.

    Raises:
        InputError: it is no folder, or holds no run.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; give the folder of a run, or of several")
    if (folder / FILE).is_file():
        return [folder]
    found: list[Path] = []
    level = [folder]
    for _ in range(_DEPTH):
        below = [path for one in level for path in one.iterdir() if path.is_dir()]
        found += [path for path in below if (path / FILE).is_file()]
        level = [path for path in below if not (path / FILE).is_file()]
    if not found:
        raise InputError(f"{folder}: holds no run ({FILE} is nowhere in it); make one: civa run")
    return sorted(found, key=_natural)


def gather(source: Path, digests: Iterable[Digest]) -> Material:
    """Group runs by condition and name the conditions.

    A run given twice (same scenario, seed and mind) is refused: it would count double.

    Raises:
        InputError: no run is given, or one is given twice.
    """
    groups: dict[str, list[Digest]] = {}
    others: list[Digest] = []
    alone = None
    for one in digests:
        alone = one
        if one.scored:
            key = json.dumps([one.meta.mind, dict(one.meta.scenario)], sort_keys=True)
            groups.setdefault(key, []).append(one)
        else:
            others.append(one)
    if alone is None:
        raise InputError(f"{source}: no run to report on")
    if not groups and len(others) == 1:
        # A single unfinished run can be looked at; the page says that it is no result.
        groups, others = {"": [alone]}, []
    if not groups:
        raise InputError(f"{source}: none of its {len(others)} runs is done; resume: civa run")
    found = [sorted(runs, key=lambda run: run.meta.seed) for runs in groups.values()]
    for runs in found:
        for first, second in pairwise(runs):
            if first.meta.seed == second.meta.seed:
                raise InputError(
                    f"{first.path} and {second.path} are the same run twice (seed "
                    f"{first.meta.seed}); move one of them away"
                )
    conditions = _named(found)
    return Material(source, tuple(conditions), tuple(others))


def per_run(material: Material, names: Sequence[str]) -> pd.DataFrame:
    """One row a scored run: condition, seed and these numbers."""
    return pd.DataFrame(
        [
            {"condition": one.label, "seed": run.meta.seed, "run": run.name}
            | {name: run.summary[name] for name in names}
            for one, run in material.runs
        ]
    )


def stacked(material: Material, make: Callable[[Condition], pd.DataFrame]) -> pd.DataFrame:
    """One frame for all conditions, with the condition in the first column."""
    frames = [make(one) for one in material.conditions]
    for one, frame in zip(material.conditions, frames, strict=True):
        frame.insert(0, "condition", one.label)
    return pd.concat([frame for frame in frames if len(frame)] or frames, ignore_index=True)


def _named(groups: list[list[Digest]]) -> list[Condition]:
    scenarios = [runs[0].meta.scenario for runs in groups]
    order = sorted(range(len(groups)), key=lambda i: _rank(scenarios[i]))
    treatments = [_treatment(scenarios[i]) for i in order]
    beside = [
        name
        for name in scenarios[0]
        if name not in _TREATMENT and len({json.dumps(s.get(name)) for s in scenarios}) > 1
    ]
    told = {(str(s["method"]), str(s["family"])) for s in scenarios}
    if "family" in beside and len({method for method, _ in told}) == len(told):
        beside.remove("family")  # the method says it
    drawn = looks(treatments)
    found = []
    for place, i in enumerate(order):
        value, mode, share = treatments[place]
        more = [_said(name, scenarios[i][name]) for name in beside]
        found.append(
            Condition(
                key=f"c{place + 1}",
                label=", ".join([_label(value, mode, share), *more]),
                treatment=", ".join([_label(value, mode, 1.0), *more]),
                look=drawn[place],
                scenario=scenarios[i],
                runs=tuple(groups[i]),
            )
        )
    return found


def _said(name: str, level: Any) -> str:
    """A further difference in words."""
    text = shortened(visible(str(level)), 24)
    return f"{name} {text}" if text else f"no {name}"


def _treatment(scenario: Mapping[str, Any]) -> tuple[str, str, float]:
    share = float(scenario["prevalence"])
    value = str(scenario["value"]) if share > 0 else ""
    return value, str(scenario["mode"]) if value else "original", share if value else 0.0


def _label(value: str, mode: str, share: float) -> str:
    if not value:
        return "original"
    return f"{mode} {NAMES[value]}" + ("" if share == 1 else f", ρ = {share:g}")


def _rank(scenario: Mapping[str, Any]) -> tuple[Any, ...]:
    value, mode, share = _treatment(scenario)
    place = list(NAMES).index(value) if value else -1
    # Of a value: taken away before given.
    modes = ["original", "against", "without", "middle", "with"]
    return (place, modes.index(mode), share, json.dumps(dict(scenario), sort_keys=True))


def _natural(path: Path) -> tuple[Any, ...]:
    """Names in reading order: run 2 before run 10."""
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part)
        for part in re.split(r"(\d+)", str(path))
    )
