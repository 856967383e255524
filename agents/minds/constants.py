"""The surrogate's hyperparameters; every one is our assumption."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Temper:
    """The surrogate's constants.

    Attributes:
        temperature: of the softmax, in utility.
        value_factor: weight of values against needs.
        expectation: share of its hearers that it expects to come along when it plans.
        expectation_acting: the same when it acts.
        hope: days of food it hopes for from exploring.
        revenge: probability with which it expects to be attacked back.
        asked_gift: units it gives at a time.
        lies: whether it weighs saying what it knows to be false.
    """

    temperature: float = 0.7
    value_factor: float = 0.5
    expectation: float = 0.75
    expectation_acting: float = 0.0
    hope: float = 0.3
    revenge: float = 0.5
    asked_gift: int = 10
    lies: bool = True
