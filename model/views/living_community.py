"""One living community: its model, its mind, its driver, its rows, and its folder if it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from agents.errors import InputError, RunFailed
from model.community import CommunityModel
from model.run.identity import digest, identity_of
from model.run.open_minds import open_mind
from model.run.runs import check_faults
from model.views.driver import Driver
from model.views.kept_run import Kept
from model.views.story import DayZero, LivePages, Story
from model.world.inputs import Inputs, read_inputs
from model.world.interventions import Intervention
from model.world.scenario import Scenario
from model.world.settings import Settings

if TYPE_CHECKING:
    from model.world.minds import OpenMind

#: Makes ready the mind of a community; the folder is where a journal of calls may lie.
MindOf = Callable[[Scenario, Settings, "Path | None", Any], "OpenMind"]


@dataclass(frozen=True)
class Choice:
    """What a Reset founds.

    Attributes:
        scenario: the community.
        seed: its seed.
        settings: operational settings of a language mind.
    """

    scenario: Scenario
    seed: int = 1
    settings: Settings = field(default_factory=Settings)

    @property
    def language(self) -> bool:
        """Whether anybody in it asks a language model."""
        return self.scenario.asks_language

    @cached_property
    def inputs(self) -> Inputs:
        """What was read of the files that the scenario names, once, when first asked for.

        Raises:
            InputError: one cannot be read.
        """
        return read_inputs(self.scenario)

    @property
    def folder(self) -> Path:
        """Where its run is kept: calls that were paid for are never lost."""
        digested = digest(identity_of(self.scenario, self.seed, self.inputs))
        parts = (self.scenario.preset, self.scenario.mind)
        names = [re.sub(r"[^A-Za-z0-9.]+", "_", part)[:40].strip("_.") for part in parts]
        return Path("runs") / f"{'-'.join(names)}-{self.seed}-{digested[:8]}"


class Living:
    """A community that can be stepped, acted on, kept and let go.

    Args:
        choice: what it is.
        minds: makes ready its mind.
        tell: called after every change of its progress, from any thread.
        on_day: called after every day that took effect, from the driver's thread.
        pace: seconds at least between two days of a play.

    Raises:
        InputError: it cannot be founded.
    """

    def __init__(
        self,
        choice: Choice,
        minds: MindOf | None,
        tell: Callable[[], None],
        on_day: Callable[[Living], None],
        pace: Callable[[], float],
    ) -> None:
        self.choice = choice
        self.model: CommunityModel
        self.kept: Kept | None = None
        self._on_day = on_day
        self._pages = LivePages()
        kept = self._kept(choice.folder) if choice.language else None
        try:
            self._found(minds or partial(_open, inputs=choice.inputs), kept)
        except BaseException:
            if kept is not None:
                kept.release()
            raise
        self.story = Story(
            self._pages,
            choice.scenario,
            choice.seed,
            choice.scenario.mind,
            DayZero.of(self.model),
            name="this community",
        )
        self.driver = Driver(self.model, tell, self._after_day, pace, on_loop=choice.language)

    def _kept(self, folder: Path) -> Kept:
        choice = self.choice
        return Kept(folder, choice.scenario, choice.seed, choice.inputs)

    def _found(self, minds: MindOf, kept: Kept | None) -> None:
        choice = self.choice
        self._opened = minds(
            choice.scenario,
            choice.settings,
            None if kept is None else kept.path,
            lambda ids: self.model.residents.group[ids - 1],
        )
        try:
            self.model = CommunityModel(
                choice.scenario,
                rng=choice.seed,
                mind=self._opened.mind,
                recorder=self._pages,
                inputs=choice.inputs,
            )
            if kept is not None:
                self.model.interventions.take_up(kept.earlier, kept.lived)
                self._pages.given.extend(kept.earlier)
                kept.begin(self.model, self._pages)
                self.kept = kept
        except BaseException:
            self._opened.close()
            raise

    @property
    def used(self) -> str:
        """What its mind has out and has used, as one line; empty for a mind that costs nothing."""
        return self._opened.line()

    def numbers(self) -> pd.DataFrame:
        """The numbers of all its days, from the DataCollector."""
        columns = self.model.datacollector.model_vars
        # A day may be on its way into the collector: take what all columns have.
        whole = min(map(len, columns.values()))
        return pd.DataFrame({name: values[:whole] for name, values in columns.items()})

    def intervene(self, row: Intervention) -> Intervention:
        """Do something to it on the next day that has not begun; returns the row as it will act.

        The row is on disk before it can act, if the run is kept.

        Raises:
            InputError: nobody could carry it out.
            StoppedEarly: the disk does not take it.
        """
        progress, day = self.driver.progress, max(row.day, self.model.today + 1)
        if progress.phase == "asking":
            day = max(day, progress.day + 1)
        due = row.model_copy(update={"day": day})
        self.model.interventions.check(due, self.model.today)
        if self.kept is not None:
            self.kept.intervene(due)
        self.model.interventions.append(due, self.model.today)
        self._pages.given.append(due)
        return due

    def keep(self, folder: Path) -> None:
        """Write the run into a folder, what was lived and what will be.

        Raises:
            InputError: the folder cannot be used.
            StoppedEarly: the disk does not take it.
        """
        self.driver.pause()
        kept = self._kept(folder)
        try:
            if kept.earlier:
                raise InputError(f"{folder}: holds another beginning of this run; name a new one")
            kept.begin(self.model, self._pages)
        except BaseException:
            kept.release()
            raise
        self.kept = kept
        progress = self.driver.progress
        if progress.phase in ("ended", "failed"):
            self._end("done" if progress.phase == "ended" else "failed", progress.cause)

    def close(self) -> Future[None]:
        """Give it up, with the day under way; done when nothing of it goes on.

        What could not be written at its end is the exception of what is returned.
        """

        def let_go() -> None:
            try:
                self._end("stopped", "the dashboard moved on")
            finally:
                self._opened.close()

        return self.driver.close(let_go)

    def _after_day(self) -> None:
        model = self.model
        try:
            check_faults(model, model.scenario.fault_limit_from if model.running else 1)
        except RunFailed as error:
            self._end("failed", str(error))
            raise
        if not model.running:
            model.finish()
        if self.kept is not None:
            self.kept.after_day(model)
        if not model.running:
            self._end("done", "")
        self._on_day(self)

    def _end(self, status: Any, cause: str) -> None:
        if self.kept is not None:
            self.kept.after_day(self.model)
            self.kept.end(self.model, self._opened, status, cause)


def _open(
    scenario: Scenario, settings: Settings, folder: Path | None, group_of: Any, inputs: Inputs
) -> OpenMind:
    return open_mind(scenario, settings, folder, group_of=group_of, inputs=inputs)
