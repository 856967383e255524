"""A kind of event, and the intervention by which it comes about: a feast out of every store."""

from model.world.event_words import EventWords
from model.world.events import EventStage
from model.world.intervention_kinds import InterventionKind

FEAST = EventWords(1_001, lambda e: f"R{e.who} ate {e.amount} at the feast")


def hold(world, row, day, log):
    """Everybody's household gives up to `size` units for each member, who eat them."""
    people, homes = world.residents, world.households
    for one in people.living().tolist():
        home = people.household[one]
        eaten = min(round(row.size), int(homes.store[home]))
        homes.store[home] -= eaten
        world.here.lost += eaten
        log.add(EventStage.MORNING, FEAST.code, one + 1, amount=eaten)


HOLD_FEAST = InterventionKind(
    "`size` units of each are eaten at a feast",
    {"size": "units each"},
    lambda row: f"a feast of {row.size:g} units each",
    hold,
)
