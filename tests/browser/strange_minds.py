"""The dashboard with minds that misbehave, to be served by `serve.py`.

The names of the null minds stand for them, so that they can be chosen on the page: `random` is held
until a file appears, `flat` raises, `permuted` writes texts that no page may obey. All others are
what they always are.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import solara
from corpus import HOSTILE

from agents.minds.surrogate import Surrogate
from model.run.open_minds import open_mind
from model.views.app import Dashboard
from model.world.minds import OpenMind

FOLDER = Path(os.environ["CIVA_TEST_FOLDER"])


class Held:
    """Answers as the surrogate does, once the file `release` exists."""

    name = "held"

    def __init__(self) -> None:
        self._mind = Surrogate()

    def reply(self, batch):
        (FOLDER / "asked").write_text(f"day {batch.day}")
        while not (FOLDER / "release").exists():
            time.sleep(0.02)
        (FOLDER / "released").touch()
        return self._mind.reply(batch)


class Raising:
    """Fails on its second day."""

    name = "raising"

    def __init__(self) -> None:
        self._mind = Surrogate()

    def reply(self, batch):
        if batch.day > 1:
            raise RuntimeError(HOSTILE[0])
        return self._mind.reply(batch)


class Hostile:
    """Lives as the surrogate does and says what no page may obey."""

    name = "hostile"

    def __init__(self) -> None:
        self._mind = Surrogate()

    def reply(self, batch):
        replies = self._mind.reply(batch)
        texts = [HOSTILE[i % len(HOSTILE)] for i in batch.id.tolist()]
        replies.reasons = list(texts)
        if replies.notes is not None:
            replies.notes = list(texts)
        if replies.said is not None:
            replies.said.text = [HOSTILE[i % len(HOSTILE)] for i in range(len(replies.said))]
        replies.flags = {row: (text,) for row, text in enumerate(texts)}
        # One resident's reply is a fault, with a cause from outside.
        replies.fault[np.argmax(batch.id)] = 1
        replies.causes = {int(np.argmax(batch.id)): HOSTILE[0]}
        return replies


STRANGE = {"random": Held, "flat": Raising, "permuted": Hostile}


def minds(scenario, settings, folder, group_of) -> OpenMind:
    """Make a strange mind ready, and tell when it is given back."""
    strange = STRANGE.get(scenario.mind)
    if strange is None:
        return open_mind(scenario, settings, folder, group_of=group_of)
    return OpenMind(strange(), close=(FOLDER / f"closed {scenario.mind}").touch)


@solara.component
def Page() -> None:
    Dashboard(minds)
