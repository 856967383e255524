"""The words for acts and kinds, one set a wording, as `words.toml` lists them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Final

from agents.errors import InputError
from agents.observation import Rules

MAIN_ACTS: Final = ("secure", "explore", "promote", "idle")
FURTHER_ACTS: Final = ("none", "gift", "attack", "merge")
PLAN_WORDS: Final = ("secure", "explore", "promote", "idle", "gift", "merge")
IMPOSSIBLE: Final = ("secure", "explore", "promote", "idle", "gift", "attack", "merge")


@dataclass(frozen=True)
class Words:
    """One wording: the project's own name of an act or kind → the word a resident reads.

    Attributes:
        name: `plain` or `neutral`.
        of: our name → its word.
    """

    name: str
    of: Mapping[str, str]

    def __hash__(self) -> int:
        return hash(self.name)

    @cached_property
    def main(self) -> tuple[str, ...]:
        """Words in the order of `Main`."""
        return tuple(self.of[name] for name in MAIN_ACTS)

    @cached_property
    def further(self) -> tuple[str, ...]:
        """Words in the order of `Further`."""
        return tuple(self.of[name] for name in FURTHER_ACTS)

    def offered(self, rules: Rules) -> tuple[str, ...]:
        """Words of the further acts that are switched on, `none` first."""
        on = {"gift": rules.gifts, "attack": rules.attacks, "merge": rules.merges}
        return tuple(self.of[name] for name in FURTHER_ACTS if on.get(name, True))

    @cached_property
    def plan(self) -> tuple[str, ...]:
        """Words in the order of `PlanWord`."""
        return tuple(self.of[name] for name in PLAN_WORDS)

    @cached_property
    def impossible(self) -> tuple[str, ...]:
        """Words in the order of `Impossible`."""
        return (*(self.of[name] for name in IMPOSSIBLE), "a message")

    def kinds(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Words of some kinds of messages."""
        return tuple(self.of[name] for name in names)


@cache
def wordings() -> Mapping[str, Words]:
    """Every wording by its name."""
    table = tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))
    return {name: Words(name, {"none": "none", **words}) for name, words in table.items()}


def words_of(wording: str) -> Words:
    """Give one wording.

    Raises:
        InputError: there is none of that name.
    """
    known = wordings()
    if wording not in known:
        raise InputError(f"wording: {wording!r} is unknown; use one of {', '.join(known)}")
    return known[wording]
