"""The two questionnaires that civa reads: their columns, keys, missing codes and drop rules.

Keys: Schwartz et al. (2001) for the PVQ-40; European Social Survey, human values scale (PVQ-21),
with the variable names of the ESS integrated file. Item texts are licensed and not shipped.
The limits for missing and identical answers: Schwartz's scoring instructions for the ESS-21,
carried over to the PVQ-40 (our assumption).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from agents.errors import InputError
from agents.values import VALUES


@dataclass(frozen=True)
class Instrument:
    """One questionnaire on a six-point scale.

    Attributes:
        scale: name on the command line.
        columns: item columns in the order of their item numbers, lower case.
        key: item numbers (from 1) per value code.
        missing: codes that stand for no answer (blank cells always do).
        max_missing: a respondent with more missing answers is dropped.
        max_identical: a respondent who gives one answer more often than this is dropped.
    """

    scale: str
    columns: tuple[str, ...]
    key: Mapping[str, tuple[int, ...]]
    missing: frozenset[int]
    max_missing: int
    max_identical: int

    @property
    def membership(self) -> npt.NDArray[np.bool_]:
        """bool[10, items]: which item measures which value, rows in the order of `VALUES`."""
        table = np.zeros((len(VALUES), len(self.columns)), dtype=bool)
        for row, code in enumerate(VALUES):
            table[row, [item - 1 for item in self.key[code]]] = True
        return table


LOWEST: Final = 1
HIGHEST: Final = 6

PVQ40: Final = Instrument(
    scale="pvq40",
    columns=tuple(f"pvq{item:02d}" for item in range(1, 41)),
    key=MappingProxyType(
        {
            "SD": (1, 11, 22, 34),
            "ST": (6, 15, 30),
            "HE": (10, 26, 37),
            "AC": (4, 13, 24, 32),
            "PO": (2, 17, 39),
            "SE": (5, 14, 21, 31, 35),
            "CO": (7, 16, 28, 36),
            "TR": (9, 20, 25, 38),
            "BE": (12, 18, 27, 33),
            "UN": (3, 8, 19, 23, 29, 40),
        }
    ),
    missing=frozenset({0}),
    max_missing=8,
    max_identical=35,
)

ESS21: Final = Instrument(
    scale="ess21",
    columns=(
        "ipcrtiv",
        "imprich",
        "ipeqopt",
        "ipshabt",
        "impsafe",
        "impdiff",
        "ipfrule",
        "ipudrst",
        "ipmodst",
        "ipgdtim",
        "impfree",
        "iphlppl",
        "ipsuces",
        "ipstrgv",
        "ipadvnt",
        "ipbhprp",
        "iprspot",
        "iplylfr",
        "impenv",
        "imptrad",
        "impfun",
    ),
    key=MappingProxyType(
        {
            "SD": (1, 11),
            "ST": (6, 15),
            "HE": (10, 21),
            "AC": (4, 13),
            "PO": (2, 17),
            "SE": (5, 14),
            "CO": (7, 16),
            "TR": (9, 20),
            "BE": (12, 18),
            "UN": (3, 8, 19),
        }
    ),
    missing=frozenset({7, 8, 9, 66, 77, 88, 99}),
    max_missing=5,
    max_identical=16,
)

INSTRUMENTS: Final[Mapping[str, Instrument]] = MappingProxyType({"pvq40": PVQ40, "ess21": ESS21})


def instrument(scale: str) -> Instrument:
    """Give the instrument of a scale's name.

    Raises:
        InputError: no such scale.
    """
    if scale not in INSTRUMENTS:
        raise InputError(f"scale: {scale!r} is not known; use one of {', '.join(INSTRUMENTS)}")
    return INSTRUMENTS[scale]
