"""Who enters the community and how it leaves: founders, newcomers, children, the removed.

Everything a run draws at its start comes from the seed by purpose, so that changing one thing (say,
the treatment) leaves the others (places, profiles, knowledge) as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.decisions import Ints
from agents.expression import convey
from agents.memory import pair_rows
from agents.observation import Since
from agents.populations import (
    assign_treated,
    draw,
    explicit,
    from_scores,
    inherit_profile,
    pan_cultural,
)
from agents.purposes import Purpose, Start
from agents.randomness import below, draws, generator, uniform
from agents.values import EVEN, MODES, VALUES
from model.world.events import DayLog, EventKind, EventStage
from model.world.hearing import take_edges

if TYPE_CHECKING:
    from model.world.act import Effects
    from model.world.inputs import Inputs
    from model.world.perceive import Snapshot
    from model.world.scenario import Scenario
    from model.world.state import World


def founding_profiles(scenario: Scenario, seed: int, inputs: Inputs) -> Ints:
    """Ten weights for each founder, untreated, shape (residents, 10)."""
    n = scenario.residents
    rng = generator(seed, Start.PROFILES)
    if scenario.population == "pan-cultural":
        return from_scores(pan_cultural(n, rng), n, rng)
    if scenario.population == "explicit":
        return explicit(scenario.profiles)
    if scenario.population == "file":
        return draw(inputs.profiles, n, rng)
    return np.tile(EVEN, (n, 1))


def enter_founders(world: World) -> None:
    """Put the founders on the grid."""
    scenario, seed = world.scenario, world.here.seed
    n = scenario.residents
    profiles = world.pool
    treated = assign_treated(n, scenario.prevalence, generator(seed, Start.TREATED))
    cells = generator(seed, Start.CELLS).integers(0, (scenario.width, scenario.height), (n, 2))
    low, high = scenario.start_standing
    standing = generator(seed, Start.STANDING).integers(low, high + 1, n)
    second = assign_treated(n, scenario.second_share, generator(seed, Start.GROUPS))
    for i in range(n):
        enter(
            world,
            x=int(cells[i, 0]),
            y=int(cells[i, 1]),
            standing=int(standing[i]),
            profile=profiles[i],
            treated=bool(treated[i]),
            group=int(second[i]),
            stock=scenario.start_stock,
            day=0,
        )
    m = len(world.factories)
    known = generator(seed, Start.KNOWN).random((n, m)) < scenario.start_known
    rows, factory = np.nonzero(known)
    world.memory.sight_factories(rows, factory, world.about_factories(factory, seen=-1))


def enter(
    world: World,
    *,
    x: int,
    y: int,
    standing: int,
    profile: Ints,
    treated: bool,
    group: int,
    stock: int,
    day: int,
    parents: tuple[int, int] = (0, 0),
) -> int:
    """A resident enters with a household of its own; returns its row."""
    scenario = world.scenario
    row = world.residents.count
    world.residents.add(
        x=x,
        y=y,
        skill=scenario.start_skill,
        standing=standing,
        household=world.households.found(stock, row),
        group=group,
        born=day,
        profile=profile,
        paraphrase=scenario.paraphrase,
    )
    if treated:
        give_treatment(world, row, scenario.value, scenario.mode)
    else:
        give_treatment(world, row, "", "")
    record_person(world, row, day, parents)
    return row


def give_treatment(world: World, row: int, value: str, mode: str) -> None:
    """Set what a resident is told; an empty value leaves it untreated."""
    people, scenario = world.residents, world.scenario
    people.treated[row] = bool(value)
    people.value[row] = VALUES.index(value) if value else -1
    people.mode[row] = MODES.index(mode) if value else 0
    people.told[row] = convey(
        scenario.family,
        scenario.method,
        people.profile[row : row + 1],
        people.value[row : row + 1],
        people.mode[row : row + 1],
        scenario.compensated,
    )[0]


def record_person(world: World, row: int, day: int, parents: tuple[int, int] = (0, 0)) -> None:
    """Note who entered or was retrained, for the table `people`."""
    people = world.residents
    value = int(people.value[row])
    world.people_rows.append(
        (
            day,
            row + 1,
            *parents,
            bool(people.treated[row]),
            VALUES[value] if value >= 0 else "",
            MODES[int(people.mode[row])] if value >= 0 else "",
            (world.scenario.mind, world.scenario.second_mind)[int(people.group[row])],
            people.profile[row].tolist(),
            people.told[row].tolist(),
        )
    )


def newcomer(world: World, day: int, log: DayLog) -> int:
    """A resident from outside, drawn like a founder; its stock counts as aid."""
    scenario, seed = world.scenario, world.here.seed
    rng = generator(seed, Start.NEWCOMER, world.residents.count)
    x, y = rng.integers(0, (scenario.width, scenario.height)).tolist()
    standing = int(rng.integers(scenario.start_standing[0], scenario.start_standing[1] + 1))
    source = (
        from_scores(pan_cultural(1, rng), 1, rng)
        if scenario.population == "pan-cultural"
        else draw(world.pool, 1, rng)
    )
    host = int(rng.choice(world.residents.living())) if world.residents.alive.any() else -1
    row = enter(
        world,
        x=x,
        y=y,
        standing=standing,
        profile=source[0],
        treated=bool(rng.random() < scenario.prevalence),
        group=int(rng.random() < scenario.second_share),
        stock=scenario.start_stock,
        day=day,
    )
    known = np.flatnonzero(rng.random(len(world.factories)) < scenario.start_known)
    rows = np.full(len(known), row)
    world.memory.sight_factories(rows, known, world.about_factories(known, seen=-1))
    if world.edges is not None and host >= 0:
        world.edges = take_edges(world.edges, row, host)
    world.here.aid += scenario.start_stock
    log.add(EventStage.MORNING, EventKind.ENTRY, row + 1, 0, scenario.start_stock)
    return row


def leave(world: World, row: int, reason: str, stage: EventStage, log: DayLog) -> int:
    """A resident is removed; returns the units lost with the last member of a household."""
    people, homes = world.residents, world.households
    home = int(people.household[row])
    people.alive[row] = 0
    people.debt[row] = 0
    homes.leave(home, row)
    world.ledger.left(row + 1)
    log.add(stage, EventKind.REMOVAL, row + 1, 0, 0, 1, reason)
    lost = 0
    if homes.size[home] == 0:
        lost = int(homes.store[home])
        homes.store[home] = 0
        if lost:
            log.add(stage, EventKind.LOST, row + 1, 0, lost)
    return lost


def births(world: World, morning: Snapshot, e: Effects) -> None:
    """Children of the households that can afford one."""
    day, keys = morning.day, morning.all_keys
    scenario, people, homes = world.scenario, world.residents, world.households
    if not (scenario.births and scenario.merges):
        return
    size = homes.size[: homes.count]
    ripe = (size >= 2) & (day - homes.last_birth[: homes.count] >= scenario.birth_pause)
    if not ripe.any():
        return
    rows = people.living()
    debts = np.zeros(homes.count, np.int64)
    # `add.at`: members of one household add up, where `+=` would keep one's debt.
    np.add.at(debts, people.household[rows], people.debt[rows])
    spare = homes.store[: homes.count] - debts
    ripe &= (spare >= scenario.birth_threshold * size) & (
        homes.store[: homes.count] >= scenario.child_stock
    )
    children = [_birth(world, day, home, keys, e) for home in np.flatnonzero(ripe).tolist()]
    _introduce(world, children)


Child = tuple[int, tuple[int, int]]


def _birth(world: World, day: int, home: int, keys: Ints, e: Effects) -> Child:
    """One child of a household; returns its row and its parents'."""
    scenario, people, homes = world.scenario, world.residents, world.households
    members = np.array(homes.members[home])
    key = keys[members[:1]]
    one = int(below(draws(key, Purpose.MATE, 0), len(members))[0])
    other = int(below(draws(key, Purpose.MATE, 1), len(members) - 1)[0])
    parents = int(members[one]), int(members[other + (other >= one)])
    ten = np.arange(10)
    choices = below(draws(np.repeat(key, 10), Purpose.PARENT, ten), 2)
    changed = uniform(draws(np.repeat(key, 10), Purpose.MUTATE, ten)) < scenario.mutation_rate
    size = scenario.mutation_size
    shift = below(draws(np.repeat(key, 10), Purpose.MUTATION, ten), 2 * size + 1) - size
    profile = inherit_profile(people.profile[list(parents)], choices, shift * changed)
    child = enter(
        world,
        x=int(people.x[parents[0]]),
        y=int(people.y[parents[0]]),
        standing=scenario.standing_newborn,
        profile=profile,
        treated=_is_treated(world, parents, key),
        group=int(people.group[parents[0]]),
        stock=scenario.child_stock,
        day=day,
        parents=(int(parents[0]) + 1, int(parents[1]) + 1),
    )
    homes.store[home] -= scenario.child_stock
    homes.last_birth[home] = day
    e.log.add(
        EventStage.BIRTH, EventKind.BIRTH, int(parents[0]) + 1, child + 1, scenario.child_stock
    )
    e.since += [(int(row), Since.CHILD, child + 1, 0) for row in members]
    return child, parents


