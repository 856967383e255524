"""Paths that are typed into the page: they lead to nothing outside the dashboard's folder.

That is the folder named on the command line, else the one that the dashboard was started in; and
in both cases `runs` there, where the page keeps what it makes, by whatever link that leads on.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from agents.csvfile import shown
from agents.errors import InputError
from model.world.scenario import Scenario

#: Environment variable that names the folder whose runs and studies are listed.
FOLDER: Final = "CIVA_DASHBOARD_FOLDER"
#: Where the page keeps runs, from where it was started.
RUNS: Final = "runs"
_LONGEST: Final = 255  # bytes of a name


def start() -> str:
    """The folder to look under first."""
    return os.environ.get(FOLDER, RUNS)


def keeping() -> str:
    """A new folder to keep a run in."""
    return str(Path(start()) / "watched")


def below(field: str, text: str) -> Path:
    """A path that was typed in, as it stands, if it leads to the dashboard's folder or below it.

    Args:
        field: what it was typed into, for the message.
        text: the path; from where the dashboard was started, or absolute.

    Raises:
        InputError: it leads elsewhere, or is no path.
    """
    path = Path(text.strip() or ".")
    try:
        if any(len(os.fsencode(part)) > _LONGEST for part in path.parts):
            raise InputError(
                f"{field}: {shown(text)!r} has a name of more than {_LONGEST} bytes; shorten it"
            )
        real = Path(os.path.realpath(path))
        roots = [Path(os.path.realpath(root)) for root in (os.environ.get(FOLDER, "."), RUNS)]
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{field}: {shown(text)!r} is no path ({reason})") from None
    if not any(real.is_relative_to(root) for root in roots):
        raise InputError(
            f"{field}: {shown(text)!r} lies outside the dashboard's folder {roots[0]}; name one in "
            "it, or start civa dashboard with another"
        )
    return path


def check_paths(scenario: Scenario) -> None:
    """Refuse a scenario that names a file outside the dashboard's folder.

    Raises:
        InputError: naming the field.
    """
    for name, field in Scenario.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("unit") == "path" and getattr(scenario, name):
            below(name, getattr(scenario, name))
