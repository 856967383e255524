"""What makes two runs the same run: scenario, seed, minds, texts, inputs and `ENGINE`.

Nothing operational enters: no endpoint, no cap, no folder. Versions of packages are recorded beside
it and never compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from agents.errors import InputError
from model.scenario import Scenario

#: Raised by hand whenever the pinned hash of a run changes: then old runs cannot be resumed or
#: replayed by this version, though they can be read.
ENGINE: Final = 1

_LARGEST: Final = 100_000_000  # bytes of an input file
_OF_THE_TABLE: Final = ("surrogate", "permuted")


def identity_of(scenario: Scenario, seed: int) -> dict[str, Any]:
    """The identity of a run, as plain data.

    Raises:
        InputError: an input file of the scenario cannot be read.
    """
    minds = [name for name in (scenario.mind, scenario.second_mind) if name]
    return {
        "engine": ENGINE,
        "seed": seed,
        "mind": " + ".join(minds),
        "scenario": scenario.model_dump(mode="json"),
        "prompts": _prompts(scenario.language),
        "inputs": _inputs(scenario, minds),
    }


def digest(identity: Mapping[str, Any]) -> str:
    """SHA-256 of an identity, in hexadecimal."""
    return hashlib.sha256(canonical(identity).encode("ascii")).hexdigest()


def canonical(identity: Mapping[str, Any]) -> str:
    """An identity as one line of JSON, always the same for the same identity."""
    return json.dumps(identity, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _prompts(language: tuple[str, ...]) -> dict[str, str]:
    """Hashes of the texts with which the models of these fields are asked; empty for no field."""
    found: dict[str, str] = {}
    if {"mind", "second_mind"} & set(language):
        from agents.prompts.hashes import prompt_hashes

        found |= prompt_hashes()
    if "overseer" in language:
        from agents.judging.hashes import overseer_hashes

        found |= overseer_hashes()
    return found


def _inputs(scenario: Scenario, minds: list[str]) -> dict[str, str]:
    """Hashes of what the scenario refers to and does not hold."""
    found = {}
    if any(name.partition(":")[0] in _OF_THE_TABLE for name in minds):
        from agents.minds.utilities import table

        found["utilities"] = table().hash
    if scenario.population_file:
        found["population_file"] = _file_hash("population_file", Path(scenario.population_file))
    return found


def _file_hash(field: str, path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            raise InputError(
                f"{field}: {path} is no file of at most {_LARGEST} bytes; check the path"
            )
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{field}: {path} cannot be read ({error}); check the path") from None
