"""One browser session: its community, its driver, and what its screens look at.

Nothing here is shared between sessions. Screens subscribe to three counters: `changed` (another
community, or new days to show), `pulse` (what the day waits for) and `looked` (another day or
resident chosen). While a community plays, days are shown every `redraw` of them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import solara
from mesa.agent import Agent
from mesa.discrete_space import Cell

from agents.errors import CivaError, InputError, RunFailed
from model.community import CommunityModel
from model.identity import digest, identity_of
from model.interventions import Intervention
from model.minds_of import asks_language, open_mind
from model.runs import check_faults
from model.scenario import Scenario
from model.settings import Settings
from model.views.driver import Driver, Progress
from model.views.keeping import Kept
from model.views.story import LivePages, Origin, Story

if TYPE_CHECKING:
    from model.minds_of import OpenMind
    from model.store.meta import Status

#: Makes ready the mind of a community; the folder is where a journal of calls may lie.
MindOf = Callable[[Scenario, Settings, "Path | None", Any], "OpenMind"]
#: Seconds at least between two redraws of a playing community.
LEAST_BETWEEN = 0.2


@dataclass(frozen=True)
class Choice:
    """What the next Reset will found.

    Attributes:
        scenario: the community.
        seed: its seed.
        settings: operational settings of a language mind.
    """

    scenario: Scenario
    seed: int = 1
    settings: Settings = field(default_factory=Settings)


class Session:
    """What one browser session has: at most one living community, and runs opened from disk.

    Args:
        choice: the first community.
        minds: makes ready its mind.

    Attributes:
        choice: what the living community is.
        problem: why the last Reset was refused, or empty; the community before it lives on.
        live: the story of the living community.
        shown: what the screens show: the living community, or a run from disk.
        beside: a second run to compare with, or None.
        day: the day looked at; None follows the last one.
        resident, factory: who or what is selected, or 0.
        redraw: days between two redraws while playing.
        per_second: days a second at most while playing; 0 is as many as there can be.
    """

    def __init__(self, choice: Choice, minds: MindOf | None = None) -> None:
        self.changed = solara.reactive(0)
        self.pulse = solara.reactive(0)
        self.looked = solara.reactive(0)
        self._minds = minds or _open
        self._closed = False
        self._drawn = (0, 0.0)
        self.redraw, self.per_second = 1, 0.0
        self.problem = ""
        self.beside: Story | None = None
        self.day: int | None = None
        self.resident = self.factory = 0
        self._model: CommunityModel | None = None
        self.reset(choice)

    # --- the living community

    def reset(self, choice: Choice) -> bool:
        """Found another community; what was in flight of the old one is given up.

        Returns:
            Whether it could be founded; if not, `problem` says why and the old one stays.
        """
        pages, kept = LivePages(), None
        named = (choice.scenario.mind, choice.scenario.second_mind)
        language = any(map(asks_language, named))
        try:
            if language:
                kept = Kept(folder_of(choice), choice.scenario, choice.seed)
            opened, model = _found(choice, self._minds, pages, kept)
        except CivaError as error:
            if kept is not None:
                kept.release()
            if self._model is None:
                raise
            self.problem = str(error)
            self._bump(self.changed)
            return False
        if self._model is not None:
            self._abandon()
        self.problem, self.choice = "", choice
        self._opened, self._model, self._pages = opened, model, pages
        self.kept: Kept | None = kept
        self.live = Story(
            pages,
            choice.scenario,
            choice.seed,
            choice.scenario.mind,
            Origin.of(model),
            name="this community",
        )
        self.driver = Driver(model, self._tell, self._on_day, self._pace, on_loop=language)
        self._drawn = (0, 0.0)
        self.show(self.live)
        self._bump(self.pulse)
        return True

    @property
    def model(self) -> CommunityModel:
        """The living community; screens read `live` instead, for its days come whole."""
        if self._model is None:
            raise RuntimeError("the session is closed")
        return self._model

    @property
    def progress(self) -> Progress:
        """What the community is doing."""
        return self.driver.progress

    def numbers(self) -> pd.DataFrame:
        """The numbers of all days of the run shown: a living one's from the DataCollector."""
        if self.shown is not self.live:
            return self.shown.whole("days")
        columns = self.model.datacollector.model_vars
        # A day may be on its way into the collector: take what all columns have.
        whole = min(map(len, columns.values()))
        return pd.DataFrame({name: values[:whole] for name, values in columns.items()})

    def spent(self) -> Any:
        """What its mind has used so far."""
        return self._opened.spent()

    def step(self) -> None:
        """Live a day and look at it."""
        self.follow()
        self.driver.step()

    def play(self) -> None:
        """Live day after day and look on."""
        self.follow()
        self.driver.play()

    def pause(self) -> None:
        """Give up the day under way."""
        self.driver.pause()
        self._bump(self.changed)

    def intervene(self, row: Intervention) -> str:
        """Do something to the community on the next day; returns what is wrong, or nothing.

        The row is on disk before it can act, if the run is kept.
        """
        try:
            day = max(row.day, self.model.today + 1)
            if self.progress.phase == "asking":
                day = max(day, self.progress.day + 1)
            due = row.model_copy(update={"day": day})
            _check(due, self.model)
            if self.kept is not None:
                self.kept.intervene(due)
            self.model.interventions.append(due, self.model.today)
            self._pages.given.append(due)
        except CivaError as error:
            return str(error)
        self._bump(self.changed)
        return ""

    def keep(self, folder: Path) -> str:
        """Write the run into a folder, what was lived and what will be; returns what is wrong."""
        self.driver.pause()
        try:
            kept = Kept(folder, self.choice.scenario, self.choice.seed)
            try:
                if kept.earlier:
                    raise InputError(f"{folder}: was interrupted; name another folder")
                kept.begin(self.model, self._pages)
                self.kept = kept
                if self.progress.phase in ("ended", "failed"):
                    self._end_of_run(self.progress.phase, self.progress.cause)
            except CivaError:
                kept.release()
                raise
        except CivaError as error:
            return str(error)
        self._bump(self.changed)
        return ""

    def close(self) -> None:
        """The browser is gone: give up what is in flight, and everything else."""
        if not self._closed:
            self._closed = True
            self._abandon()
            self._model = None

    # --- what is looked at

    def show(self, story: Story) -> None:
        """Look at another run."""
        self.shown, self.day = story, None
        self.resident = self.factory = 0
        self._bump(self.changed)
        self._bump(self.looked)

    def compare(self, story: Story | None) -> None:
        """Put a second run beside the one shown."""
        self.beside = story
        self._bump(self.changed)

    def look_at(self, day: int) -> None:
        """Look at a day; the last one is followed as it moves on."""
        self.day = None if day >= self.shown.last else max(day, 0)
        self._bump(self.looked)

    def follow(self) -> None:
        """Look at the living community's last day."""
        if self.shown is not self.live:
            self.show(self.live)
        elif self.day is not None:
            self.look_at(self.live.last)

    @property
    def on(self) -> int:
        """The day looked at."""
        return self.shown.last if self.day is None else self.day

    def select(self, resident: int = 0, factory: int = 0) -> None:
        """Choose a resident or a factory; the same one again lets it go."""
        same = (resident, factory) == (self.resident, self.factory)
        self.resident, self.factory = (0, 0) if same else (resident, factory)
        self._bump(self.looked)

    # --- called from the driver's thread

    def _on_day(self) -> None:
        model = self.model
        try:
            check_faults(model, model.scenario.fault_limit_from if model.running else 1)
        except RunFailed as error:
            self._end_of_run("failed", str(error))
            raise
        if not model.running:
            model.finish()
        if self.kept is not None:
            self.kept.after_day(model)
        if not model.running:
            self._end_of_run("ended", "")
        day, when = self._drawn
        now, today = time.monotonic(), self.model.today
        if today - day >= self.redraw and now - when >= LEAST_BETWEEN:
            self._drawn = (today, now)
            self._bump(self.changed)

    def _end_of_run(self, phase: str, cause: str) -> None:
        if self.kept is not None:
            self.kept.after_day(self.model)
            status: Status = "done" if phase == "ended" else "failed"
            self.kept.end(self.model, status, cause, self._opened.spent())

    def _tell(self) -> None:
        self._bump(self.pulse)
        if self.progress.phase != "asking":
            self._drawn = (self.model.today, time.monotonic())
            self._bump(self.changed)

    def _pace(self) -> float:
        return 1 / self.per_second if self.per_second > 0 else 0.0

    def _bump(self, counter: solara.Reactive[int]) -> None:
        if not self._closed:
            counter.value = counter.peek() + 1

    def _abandon(self) -> None:
        self.driver.close()
        if self.kept is not None:
            cause = "the dashboard moved on"
            self.kept.end(self.model, "stopped", cause, self._opened.spent())
        self._opened.close()
        forget(self.model)


