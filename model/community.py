"""The community: a Mesa model around the state of a world, whose days are asked of minds.

`day()` is a generator that yields a `Batch` of questions at each barrier and is sent the
`Replies`; `step()` drives it with the model's mind. `model.world.day` shows the order of a day.
Here alone is Mesa: the model, its agents and its grid, which are made when they are first asked
for and brought to where the columns say after each day.
"""

from __future__ import annotations

from collections.abc import Generator
from copy import copy, deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from mesa import Model
from mesa.datacollection import DataCollector
from mesa.discrete_space import OrthogonalMooreGrid

from agents.batch import Batch
from agents.decisions import Ints, Replies
from agents.factory import Factory
from agents.resident import Resident
from model.store import MemoryRecorder
from model.world.close_day import found
from model.world.day import live
from model.world.inputs import Inputs, read_inputs
from model.world.minds import mind_of, overseen
from model.world.numbers import Day
from model.world.record import entry_tables
from model.world.recorder import NullRecorder, Recorder
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from
from model.world.state import World

if TYPE_CHECKING:
    from mesa.agent import AgentSet

    from agents.factory import FactoryColumns
    from agents.memory import Memory
    from agents.minds import Mind
    from agents.observation import Rules
    from agents.resident import Residents
    from model.world.commitments import Ledger
    from model.world.intervene import Interventions
    from model.world.scheduler import Factories, Households

Asking = Generator[Batch, Replies, Day]
#: What Mesa's own constructor makes anew in a copy, and what a copy does not take along.
_MESAS: Final = ("step", "_user_step", "_agents", "_agents_by_type", "_all_agents", "rng", "random")


def _latest(model: CommunityModel, name: str) -> Any:
    return getattr(model.latest, name)


