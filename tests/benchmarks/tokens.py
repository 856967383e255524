"""Tokens of a run's prompts and replies by o200k, and the spread of the value texts.

The tokenizer is the npm package js-tiktoken, installed in a folder of its own when this runs
(`npm` and `node` are needed for the benchmark only); its name and version are part of the result.
Counted is what the parts hold, without a provider's few tokens a message; the schema is given
apart, since some providers put it before the system text and some do not send it at all.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

from agents.batch import Batch
from agents.decisions import (
    CLAIMS_A_MESSAGE,
    MESSAGE_LENGTH,
    MESSAGES_A_DAY,
    NOTE_LENGTH,
    PROMISES_A_MESSAGE,
    Claim,
    Kind,
    PlanWord,
    Promise,
    Replies,
)
from agents.errors import InputError
from agents.minds.surrogate import Surrogate
from agents.observation import (
    ALSO_SHOWN,
    ANNOUNCED_FACTORIES,
    ANNOUNCED_RESIDENTS,
    FACTORIES_SHOWN,
    HEARD_SHOWN,
    MEMBERS_SHOWN,
    PROMISES_SHOWN,
    RESIDENTS_SHOWN,
    SINCE_SHOWN,
    Announced,
    Observation,
    OneAct,
    OneMessage,
    Rules,
    Since,
    Stage,
)
from agents.prompts.columns import answer
from agents.prompts.render import render
from agents.prompts.schemas import schema
from agents.prompts.static import render_static
from agents.prompts.texts import PARAPHRASES, value_text
from model.community import CommunityModel

PACKAGE = "js-tiktoken@1.0.21"
_COUNT = """
import {getEncoding} from 'js-tiktoken';
import {readFileSync} from 'node:fs';
const o200k = getEncoding('o200k_base');
const texts = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(texts.map(text => o200k.encode(text, [], []).length)));
"""
#: An Egyptian hieroglyph: four tokens, and rendered as one letter.
DEAREST = "\U00013000"
#: What a provider asks for a prompt read from its cache and written to it, of an ordinary token.
READ_PRICE, WRITE_PRICE = 0.1, 1.25


class Tokenizer:
    """o200k, counted by a child process.

    Args:
        folder: where the package is, or is put.

    Raises:
        InputError: npm or node is missing, or the package cannot be had.
    """

    def __init__(self, folder: Path) -> None:
        if not (shutil.which("npm") and shutil.which("node")):
            raise InputError("tokens: npm and node are needed to count by o200k; install Node.js")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "count.mjs").write_text(_COUNT)
        if not (folder / "node_modules" / "js-tiktoken").exists():
            (folder / "package.json").write_text('{"private": true}')
            done = subprocess.run(
                ["npm", "install", "--silent", "--no-audit", "--no-fund", PACKAGE],
                cwd=folder, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                raise InputError(f"tokens: {PACKAGE} cannot be installed: {done.stderr.strip()}")
        self._folder = folder

    def count(self, texts: list[str]) -> list[int]:
        """Tokens of each text."""
        done = subprocess.run(
            ["node", "count.mjs"], cwd=self._folder, input=json.dumps(texts),
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        counts: list[int] = json.loads(done.stdout)
        return counts


@dataclass
class Heard:
    """A surrogate that keeps what it was asked and what it answered, as text."""

    mind: Surrogate = field(default_factory=Surrogate)
    name: str = "surrogate"
    calls: list[tuple[int, Stage, str, str, str, str]] = field(default_factory=list)

    async def areply(self, batch: Batch) -> Replies:
        """Answer and keep."""
        return self.reply(batch)

    def reply(self, batch: Batch) -> Replies:
        """Answer and keep."""
        replies = self.mind.reply(batch)
        for row, me in enumerate(batch.id.tolist()):
            found = answer(replies, row, me, batch.stage, batch.rules)
            wire = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
            parts = render(batch[row], batch.rules)
            self.calls.append((batch.day, batch.stage, *parts, wire))
        return replies


def run(folder: Path, **fields: Any) -> dict[str, float]:
    """Mean tokens a resident-day of one surrogate run, and how they grow.

    Args:
        folder: of the tokenizer.
        **fields: scenario fields over 25 residents and 50 days.
    """
    counter = Tokenizer(folder)
    mind = Heard()
    community = CommunityModel(rng=1, mind=mind, **{"residents": 25, "days": 50, **fields})
    for _ in range(community.scenario.days):
        community.step()
    stages = sorted({call[1] for call in mind.calls})
    static = counter.count([mind.calls[0][2]])[0]
    schemas = {
        stage: counter.count(
            [json.dumps(schema(stage, community.world.rules), separators=(",", ":"))]
        )[0]
        for stage in stages
    }
    resident, dynamic, replied = (
        counter.count([call[k] for call in mind.calls]) for k in (3, 4, 5)
    )
    by_day: dict[int, int] = defaultdict(int)
    asked: dict[int, int] = defaultdict(int)
    for call, tokens in zip(mind.calls, dynamic, strict=True):
        by_day[call[0]] += tokens
        asked[call[0]] += call[1] == stages[0]
    days = sum(asked.values())
    calls = len(mind.calls)
    shared, own = static * calls, sum(resident) + sum(dynamic)
    written = static * len(stages)
    billed = READ_PRICE * (shared - written) + WRITE_PRICE * written + own
    span = [
        sum(by_day[d] for d in late) / sum(asked[d] for d in late)
        for late in (range(5, 10), range(40, 45))
    ]
    return {
        "static": static,
        "resident": statistics.mean(resident),
        "dynamic": sum(dynamic) / days,
        "reply": sum(replied) / days,
        "schemas": sum(schemas.values()),
        "input": (shared + own) / days,
        "shared share": shared / (shared + own),
        "billed share": billed / (shared + own),
        "days 5-9": span[0],
        "days 40-44": span[1],
        "growth": span[1] / span[0],
        "messages a resident-day": _messages(mind) / days,
        "largest question": max(dynamic),
    }


def value_texts(folder: Path) -> dict[str, tuple[int, int, float]]:
    """Fewest and most tokens of each method's texts, and their spread."""
    counter = Tokenizer(folder)
    spreads = {}
    for method in ("gloss", "portrait", "ranked", "contrast", "sham", "placebo"):
        texts = {
            value_text(method, value, mode, paraphrase, (50,) * 10)
            for value, mode, paraphrase in product(range(10), range(4), range(PARAPHRASES))
        }
        counts = counter.count(sorted(texts))
        spreads[method] = (min(counts), max(counts), max(counts) / min(counts) - 1)
    return spreads


