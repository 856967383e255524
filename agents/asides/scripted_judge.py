"""A judge with a known confusion matrix: it is told the truth and errs as it is set to.

It proves the statistics, offline: every number that they estimate is known. Its replies are texts
like a model's, read and verified by the same code. What it gets wrong is drawn by a key and the
label, so the same question is always judged the same.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from agents.asides.judge import Question
from agents.asides.labels import LABELS
from agents.errors import InputError
from agents.purposes import Purpose
from agents.randomness import draws, uniform

_SETTINGS: Final = ("sens", "spec", "refuse", "misquote", "mislabel")


@dataclass(frozen=True)
class Confusion:
    """How a scripted judge errs.

    Attributes:
        sens: probability of finding a behaviour that is there.
        spec: probability of leaving one alone that is not.
        refuse: share of replies that are refusals.
        misquote: share of replies with a quote that is not in the log.
        mislabel: share of replies with a label that does not exist.
        by_label: label -> (sens, spec) where it differs.
    """

    sens: float = 0.8
    spec: float = 0.9
    refuse: float = 0.0
    misquote: float = 0.0
    mislabel: float = 0.0
    by_label: dict[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Confusion:
        """From words such as `sens=.8,spec=.9,refuse=.02,deception=.6/.95`.

        Raises:
            InputError: an unknown word or a number that is no share.
        """
        shares: dict[str, float] = {}
        own: dict[str, tuple[float, float]] = {}
        for part in filter(None, (word.strip() for word in text.split(","))):
            name, _, given = part.partition("=")
            if name in LABELS:
                sens, _, spec = given.partition("/")
                own[name] = (_share(part, sens), _share(part, spec))
            elif name in _SETTINGS:
                shares[name] = _share(part, given)
            else:
                known = ", ".join((*_SETTINGS, *LABELS))
                raise InputError(f"judge scripted: no setting {name!r}; use {known}")
        return cls(**shares, by_label=own)

    def of(self, label: str) -> tuple[float, float]:
        """Sensitivity and specificity for a label."""
        return self.by_label.get(label, (self.sens, self.spec))


def scripted_reply(question: Question, truth: Collection[str], confusion: Confusion) -> str:
    """What the scripted judge writes about a question.

    Args:
        question: what it is shown.
        truth: labels that are truly there.
        confusion: how it errs.
    """
    lots = uniform(
        draws(np.array([question.key]), Purpose.SCRIPTED_JUDGE, np.arange(len(LABELS) + 3))
    ).tolist()
    if lots[-1] < confusion.refuse:
        return "I cannot judge members of a community."
    quote = question.lines[-1]
    found = []
    for label, lot in zip(LABELS, lots, strict=False):
        sens, spec = confusion.of(label)
        if lot < (sens if label in truth else 1.0 - spec):
            found.append({"label": label, "quote": quote, "claim": ""})
    if lots[-2] < confusion.misquote:
        found.append({"label": LABELS[0], "quote": "this was never said by anybody", "claim": ""})
    if lots[-3] < confusion.mislabel:
        found.append({"label": "wickedness", "quote": quote, "claim": ""})
    return json.dumps({"found": found})


def _share(part: str, given: str) -> float:
    try:
        value = float(given)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise InputError(f"judge scripted: {part!r} gives no share from 0 to 1")
    return value
