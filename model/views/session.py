"""One browser session: its living community, and what its screens look at.

Nothing here is shared between sessions. Screens subscribe to counters: `changed` (another
community, or new days to show), `pulse` (what the day waits for), `looked` (another day or resident
chosen) and `again` (another run is shown: panels that fell may try again); `dark` is what the
browser says of its page. While a community plays, days are shown every `redraw` of them.

A session stands above every error boundary, so making one raises nothing: where the first community
cannot be founded, `problem` says why and `founded` is false until a Reset founds one.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Final

import pandas as pd
import solara

from agents.errors import CivaError, InputError
from model.views.driver import LiveProgress
from model.views.estimates import Estimates
from model.views.forms import Forms
from model.views.kept_run import Kept
from model.views.living_community import Choice, Living, MindOf
from model.views.places import below
from model.views.story import Story
from model.views.trouble import PageTrouble, in_one_line, trace_of
from model.world.interventions import Intervention
from model.world.scenario_files import scenario_from

#: Seconds at least between two redraws of a playing community.
LEAST_BETWEEN: Final = 0.2
#: Seconds that a run given up may take to put away what had landed.
PATIENCE: Final = 5.0


def first_choice() -> Choice:
    """The community that a page begins with: the defaults, seed 1.

    Raises:
        InputError: a file of the installation is damaged.
    """
    return Choice(scenario_from({}))


class Session:
    """What one browser session has.

    Args:
        minds: makes ready the minds of communities.
        first: the community to begin with, and to start anew with.

    Attributes:
        trouble: faults of the page itself.
        estimates: what language communities will use; `counted` counts up with every answer.
        forms: what is typed, which no fall of a panel takes away.
        problem: why the last Reset was refused, or empty; the community before it lives on.
        details: the whole trace, where that was a fault of the program.
        beside: a second run to compare with, or None.
        day: the day looked at; None follows the last one.
        resident, factory: who or what is selected, or 0.
        redraw: days between two redraws while playing.
        per_second: days a second at most while playing; 0 is as many as there can be.
    """

    def __init__(
        self, minds: MindOf | None = None, first: Callable[[], Choice] = first_choice
    ) -> None:
        self.changed = solara.reactive(0)
        self.pulse = solara.reactive(0)
        self.looked = solara.reactive(0)
        self.again = solara.reactive(0)
        self.dark = solara.reactive(False)
        self.counted = solara.reactive(0)
        self.trouble, self.forms = PageTrouble(), Forms()
        self.estimates = Estimates(
            lambda: self._bump(self.counted),
            lambda error: self.trouble.add("The estimate", error),
        )
        self.redraw, self.per_second = 1, 0.0
        self.problem = self.details = ""
        self.beside: Story | None = None
        self._minds, self._first = minds, first
        self._closed = False
        self._ticks = itertools.count(1)
        self._drawn = (0, 0.0)
        self._living: Living | None = None
        self._look_at_all_of(None)
        self._found(first)

    # --- the living community

    @property
    def founded(self) -> bool:
        """Whether a community lives (or has lived to its end)."""
        return self._living is not None

    @property
    def living(self) -> Living:
        """The living community.

        Raises:
            InputError: none could be founded yet.
        """
        if self._living is None:
            raise InputError(f"no community lives ({self.problem}); press Reset to found one")
        return self._living

    @property
    def live(self) -> Story:
        """The story of the living community; raises as `living` does."""
        return self.living.story

    @property
    def progress(self) -> LiveProgress:
        """What the living community is doing."""
        if self._living is None:
            return LiveProgress("failed", cause=self.problem)
        return self._living.driver.progress

    @property
    def active(self) -> bool:
        """Whether a day is under way or about to be."""
        return self._living is not None and self._living.driver.active

    @property
    def kept(self) -> Kept | None:
        """Where the living community is kept on disk, if it is."""
        return None if self._living is None else self._living.kept

    @property
    def choice(self) -> Choice:
        """What lives, or what the page begins with."""
        return self._first() if self._living is None else self._living.choice

    def reset(self, choice: Choice) -> None:
        """Found another community; what was in flight of the old one is given up.

        If it cannot be founded, `problem` says why and the old one stays.
        """
        old = self._living
        kept = self.kept
        if old is not None and choice.language and kept is not None and kept.path == choice.folder:
            # The same run again: its folder and its journal must be free first.
            wait([self._let_go(old)], timeout=PATIENCE)
        if not self._found(lambda: choice):
            return
        if old is not None:
            self._let_go(old)
        self._bump(self.changed)
        self._bump(self.looked)
        self._bump(self.again)
        self._bump(self.pulse)

    def start_anew(self) -> None:
        """Back to what the page began with: its first community, empty forms, no faults."""
        try:
            choice = self._first()
        except Exception as error:
            self.refuse(error)
        else:
            self.beside = None
            self.reset(choice)
        for name in self.forms.names:
            self.trouble.guarded(name, self.forms.empty)(name)
        self.trouble.dismiss()
        self._bump(self.again)

    def _found(self, choose: Callable[[], Choice]) -> bool:
        """Found a community and look at it, or tell why it cannot be founded."""
        guard = self.trouble.guarded
        try:
            # A fault of what is told of the day is the page's own: the day goes on.
            living = Living(
                choose(),
                self._minds,
                guard("Telling of the day", self._tell),
                guard("Drawing the day", self._on_day),
                self._pace,
            )
        except Exception as error:
            self.refuse(error)
            return False
        self._living, self._drawn = living, (0, 0.0)
        self.problem = self.details = ""
        self._look_at_all_of(living.story)
        return True

    def refuse(self, error: Exception) -> None:
        """Tell why nothing is founded."""
        self.problem = in_one_line(error)
        self.details = "" if isinstance(error, CivaError) else trace_of(error)
        self._bump(self.changed)

    def _let_go(self, old: Living) -> Future[None]:
        """Close a community; what cannot be put away becomes a banner."""
        done = old.close()

        def tell(closed: Future[None]) -> None:
            error = closed.exception()
            if error is not None:
                self.trouble.add("Putting the community before away", error)

        done.add_done_callback(tell)
        return done

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
            self.estimates.close()
            if self._living is not None:
                self._let_go(self._living)

    # --- what is looked at

    def numbers(self) -> pd.DataFrame:
        """The numbers of all days of the run that is shown."""
        return self.living.numbers() if self.live_shown else self.shown.whole("days")

    @property
    def anything(self) -> bool:
        """Whether there is a run to show."""
        return self._shown is not None

    @property
    def shown(self) -> Story:
        """What the screens show: the living community's story, or that of a run from disk.

        Raises:
            InputError: there is nothing to show yet.
        """
        return self.live if self._shown is None else self._shown

    @property
    def live_shown(self) -> bool:
        """Whether what is shown is the living community."""
        return self._living is not None and self._shown is self._living.story

    def show(self, story: Story) -> None:
        """Look at another run."""
        self._look_at_all_of(story)
        self._bump(self.changed)
        self._bump(self.looked)
        self._bump(self.again)

    def _look_at_all_of(self, story: Story | None) -> None:
        self._shown = story
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
        if not self.live_shown:
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
        if due and living is self._living:
            self._drawn = (today, now)
            self._bump(self.changed)

    def _tell(self) -> None:
        if self._living is not None and self.progress.phase != "asking":
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