def static_texts(folder: Path) -> dict[str, int]:
    """Tokens of the static text by cognition and family."""
    arms = {
        f"{cognition}, {family}": render_static(Rules(cognition=cognition, family=family))
        for cognition, family in product(("fused", "staged"), ("weights", "single"))
    }
    return dict(zip(arms, Tokenizer(folder).count(list(arms.values())), strict=True))


def ceiling(folder: Path) -> dict[str, int]:
    """Tokens of the two questions of a fused day with every list at its cap and every text full.

    The texts are of the dearest letter that stands unescaped, four tokens each: no run's question
    is longer, whatever its residents write.
    """
    text, note = DEAREST * MESSAGE_LENGTH, DEAREST * NOTE_LENGTH
    claims = ((int(Claim.PLAN), int(PlanWord.SECURE), 10),) * CLAIMS_A_MESSAGE
    promises = ((int(Promise.SECURE), 10, 100),) * PROMISES_A_MESSAGE
    heard = OneMessage(1000, 0, int(Kind.THREATEN), text, claims, promises)
    said = replace(heard, sender=1)
    morning = Observation(
        stage=Stage.MORNING, day=100, id=1, key=0, x=100, y=100, skill=100, standing=1000,
        stock=1000, hungry=30, members=(1000,) * MEMBERS_SHOWN,
        since=((int(Since.ATTACKED_BY), 1000, 100),) * SINCE_SHOWN,
        factories=((10, 10, 1, 1000, 1000, 100, 100, 1000, 1),) * FACTORIES_SHOWN,
        residents=((1000, 10, 100, 1000, 100, 100, 10, 10, 10, 10, 10, 100, 100, 0),)
        * RESIDENTS_SHOWN,
        also=(1000,) * ALSO_SHOWN, also_more=1000,
        promises=((1000, 1, int(Promise.SECURE), 10, 100),) * PROMISES_SHOWN,
        note=note, told=(50,) * 10, value=-1, mode=0, paraphrase=0,
    )  # fmt: skip
    act = OneAct(0, 10, 0, 1, 1000, 1000)
    evening = replace(
        morning, stage=Stage.EVENING, also=(), also_more=0, plan=act,
        said=(said,) * MESSAGES_A_DAY, heard=(heard,) * HEARD_SHOWN,
        announced=(Announced(10, (1000,) * ANNOUNCED_RESIDENTS, 1000),) * ANNOUNCED_FACTORIES,
    )  # fmt: skip
    texts = [render(one, Rules())[2] for one in (morning, evening)]
    return dict(zip(("morning", "evening"), Tokenizer(folder).count(texts), strict=True))


def _messages(mind: Heard) -> int:
    told = [json.loads(call[5]).get("messages", ()) for call in mind.calls]
    return sum(map(len, told))
