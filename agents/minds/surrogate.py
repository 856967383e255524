"""The surrogate: a documented value-utility mind, offline, without any state outside its question.

Utility of a feasible act = need × what it brings (in days of food) + φ(act), where φ is what the
act means to the told values (`utilities.toml`); the choice is a softmax. It acts on what its prompt
would say and on nothing else, so it can answer from the text alone. It is the scientific *control*:
it separates what the world does from what a language model does, and is never presented as one.
"""

from __future__ import annotations

from functools import partial

from agents.batch import Batch
from agents.decisions import Acts, Main, Replies
from agents.memo import Latest
from agents.minds.choice import OTHER, gumbel, meanings
from agents.minds.constants import Temper
from agents.minds.deeds import GOING, decide, regard
from agents.minds.talk import speak
from agents.minds.utilities import UtilityTable, table
from agents.minds.view import View
from agents.observation import Stage
from agents.randomness import Floats


class Surrogate:
    """The value-utility mind."""

    def __init__(
        self,
        temper: Temper | None = None,
        utilities: UtilityTable | None = None,
        name: str = "surrogate",
    ) -> None:
        self.temper = temper or Temper()
        self.table = utilities or table()
        self.name = name
        factor = self.temper.value_factor
        self._meanings = Latest(partial(meanings, table=self.table, factor=factor))
        self._noise = Latest(partial(gumbel, options=OTHER.stop))

    async def areply(self, batch: Batch) -> Replies:
        """Answer a stage's questions."""
        return self.reply(batch)

    def reply(self, batch: Batch) -> Replies:
        """Answer a stage's questions."""
        phi, noise = self._meanings(batch.told), self._noise(batch.key)
        view = View(batch, self.temper, self.table.rows, phi, noise)
        replies = Replies.faultless(len(batch))
        if batch.stage in (Stage.PERCEIVE, Stage.MORNING):
            replies.acts = plan = decide(view, view.planned)
            replies.regard = regard(view)
            replies.reasons = _reasons(plan, view.stock)
        if batch.stage in (Stage.COMMUNICATE, Stage.MORNING):
            planned = replies.acts if batch.plan is None else batch.plan
            assert planned is not None
            replies.said = speak(view, planned)
        if batch.stage in (Stage.ACT, Stage.EVENING):
            replies.acts = decide(view, view.share(view.announced))
            replies.reasons = _reasons(replies.acts, view.stock)
        if batch.stage in (Stage.REMEMBER, Stage.EVENING):
            done = replies.acts if batch.doing is None else batch.doing
            assert done is not None
            replies.notes = _notes(batch, done)
        return replies


def _reasons(acts: Acts, stock: Floats) -> list[str]:
    """A plain sentence for each choice."""
    return [
        f"With {stock_ // 10:.0f} days of food in store, {_act_words(main, at)} serves me best."
        for stock_, main, at in zip(
            stock.tolist(), acts.main.tolist(), acts.at.tolist(), strict=True
        )
    ]


def _act_words(main: int, at: int) -> str:
    return ("", "exploring", "promotion", "rest")[main] or f"working at F{at}"


def _notes(batch: Batch, done: Acts) -> list[str | None]:
    """What it writes down: where it is going, or what it did."""
    explore = int(Main.EXPLORE)
    return [
        GOING[at] if main == explore else f"Day {batch.day}: {_act_words(main, at)}."
        for main, at in zip(done.main.tolist(), done.at.tolist(), strict=True)
    ]
