"""The endpoints that the user has named: on the command line, in the environment, in a file.

The file is the user's own and no scenario: `CIVA_SETTINGS` names it, otherwise it is
`settings.toml` in the platform's folder for civa's configuration. It holds a table an endpoint:

    [endpoints.local]
    url = "http://localhost:8000/v1"
    key = "LOCAL_KEY"

where `key` is the name of the environment variable that holds the key, and may be left out. Of
equal names the command line's goes before that of `CIVA_ENDPOINTS`, and this before the file's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from agents.csvfile import shown
from agents.errors import InputError
from agents.llm.keys import (
    NamedEndpoint,
    Registry,
    endpoint_in_words,
    endpoints_in,
    named_endpoint,
    once,
)
from model.world.scenario_files import read_toml

#: Names the user's settings file.
SETTINGS: Final = "CIVA_SETTINGS"


def registry(words: Sequence[str] = (), environment: Mapping[str, str] | None = None) -> Registry:
    """All endpoints that are known, from all sources.

    Args:
        words: `NAME=URL[,KEY_VARIABLE]`, of the command line.
        environment: variables by name; the process's own by default.

    Raises:
        InputError: naming the source, what is wrong with it, and the remedy.
    """
    known = os.environ if environment is None else environment
    sources = (
        once((endpoint_in_words(word, "--endpoint") for word in words), "--endpoint"),
        endpoints_in(known),
        _in_file(known),
    )
    found: dict[str, NamedEndpoint] = {}
    for one in (one for source in sources for one in source):
        found.setdefault(one.name, one)
    return Registry(tuple(found.values()), known)


def named_endpoints(words: Sequence[str] = ()) -> tuple[NamedEndpoint, ...]:
    """The endpoints of all sources, as `Settings.endpoints` carries them to wherever a run lives.

    Raises:
        InputError: naming the source, what is wrong with it, and the remedy.
    """
    return registry(words).named


def _in_file(environment: Mapping[str, str]) -> tuple[NamedEndpoint, ...]:
    named = environment.get(SETTINGS, "").strip()
    path = Path(named) if named else Path(click.get_app_dir("civa")) / "settings.toml"
    if not path.exists():
        if named:
            raise InputError(f"{SETTINGS}: {shown(named, 200)} is not there; name a TOML file")
        return ()
    held = read_toml(path)
    tables = held.pop("endpoints", {})
    if held:
        raise InputError(f"{path}: {shown(min(held))} is unknown there; it holds [endpoints.NAME]")
    if not isinstance(tables, dict):
        raise InputError(f"{path}: endpoints is no table; write [endpoints.NAME]")
    return tuple(_in_table(name, table, path) for name, table in tables.items())


def _in_table(name: str, table: Any, path: Path) -> NamedEndpoint:
    plain = isinstance(table, dict) and all(isinstance(value, str) for value in table.values())
    if not plain or not {"url"} <= set(table) <= {"url", "key"}:
        raise InputError(
            f"{path}: [endpoints.{shown(name)}] needs url and may have key, the name of the "
            "variable that holds its key; write both in quotes"
        )
    return named_endpoint(name, table["url"].strip(), table.get("key", "").strip(), str(path))
