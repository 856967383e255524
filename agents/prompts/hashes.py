"""Which texts a run was made with: hashes that are part of its identity.

The texts are hashed by their bytes. The code that writes a question is hashed by what it writes:
the rules under each regime with everything on, and with everything off, a specimen question that
shows every line, in both wordings, and the schemas of all stages. So a comment changes nothing, and
a changed line does.
"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from agents.observation import (
    FUSED,
    STAGED,
    Announced,
    Observation,
    OneAct,
    OneMessage,
    Rules,
    Since,
    Stage,
)
from agents.prompts.render import render
from agents.prompts.schemas import bounded, schema
from agents.prompts.static import render_static
from agents.prompts.words import wordings
from agents.regimes import REGIMES

FILES: Final = ("static.md", "values.toml", "words.toml")


@cache
def prompt_hashes() -> dict[str, str]:
    """What decides a prompt → its SHA-256, hexadecimal."""
    folder = files(__package__)
    hashes = {name: sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    written: list[str] = []
    statics: list[str] = []
    schemas: list[str] = []
    for wording in wordings():
        rules = Rules(wording=wording)
        written.append("\n".join(render(specimen(), rules)[1:]))
        statics += [render_static(replace(rules, regime=name)) for name in REGIMES]
        statics.append(render_static(_bare(wording)))
        for stage in (*FUSED, *STAGED):
            wire = schema(stage, replace(rules, cognition="fused" if stage in FUSED else "staged"))
            schemas.append(json.dumps([wire, bounded(wire)]))
    hashes["question"] = hash_of(*written)
    hashes["rules"] = hash_of(*statics)
    hashes["schemas"] = hash_of(*schemas)
    return hashes


def hash_of(*texts: str) -> str:
    """SHA-256 of texts one below the other, hexadecimal."""
    return sha256("\n".join(texts).encode()).hexdigest()


def _bare(wording: str) -> Rules:
    """Rules with every switch off."""
    off: dict[str, Any] = {f.name: False for f in fields(Rules) if f.type == "bool"}
    off |= {"cognition": "staged", "family": "single", "method": "none"}
    return replace(Rules(), **off, kinds=(), wording=wording)


def specimen() -> Observation:
    """A question in which every line and every form stands at least once."""
    one_operand = (Since.JOINED, Since.CHILD, Since.IMPOSSIBLE)
    happened = (
        (int(code), 3, 0 if code in one_operand else 5) for code in Since if code != Since.NONE
    )
    claims = ((0, 40, 0), (1, 0, 1), (1, 4, 0), (2, 1, 280), (3, 6, 0), (4, 6, 0), (5, 6, 0))
    promises = ((0, 10, 12), (1, 1, 7), (2, 0, 9), (3, 0, 8))
    pairs = [claims[k : k + 2] for k in range(0, len(claims), 2)]
    return Observation(
        stage=Stage.REMEMBER,
        day=6,
        id=2,
        key=0,
        x=3,
        y=4,
        skill=100,
        standing=120,
        stock=23,
        hungry=4,
        members=(4, 9),
        since=tuple(happened),
        factories=((1, 0, 0, 280, 940, 4, 6, 120, 0), (2, 3, 1, 40, 300, -1, 0, 0, 1)),
        residents=(
            (7, 1, 100, 120, 5, 3, 1, 2, 2, 1, 1, 40, 3, 0),
            (8, 2, 90, 100, 0, 0, 0, 0, 0, 0, 0, -1, 0, 1),
        ),
        also=(3, 12),
        also_more=4,
        promises=tuple((4 + k, k % 2, *promise) for k, promise in enumerate(promises)),
        note="F1 pays \u2014 <R7> took 2\n\u200b",
        told=(80, 60, 50, 40, 30, 50, 45, 45, 60, 40),
        value=-1,
        mode=0,
        paraphrase=0,
        plan=OneAct(0, 1, 0, 1, 7, 5),
        doing=OneAct(1, 1, 0, 2, 7, 0),
        said=(OneMessage(2, 7, 1, "Food?", pairs[0], promises[:2]),),
        heard=(
            OneMessage(7, 2, 0, "No", pairs[1], promises[2:]),
            OneMessage(6, 0, 7, "Pay", pairs[2], ()),
            OneMessage(5, 0, 3, "Yes", (*pairs[3], (6, 0, 0)), (), ("I am poor",)),
        ),
        announced=(Announced(1, (2, 5), 3), Announced(2, (4,), 0)),
        outside=("Storm",),
    )
