"""Where the next community asks its language model and what it may spend there, in the controls.

The page offers the endpoints that the user named elsewhere, by their names alone: nothing that a
browser sends can become an address. A community that asks a language model has a cap.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

import solara

from agents.csvfile import shown
from agents.errors import CivaError, InputError
from agents.llm.keys import OPENAI, Registry
from model.run.estimate import Estimate
from model.views.error_boundary import on
from model.views.estimates import Estimates, calls_by_default
from model.views.living_community import Choice
from model.views.session import Session
from model.views.widgets import Words
from model.world.endpoints import registry
from model.world.settings import Settings, settings_from

#: Setting → its label. Those that are calls or tokens are whole numbers.
LIMITS: Final = {
    "max_calls": "calls at most",
    "max_tokens": "tokens at most",
    "max_money": "money at most",
}
PRICES: Final = {
    "price_input": "price of a million prompt tokens",
    "price_output": "price of a million reply tokens",
}
WHOLE: Final = ("max_calls", "max_tokens")


@dataclass(frozen=True)
class ModelChoice:
    """How a community asks its language model, as it stands in the controls.

    Attributes:
        model: as typed.
        endpoint: the name of one of those that are known.
        typed: caps and prices by setting, as typed; a cap on calls that nobody typed or took away
            is the default one.
    """

    model: str = "gpt-5-mini"
    endpoint: str = OPENAI
    typed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings, model: str) -> ModelChoice:
        """What a community that lives was founded with."""
        given = {name: getattr(settings, name) for name in (*LIMITS, *PRICES)}
        typed = {name: f"{value:.15g}" for name, value in given.items() if value is not None}
        return cls(model or cls.model, settings.base_url or OPENAI, typed)

    def changed(self, name: str, text: str) -> ModelChoice:
        """The same with another model, endpoint, cap or price."""
        if name == "model":
            return replace(self, model=text)
        if name == "endpoint":
            return replace(self, endpoint=text)
        return replace(self, typed={**self.typed, name: text})

    def settings(self, calls: int | None) -> Settings:
        """The settings that this makes.

        Args:
            calls: the cap on calls where none was typed; None leaves it open.

        Raises:
            InputError: the endpoint is not on the menu, a number is none, or nothing caps what may
                be spent.
        """
        known = registry()
        known.by_name(self.endpoint, "endpoint")  # names alone: a browser may send anything
        numbers = {name: _number(name, text) for name, text in self.typed.items() if text.strip()}
        if calls is not None and "max_calls" not in self.typed:
            numbers["max_calls"] = calls
        if calls is not None and not any(name in numbers for name in LIMITS):
            raise InputError(
                f"{', '.join(LIMITS)}: a community that asks a language model needs one of these "
                "caps; give a number"
            )
        if "max_money" in numbers and not all(name in numbers for name in PRICES):
            raise InputError("max_money: needs both prices; give them, or cap calls or tokens")
        return settings_from({"base_url": self.endpoint, "endpoints": known.named, **numbers})


def _number(name: str, text: str) -> float:
    try:
        return int(text) if name in WHOLE else float(text)
    except ValueError:
        wanted = "a whole number" if name in WHOLE else "a number"
        raise InputError(
            f"{(LIMITS | PRICES)[name]}: {shown(text)!r} is not usable; give {wanted}"
        ) from None


@dataclass(frozen=True)
class EndpointMenu:
    """The endpoints that can be chosen, or why there are none.

    Attributes:
        lines: name → what it says: address, and the state of its key, never the key.
        problem: what is wrong with how they are named.
    """

    lines: Mapping[str, str]
    problem: str = ""

    @classmethod
    def read(cls) -> EndpointMenu:
        """What command line, environment and settings file name now."""
        try:
            known = registry()
            return cls({name: _line(known, name) for name in known.names})
        except InputError as error:
            return cls({}, str(error))


def _line(known: Registry, name: str) -> str:
    found = known.by_name(name, "endpoint")
    return f"{found.url}, {found.key_state(os.environ)}"


@solara.component
def Spending(
    session: Session,
    asking: ModelChoice,
    choose: Callable[[Estimates], Choice],
    on_change: Callable[[str, str], None],
    line: Callable[[str, str, Callable[[str], None]], Any],
) -> None:
    """Where the next community asks a language model, what it may spend there, and what it will.

    Args:
        session: holds the estimates.
        asking: as it stands.
        choose: makes the next community of it, or refuses to.
        on_change: called with the name and the new text of what is changed.
        line: makes a line to type in, of a label, a text, and what to call with another one.
    """
    _ = session.counted.value
    menu = solara.use_memo(EndpointMenu.read, [])
    default, said = "", menu.problem
    try:
        choice = choose(session.estimates)
        found = session.estimates.of(choice, "next")
        counted = found if isinstance(found, Estimate) else None
        default, said = str(calls_by_default(choice, counted)), expected(found, choice.settings)
    except CivaError as error:
        said = str(error)
    line("model", asking.model, partial(on_change, "model"))
    solara.Select(
        "endpoint",
        values=list(menu.lines),
        value=asking.endpoint,
        on_value=on(lambda name: on_change("endpoint", str(name))),
    )
    Words(menu.lines.get(asking.endpoint, ""), quiet=True)
    Words("Keys are read from the environment, never from here.", quiet=True)
    with solara.v.Html(tag="div", class_="civa-two"):
        for name, label in (LIMITS | PRICES).items():
            shown_now = asking.typed.get(name, default if name == "max_calls" else "")
            line(label, shown_now, partial(on_change, name))
    Words(said, quiet=True)


@solara.component
def Expected(session: Session) -> None:
    """What the living community will use, beside the button that spends it."""
    _ = session.counted.value, session.changed.value
    choice = session.choice
    if choice.language:
        with solara.v.Html(tag="div", class_="civa-expected"):
            Words(expected(session.estimates.of(choice, "living"), choice.settings), quiet=True)


def expected(found: Estimate | str | None, settings: Settings) -> str:
    """An estimate and the caps beside it, as one line."""
    caps = [
        f"{value:,.15g} {unit}"
        for value, unit in (
            (settings.max_calls, "calls"),
            (settings.max_tokens, "tokens"),
            (settings.max_money, "money"),
        )
        if value is not None
    ]
    stops = f" Stops at {' or '.join(caps)}." if caps else ""
    if found is None:
        return f"Being estimated: nothing is sent for it.{stops}"
    if isinstance(found, str):
        return f"{found}.{stops}"
    money = "no prices given" if math.isnan(found.money) else f"{found.money:,.2f} at these prices"
    return (
        f"Estimated: {found.calls:,} calls, {found.total.tokens / 1e6:,.2f} M tokens, {money}; "
        f"a language model's replies are longer.{stops}"
    )
