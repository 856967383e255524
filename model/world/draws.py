"""What the world draws for: one purpose a kind of chance, so that no two share a draw."""

from __future__ import annotations

from enum import IntEnum

#: Purposes of minds begin here; the world's stay below.
MINDS = 100


class Purpose(IntEnum):
    """The world's purposes for keyed draws (see `agents.randomness`)."""

    ORDER = 0  # order among residents
    SHARE = 1  # bell noise of a share of output (four uniforms in one draw)
    NEED = 2  # food needed
    FEED = 3  # order in which a short store feeds its members
    CONTEST = 4  # who wins a fight
    MORTALITY = 5
    PARENT = 6  # which parent a value comes from
    MUTATE = 7  # whether a weight is changed
    MUTATION = 8  # by how much
    TREAT = 9  # whether a newborn is treated
    SHOWN = 10  # which residents are shown
    MAIL = 11  # which messages are shown
    CULL = 12
    RETRAIN = 13
    PLACE = 14  # cell of a newcomer
    GROUP = 15  # which mind decides for a newcomer
    ARRIVAL = 16  # whether a newcomer arrives
    MATE = 17  # which two members are parents
    PROFILE = 18  # profile of a newcomer