def _is_treated(world: World, parents: tuple[int, int], key: Ints) -> bool:
    """Whether a newborn carries the treatment, by the scenario's rule."""
    scenario = world.scenario
    lot = float(uniform(draws(key, Purpose.TREAT))[0])
    if scenario.inherit == "fixed_share":
        return bool(scenario.value) and lot < scenario.prevalence
    parent = parents[int(below(draws(key, Purpose.TREAT, 1), 2)[0])]
    treated = bool(world.residents.treated[parent])
    if scenario.inherit == "mutate" and scenario.value and lot < scenario.mutation_rate:
        return not treated
    return treated


def _introduce(world: World, children: list[Child]) -> None:
    """Children are heard by whom their parents have met, and know what their household knows."""
    memory, homes, people = world.memory, world.households, world.residents
    rows, others = pair_rows(memory.met)
    known, factories = pair_rows(memory.known)
    pairs: list[tuple[Ints, Ints]] = []
    for child, parents in children:
        first, last = (np.searchsorted(rows, [p, p + 1]) for p in parents)
        friends = np.union1d(
            np.concatenate([others[slice(*first)], others[slice(*last)]]), np.array(parents)
        )
        pairs.append((np.full(len(friends), child), friends))
        household = homes.members[people.household[parents[0]]]
        spans = [np.arange(*np.searchsorted(known, [row, row + 1])) for row in household]
        lines = np.concatenate(spans)
        about = memory.about[lines]
        # By factory, seen before heard, then newest first (lexsort's last key leads): a
        # child keeps the first line of each factory.
        order = np.lexsort((-about[:, 2], about[:, 5], factories[lines]))
        memory.hear_factories(np.full(len(lines), child), factories[lines][order], about[order])
        if world.edges is not None:
            world.edges = take_edges(world.edges, child, parents[0])
        known, factories = pair_rows(memory.known)
    if pairs:
        one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
        memory.meet(np.concatenate([one, other]), np.concatenate([other, one]))


def retrain(world: World, row: int, value: str, mode: str, day: int) -> None:
    """Change what a living resident is told."""
    give_treatment(world, row, "" if mode == "original" else value, mode)
    record_person(world, row, day)
