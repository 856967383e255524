"""Emergent behaviours of every run of a study, read off its log once and kept beside the runs.

Reading labels takes longer than living a small community, so the rates are kept in
`derived/behaviours.parquet`, keyed by run; a run that is not there is read, by several processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from agents.fsync import new_file, replacing
from agents.owned import check_file, make_folder
from model.analysis.labels import log_numbers
from model.analysis.measures import MEASURES
from model.store.files import writing
from model.study.many import local
from model.study.store import Study

DERIVED: Final = "derived"
FILE: Final = "behaviours.parquet"
#: Raised when a label's definition changes: rates of an older one are read again.
VERSION: Final = 3
_MANY: Final = 12
_CHUNK: Final = 4

OnRun = Callable[[int, int], None]


def behaviours(study: Study, on_run: OnRun | None = None) -> pd.DataFrame:
    """One row a run that is a result: `key`, `cell`, and every measure that is read off its log.

    A rate is NaN where its label is undefined (its message kinds are off) or nobody lived.

    Args:
        study: to read.
        on_run: called with (runs read, runs in all).
    """
    wanted = {row.key: row for row in study.done}
    kept = _kept(study.path / DERIVED / FILE)
    known = kept[kept["key"].isin(wanted)] if len(kept) else kept
    missing = [row for key, row in wanted.items() if key not in set(known.get("key", []))]
    found = list(_read([Path(row.path) for row in missing], len(wanted), on_run))
    fresh = pd.DataFrame([{"key": row.key, **one} for row, one in zip(missing, found, strict=True)])
    table = pd.concat([part for part in (known, fresh) if len(part)] or [fresh], ignore_index=True)
    if missing and _ours(study.path / DERIVED / FILE):
        _keep(study.path / DERIVED / FILE, table)
    if len(table):
        table = table.set_index("key").loc[list(wanted)].reset_index()
        table.insert(1, "cell", [row.cell for row in wanted.values()])
    return table


def _read(paths: list[Path], total: int, on_run: OnRun | None) -> Iterable[dict[str, float]]:
    """Rates in the order of the paths; by several processes where there are many."""
    parts = [paths[i : i + _CHUNK] for i in range(0, len(paths), _CHUNK)]
    executor = local(None if len(paths) >= _MANY else 0)
    read = total - len(paths)
    try:
        for future in [executor.submit(log_numbers, part) for part in parts]:
            for one in future.result():
                read += 1
                if on_run is not None:
                    on_run(read, total)
                yield one
    finally:
        executor.shutdown(cancel_futures=True)


def _kept(path: Path) -> pd.DataFrame:
    """What an earlier report read; nothing if the file is not ours: it can be made again."""
    try:
        schema = pa.parquet.read_schema(path)
        if (schema.metadata or {}).get(b"civa.labels") != _version():
            return pd.DataFrame()
        return pd.read_parquet(path)
    except (OSError, pa.ArrowException):
        return pd.DataFrame()


def _ours(path: Path) -> bool:
    """Whether the place is free, or holds what an earlier report kept; if not, nothing is kept."""
    if not check_file(path):
        return True
    try:
        return b"civa.labels" in (pa.parquet.read_schema(path).metadata or {})
    except (OSError, pa.ArrowException):
        return False


def _keep(path: Path, table: pd.DataFrame) -> None:
    parquet: Any = pa.parquet
    data = pa.Table.from_pandas(table, preserve_index=False)
    data = data.replace_schema_metadata(
        {**(data.schema.metadata or {}), b"civa.labels": _version()}
    )
    with writing(path):
        make_folder(path.parent)
        with replacing(path) as temporary, new_file(temporary) as file:
            parquet.write_table(data, file)


def _version() -> bytes:
    names = (one.name for one in MEASURES.values() if one.reads == "log")
    return f"{VERSION} {' '.join(names)}".encode("ascii")
