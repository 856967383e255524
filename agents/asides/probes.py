"""The probes: forty portraits, four a value, answered from 1 (not like me at all) to 6 (very much).

They are scored as questionnaires of real people are (`agents.survey.centred_scores`): the mean of a
value's answers minus the mean of all answers, which takes out how high somebody answers at all. The
direction is known (6 is like me), so nothing is ever turned.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from agents.instruments import HIGHEST, LOWEST, Instrument
from agents.survey import centred_scores, drop_reason
from agents.values import VALUES, Scores

Answers = npt.NDArray[np.float64]

FILE: Final = "probes.toml"
A_VALUE: Final = 4


@dataclass(frozen=True)
class Probe:
    """One portrait: its name (`p01` … `p40`), its text, and the value that it portrays."""

    name: str
    value: str
    text: str


@cache
def probes() -> tuple[Probe, ...]:
    """The forty probes, in the order of the circle."""
    texts = tomllib.loads((files(__package__) / FILE).read_text("utf-8"))["values"]
    every = [(code, text) for code in VALUES for text in texts[code]]
    return tuple(
        Probe(f"p{number:02d}", code, text) for number, (code, text) in enumerate(every, start=1)
    )


@cache
def form() -> Instrument:
    """The probes as an instrument, for scoring.

    Limits for missing and identical answers are those of the PVQ-40 (8 and 35 of 40).
    """
    every = probes()
    key = {
        code: tuple(i for i, probe in enumerate(every, start=1) if probe.value == code)
        for code in VALUES
    }
    return Instrument(
        scale="civa40",
        columns=tuple(probe.name for probe in every),
        key=MappingProxyType(key),
        missing=frozenset(),
        max_missing=8,
        max_identical=35,
    )


@cache
def instrument_hash() -> str:
    """SHA-256 of the probes' texts: stands with every result that was made with them."""
    return sha256((files(__package__) / FILE).read_bytes()).hexdigest()


def score(answers: Answers) -> Scores:
    """Centred scores of respondents.

    Args:
        answers: float[n, 40], 1 to 6, columns in the order of `probes()`; NaN where there is none.

    Returns:
        float[n, 10]; all NaN for a respondent who is dropped (`drop_reasons`): nothing that a mind
        did not say is scored.
    """
    scores = centred_scores(answers, form())
    scores[[reason is not None for reason in drop_reasons(answers)]] = np.nan
    return scores


def drop_reasons(answers: Answers) -> list[str | None]:
    """Why each respondent is not scored; None for those who are.

    Raises:
        ValueError: an answer is outside 1 to 6.
    """
    given = answers[~np.isnan(answers)]
    if ((given < LOWEST) | (given > HIGHEST)).any():
        raise ValueError(f"answers lie in {LOWEST} to {HIGHEST}")
    reasons: list[str | None] = []
    for row in answers:
        if np.isnan(row).all():
            reasons.append("no answer")
            continue
        found = drop_reason(row, form())
        reasons.append(None if found is None else found[0])
    return reasons
