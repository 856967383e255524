"""Reading a run: live, finished, or left by a crash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from agents.errors import InputError
from model.store.columns import TYPES, frame
from model.store.interventions_file import InterventionsFile
from model.store.meta import RunMeta, read_meta
from model.store.parts import check_vouched, read_table
from model.world.interventions import Intervention

if TYPE_CHECKING:
    from model.world.scenario import Scenario

_TRIES = 5


@dataclass(frozen=True)
class Run:
    """A run as it lies on disk; tables are read when first asked for, and kept.

    The run may be under way: what is read is what had been written whole. Load it again to see
    more.

    Attributes:
        path: its folder.
        meta: its card, `run.json`.
    """

    path: Path
    meta: RunMeta

    def table(self, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
        """One table, by name; what its columns mean stands in `model.store.tables`.

        Args:
            name: of the table.
            columns: which; all by default.

        Raises:
            InputError: no such table or column, or a part of it is damaged.
        """
        if name not in TYPES:
            raise InputError(f"table: {name!r} is unknown; use one of {', '.join(TYPES)}")
        data = self._read(name)
        for column in columns:
            if column not in data.column_names:
                raise InputError(f"table {name}: has no column {column!r}")
        return frame(data.select(list(columns)) if columns else data)

    @cached_property
    def days(self) -> pd.DataFrame:
        """One row a day: the community's numbers."""
        return self.table("days")

    @cached_property
    def residents(self) -> pd.DataFrame:
        """One row a resident-day."""
        return self.table("residents")

    @cached_property
    def events(self) -> pd.DataFrame:
        """All that happened, in order."""
        return self.table("events")

    @cached_property
    def messages(self) -> pd.DataFrame:
        """All that was said, and who was shown it."""
        return self.table("messages")

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """What each resident planned, did, thought and noted."""
        return self.table("decisions")

    @cached_property
    def commitments(self) -> pd.DataFrame:
        """What was promised, and what became of it."""
        return self.table("commitments")

    @cached_property
    def people(self) -> pd.DataFrame:
        """Who entered when, with which values and mind."""
        return self.table("people")

    @cached_property
    def interventions(self) -> tuple[Intervention, ...]:
        """What a researcher did to it while it ran."""
        return InterventionsFile(self.path / "interventions", self.meta.interventions).rows

    @property
    def scenario(self) -> Scenario:
        """The scenario it was made from.

        Raises:
            InputError: a version of civa with other parameters wrote it.
        """
        from model.world.scenario_files import scenario_from

        return scenario_from(self.meta.scenario, recorded=True)

    def _read(self, name: str) -> pa.Table:
        for last_try in (*[False] * (_TRIES - 1), True):
            try:
                check_vouched(self.path, self.meta.tables)
                return read_table(self.path, name)
            except FileNotFoundError as error:
                # A run that ends joins its parts: what was listed may be replaced by now.
                if last_try:
                    raise InputError(
                        f"{error.filename}: is missing; restore it from a copy, or run again into "
                        "a new folder"
                    ) from None
        raise AssertionError("unreachable")


def load_run(path: str | Path) -> Run:
    """Open a run's folder to read.

    Raises:
        InputError: no run lies there, its card is damaged, or its format is unknown.
    """
    folder = Path(path)
    return Run(folder, read_meta(folder))
