"""Every kind of mind by name: how it is spelled, and whether it asks a language model.

This is the one place that knows what a name means. Opening a mind needs more than its name (a
scenario, a journal, an endpoint) and is done above: `model.world.minds`, `model.run.language`.
Overseers and judges are named in the same way, so `asks_language` answers for them too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class MindKind:
    """One kind of mind.

    Attributes:
        word: what stands before the colon of a name, or is the whole name.
        language: whether it asks a language model.
        spelled: names as they are offered to users.
        fits: whether this may follow the colon; None stands for a name without a colon.
    """

    word: str
    language: bool
    spelled: tuple[str, ...]
    fits: Callable[[str | None], bool]


def _alone(rest: str | None) -> bool:
    return rest is None


def _number_or_alone(rest: str | None) -> bool:
    return rest is None or rest.isdecimal()


def _anything(rest: str | None) -> bool:
    return rest is not None


_LANGUAGE: Final = "openai"

MINDS: Final[dict[str, MindKind]] = {
    kind.word: kind
    for kind in (
        MindKind("surrogate", False, ("surrogate",), _alone),
        MindKind("random", False, ("random",), _alone),
        MindKind("flat", False, ("flat",), _alone),
        MindKind("permuted", False, ("permuted",), _number_or_alone),
        MindKind("scripted", False, ("scripted:crew", "scripted:spread"), _anything),
        # A name without a model is a language mind's all the same: it is refused when opened.
        MindKind(_LANGUAGE, True, (f"{_LANGUAGE}:MODEL",), _anything),
    )
}
#: All names as they are offered to users.
NAMES: Final = tuple(name for kind in MINDS.values() for name in kind.spelled)
#: How a mind that asks a language model is spelled.
LANGUAGE_NAME: Final = MINDS[_LANGUAGE].spelled[0]


def parse(name: str) -> tuple[MindKind | None, str]:
    """The kind of mind that a name spells, and what follows its colon; no kind if it spells none.

    `permuted:3` is (permuted, "3"); `surrogate` is (surrogate, "").
    """
    word, colon, rest = name.partition(":")
    kind = MINDS.get(word)
    if kind is None or not kind.fits(rest if colon else None):
        return None, ""
    return kind, rest


def asks_language(name: str) -> bool:
    """Whether a mind, an overseer or a judge of this name asks a language model."""
    kind, _ = parse(name)
    return kind is not None and kind.language


def model_of(name: str) -> str:
    """The language model that a name asks; empty if it asks none or names none."""
    return parse(name)[1] if asks_language(name) else ""


def language_name(model: str) -> str:
    """The name of the mind that asks this language model."""
    return f"{_LANGUAGE}:{model}"