#: Name of the number → what Mesa's DataCollector calls for it; partials, which can be pickled.
REPORTERS: Final = {name: partial(_latest, name=name) for name in Day.__slots__}


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

    Attributes:
        world: its state.
        mind: who decides.
        recorder: where the day's rows go.
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
        self.mind: Mind = (
            mind_of(self.scenario, self.group_of) if mind is None or isinstance(mind, str) else mind
        )
        self.mind = overseen(self.mind, self.scenario)
        self.recorder: Recorder = MemoryRecorder() if recorder is None else recorder
        self.world = World(
            self.scenario, seed, _founded_from(self.scenario) if inputs is None else inputs
        )
        self._bodies: Bodies | None = None
        found(self.world)
        collector: Any = DataCollector
        self.datacollector = collector(model_reporters=REPORTERS)
        self.datacollector.collect(self)
        self.recorder.record(0, entry_tables(self.world))

    # --- days

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
        numbers, tables = yield from live(self.world)
        if self._bodies is not None:
            self._bodies.follow(self)
        self.recorder.record(numbers.day, tables)
        self.datacollector.collect(self)
        self.running = numbers.population > 0 and numbers.day < self.scenario.days
        return numbers

    def finish(self) -> None:
        """The run is over: what is still open is settled as unresolved and recorded."""
        self.world.ledger.end(self.today)
        tables = entry_tables(self.world)
        tables.pop("days")
        if tables:
            self.recorder.record(self.today, tables)

    def hash(self) -> str:
        """The hash of all events and messages so far (`model.world.fingerprint`)."""
        return self.world.here.fingerprint.hexdigest()

    # --- copies

    def fork(self, mind: Mind | None = None, recorder: Recorder | None = None) -> Self:
        """A community that lives the same next days to the same hash, from here on by itself.

        The state is copied, the mind is shared, Mesa's side is made when it is first asked for. A
        day that was begun and not ended is begun again.

        Args:
            mind: who decides in the copy; by default who decides here.
            recorder: where the copy's rows go; by default nowhere, or two would write one folder.
        """
        twin = type(self).__new__(type(self))
        Model.__init__(twin, rng=self.seed)
        kept = {"mind": mind or self.mind, "recorder": recorder or NullRecorder()}
        collector = copy(self.datacollector)
        collector.model_vars = {name: [*row] for name, row in collector.model_vars.items()}
        kept |= {"scenario": self.scenario, "datacollector": collector, "_bodies": None}
        for name, value in vars(self).items():
            if name not in _MESAS:
                setattr(twin, name, kept[name] if name in kept else deepcopy(value))
        twin.random.setstate(self.random.getstate())
        twin.rng.bit_generator.state = self.rng.bit_generator.state
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """As `fork`, without a recorder."""
        return self.fork()

    def __getstate__(self) -> dict[str, Any]:
        """For pickle: the state and the hash so far; no recorder, and nothing of Mesa's."""
        left_out = (*_MESAS, "recorder", "_bodies")
        return {name: value for name, value in vars(self).items() if name not in left_out} | {
            "_random": self.random.getstate(),
            "_generator": self.rng.bit_generator.state,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """From pickle: recorded nowhere, and its hash begins anew with the next day."""
        Model.__init__(self, rng=state["seed"])
        self.random.setstate(state.pop("_random"))
        self.rng.bit_generator.state = state.pop("_generator")
        vars(self).update(state)
        self.recorder, self._bodies = NullRecorder(), None

    # --- its state, by the names that a Mesa user looks for

    def group_of(self, ids: Ints) -> Ints:
        """Which of the community's minds decides for residents of these ids."""
        groups: Ints = self.residents.group[ids - 1]
        return groups

    @property
    def today(self) -> int:
        """The last day that took effect."""
        return self.world.today

    @property
    def latest(self) -> Day:
        """The numbers of the last day that took effect."""
        return self.world.here.latest

    @property
    def days(self) -> list[Day]:
        """The numbers of every day, the initial state first."""
        return self.world.here.days

    @property
    def residents(self) -> Residents:
        """The residents' columns."""
        return self.world.residents

    @property
    def households(self) -> Households:
        """The households' stores."""
        return self.world.households

    @property
    def factories(self) -> Factories:
        """The factories' columns."""
        return self.world.factories

    @property
    def memory(self) -> Memory:
        """What code remembers for residents."""
        return self.world.memory

    @property
    def ledger(self) -> Ledger:
        """The commitments."""
        return self.world.ledger

    @property
    def rules(self) -> Rules:
        """What every resident is told of the rules."""
        return self.world.rules

    @property
    def interventions(self) -> Interventions:
        """What a researcher does to it."""
        return self.world.here.interventions

    @property
    def verdicts(self) -> int:
        """Replies asked for so far."""
        return self.world.here.verdicts

    @property
    def fault_verdicts(self) -> int:
        """Replies so far that were faults."""
        return self.world.here.faults

    # --- Mesa's side, made when it is first asked for

    @property
    def bodies(self) -> Bodies:
        """The grid and the agents on it."""
        if self._bodies is None:
            self._bodies = Bodies(self)
        return self._bodies

    @property
    def grid(self) -> Any:
        """Mesa's grid."""
        return self.bodies.grid

    @property  # type: ignore[misc]  # Mesa's setter only raises
    def agents(self) -> AgentSet:
        """All agents: the factories, and the residents alive."""
        _ = self.bodies
        return self._all_agents

    @property
    def agent_types(self) -> list[type]:
        """The kinds of agents."""
        return list(self.agents_by_type)

    @property
    def agents_by_type(self) -> dict[type, AgentSet]:
        """The agents of each kind."""
        _ = self.bodies
        return self._agents_by_type

    def remove_all_agents(self) -> None:
        """Take all agents off the grid."""
        _ = self.bodies
        super().remove_all_agents()  # type: ignore[no-untyped-call]


def _founded_from(scenario: Scenario) -> Inputs:
    """The files that its residents come from; one that it merely names is not looked at."""
    return read_inputs(scenario) if scenario.population == "file" else Inputs()


class Bodies:
    """Mesa's agents and the grid that they stand on: views of the columns of a world.

    Args:
        model: whose they are.

    Attributes:
        grid: Mesa's grid.
    """

    def __init__(self, model: CommunityModel) -> None:
        s, world = model.scenario, model.world
        self.grid: Any = OrthogonalMooreGrid((s.width, s.height), torus=False, random=model.random)
        columns: FactoryColumns = world.factories
        for row, (x, y) in enumerate(zip(world.factories.x, world.factories.y, strict=True)):
            Factory(model, columns, row, self.grid[int(x), int(y)])
        self._residents: dict[int, Resident] = {}
        self._at: Ints = np.zeros((0, 2), np.int64)
        self.follow(model)

    def follow(self, model: CommunityModel) -> None:
        """Bring the residents' agents to where their rows stand: enter, leave, walk."""
        world, people = model.world, model.world.residents
        at = np.stack([people.x[: people.count], people.y[: people.count]], axis=1)
        before = len(self._at)
        for row in np.flatnonzero(people.alive[:before] == 0).tolist():
            if (gone := self._residents.pop(row, None)) is not None:
                gone.remove()  # type: ignore[no-untyped-call]
        for row in np.flatnonzero((at[:before] != self._at).any(axis=1)).tolist():
            if (agent := self._residents.get(row)) is not None:
                agent.cell = self.grid[tuple(at[row].tolist())]
        for row in (np.flatnonzero(people.alive[before : people.count]) + before).tolist():
            # Numbered by row, whenever the agents are made.
            number = len(world.factories) + row + 1
            cell = self.grid[tuple(at[row].tolist())]
            self._residents[row] = Resident(model, people, world.households, row, cell, number)
        self._at = at
