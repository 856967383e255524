"""From a mind's name in a scenario to the mind itself.

Offline minds are made of their name alone. A language mind needs an endpoint, accounts and a
journal besides, so it is opened for a run (`model.run.open_minds`) and closed after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from agents.asides.contradictions import Contradictions
from agents.asides.oversight import Overseen
from agents.errors import InputError
from agents.minds.register import LANGUAGE_NAME, NAMES, parse
from model.world.validation import unknown

if TYPE_CHECKING:
    from agents.decisions import Ints
    from agents.minds import Mind
    from agents.minds.constants import Temper
    from model.world.scenario import Scenario

    GroupOf = Callable[[Ints], Ints]


#: Overseers by name.
OVERSEERS: Final = (Contradictions.name, LANGUAGE_NAME)


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
        usage: the same in detail, as plain data for the run's card; empty without calls.
        line: one line for a progress bar, from any thread; empty without calls.
    """

    mind: Mind
    spent: Callable[[], Spent] = Spent
    close: Callable[[], None] = lambda: None
    usage: Callable[[], dict[str, Any]] = dict
    line: Callable[[], str] = str


def mind_of(scenario: Scenario, group_of: GroupOf | None = None) -> Mind:
    """The minds that a scenario names, as one.

    Args:
        scenario: names them.
        group_of: which mind decides for residents of these ids, if there are two.

    Raises:
        InputError: a name is unknown, or it is a language mind's.
    """
    first = offline_mind(scenario.mind, scenario, "mind")
    if not scenario.second_mind:
        return first
    if group_of is None:
        raise InputError("second_mind: needs a community, which knows who belongs to which group")
    from agents.minds.mixed import Mixed

    return Mixed((first, offline_mind(scenario.second_mind, scenario, "second_mind")), group_of)


def offline_mind(name: str, scenario: Scenario, field: str) -> Mind:
    """A mind that needs nothing but its name and the scenario.

    Args:
        name: as a scenario has it.
        scenario: holds the surrogate's assumptions.
        field: the field that named it, for messages.

    Raises:
        InputError: the name is unknown, or a language mind's.
    """
    kind, rest = parse(name)
    if kind is None:
        raise InputError(f"{field}: {unknown(name, NAMES, 'mind')}")
    if kind.make is None:
        raise InputError(
            f"{field}: {name} asks a language model, which needs a journal: use civa run, or "
            "agents.minds.language.over(…) from Python"
        )
    try:
        return kind.make(name, rest, _temper(scenario))
    except InputError as error:
        raise InputError(f"{field}: {error}") from None


def overseen(mind: Mind, scenario: Scenario) -> Mind:
    """The mind with the scenario's overseer beside it, unless it has one or none is wanted.

    Raises:
        InputError: no overseer has that name, or it asks a language model and was not opened with
            the run.
    """
    name = scenario.overseer
    if not name or isinstance(mind, Overseen):
        return mind
    if name == Contradictions.name:
        return Overseen(mind, Contradictions())
    if "overseer" in scenario.language:
        raise InputError(
            f"overseer: {name} asks a language model, which needs a journal: use civa run, or hand "
            "in agents.asides.oversight.Overseen(mind, overseer) from Python"
        )
    raise InputError(f"overseer: {unknown(name, OVERSEERS, 'overseer')}")


def nobody() -> Mind:
    """A mind and an overseer for a community that is only looked at, and asks neither."""
    return Overseen(_Nobody(), _Nobody())


class _Nobody:
    """Stands where a mind, or an overseer, would."""

    name = "nobody"

    def reply(self, batch: Any) -> Any:
        """Never asked."""
        raise AssertionError("a community that is only looked at asked its mind")

    areply = look = alook = reply


def _temper(scenario: Scenario) -> Temper:
    from agents.minds.constants import Temper

    return Temper(
        temperature=scenario.choice_temperature,
        value_factor=scenario.value_factor,
        expectation=scenario.expectation,
        expectation_acting=scenario.expectation_acting,
        lies=scenario.lies,
    )
