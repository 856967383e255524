"""Every kind of mind by name: how it is spelled, and whether it asks a language model.

This is the one place that knows what a name means. A mind that needs only its name and the
surrogate's constants is made by its entry; one that asks a language model needs a journal and an
endpoint, and is opened above (`model.run.language`). Overseers and judges are named in the same
way, so `asks_language` answers for them too. A plug-in adds a mind of its own (group `civa.minds`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from agents.csvfile import shown
from agents.errors import InputError
from agents.registers import Register

if TYPE_CHECKING:
    from agents.minds import Mind
    from agents.minds.constants import Temper


@dataclass(frozen=True)
class MindKind:
    """One kind of mind.

    Attributes:
        word: what stands before the colon of a name, or is the whole name.
        language: whether it asks a language model.
        spelled: names as they are offered to users.
        fits: whether this may follow the colon; None stands for a name without a colon.
        make: the mind, of the name, what follows its colon and the surrogate's constants; raises
            InputError where the name says something that it cannot be made of. None for a mind
            that asks a language model.
    """

    word: str
    language: bool
    spelled: tuple[str, ...]
    fits: Callable[[str | None], bool]
    make: Callable[[str, str, Temper], Mind] | None = None


#: Digits of the seed in `permuted:SEED` at most; Python reads no numbers of thousands.
_DIGITS: Final = 1_000


def _alone(rest: str | None) -> bool:
    return rest is None


def _number_or_alone(rest: str | None) -> bool:
    return rest is None or rest.isdecimal()


def _anything(rest: str | None) -> bool:
    return rest is not None


def _surrogate(name: str, rest: str, temper: Temper) -> Mind:
    from agents.minds.surrogate import Surrogate

    return Surrogate(temper)


def _random(name: str, rest: str, temper: Temper) -> Mind:
    from agents.minds.nulls import RandomMind

    return RandomMind()


def _flat(name: str, rest: str, temper: Temper) -> Mind:
    from agents.minds import nulls

    return nulls.flat(temper)


def _permuted(name: str, rest: str, temper: Temper) -> Mind:
    from agents.minds import nulls

    if len(rest) > _DIGITS:
        raise InputError(f"{shown(name)} has a seed of {len(rest)} digits; give at most {_DIGITS}")
    return nulls.permuted(temper, int(rest or 0))


def _scripted(name: str, rest: str, temper: Temper) -> Mind:
    from agents.minds.scripted import Script, Scripted

    return Scripted(Script.parse(rest), name)


_LANGUAGE: Final = "openai"

_OURS: Final = {
    kind.word: kind
    for kind in (
        MindKind("surrogate", False, ("surrogate",), _alone, _surrogate),
        MindKind("random", False, ("random",), _alone, _random),
        MindKind("flat", False, ("flat",), _alone, _flat),
        MindKind("permuted", False, ("permuted",), _number_or_alone, _permuted),
        MindKind("scripted", False, ("scripted:crew", "scripted:spread"), _anything, _scripted),
        # A name without a model is a language mind's all the same: it is refused when opened.
        MindKind(_LANGUAGE, True, (f"{_LANGUAGE}:MODEL",), _anything),
    )
}
#: All kinds by the word before the colon, those of plug-ins after ours.
MINDS: Final = Register("civa.minds", MindKind, _OURS)
#: All names as they are offered to users.
NAMES: Final = (*(name for kind in _OURS.values() for name in kind.spelled), *MINDS.plugins)
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
