"""Which texts residents were assessed with: hashes that stand with every answer."""

from __future__ import annotations

import json
from functools import cache

from agents.asides import asking, awareness
from agents.asides.probes import instrument_hash, probes
from agents.asides.reply_objects import repair_specimen
from agents.observation import Rules
from agents.prompts.hashes import hash_of


@cache
def assessment_hashes() -> dict[str, str]:
    """What decides the question that puts the probes → its SHA-256, hexadecimal.

    The rules and the morning that the lived context shows are the run's own prompts, which its
    identity holds.
    """
    put = asking.put(asking.NOTHING_SHOWN, 0)
    return {
        "assessment": hash_of(
            asking.BARE, put, json.dumps(asking.schema(probes())), repair_specimen()
        ),
        "probes": instrument_hash(),
    }


@cache
def awareness_hashes() -> dict[str, str]:
    """What decides the questions about what a model recognises → its SHA-256, hexadecimal."""
    rules = Rules()
    asked = [
        text
        for item in awareness.items()
        for text in (awareness.question(item, rules), json.dumps(awareness.schema(item)))
    ]
    named = [json.dumps([item.name, item.names, item.foil]) for item in awareness.items()]
    return {"awareness": hash_of(awareness.STATIC, *asked, *named, repair_specimen())}
