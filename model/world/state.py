"""The state of the world: everything that a day reads and changes, apart from Mesa.

A `World` is columns and a few objects of Python, so it can be copied in milliseconds and pickled;
`model.community` puts a Mesa model around it. It is laid out for several communities at once:
residents, households and factories carry the column `island`, and what a community has for itself
(its seed, richness, interventions, counts, hash) stands in an `Island`. A world has one island.
"""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from agents.memo import Latest
from agents.memory import Memory
from agents.purposes import Start
from agents.randomness import generator
from agents.resident import Residents
from model.world.commitments import Ledger
from model.world.conduct import Conduct
from model.world.events import DayLog
from model.world.fingerprint import Fingerprint
from model.world.grid import factories_in_sight, pairs_within, place_factories
from model.world.hearing import network_edges
from model.world.intervene import Interventions
from model.world.merge_asks import Asks
from model.world.message_reach import MessageReach
from model.world.oversee import Watch
from model.world.population import founding_profiles
from model.world.promises import Offers
from model.world.scheduler import Factories, Households

if TYPE_CHECKING:
    from agents.decisions import Ints
    from model.world.inputs import Inputs
    from model.world.numbers import Day
    from model.world.scenario import Scenario


class Island:
    """What one community of a world has for itself.

    Attributes:
        seed: of its draws.
        richness: factor on every factory's greatest output.
        interventions: what a researcher does to it.
        opened: the last day whose interventions have acted.
        broadcasts: texts from outside that every resident is shown today.
        opening: the events of the morning that is open.
        aid, lost: units that entered and left the world this morning.
        watch: what its overseer has seen.
        reach: who was shown messages of whom, for information & communication.
        conduct: cooperation and betrayal as the days go.
        fingerprint: the hash of its events and messages.
        days: the numbers of every day, the initial state first.
        verdicts, faults: replies asked for, and those that were faults.
    """

    def __init__(self, world: World, seed: int) -> None:
        self.seed = seed
        self.richness = world.scenario.richness
        self.interventions = Interventions(world)
        self.opened = 0
        self.broadcasts: tuple[str, ...] = ()
        self.opening = DayLog()
        self.aid = self.lost = 0
        self.watch = Watch()
        self.reach = MessageReach()
        self.conduct = Conduct()
        self.fingerprint = Fingerprint()
        self.days: list[Day] = []
        self.verdicts = self.faults = 0

    @property
    def latest(self) -> Day:
        """The numbers of the last day that took effect."""
        return self.days[-1]


class World:
    """Residents, households, factories and what is known of them.

    Args:
        scenario: every parameter.
        seed: of the one community in it.
        inputs: what was read of the files that the scenario names.

    Attributes:
        islands: the communities; `here` is the only one.
        residents, households, factories: in columns.
        memory: what code remembers for residents.
        ledger, offers: commitments, and promises that may still be accepted.
        asks: open asks to merge.
        edges: who hears whom along a fixed network; None for the rule by distance.
        since: what each is told happened to it since yesterday: (row, Since, a, b).
        morning_household: household of each that was alive this morning.
        pool: untreated profiles of the founders, from which newcomers are drawn too.
        people_rows: who entered or was retrained, not yet recorded.
    """

    def __init__(self, scenario: Scenario, seed: int, inputs: Inputs) -> None:
        self.scenario, self.rules = scenario, scenario.rules()
        self.here = Island(self, seed)
        self.islands = [self.here]
        self.residents, self.households = (
            Residents(scenario.residents),
            Households(scenario.residents),
        )
        self.memory, self.ledger, self.offers, self.asks = Memory(), Ledger(), Offers(), Asks()
        self.since: Ints = np.zeros((0, 4), np.int64)
        self.morning_household: Ints = np.zeros(0, np.int64)
        self.people_rows: list[tuple[Any, ...]] = []
        self.pool = founding_profiles(scenario, seed, inputs)
        self._lay_out()

    def _lay_out(self) -> None:
        """The grid's geometry, the factories, and who hears whom."""
        s, seed = self.scenario, self.here.seed
        radius = max(s.sight, s.earshot, s.reach)
        self.neighbours = Latest(partial(pairs_within, radius=radius, width=s.width))
        rng = generator(seed, Start.FACTORIES)
        places = place_factories(len(s.outputs), s.width, s.height, s.factory_spacing, rng)
        self.factories = Factories(places, s)
        self.in_sight = factories_in_sight(
            self.factories.x, self.factories.y, s.width, s.height, s.sight
        )
        network_seed = int(generator(seed, Start.NETWORK).integers(2**31))
        self.edges = network_edges(s, network_seed)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """A world that lives the same next days; what cannot change is shared.

        A day that was begun and not ended is begun again in the copy: its interventions have acted,
        its questions are not out.
        """
        for shared in (self.scenario, self.rules, self.in_sight, *self.here.days):
            memo[id(shared)] = shared
        copied = type(self).__new__(type(self))
        memo[id(self)] = copied
        copied.__dict__.update({name: deepcopy(one, memo) for name, one in vars(self).items()})
        copied.here.interventions.asking = 0
        return copied

    @property
    def today(self) -> int:
        """The last day that took effect."""
        return self.here.latest.day

    def about_factories(self, factory: Ints, seen: int) -> Ints:
        """What is known of factories by sight: one line each, as `Memory.about` keeps it."""
        about = np.zeros((len(factory), 6), np.int64)
        about[:, 0] = self.factories.greatest(self.here.richness)[factory]
        about[:, 1] = self.factories.half[factory]
        about[:, 2] = seen
        if seen >= 1:
            about[:, 3] = self.factories.workers[factory]
            about[:, 4] = self.factories.made[factory]
        elif seen == 0:
            about[:, 2] = -1
        return about
