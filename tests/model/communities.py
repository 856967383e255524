"""Small communities for the tests of the world, where everything stands where the test puts it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from agents.minds import Mind
from model.community import CommunityModel
from model.store import MemoryRecorder
from model.world.interventions import Intervention
from tests.model.minds import Puppet

#: A quiet ground: one poor factory, no noise, nobody is fed by chance, nobody starves.
QUIET: dict[str, Any] = {
    "residents": 4,
    "days": 50,
    "outputs": (100,),
    "halves": (100,),
    "need": (10,),
    "hunger_limit": 100_000,
    "allocation_noise": 0.0,
    "start_stock": 100,
    "birth_threshold": 10_000,
    "start_known": 1.0,
    "cognition": "staged",
    "population": "even",
}


def quiet(
    mind: Mind | None = None,
    *,
    places: Sequence[tuple[int, int]] = (),
    factory: tuple[int, int] | None = None,
    stocks: Sequence[int] = (),
    rng: int = 1,
    **fields: Any,
) -> CommunityModel:
    """A community on the quiet ground, its residents and its factory moved to given cells."""
    fields = {**QUIET, **fields}
    if places:
        fields["residents"] = len(places)
    model = CommunityModel(
        rng=rng, mind=Puppet() if mind is None else mind, recorder=MemoryRecorder(), **fields
    )
    if factory is not None:
        model.factories.x[0], model.factories.y[0] = factory
    for row, (x, y) in enumerate(places):
        model.residents.x[row], model.residents.y[row] = x, y
    for row, stock in enumerate(stocks):
        model.households.store[model.residents.household[row]] = stock
    return model


def live(model: CommunityModel, days: int | None = None) -> CommunityModel:
    """Days of a community, to its end or for some."""
    while model.running and (days is None or days > 0):
        model.step()
        days = None if days is None else days - 1
    return model


def table(model: CommunityModel, name: str) -> pd.DataFrame:
    """What the community recorded so far."""
    assert isinstance(model.recorder, MemoryRecorder)
    return model.recorder.table(name)


def events(model: CommunityModel, kind: str, day: int | None = None) -> list[dict[str, Any]]:
    """Its events of a kind, as rows."""
    rows = table(model, "events")
    rows = rows[rows["kind"] == kind]
    if day is not None:
        rows = rows[rows["day"] == day]
    return rows.to_dict("records")


def store(model: CommunityModel, resident: int) -> int:
    """Units in the store of a resident's household."""
    return int(model.households.store[model.residents.household[resident - 1]])


def home(model: CommunityModel, resident: int) -> int:
    """The household of a resident."""
    return int(model.residents.household[resident - 1])


class Books:
    """Keeps every store from the log alone: a bookkeeper that never looks at the world."""

    def __init__(self, residents: int, start_stock: int) -> None:
        self.home = {who: who for who in range(1, residents + 1)}
        self.store = dict.fromkeys(range(1, residents + 1), start_stock)
        self.made = self.eaten = self.destroyed = self.lost = self.aid = 0

    def day(self, events: pd.DataFrame, residents: pd.DataFrame) -> None:
        """Book one day: everything up to the meal, the meal, and what came after it."""
        late = {"removal", "lost", "birth"}
        early = events[~(events["kind"].isin(late) & events["stage"].isin(["food", "birth"]))]
        for row in early.to_dict("records"):
            self._book(row)
        for who, units in zip(residents["resident"], residents["drawn"], strict=True):
            self.store[self.home[int(who)]] -= int(units)
            self.eaten += int(units)
        for row in events.drop(early.index).to_dict("records"):
            self._book(row)

    def _book(self, row: Mapping[str, Any]) -> None:
        kind, actor, target = row["kind"], int(row["actor"]), int(row["target"])
        units = int(row["amount"])
        if kind == "produce":
            self.made += units
        elif kind == "work":
            self.store[self.home[actor]] += units
        elif kind == "promote" or kind == "destroyed":
            self.store[self.home[actor]] -= units
            self.destroyed += units
        elif kind == "gift":
            self.store[self.home[actor]] -= units
            self.store[self.home[target]] += units
        elif kind == "attack":
            self.store[self.home[actor]] += units
            self.store[self.home[target]] -= units
        elif kind == "merge":
            one, other = self.home[actor], self.home[target]
            self.store[one] += self.store.pop(other)
            self.home = {who: one if at == other else at for who, at in self.home.items()}
        elif kind == "birth":
            self.store[self.home[actor]] -= units
            self.home[target], self.store[target] = target, units
        elif kind == "entry":
            self.home[actor], self.store[actor] = actor, units
            self.aid += units
        elif kind == "removal":
            del self.home[actor]
        elif kind == "lost":
            homes = set(self.home.values())
            left = [at for at, held in self.store.items() if at not in homes and held == units]
            self.store[left[0]] = 0
            self.lost += units
        elif kind == "intervention" and row["reason"] == "aid":
            for at in self.home.values():
                self.store[at] += units
                self.aid += units


def shocks() -> tuple[Intervention, ...]:
    """One of every intervention, over three weeks."""
    return (
        Intervention(day=2, kind="aid", size=7),
        Intervention(day=3, kind="outage", target=1, duration=3),
        Intervention(day=4, kind="newcomers", size=3),
        Intervention(day=5, kind="retrain", size=0.5, value="PO", mode="with"),
        Intervention(day=6, kind="cull", size=0.2),
        Intervention(day=7, kind="remove", target=2),
        Intervention(day=8, kind="broadcast", text="A storm is coming."),
        Intervention(day=9, kind="richness", size=1.4, duration=4),
        Intervention(day=10, kind="remove", target=2),
        Intervention(day=12, kind="newcomers", size=2),
        Intervention(day=14, kind="retrain", target=3, mode="original"),
        Intervention(day=16, kind="aid", size=100),
        Intervention(day=18, kind="cull", size=0.5),
    )


#: What of a model a day can change.
_PARTS = ("residents", "households", "factories", "ledger", "asks", "offers", "since")
#: Views of the world: they are derived from the parts.
_VIEWS = ("scenario", "model", "rules")


def settled(model: CommunityModel) -> dict[str, Any]:
    """Everything that a day can change, as plain values: two equal worlds are in one state."""
    memory, tomorrow = model.memory, model.today + 1
    state: dict[str, Any] = {name: plain(getattr(model.world, name)) for name in _PARTS}
    state |= {
        "met": memory.met.tolist(),
        "known": memory.known.tolist(),
        "about": memory.about.tolist(),
        "ever": plain(memory.ever),
        "relations": plain(memory.relations(tomorrow)),
        "claims": plain(memory.claimed_stocks(tomorrow)),
        "conduct": plain(model.world.here.conduct),
        "richness": model.world.here.richness,
        "edges": plain(model.world.edges),
        "verdicts": (model.verdicts, model.fault_verdicts),
        "hash": model.hash(),
        "days": [str(day) for day in model.days],
        "agents": sorted(plain(agent.cell.coordinate) for agent in model.agents),
        "collected": len(model.datacollector.model_vars["day"]),
    }
    return state


def plain(value: Any) -> Any:
    """Any part of a world as values that can be compared."""
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, dict):
        return {repr(plain(key)): plain(held) for key, held in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(plain, value))
    if isinstance(value, list | tuple | deque):
        return [plain(held) for held in value]
    names = getattr(type(value), "__slots__", None) or vars(value)
    return {name: plain(getattr(value, name)) for name in names if name not in _VIEWS}
