"""The community: a Mesa model whose days are asked of minds and then carried out.

`day()` is a generator that yields a `Batch` of questions at each barrier and is sent the
`Replies`; `step()` drives it with the model's mind. The world changes only after the day's last
reply, so a day that is abandoned (the generator closed) leaves no trace.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from mesa import Model
from mesa.datacollection import DataCollector
from mesa.discrete_space import OrthogonalMooreGrid

from agents.batch import Batch
from agents.decisions import Ints, Replies
from agents.factory import Factory
from agents.memo import Latest
from agents.memory import Memory
from agents.randomness import day_keys
from agents.resident import Resident, Residents
from model.store import MemoryRecorder, Recorder
from model.world.act import Effects
from model.world.ask import ask_day
from model.world.close_day import Reach, close_day, state
from model.world.commitments import Ledger
from model.world.conduct import Conduct
from model.world.events import DayLog, EventColumns
from model.world.fingerprint import Fingerprint
from model.world.grid import factories_in_sight, pairs_within, place_factories
from model.world.hearing import network_edges
from model.world.inputs import Inputs, read_inputs
from model.world.intervene import Interventions
from model.world.merge_asks import Asks
from model.world.minds import mind_of
from model.world.numbers import Day
from model.world.oversee import Watch, overseen, take_alerts
from model.world.perceive import Snapshot, perceive
from model.world.population import Start, found, founding_profiles, generator
from model.world.promises import Offers
from model.world.record import (
    commitment_columns,
    decision_columns,
    event_columns,
    message_columns,
    people_columns,
    resident_columns,
)
from model.world.reporters import REPORTERS
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from
from model.world.scheduler import Factories, Households
from model.world.take_effect import look, take_effect

if TYPE_CHECKING:
    from mesa.discrete_space import Cell

    from agents.minds import Mind

Asking = Generator[Batch, Replies, Day]


class CommunityModel(Model):
    """A community of residents on a resource-constrained grid.

    Args:
        scenario: every parameter; or give parameters as keywords (`residents=25`, `value="BE"`).
        rng: the seed of the run; drawn and recorded where it is not given.
        mind: who decides, or its name; by default what `scenario.mind` names.
        recorder: where the day's rows go; in memory by default.
        inputs: what was read of the files that the scenario names; by default they are read now,
            and never again.
        **kwargs: scenario fields, by name, over the scenario given.
    """

    def __init__(
        self,
        scenario: Scenario | None = None,
        *,
        rng: int | None = None,
        mind: Mind | str | None = None,
        recorder: Recorder | None = None,
        inputs: Inputs | None = None,
        **kwargs: Any,
    ) -> None:
        seed = int(np.random.SeedSequence().generate_state(1)[0]) if rng is None else int(rng)
        super().__init__(rng=seed)
        self.seed = seed
        if isinstance(mind, str):
            kwargs["mind"] = mind
        self.scenario = scenario_from(kwargs, over=scenario)
        self.rules = self.scenario.rules()
        self.mind: Mind = (
            mind_of(self.scenario, self.group_of) if mind is None or isinstance(mind, str) else mind
        )
        self.mind = overseen(self.mind, self.scenario)
        self.watch = Watch()
        self.mind_names = (self.scenario.mind, self.scenario.second_mind)
        self.recorder: Recorder = MemoryRecorder() if recorder is None else recorder
        self._build(_founded_from(self.scenario) if inputs is None else inputs)
        self.interventions = Interventions(self)
        self.broadcasts: tuple[str, ...] = ()
        self.opened = 0
        self.aid_today = self.lost_today = 0
        self.verdicts = self.fault_verdicts = 0
        self.morning_household: Ints = np.zeros(0, np.int64)
        self.since: Ints = np.zeros((0, 4), np.int64)
        self.offers = Offers()
        self.asks = Asks()
        self.reach_of_messages = Reach()
        self.conduct = Conduct()
        self.fingerprint = Fingerprint()
        look(self, 0, [])
        self.latest = Day(**cast("Any", state(self, 0)))
        self.days = [self.latest]
        self._opening = DayLog()
        collector: Any = DataCollector
        self.datacollector = collector(model_reporters=REPORTERS)
        self.datacollector.collect(self)
        self.recorder.record(0, self._tables_of_entry())

    def _build(self, inputs: Inputs) -> None:
        """The grid, its factories, and the founders."""
        s = self.scenario
        radius = max(s.sight, s.earshot, s.reach)
        self.neighbours = Latest(partial(pairs_within, radius=radius, width=s.width))
        self.grid: Any = OrthogonalMooreGrid((s.width, s.height), torus=False, random=self.random)
        self.residents, self.households = Residents(s.residents), Households(s.residents)
        self.memory, self.ledger = Memory(), Ledger()
        self.people_rows: list[tuple[Any, ...]] = []
        self.richness = s.richness
        self._bodies: dict[int, Resident] = {}
        rng = generator(self.seed, Start.FACTORIES)
        places = place_factories(len(s.outputs), s.width, s.height, s.factory_spacing, rng)
        self.factories = Factories(places, s)
        for row, (x, y) in enumerate(places):
            Factory(self, self.factories, row, self.cell(x, y))
        self.in_sight = factories_in_sight(
            self.factories.x, self.factories.y, s.width, s.height, s.sight
        )
        network_seed = int(generator(self.seed, Start.NETWORK).integers(2**31))
        self.edges = network_edges(s, network_seed)
        #: Untreated profiles of the founders, from which newcomers are drawn too.
        self.pool = founding_profiles(s, self.seed, inputs)
        found(self)

    def group_of(self, ids: Ints) -> Ints:
        """Which of the community's minds decides for residents of these ids."""
        groups: Ints = self.residents.group[ids - 1]
        return groups

    def cell(self, x: int, y: int) -> Cell:
        """The grid's cell at a place."""
        return cast("Cell", self.grid[x, y])

    def about_factories(self, factory: Ints, seen: int) -> Ints:
        """What is known of factories by sight: one line each, as `Memory.about` keeps it."""
        about = np.zeros((len(factory), 6), np.int64)
        about[:, 0] = self.factories.greatest(self.richness)[factory]
        about[:, 1] = self.factories.half[factory]
        about[:, 2] = seen
        if seen >= 1:
            about[:, 3] = self.factories.workers[factory]
            about[:, 4] = self.factories.made[factory]
        elif seen == 0:
            about[:, 2] = -1
        return about

    def place_resident(self, resident: Resident) -> None:
        """Keep the Mesa agent of a row."""
        self._bodies[resident.row] = resident

    def unplace_resident(self, row: int) -> None:
        """Take the Mesa agent of a row off the grid."""
        self._bodies.pop(row).remove()  # type: ignore[no-untyped-call]

    @property
    def today(self) -> int:
        """The last day that took effect."""
        return self.latest.day

    def step(self) -> None:
        """Live one day with the model's own mind."""
        asking = self.day()
        try:
            batch = next(asking)
            while True:
                batch = asking.send(self.mind.reply(batch))
        except StopIteration:
            if not self.running:
                # Mesa's batch_run reads as many collected rows as there were steps, and the first
                # row is the start: without this the last day would be lost.
                self.steps += 1

    def day(self) -> Asking:
        """One day: yields questions, is sent replies, returns the day's numbers."""
        day = self.today + 1
        self._open(day)
        keys = day_keys(self.seed, day, self.residents.count)
        snapshot = perceive(self, day, keys)
        self.interventions.asking = day
        try:
            answers = yield from ask_day(self, snapshot)
        finally:
            self.interventions.asking = 0
        return self._close(snapshot, answers)

    def _open(self, day: int) -> None:
        """Interventions act once, before the morning, however often the day is begun."""
        if self.opened < day:
            self.opened, self.broadcasts, self._opening = day, (), DayLog()
            self.aid_today = self.lost_today = 0
        self.interventions.act(self, day, self._opening)
        self.morning_household = self.residents.household[self.residents.living()]

    def _close(self, snapshot: Snapshot, answers: Any) -> Day:
        n, day = len(snapshot), snapshot.day
        e = Effects(
            self._opening, np.full(n, -1, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
        )
        e.lost = self.lost_today
        messages = message_columns(self, snapshot, answers.delivery)
        e.suspended = take_alerts(self, snapshot, answers, e.log)
        if self.scenario.overseer and answers.delivery is not None:
            self.watch.remember(day, answers.delivery.messages)
        food = take_effect(self, snapshot, answers, e)
        self._move_agents(snapshot)
        self.verdicts += answers.verdicts
        self.fault_verdicts += len(answers.faults)
        self.latest = close_day(self, snapshot, answers, e, food, self.aid_today)
        self.days.append(self.latest)
        notes = [self.residents.note[row] for row in snapshot.rows.tolist()]
        events = EventColumns(e.log.rows)
        tables = {
            "residents": resident_columns(self, snapshot, answers, e, food),
            "events": event_columns(day, events),
            "messages": messages,
            "decisions": decision_columns(snapshot, answers, notes),
            **self._tables_of_entry(),
        }
        self.fingerprint.add(day, events, messages)
        self.recorder.record(day, tables)
        self.datacollector.collect(self)
        self.running = self.latest.population > 0 and day < self.scenario.days
        return self.latest

    def _tables_of_entry(self) -> dict[str, Any]:
        """The day's numbers, and what was opened and settled since the last day was recorded."""
        tables: dict[str, Any] = {
            "days": {name: [getattr(self.latest, name)] for name in Day.__slots__}
        }
        if self.people_rows:
            tables["people"] = people_columns(self.people_rows)
            self.people_rows = []
        if self.ledger.closed:
            tables["commitments"] = commitment_columns(self.ledger.closed)
            self.ledger.closed = []
        return tables

    def _move_agents(self, snapshot: Snapshot) -> None:
        """Bring the Mesa agents of those who walked today to where their rows now stand."""
        rows, asked = snapshot.rows, snapshot.questions
        x, y = self.residents.x[rows], self.residents.y[rows]
        for i in np.flatnonzero((x != asked.x) | (y != asked.y)).tolist():
            if agent := self._bodies.get(int(rows[i])):  # none for those removed today
                agent.cell = self.cell(int(x[i]), int(y[i]))

    def hash(self) -> str:
        """The hash of all events and messages so far (`model.world.fingerprint`)."""
        return self.fingerprint.hexdigest()

    def finish(self) -> None:
        """The run is over: what is still open is settled as unresolved and recorded."""
        self.ledger.end(self.today)
        tables = self._tables_of_entry()
        tables.pop("days")
        if tables:
            self.recorder.record(self.today, tables)


def _founded_from(scenario: Scenario) -> Inputs:
    """The files that its residents come from; one that it merely names is not looked at."""
    return read_inputs(scenario) if scenario.population == "file" else Inputs()
