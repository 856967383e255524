"""Which texts residents were assessed with: hashes that stand with every answer."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256

from agents.assessment import asking, awareness
from agents.assessment.probes import instrument_hash, probes
from agents.judging.reading import repair
from agents.llm.errors import ReplyFault
from agents.observation import Rules


@cache
def assessment_hashes() -> dict[str, str]:
    """What decides the question that puts the probes → its SHA-256, hexadecimal.

    The rules and the morning that the lived context shows are the run's own prompts, which its
    identity holds.
    """
    put = asking.put(asking.NOTHING_SHOWN, 0)
    return {
        "assessment": _hash(asking.BARE, put, json.dumps(asking.schema(probes())), _repaired()),
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
    return {"awareness": _hash(awareness.STATIC, *asked, *named, _repaired())}


def _repaired() -> str:
    return repair(ReplyFault("no_json", "it held no JSON object"))


def _hash(*texts: str) -> str:
    return sha256("\n".join(texts).encode()).hexdigest()
