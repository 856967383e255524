"""A run as the screens read it: its tables, whole or one day of them, whoever wrote them.

A live community and a run on disk tell the same story, so rewinding is reading: no mind is ever
asked again. What the tables do not hold because it follows from scenario and seed alone (where the
factories stand, what founders knew, who hears whom) comes from the community's first state, which
asks no mind either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import pandas as pd

from agents.errors import InputError
from agents.memory import pair_rows
from model.analysis.label_rules import rules_of
from model.measures.behaviour import Hits, Rules, detect
from model.store.columns import TYPES, arrow_table, frame
from model.world.recorder import Chunk, Given

if TYPE_CHECKING:
    from pathlib import Path

    from model.community import CommunityModel
    from model.world.interventions import Intervention
    from model.world.scenario import Scenario

Frame = pd.DataFrame
#: Tables whose rows come in the order of days, each on its own day.
DAILY: Final = ("days", "residents", "events", "messages", "decisions")


@dataclass(frozen=True)
class Site:
    """A factory: id, cell, greatest output (units a day at richness 1), half-labour (points)."""

    factory: int
    x: int
    y: int
    output: int
    half: int


@dataclass(frozen=True)
class DayZero:
    """What a community was before its first day, beyond its tables.

    Attributes:
        factories: the factories, by id.
        founders: id, x, y, stock, household.
        known: (resident, factory) pairs known from the start.
        hears: (resident, resident) pairs of a fixed network; None where distance decides.
    """

    factories: tuple[Site, ...]
    founders: Frame
    known: frozenset[tuple[int, int]]
    hears: frozenset[tuple[int, int]] | None

    @classmethod
    def of(cls, model: CommunityModel) -> DayZero:
        """The origin of a community that has not lived a day yet."""
        factories, people, n = model.factories, model.residents, model.residents.count
        households = people.household[:n]
        rows, known = pair_rows(model.memory.known)
        edges = None if model.world.edges is None else pair_rows(model.world.edges)
        return cls(
            factories=tuple(
                Site(number, *laws)
                for number, laws in enumerate(
                    zip(
                        factories.x.tolist(),
                        factories.y.tolist(),
                        factories.output.tolist(),
                        factories.half.tolist(),
                        strict=True,
                    ),
                    start=1,
                )
            ),
            founders=pd.DataFrame(
                {
                    "resident": np.arange(1, n + 1),
                    "x": people.x[:n].copy(),
                    "y": people.y[:n].copy(),
                    "stock": model.households.stock_of(households),
                    "debt": people.debt[:n].copy(),
                    "household": households.copy(),
                    "members": model.households.size[households].copy(),
                    "skill": people.skill[:n].copy(),
                    "standing": people.standing[:n].copy(),
                    "treated": people.treated[:n].astype(bool),
                }
            ),
            known=frozenset(zip((rows + 1).tolist(), (known + 1).tolist(), strict=True)),
            hears=None
            if edges is None
            else frozenset(zip((edges[0] + 1).tolist(), (edges[1] + 1).tolist(), strict=True)),
        )


class Pages(Protocol):
    """Whoever holds a run's rows."""

    @property
    def last(self) -> int:
        """The last day held."""

    def on(self, table: str, day: int) -> Frame:
        """One day's rows of a daily table."""

    def whole(self, table: str) -> Frame:
        """All rows of a table."""

    def interventions(self) -> Sequence[Intervention]:
        """What a researcher did to it while it ran."""


class LivePages:
    """The rows of a living community: a recorder that can be read while it records.

    A day is appended in one step, so a reader sees whole days.
    """

    def __init__(self) -> None:
        self.chunks: list[tuple[int, Mapping[str, Chunk]]] = []
        self.given: list[Intervention] = []

    def record(self, day: int, tables: Given) -> None:
        """Take in a day's rows."""
        self.chunks.append((day, tables))

    @property
    def last(self) -> int:
        """The last day held."""
        return self.chunks[-1][0] if self.chunks else 0

    def on(self, table: str, day: int) -> Frame:
        """One day's rows of a daily table."""
        # Days are recorded in order, one entry each (and one more when the run is closed).
        found = self.chunks[day][1].get(table) if day < len(self.chunks) else None
        return frame(arrow_table(table, [] if found is None else [found]))

    def whole(self, table: str) -> Frame:
        """All rows of a table."""
        chunks = [tables[table] for _, tables in list(self.chunks) if table in tables]
        return frame(arrow_table(table, chunks))

    def interventions(self) -> Sequence[Intervention]:
        """What a researcher did to it so far."""
        return tuple(self.given)


