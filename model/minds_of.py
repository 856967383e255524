"""From a mind's name in a scenario to the mind itself.

Offline minds are made of their name alone. A language mind needs an endpoint, accounts and a
journal besides, so it is opened for a run (`open_mind`) and closed after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agents.errors import InputError
from model.refusal import unknown

if TYPE_CHECKING:
    from agents.decisions import Ints
    from agents.minds import Mind
    from agents.minds.surrogate import Temper
    from model.scenario import Scenario
    from model.settings import Settings

    GroupOf = Callable[[Ints], Ints]

NAMES: Final = ("surrogate", "random", "flat", "permuted", "scripted:crew", "scripted:spread")


@dataclass(frozen=True)
class Spent:
    """What a mind has used so far: calls, tokens in and out, and money (NaN without prices)."""

    calls: int = 0
    tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True)
class OpenMind:
    """A mind made ready for one run.

    Attributes:
        mind: who decides.
        spent: what it has used, replies that the journal holds included.
        close: gives back what was opened for it.
    """

    mind: Mind
    spent: Callable[[], Spent] = Spent
    close: Callable[[], None] = lambda: None


def open_mind(
    scenario: Scenario,
    settings: Settings,
    folder: Path | None,
    *,
    offline: bool = False,
    group_of: GroupOf | None = None,
) -> OpenMind:
    """Open the minds that a scenario names, for one run.

    Args:
        scenario: names them.
        settings: where a language mind is asked and what it may spend; nothing else reads them.
        folder: folder of the run, for a journal; None for a run that leaves nothing.
        offline: forbid the network: what the journal does not hold is an error.
        group_of: which mind decides for residents of these ids, if there are two.

    Raises:
        InputError: a name is unknown.
    """
    return OpenMind(mind_of(scenario, group_of))


def mind_of(scenario: Scenario, group_of: GroupOf | None = None) -> Mind:
    """The minds that a scenario names, as one.

    Args:
        scenario: names them.
        group_of: which mind decides for residents of these ids, if there are two.

    Raises:
        InputError: a name is unknown, or it is a language mind's.
    """
    first = _named(scenario.mind, scenario, "mind")
    if not scenario.second_mind:
        return first
    if group_of is None:
        raise InputError("second_mind: needs a community, which knows who belongs to which group")
    from agents.minds.mixed import Mixed

    return Mixed((first, _named(scenario.second_mind, scenario, "second_mind")), group_of)


def asks_language(name: str) -> bool:
    """Whether a mind of this name asks a language model."""
    return name.startswith("openai:")


def _named(name: str, scenario: Scenario, field: str) -> Mind:
    from agents.minds import nulls
    from agents.minds.scripted import Script, Scripted
    from agents.minds.surrogate import Surrogate

    kind, colon, rest = name.partition(":")
    if kind == "scripted" and colon:
        return Scripted(Script.parse(rest), name)
    if kind == "permuted" and (rest.isdecimal() or not colon):
        return nulls.permuted(_temper(scenario), int(rest or 0))
    if name == "surrogate":
        return Surrogate(_temper(scenario))
    if name == "flat":
        return nulls.flat(_temper(scenario))
    if name == "random":
        return nulls.RandomMind()
    if asks_language(name):
        raise InputError(
            f"{field}: {name} asks a language model, which needs a run of its own: civa run"
        )
    raise InputError(f"{field}: {unknown(name, NAMES, 'mind')}")


def _temper(scenario: Scenario) -> Temper:
    from agents.minds.surrogate import Temper

    return Temper(
        temperature=scenario.choice_temperature,
        value_factor=scenario.value_factor,
        expectation=scenario.expectation,
        expectation_acting=scenario.expectation_acting,
        lies=scenario.lies,
    )
