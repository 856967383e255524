"""Tables as folders of Parquet parts, written while a run is under way.

A flush writes one part a table that has rows, all of the same number: under a temporary name,
synced, renamed. The part of `days` is renamed last and tells how many rows the others must have and
the SHA-256 of each, so a reader takes a flush whole or not at all, and as it was written. When a
run ends, the parts of each table become one, whose name (`part-00001-00007.parquet`) says which it
replaces; so a crash between its renaming and the removal of the old parts counts nothing twice.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from agents.errors import InputError
from agents.fsync import new_file, synchronise, temporary_name
from agents.owned import check_file, make_folder
from model.store.columns import TYPES, arrow_table, rows_of, schema_of
from model.store.files import Anchor, file_hash, writing
from model.store.places import parts_of
from model.world.recorder import Given

FLUSH_ROWS: Final = 100_000
FLUSH_SECONDS: Final = 2.0
_ROWS: Final = b"civa.rows"
_HASHES: Final = b"civa.sha256"
_NAME: Final = re.compile(r"part-(\d{5,})(?:-(\d{5,}))?\.parquet")


class FolderRecorder:
    """Writes the rows of a run into its folder.

    Args:
        path: folder of the run; made at the first flush.
        flush_rows: rows kept in memory at most before they are written.
        flush_seconds: at a day's end, rows that have waited this long are written.
    """

    def __init__(
        self, path: Path, flush_rows: int = FLUSH_ROWS, flush_seconds: float = FLUSH_SECONDS
    ) -> None:
        self.path = path
        self._anchor = Anchor(path)
        self._flush_rows, self._flush_seconds = flush_rows, flush_seconds
        self._number = 1
        self._waiting: list[Given] = []
        self._rows = 0
        self._flushed = time.monotonic()

    def record(self, day: int, tables: Given) -> None:
        """Take in a day's rows; now and then write what has gathered.

        Raises:
            StoppedEarly: the disk does not take them.
        """
        self._waiting.append(tables)  # one step: an interrupt leaves a day in or out, never half
        self._rows += sum(map(rows_of, tables.values()))
        waited = time.monotonic() - self._flushed
        # The initial state waits for a first day: a run that never lives one leaves no tables.
        if day > 0 and (self._rows >= self._flush_rows or waited >= self._flush_seconds):
            self.flush()

    def flush(self) -> None:
        """Write what waits.

        Raises:
            StoppedEarly: the disk does not take it.
        """
        if self._waiting:
            tables = {
                name: arrow_table(name, [day[name] for day in self._waiting if name in day])
                for name in TYPES
            }
            self._anchor.check()
            _write(self.path, f"part-{self._number:05}.parquet", tables)
            self._number += 1
            self._waiting, self._rows = [], 0
        self._flushed = time.monotonic()

    def close(self) -> None:
        """Write what waits and make each table one file.

        Raises:
            StoppedEarly: the disk does not take it.
        """
        self.flush()
        last = self._number - 1
        if last > 1:
            self._anchor.check()
            tables = {name: read_table(self.path, name) for name in TYPES}
            _write(self.path, f"part-00001-{last:05}.parquet", tables)
            with writing(self.path):
                remove_replaced(self.path)


def read_table(path: Path, name: str) -> pa.Table:
    """One table of a run's folder, from its finished parts; empty where there are none.

    Raises:
        InputError: a finished part is damaged, missing, or not of this table.
    """
    expected, hashes = _promised(path)
    found = []
    for file, told in hashes.items():
        part = path / name / file
        # A flush names the tables that had rows; older ones do not.
        if name in told or name == "days" or (not told and part.exists()):
            _check(part, told.get(name, ""))
            found.append(_read(part, _whole))
    try:
        table = pa.concat_tables(found or [schema_of(name).empty_table()])
    except pa.ArrowInvalid:
        raise InputError(
            f"{path / name}: its parts do not have the same columns; restore the folder from a "
            "copy, or run again into a new one"
        ) from None
    if table.num_rows != expected.get(name, 0):
        raise InputError(
            f"{path / name}: holds {table.num_rows} rows of {expected.get(name, 0)}, so a part is "
            "missing; restore it from a copy, or run again into a new folder"
        )
    return table


def vouched(path: Path) -> str:
    """SHA-256 of the one part of `days` of a run that is over; empty if there is not just one."""
    found = [part for _, _, part in _parts(path / "days")]
    return file_hash(found[0]) if len(found) == 1 else ""


def check_vouched(path: Path, expected: str) -> None:
    """Refuse tables whose part of `days` is not the one that a run's card names.

    Raises:
        InputError: it is another one, or none.
    """
    found = [part for _, _, part in _parts(path / "days")]
    if expected and not found:
        raise InputError(
            f"{path / 'days'}: the run's numbers are missing; restore the folder from a copy, or "
            "run again into a new one"
        )
    for part in found if expected else ():
        _check(part, expected)


def remove_tables(path: Path) -> None:
    """Take all parts of all tables away, finished or not."""
    remove_replaced(path)
    # `days` first, and of it the last part first: at any moment what is left are whole days.
    for name in sorted(TYPES, key=lambda name: name != "days"):
        for part in parts_of(path / name):
            part.unlink()


def remove_replaced(path: Path) -> None:
    """Take away the parts that a joint part has replaced, or that no part of `days` vouches for."""
    used = {part.name for _, _, part in _parts(path / "days")}
    for name in TYPES:
        for part in parts_of(path / name):
            if part.name not in used and part.suffix == ".parquet":
                part.unlink()


def _write(path: Path, file: str, tables: Mapping[str, pa.Table]) -> None:
    """Write one part of every table that has rows; `days` comes last and vouches for the others."""
    rows = {name: table.num_rows for name, table in tables.items() if table.num_rows}
    others = [name for name in rows if name != "days"]
    waiting, hashes = list[Path](), dict[str, str]()
    try:
        with writing(path):
            for name in [*others, "days"]:
                table = tables[name]
                if name == "days":
                    told = {_ROWS: json.dumps(rows), _HASHES: json.dumps(hashes)}
                    table = table.replace_schema_metadata(told)
                make_folder(path / name)
                check_file(path / name / file)
                waiting.append(path / name / temporary_name(file))
                with new_file(waiting[-1]) as stream:
                    pq.write_table(table, stream, compression="zstd", write_page_checksum=True)
                hashes[name] = file_hash(waiting[-1])
            for temporary in waiting:
                synchronise(temporary)
            for temporary in waiting:
                temporary.replace(temporary.with_name(file))
                synchronise(temporary.parent)
    except BaseException:
        for temporary in waiting:
            with suppress(OSError):
                temporary.unlink()
        raise


def _parts(folder: Path) -> Iterator[tuple[int, int, Path]]:
    """The parts of `days` that count, in order: (first flush, last flush, file)."""
    found = []
    for file in folder.glob("part-*.parquet"):
        if match := _NAME.fullmatch(file.name):
            first = int(match[1])
            found.append((first, int(match[2] or first), file))
    end = 0
    for first, last, file in sorted(found, key=lambda part: (part[0], -part[1])):
        if first > end:
            end = last
            yield first, last, file


def _promised(path: Path) -> tuple[dict[str, int], dict[str, dict[str, str]]]:
    """Rows that each table must have; names of the whole flushes, in order, with their hashes."""
    rows: dict[str, int] = {}
    hashes: dict[str, dict[str, str]] = {}
    end = 0
    for first, last, part in _parts(path / "days"):
        if first != end + 1:
            raise InputError(
                f"{path / 'days'}: part {end + 1} is missing; restore the folder from a copy, or "
                "run again into a new one"
            )
        told = _read(part, pq.read_schema).metadata or {}
        try:
            counts = json.loads(told[_ROWS])
            hashes[part.name] = json.loads(told.get(_HASHES, b"{}"))
        except (KeyError, ValueError):
            raise InputError(f"{part}: no table of a run; civa did not write it so") from None
        for name, count in counts.items():
            rows[name] = rows.get(name, 0) + count
        end = last
    return rows, hashes


def _check(part: Path, expected: str) -> None:
    """Refuse a part that is not, byte for byte, what was written; older runs name no hash."""
    if expected and file_hash(part) != expected:
        raise InputError(
            f"{part}: damaged (not the file that the run wrote); restore it from a copy, or run "
            "again into a new folder"
        )


def _whole(part: Path) -> pa.Table:
    file = pq.ParquetFile(part, page_checksum_verification=True)
    with file:
        return file.read()


def _read(part: Path, how: Any) -> Any:
    try:
        return how(part)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"{part}: damaged ({reason}); restore it from a copy, or run again into a new folder"
        ) from None
