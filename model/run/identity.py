"""What makes two runs the same run: scenario, seed, minds, texts, inputs, plug-ins and `ENGINE`.

Nothing operational enters: no endpoint, no cap, no folder. Versions of packages are recorded beside
it and never compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from agents.registers import provenance
from model.world.inputs import Inputs, read_inputs
from model.world.scenario import Scenario

#: Raised by hand whenever the pinned hash of a run changes: then old runs cannot be resumed or
#: replayed by this version, though they can be read.
ENGINE: Final = 1

_OF_THE_TABLE: Final = ("surrogate", "permuted")


def identity_of(scenario: Scenario, seed: int, inputs: Inputs | None = None) -> dict[str, Any]:
    """The identity of a run, as plain data.

    Args:
        scenario: the community.
        seed: its seed.
        inputs: what was read of the files that the scenario names, where the run is founded from
            it too; by default they are read now.

    Raises:
        InputError: an input file of the scenario cannot be read.
    """
    minds = [name for name in (scenario.mind, scenario.second_mind) if name]
    plugins = _plugins(scenario, minds)
    return {
        "engine": ENGINE,
        "seed": seed,
        "mind": " + ".join(minds),
        "scenario": scenario.model_dump(mode="json"),
        "prompts": _prompts(scenario.language),
        "inputs": _inputs(inputs or read_inputs(scenario), minds),
        **({"plugins": plugins} if plugins else {}),
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
        from agents.asides.judge_hashes import overseer_hashes

        found |= overseer_hashes()
    return found


def _plugins(scenario: Scenario, minds: list[str]) -> dict[str, str]:
    """What the scenario names that a plug-in brought: package, version and hash of its file.

    Two files of one name may decide differently, so the name alone would not make it the same run.
    """
    named = [
        ("civa.regimes", scenario.regime),
        ("civa.networks", scenario.network),
        *(("civa.minds", name.partition(":")[0]) for name in minds),
        *(("civa.interventions", shock.kind) for shock in scenario.shocks),
    ]
    found = {f"{group}: {name}": provenance(group, name) for group, name in named}
    return {name: source for name, source in found.items() if source}


def _inputs(inputs: Inputs, minds: list[str]) -> dict[str, str]:
    """Hashes of what the scenario refers to and does not hold."""
    found = {}
    if any(name.partition(":")[0] in _OF_THE_TABLE for name in minds):
        from agents.minds.utilities import table

        found["utilities"] = table().hash
    return {**found, **inputs.hashes}
