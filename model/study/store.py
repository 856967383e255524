"""Reading a study: its runs as one table, and all tables of all runs through DuckDB.

    study = load_study("studies/values")
    study.runs                                    # one row a run
    study.table("days", ["population"])           # one row a run and day
    study.query("SELECT run, count(*) FROM events WHERE kind = 'attack' GROUP BY run")

Day 0 is the initial state, whose flows are NaN: leave it out of sums. A name that `runs` has too
(`output`, summed over the run) needs its table before it: `days.output`.

Nothing is copied: DuckDB reads the Parquet files of the runs where they lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from agents.errors import InputError
from model.analysis.row import Row
from model.store.columns import TYPES
from model.store.load import Run, load_run
from model.study.folder import StudyFolder
from model.study.job import folder_name
from model.study.manifest import Manifest, read_manifest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Floats = npt.NDArray[np.float64]

#: The tables that DuckDB shows, besides `runs`.
TABLES: Final = tuple(TYPES)


@dataclass(frozen=True)
class Study:
    """A study as it lies on disk; read it again to see more of one that is under way.

    Attributes:
        path: its folder.
        manifest: what was registered, and its runs.
    """

    path: Path
    manifest: Manifest

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all runs that are over, in the order in which they were planned."""
        return tuple(StudyFolder(self.path).rows(self.manifest))

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run that is over: `run` (its folder), its cell's levels, and its numbers.

        A run that failed is there with its cause and without numbers. Levels are text or numbers;
        a factor that a cell does not have (the treatment of a control) is missing.
        """
        cells = {cell.label: cell for cell in self.manifest.cells}
        factors = list(dict.fromkeys(name for cell in cells.values() for name in cell.levels))
        found = []
        for row in self.rows:
            flat = row.flat()
            cell = cells[row.cell]
            levels = {f"level_{name}": cell.levels.get(name) for name in factors}
            found.append(
                {"run": folder_name(row.key), "cell": row.cell, "against": cell.against}
                | levels
                | {name: value for name, value in flat.items() if name not in ("cell", "key")}
            )
        names = [f.name for f in fields(Row)] + ["run", "against"]
        return pd.DataFrame(found) if found else pd.DataFrame(columns=names)

    @property
    def done(self) -> tuple[Row, ...]:
        """The rows of the runs that are results."""
        return tuple(row for row in self.rows if row.status == "done")

    def run(self, name: str) -> Run:
        """One run, by the name of its folder.

        Raises:
            InputError: it is not there.
        """
        return load_run(StudyFolder(self.path).runs / name)

    @cached_property
    def connection(self) -> DuckDBPyConnection:
        """A DuckDB connection with a view for each table; every one has the column `run`."""
        import duckdb

        connection = duckdb.connect()
        connection.register("runs", self.runs)
        for name in TABLES:
            files = self._files(name)
            if files:
                listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
                # The folder's name is one value a file, so splitting it costs nothing.
                connection.execute(
                    f"CREATE VIEW {name} AS SELECT "  # noqa: S608 - file names of our own, quoted
                    f"split_part(filename, '/', -3) AS run, * EXCLUDE (filename) "
                    f"FROM read_parquet([{listed}], filename = true)"
                )
        return connection

    def query(self, sql: str) -> pd.DataFrame:
        """Ask all tables of all runs in SQL (DuckDB's).

        Raises:
            InputError: the query is wrong, or a file is damaged.
        """
        import duckdb

        try:
            return self.connection.execute(sql).df()
        except duckdb.Error as error:
            raise InputError(f"query: {str(error).splitlines()[0]}") from None

    def table(self, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
        """One table of all runs that are results, with `run` and `cell` before its own columns.

        Args:
            name: of the table (`model.store.tables`).
            columns: those wanted, besides `day`; all by default.

        Raises:
            InputError: there is no such table or column.
        """
        if name not in TABLES:
            raise InputError(f"table: {name!r} is unknown; use one of {', '.join(TABLES)}")
        odd = [column for column in columns if column not in TYPES[name]]
        if odd:
            raise InputError(f"table {name}: has no column {odd[0]!r}")
        wanted = ["day", *(c for c in columns if c != "day")] if columns else list(TYPES[name])
        listed = ", ".join(f't."{column}"' for column in wanted)
        return self.query(
            f"SELECT t.run, runs.cell, {listed} FROM {name} t "  # noqa: S608 - names checked above
            "JOIN runs ON runs.run = t.run WHERE runs.status = 'done' "
            "ORDER BY t.run, t.day"
        )

    def daily(self, column: str, ended: float = float("nan")) -> dict[str, Floats]:
        """One column of `days` as float64[runs, days + 1] by cell, runs in the order of `done`.

        Args:
            column: which.
            ended: what stands on the days after a community's last one.
        """
        table = self.table("days", [column])
        day, value = table["day"].to_numpy(), table[column].to_numpy(dtype=np.float64)
        run, first = np.unique(table["run"].to_numpy(dtype=str), return_index=True)
        ends = [*first[1:], len(table)]
        spans = dict(zip(run.tolist(), zip(first, ends, strict=True), strict=True))
        horizon = {cell.label: int(cell.scenario["days"]) for cell in self.manifest.cells}
        found: dict[str, list[Floats]] = {}
        for row in self.done:
            begin, end = spans[folder_name(row.key)]
            line = np.full(horizon[row.cell] + 1, ended)
            line[day[begin:end]] = value[begin:end]
            found.setdefault(row.cell, []).append(line)
        return {cell: np.array(lines) for cell, lines in found.items()}

    def _files(self, table: str) -> list[str]:
        """Finished parts of a table, of all runs that are results."""
        runs = StudyFolder(self.path).runs
        return [
            str(part)
            for row in self.done
            for part in sorted((runs / folder_name(row.key) / table).glob("part-*.parquet"))
        ]


def load_study(path: str | Path) -> Study:
    """Open a study's folder to read.

    Raises:
        InputError: no study lies there, or it cannot be read.
    """
    folder = Path(path).absolute()
    return Study(folder, read_manifest(folder))
