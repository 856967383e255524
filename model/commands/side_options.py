"""What the commands that ask about runs share: settings, runs, identities."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

    from model.analysis.labelled_runs import RunTables
    from model.world.settings import Settings

_LARGEST: Final = 10_000_000  # bytes of a card


def settings_of(
    base_url: str | None, words: tuple[str, ...], endpoints: tuple[str, ...] = ()
) -> Settings:
    """Operational settings from flags.

    Raises:
        InputError: a word is no setting, or an endpoint is none.
    """
    from model.world.endpoints import named_endpoints
    from model.world.scenario_files import word_value
    from model.world.settings import settings_from

    given: dict[str, Any] = dict(word_value(word) for word in words)
    if base_url is not None:
        given["base_url"] = base_url
    return settings_from({"endpoints": named_endpoints(endpoints), **given})


def digest_of(path: Path) -> str:
    """The digest of what the run in a folder is."""
    from model.run.identity import digest
    from model.store import load_run

    return digest(load_run(path).meta.identity)


def runs_of(folder: Path) -> tuple[list[RunTables], Mapping[str, str]]:
    """The finished runs in a folder, named by their place, and the digests of what they are.

    Raises:
        InputError: there is none.
    """
    from model.analysis.labelled_runs import tables_of
    from model.asides.side_calls import runs_in
    from model.run.identity import digest
    from model.store import load_run

    runs, digests = [], {}
    for path in runs_in(folder):
        run = load_run(path)
        name = path.name if path == folder else path.relative_to(folder).as_posix()
        runs.append(tables_of(run, name))
        digests[name] = digest(run.meta.identity)
    return runs, digests


def json_bytes(card: Mapping[str, Any]) -> bytes:
    """A card that says what the tables beside it are."""
    return json.dumps(card, indent=1).encode("ascii")


def csv_files(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Tables as files, by name."""
    from model.store.csvtables import frame_csv

    return {f"{name}.csv": frame_csv(table) for name, table in tables.items()}


def beside(folder: Path, *names: str) -> Path:
    """The folder of a command below that of the runs: civa's own, so that it is no link.

    Raises:
        InputError: a link or a file stands there.
    """
    from agents.owned import check_folder

    for name in names:
        folder = folder / name
        check_folder(folder)
    return folder


def former(card: str, keys: set[str], *, but: tuple[str, ...] = ()) -> Callable[[Path], bool]:
    """Whether a file was left by a version that kept no list: its card lies beside it.

    Args:
        card: name of the card.
        keys: what it says at least.
        but: names that people change by hand, which no card vouches for.
    """

    def vouched(path: Path) -> bool:
        from agents.owned import check_file

        beside = path.with_name(card)
        if path.name in but or not check_file(beside) or beside.stat().st_size > _LARGEST:
            return False
        try:
            found = json.loads(beside.read_bytes())
            return isinstance(found, dict) and keys <= found.keys()
        except (OSError, ValueError, RecursionError):
            return False

    return vouched
