"""What is drawn for: every purpose of a keyed draw and every stream of its own, each once.

Two draws of one key and one purpose are one draw: whatever chance decides needs a purpose of its
own, or it decides alike with something else without a word. A purpose that is given up keeps its
number, which is not given again: the draws of old runs are never those of a new chance.
"""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Final

#: Purposes of minds begin here, those of the questions beside a run there; the world's are below.
MINDS: Final = 100
ASIDES: Final = 1_000


@unique
class Purpose(IntEnum):
    """Purposes for keyed draws (`agents.randomness.draws`)."""

    ORDER = 0  # order among residents
    SHARE = 1  # bell noise of a share of output (four uniforms in one draw)
    NEED = 2  # food needed
    FEED = 3  # order in which a short store feeds its members
    CONTEST = 4  # who wins a fight
    MORTALITY = 5  # who dies by chance
    PARENT = 6  # which parent a value comes from
    MUTATE = 7  # whether a weight is changed
    MUTATION = 8  # by how much
    TREAT = 9  # whether a newborn is treated
    SHOWN = 10  # which residents are shown
    MAIL = 11  # which messages are shown
    CULL = 12  # who is removed by a cull
    RETRAIN = 13  # who is retrained
    ARRIVAL = 16  # whether a newcomer arrives
    MATE = 17  # which two members are parents

    TIE = MINDS  # which of equals a mind takes
    CHOICE = MINDS + 1  # noise of a softmax choice
    WAY = MINDS + 2  # where the surrogate explores
    ANY_MAIN = MINDS + 40  # the random mind's main act
    ANY_WAY = MINDS + 41  # where it explores
    ANY_FURTHER = MINDS + 42  # its further act and whom it is aimed at
    SCRIPT_PLACE = MINDS + 50  # where a script works or explores
    SCRIPT_ATTACK = MINDS + 51  # whether it attacks
    SCRIPT_GIVE = MINDS + 52  # whether it gives
    SCRIPT_WHOM = MINDS + 53  # whom its act is aimed at

    PROBES = ASIDES + 1  # order in which probes are asked
    ASKED_AGAIN = ASIDES + 2  # the key of a question that is asked again
    SCRIPTED_JUDGE = ASIDES + 10  # where the scripted judge errs
    MASKS = ASIDES + 20  # names under which a judge reads of residents


@unique
class Start(IntEnum):
    """Purposes of the generators of a run's start (`agents.randomness.generator`)."""

    FACTORIES = 0
    CELLS = 1
    PROFILES = 2
    TREATED = 3
    KNOWN = 4
    STANDING = 5
    NETWORK = 6
    GROUPS = 7
    NEWCOMER = 8


@unique
class Stream(IntEnum):
    """Second numbers of generators that are seeded by (seed, stream), beside a run."""

    ITEMS = 17  # which resident-days are judged
    LABELS = 18  # order in which a judge is told of the labels
