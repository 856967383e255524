"""The user's files that a scenario names, each read once, before the first day.

A run's identity holds the hash of a file, and the world is founded from its content. Both come from
the same bytes: were the file read twice, a change in between would make a run that is not what its
identity says. After that nobody opens it again; the world keeps what it needs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from agents.csvfile import MAX_BYTES
from agents.errors import InputError
from agents.populations import profiles_from

if TYPE_CHECKING:
    from agents.values import Weights
    from model.world.scenario import Scenario


@dataclass(frozen=True)
class Inputs:
    """What was read of the files that a scenario names.

    Attributes:
        population: where the profiles lie, and what was read there; None for no file.
    """

    population: tuple[Path, bytes] | None = field(default=None, repr=False)

    @cached_property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 of each file, by the field that names it."""
        if self.population is None:
            return {}
        return {"population_file": hashlib.sha256(self.population[1]).hexdigest()}

    @cached_property
    def profiles(self) -> Weights:
        """The profiles in the population file, int64[n, 10].

        Raises:
            InputError: there is no such file, or it holds no usable profiles.
        """
        if self.population is None:
            raise InputError("population_file: population = file needs the path of a profiles file")
        return profiles_from(*self.population)


def read_inputs(scenario: Scenario, recorded: Mapping[str, str] | None = None) -> Inputs:
    """Read all files that a scenario names.

    Args:
        scenario: names them.
        recorded: hashes by field that the files must have, those of a run that was made with them;
            None for a run that is new.

    Raises:
        InputError: one cannot be read, or has another content than recorded.
    """
    if not scenario.population_file:
        return Inputs()
    path = Path(scenario.population_file)
    found = Inputs((path, _content("population_file", path)))
    for name, hash_ in found.hashes.items():
        if recorded is not None and recorded.get(name) != hash_:
            raise InputError(
                f"{name}: {path} is not the file that the run was made with; bring that one back"
            )
    return found


def _content(name: str, path: Path) -> bytes:
    try:
        if path.is_file():
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1) if path.stat().st_size <= MAX_BYTES else None
            if content is not None and len(content) <= MAX_BYTES:
                return content
        raise InputError(f"{name}: {path} is no file of at most {MAX_BYTES} bytes; check the path")
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name}: {path} cannot be read ({error}); check the path") from None
