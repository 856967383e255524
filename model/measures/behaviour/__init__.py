"""Emergent behaviours read off the log by rule: nine labels and five beside them.

The unit is the actor-day: a resident on a day on which it lived without a fault. A label hits once
an actor-day, and only where its opportunity stood. Everything works on anyone's tables with the
documented columns; nothing here knows the world.
"""

from model.measures.behaviour.catalogue import LABELS, Label, detect
from model.measures.behaviour.components import COMPONENTS, component_rates
from model.measures.behaviour.found import Flattery, Hits
from model.measures.behaviour.rates import (
    daily,
    rates,
    rates_by_treatment,
    sensitivity,
    social_prevalence,
)
from model.measures.behaviour.rules import KINDS, Rules
from model.measures.resident_days import judged_days

__all__ = [
    "COMPONENTS",
    "KINDS",
    "LABELS",
    "Flattery",
    "Hits",
    "Label",
    "Rules",
    "component_rates",
    "daily",
    "detect",
    "judged_days",
    "rates",
    "rates_by_treatment",
    "sensitivity",
    "social_prevalence",
]