class SavedPages:
    """The rows of a run on disk, as far as they were written when it was opened."""

    def __init__(self, path: Path) -> None:
        from model.store import load_run

        self.run = load_run(path)
        self.path = path

    @cached_property
    def last(self) -> int:
        """The last day held."""
        days = self.run.days
        return int(days["day"].max()) if len(days) else 0

    def on(self, table: str, day: int) -> Frame:
        """One day's rows of a daily table."""
        rows = self.whole(table)
        days = rows["day"].to_numpy()
        first, end = np.searchsorted(days, [day, day + 1])
        return rows.iloc[first:end].reset_index(drop=True)

    def whole(self, table: str) -> Frame:
        """All rows of a table."""
        rows: Frame = getattr(self.run, table)
        return rows

    def interventions(self) -> Sequence[Intervention]:
        """What a researcher did to it while it ran."""
        return self.run.interventions


class Story:
    """A run, day by day.

    Args:
        pages: who holds its rows.
        scenario: what the community is.
        seed: its seed.
        mind: the mind that decided, as the scenario names it.
        origin: its first state; worked out when first asked for if None.
        name: what to call it on a screen.
        inputs: hashes of its input files, where its origin is worked out from them.
    """

    def __init__(
        self,
        pages: Pages,
        scenario: Scenario,
        seed: int,
        mind: str,
        origin: DayZero | None = None,
        name: str = "",
        inputs: Mapping[str, str] | None = None,
    ) -> None:
        self.pages, self.scenario, self.seed, self.mind = pages, scenario, seed, mind
        self.name = name or f"seed {seed}"
        self._inputs = inputs
        self._origin = origin
        self._kept: dict[tuple[str, int], Any] = {}

    @property
    def last(self) -> int:
        """The last day that took effect."""
        return self.pages.last

    @property
    def origin(self) -> DayZero:
        """What the community was before its first day.

        Raises:
            InputError: an input file of the scenario is gone, or not what it was.
        """
        if self._origin is None:
            from model.community import CommunityModel
            from model.world.inputs import read_inputs
            from model.world.minds import nobody

            inputs = read_inputs(self.scenario, self._inputs)
            model = CommunityModel(self.scenario, rng=self.seed, mind=nobody(), inputs=inputs)
            self._origin = DayZero.of(model)
        return self._origin

    def on(self, table: str, day: int) -> Frame:
        """One day's rows of `residents`, `events`, `messages` or `decisions`."""
        return self.pages.on(table, day)

    def whole(self, table: str) -> Frame:
        """All rows of a table so far; read again only when a day was added."""
        rows: Frame = self.once(f"table {table}", lambda: self.pages.whole(table))
        return rows

    def numbers(self, day: int) -> Mapping[str, float]:
        """A day's row of the table `days`."""
        found = self.on("days", day)
        return {} if found.empty else {str(k): v for k, v in found.iloc[0].items()}

    def interventions(self) -> Sequence[Intervention]:
        """All that was and will be done to it: scheduled first, then what was added."""
        return (*self.scenario.shocks, *self.pages.interventions())

    def hits(self) -> Hits:
        """What the detectors say of the run so far."""
        found: Hits = self.once("hits", self._detect)
        return found

    def rules(self) -> Rules:
        """What held in this run so far, as its labels are read by it."""
        return rules_of(self.scenario, self.whole("days")["richness"])

    def _detect(self) -> Hits:
        return detect({name: self.whole(name) for name in TYPES}, self.rules())

    def once(self, what: str, make: Callable[[], Any]) -> Any:
        """Something made of the run so far; made again only when a day was added."""
        key = (what, self.last)
        if key not in self._kept:
            # What was made on earlier days is out of date.
            self._kept = {k: v for k, v in self._kept.items() if k[1] == key[1]}
            self._kept[key] = make()
        return self._kept[key]


def saved_story(path: Path) -> Story:
    """The story of a run on disk: live, finished or left by a crash.

    Raises:
        InputError: no run lies there, or it cannot be read.
    """
    pages = SavedPages(path)
    meta = pages.run.meta
    try:
        scenario = pages.run.scenario
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    inputs = meta.identity.get("inputs", {})
    return Story(pages, scenario, meta.seed, meta.mind, name=path.name, inputs=inputs)
