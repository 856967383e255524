"""What the commands that ask about runs share: settings, runs, identities."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from model.judging.runs import RunTables
    from model.settings import Settings


def settings_of(
    base_url: str | None, words: tuple[str, ...], endpoints: tuple[str, ...] = ()
) -> Settings:
    """Operational settings from flags.

    Raises:
        InputError: a word is no setting, or an endpoint is none.
    """
    from model.endpoints import named_endpoints
    from model.scenario_files import word_value
    from model.settings import settings_from

    given: dict[str, Any] = dict(word_value(word) for word in words)
    if base_url is not None:
        given["base_url"] = base_url
    return settings_from({"endpoints": named_endpoints(endpoints), **given})


def digest_of(path: Path) -> str:
    """The digest of what the run in a folder is."""
    from model.identity import digest
    from model.store import load_run

    return digest(load_run(path).meta.identity)


def runs_of(folder: Path) -> tuple[list[RunTables], Mapping[str, str]]:
    """The finished runs in a folder, named by their place, and the digests of what they are.

    Raises:
        InputError: there is none.
    """
    from model.identity import digest
    from model.judging.runs import tables_of
    from model.judging.side_calls import runs_in
    from model.store import load_run

    runs, digests = [], {}
    for path in runs_in(folder):
        run = load_run(path)
        name = path.name if path == folder else path.relative_to(folder).as_posix()
        runs.append(tables_of(run, name))
        digests[name] = digest(run.meta.identity)
    return runs, digests
