"""One browser session: its living community, and what its screens look at.

Nothing here is shared between sessions. Screens subscribe to three counters: `changed` (another
community, or new days to show), `pulse` (what the day waits for) and `looked` (another day or
resident chosen); `dark` is what the browser says of its page. While a community plays, days are
shown every `redraw` of them.
"""

from __future__ import annotations

import itertools
import time
from concurrent.futures import wait
from typing import Final

import pandas as pd
import solara

from agents.errors import CivaError
from model.interventions import Intervention
from model.views.driver import Progress
from model.views.living import Choice, Living, MindOf
from model.views.places import below
from model.views.story import Story

#: Seconds at least between two redraws of a playing community.
LEAST_BETWEEN: Final = 0.2
#: Seconds that a run given up may take to put away what had landed.
PATIENCE: Final = 5.0


class Session:
    """What one browser session has.

    Args:
        choice: the first community.
        minds: makes ready the minds of communities.

    Attributes:
        living: the living community.
        problem: why the last Reset was refused, or empty; the community before it lives on.
        shown: what the screens show: the living community's story, or that of a run from disk.
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
        self.dark = solara.reactive(False)
        self.redraw, self.per_second = 1, 0.0
        self.problem = ""
        self.beside: Story | None = None
        self._minds = minds
        self._closed = False
        self._ticks = itertools.count(1)
        self.living = self._found(choice)
        self._look_at_all_of(self.living.story)

    # --- the living community

    @property
    def live(self) -> Story:
        """The story of the living community."""
        return self.living.story

    @property
    def progress(self) -> Progress:
        """What the living community is doing."""
        return self.living.driver.progress

    def reset(self, choice: Choice) -> None:
        """Found another community; what was in flight of the old one is given up.

        If it cannot be founded, `problem` says why and the old one stays.
        """
        old = self.living
        if choice.language and old.kept is not None and old.kept.path == choice.folder:
            # The same run again: its folder and its journal must be free first.
            wait([old.close()], timeout=PATIENCE)
        try:
            self.living = self._found(choice)
            self.problem = ""
        except CivaError as error:
            self.problem = str(error)
            self._bump(self.changed)
            return
        old.close()
        self.show(self.living.story)
        self._bump(self.pulse)

    def _found(self, choice: Choice) -> Living:
        self._drawn = (0, 0.0)
        return Living(choice, self._minds, self._tell, self._on_day, self._pace)

    def step(self) -> None:
        """Live a day and look at it."""
        self.follow()
        self.living.driver.step()

    def play(self) -> None:
        """Live day after day and look on."""
        self.follow()
        self.living.driver.play()

    def pause(self) -> None:
        """Give up the day under way."""
        self.living.driver.pause()
        self._bump(self.changed)

    def intervene(self, row: Intervention) -> Intervention | str:
        """Act on the living community; returns the row as it will act, or what is wrong."""
        try:
            due = self.living.intervene(row)
        except CivaError as error:
            return str(error)
        self._bump(self.changed)
        return due

    def keep(self, folder: str) -> str:
        """Write the living community's run into a folder; returns what is wrong, or nothing."""
        try:
            self.living.keep(below("folder", folder))
        except CivaError as error:
            return str(error)
        self._bump(self.changed)
        return ""

    def close(self) -> None:
        """The browser is gone: give up what is in flight, and everything else."""
        if not self._closed:
            self._closed = True
            self.living.close()

    # --- what is looked at

    def numbers(self) -> pd.DataFrame:
        """The numbers of all days of the run that is shown."""
        return self.living.numbers() if self.shown is self.live else self.shown.whole("days")

    def show(self, story: Story) -> None:
        """Look at another run."""
        self._look_at_all_of(story)
        self._bump(self.changed)
        self._bump(self.looked)

    def _look_at_all_of(self, story: Story) -> None:
        self.shown = story
        self.day: int | None = None
        self.resident = self.factory = 0

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

    def _on_day(self, living: Living) -> None:
        day, when = self._drawn
        now, today = time.monotonic(), living.story.last
        due = today - day >= self.redraw and now - when >= LEAST_BETWEEN
        if due and living is self.living:
            self._drawn = (today, now)
            self._bump(self.changed)

    def _tell(self) -> None:
        if self.progress.phase != "asking":
            self._drawn = (self.live.last, time.monotonic())
            self._bump(self.changed)
        # Last, so that nobody reads that a day is over beside the numbers of the day before.
        self._bump(self.pulse)

    def _pace(self) -> float:
        return 1 / self.per_second if self.per_second > 0 else 0.0

    def _bump(self, counter: solara.Reactive[int]) -> None:
        # Every value is new: were it the last one plus one, two threads could set the same value
        # at once, and the second of them would tell nobody.
        if not self._closed:
            counter.value = next(self._ticks)
