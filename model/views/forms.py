"""Values of forms that outlive their panel: what was typed is not lost when a panel falls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import solara

_Value = TypeVar("_Value")


class Forms:
    """Values by name, each made when it is first asked for; they live as long as their session."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[solara.Reactive[Any], Callable[[], Any]]] = {}

    def held(self, name: str, start: Callable[[], _Value]) -> solara.Reactive[_Value]:
        """A value of a form, to be read and set while its panel is drawn and in its handlers.

        Args:
            name: of the form and the value; the same name is the same value.
            start: makes it at first, and when all forms are emptied.
        """
        if name not in self._values:
            self._values[name] = solara.reactive(start()), start
        return self._values[name][0]

    @property
    def names(self) -> tuple[str, ...]:
        """The values that have been asked for."""
        return tuple(self._values)

    def empty(self, name: str) -> None:
        """Put a value back to what it is at first."""
        value, start = self._values[name]
        value.set(start())
