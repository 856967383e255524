"""`run.json`: what a run is, what made it, and how it ended. Written whole or not at all."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Literal, get_args

from agents.errors import InputError
from model.store.cards import read_card, write_card
from model.store.places import CARD

#: Number of the layout of a run's folder; raised when an older reader could misread it.
FORMAT: Final = 1
FILE: Final = CARD

Status = Literal["running", "done", "failed", "stopped"]
#: Number of the rules by which logs are written now; see `RunMeta.log`.
LOG: Final = 2
_LATER = {"tables", "interventions", "log"}  # fields that the first cards did not have
_PACKAGES = ("civa", "mesa", "numpy", "pandas", "pyarrow", "pydantic", "langchain-openai", "openai")


@dataclass(frozen=True)
class RunMeta:
    """The card of a run.

    Attributes:
        identity: engine, resolved scenario, seed, mind, prompt and input hashes
            (`model.run.identity`).
        created: when its folder was first claimed, ISO 8601, UTC.
        status: running (or killed while it ran), done, failed, stopped.
        cause: why it failed or stopped; empty otherwise.
        hash: hash of all events and messages; empty unless done.
        summary: what the command prints at its end.
        versions: packages that wrote it; recorded, never compared.
        tables: SHA-256 of the last part of `days`, which vouches for all other parts; empty
            while the run is under way, and of a run that lived no day.
        interventions: how many there were when the run began or ended last.
        format: number of the layout.
        log: number of the rules of its log. From 2 on an intervention that found nobody has the
            outcome −1; by 1 it has the outcome 1, as if it had been done, and so a replay of it.
    """

    identity: Mapping[str, Any]
    created: str
    status: Status = "running"
    cause: str = ""
    hash: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    tables: str = ""
    interventions: int = 0
    format: int = FORMAT
    log: int = 1

    @property
    def seed(self) -> int:
        """The run's seed."""
        return int(self.identity["seed"])

    @property
    def mind(self) -> str:
        """The mind that decided, as the scenario names it."""
        return str(self.identity["mind"])

    @property
    def scenario(self) -> Mapping[str, Any]:
        """The resolved scenario, as plain data."""
        scenario: Mapping[str, Any] = self.identity["scenario"]
        return scenario

    def write(self, folder: Path) -> None:
        """Put it into a run's folder.

        Raises:
            StoppedEarly: the disk does not take it.
        """
        write_card(folder / FILE, asdict(self))


def read_meta(folder: Path) -> RunMeta:
    """Read a run's card.

    Raises:
        InputError: there is none, it is damaged, or its format is unknown.
    """
    path = folder / FILE
    found = read_card(path, "run", FORMAT)
    names = {f.name for f in fields(RunMeta)}
    identity = found.get("identity")
    for name in _LATER & (names - found.keys()):
        names.remove(name)  # an older card is read as it was written
    whole = names == found.keys() and found["status"] in get_args(Status)
    if not whole or not isinstance(identity, dict) or not {"seed", "mind"} <= identity.keys():
        odd = ", ".join(sorted(names ^ found.keys())) or "status or identity"
        raise InputError(f"{path}: damaged ({odd}); restore it from a copy")
    return RunMeta(**found)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that make the numbers."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
