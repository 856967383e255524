"""Keeping a watched run on disk: what it has lived so far, and every day from there on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.errors import InputError
from model.run.identity import identity_of
from model.run.runs import outcome_of
from model.store import FolderRecorder, RunFolder
from model.world.interventions import Intervention

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from model.community import CommunityModel
    from model.store.meta import Status
    from model.views.story import LivePages
    from model.world.inputs import Inputs
    from model.world.minds import OpenMind
    from model.world.scenario import Scenario


class Kept:
    """A run's folder, held for as long as its community lives.

    A folder that holds this very run unfinished is taken up again: its interventions are handed
    back in `earlier`, with the days that it had lived in `lived`, its journal of calls answers, its
    tables are written anew.

    Args:
        path: the folder: new, empty, or of this run unfinished.
        scenario: what the community is.
        seed: its seed.
        inputs: what was read of the files that the scenario names.

    Raises:
        InputError: the folder cannot be used.
    """

    def __init__(self, path: Path, scenario: Scenario, seed: int, inputs: Inputs) -> None:
        self.path = path
        self._folder = RunFolder(path, identity_of(scenario, seed, inputs))
        if self._folder.done:
            self._folder.release()
            raise InputError(f"{path}: holds this run, finished; open it under Runs instead")
        self.earlier: Sequence[Intervention] = self._folder.interventions.rows
        self.lived = self._folder.lived
        self._recorder = FolderRecorder(path)
        self._written = 0
        self._open = True

    def begin(self, model: CommunityModel, pages: LivePages) -> None:
        """Write what the community has lived so far, and what was done to it.

        Raises:
            StoppedEarly: the disk does not take it.
        """
        self._pages = pages
        self._folder.begin()
        given = model.interventions.rows[len(model.scenario.shocks) :]
        for row in given[len(self.earlier) :]:
            self._folder.interventions.append(row)
        self.after_day(model)

    def intervene(self, row: Intervention) -> None:
        """Put an intervention on disk, before it acts."""
        if self._open:
            self._folder.interventions.append(row)

    def after_day(self, model: CommunityModel) -> None:
        """Write what was recorded since."""
        while self._open and self._written < len(self._pages.chunks):
            self._recorder.record(*self._pages.chunks[self._written])
            self._written += 1

    def end(self, model: CommunityModel, opened: OpenMind, status: Status, cause: str) -> None:
        """Write how the run ended, and give the folder back."""
        if not self._open:
            return
        self._open = False
        outcome = outcome_of(self.path, model, opened, status, cause)
        try:
            self._recorder.close()
            self._folder.end(status, outcome.plain(), outcome.hash, cause)
        finally:
            self._folder.release()

    def release(self) -> None:
        """Give the folder back unused."""
        self._open = False
        self._folder.release()