def folder_of(choice: Choice) -> Path:
    """Where a run of this choice is kept: the folder that `civa run` would take."""
    digested = digest(identity_of(choice.scenario, choice.seed))
    mind = re.sub(r"[^A-Za-z0-9.]+", "_", choice.scenario.mind)[:40].strip("_.")
    preset = re.sub(r"[^A-Za-z0-9.]+", "_", choice.scenario.preset)[:40].strip("_.")
    return Path("runs") / f"{preset}-{mind}-{choice.seed}-{digested[:8]}"


def _found(
    choice: Choice, minds: MindOf, pages: LivePages, kept: Kept | None
) -> tuple[OpenMind, CommunityModel]:
    model: CommunityModel
    opened = minds(
        choice.scenario,
        choice.settings,
        None if kept is None else kept.path,
        lambda ids: model.residents.group[ids - 1],
    )
    try:
        model = CommunityModel(choice.scenario, rng=choice.seed, mind=opened.mind, recorder=pages)
        if kept is not None:
            for row in kept.earlier:
                model.interventions.append(row, model.today)
                pages.given.append(row)
            kept.begin(model, pages)
    except BaseException:
        opened.close()
        raise
    return opened, model


def _open(scenario: Scenario, settings: Settings, folder: Path | None, group_of: Any) -> OpenMind:
    return open_mind(scenario, settings, folder, group_of=group_of)


def _check(row: Intervention, model: CommunityModel) -> None:
    """Refuse what would only fail in the morning, inside the run."""
    if row.kind == "outage" and not 1 <= row.target <= len(model.factories):
        raise InputError(
            f"outage: there is no factory {row.target}; use 1 to {len(model.factories)}"
        )
    people = model.residents
    named = row.kind == "remove" or (row.kind == "retrain" and row.target > 0)
    if named and not (1 <= row.target <= people.count and people.alive[row.target - 1]):
        raise InputError(f"{row.kind}: there is no living resident R{row.target}")
    if row.kind == "retrain" and row.mode not in ("", "original") and not row.value:
        raise InputError("retrain: name the value that it is to be given")


def forget(model: CommunityModel) -> None:
    """Let a community go: Mesa keeps every model alive in two caches of its own."""
    Agent._ids.pop(model, None)
    Cell.get_neighborhood.cache_clear()
    Cell._neighborhood.cache_clear()
