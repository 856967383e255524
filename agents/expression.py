"""How a profile becomes what a resident is told: two families, and the weights each text conveys.

*Weights*: every resident is told its ten integers, treated or not. *Single*: only the treated carry
one text about one value; who reads no text about values is told, in effect, ten ordinary weights.
Results of the two families are never compared with each other.

What a text conveys is stated here and nowhere else: the world records it, the surrogate acts on
it, and the test server finds it again from the text alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from agents.errors import InputError
from agents.values import EVEN, MODES, VALUES, Weights, treat

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "weights": ("weights",),
        "single": ("gloss", "portrait", "ranked", "contrast", "sham", "placebo", "none"),
    }
)
"""The methods of each family; a method belongs to one family only."""

SILENT: Final = ("placebo", "none")
"""Methods that say nothing about any value."""

UNTREATED: Final = -1


def convey(
    family: str,
    method: str,
    profile: Weights,
    value: Weights,
    mode: Weights,
    compensated: bool = True,
) -> Weights:
    """Give the ten weights that each resident's text conveys.

    Weights family: the profile itself, treated by `agents.values.treat`. Single family: the value
    at 100, 0, 50 or -50 and the other nine sharing the rest of 500 evenly (under `against` as under
    `without`); ten 50s for the untreated, `none` and `placebo`. `sham` conveys what the text it
    replaces does.

    Args:
        family: `weights` or `single`.
        method: one of the family's methods.
        profile: int64[n, 10], what each resident is, untreated.
        value: int64[n], column of the treated value, -1 for the untreated.
        mode: int64[n], index in `agents.values.MODES`; not read where value is -1.
        compensated: whether the other nine are rescaled (a sensitivity arm of the weights family).

    Returns:
        int64[n, 10].

    Raises:
        InputError: unknown family or method, a value or mode off its list, or an uncompensated
            single text, which has no other weights to leave as they are.
    """
    if family not in FAMILIES or method not in FAMILIES[family]:
        known = "; ".join(f"{name}: {', '.join(methods)}" for name, methods in FAMILIES.items())
        raise InputError(f"expression: no method {method!r} in family {family!r}; use {known}")
    if family == "single" and not compensated:
        raise InputError(
            "expression: a single text states one value alone, so compensated=false has no meaning "
            "for it; use the weights family for the uncompensated arm"
        )
    treated = value != UNTREATED
    _check(value[treated], mode[treated])
    if family == "weights":
        told = profile.astype(np.int64)
    else:
        told = np.tile(EVEN, (len(value), 1))
        if method in SILENT:
            return told
    for column, level in np.unique(np.stack([value[treated], mode[treated]], 1), axis=0).tolist():
        rows = treated & (value == column) & (mode == level)
        told[rows] = treat(told[rows], column, MODES[level], compensated)
    return told


def _check(value: Weights, mode: Weights) -> None:
    for name, codes, many in (("value", value, len(VALUES)), ("mode", mode, len(MODES))):
        if codes.size and not ((codes >= 0) & (codes < many)).all():
            wrong = int(codes[(codes < 0) | (codes >= many)][0])
            raise InputError(f"{name}: {wrong} is off its list; use 0 to {many - 1}")
