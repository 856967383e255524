"""Messages: who hears, what is shown in full, what is announced, what goes unread."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.decisions import ALL, Claim, Kind, PlanWord
from agents.observation import ANNOUNCED_RESIDENTS, HEARD_SHOWN, Observation, OneMessage, Stage
from model.community import CommunityModel
from model.store import MemoryRecorder
from tests.model.communities import events, live, quiet, table
from tests.model.minds import Puppet, Wild, attack, say

WORK = (int(Claim.PLAN), int(PlanWord.SECURE), 1)


def evening(mind: Puppet, who: int, day: int = 1) -> Observation:
    """What a resident is asked when it acts."""
    batch = next(b for b in mind.asked if b.day == day and b.stage is Stage.ACT)
    return batch[batch.id.tolist().index(who)]


def told(says: list[OneMessage], places: list[tuple[int, int]], **fields: Any) -> Puppet:
    mind = Puppet(says={1: says})
    live(quiet(mind, places=places, **fields), 1)
    return mind


@pytest.mark.parametrize(("away", "heard"), [(0, True), (3, True), (4, False)])
def test_a_word_to_all_carries_three_cells_to_those_never_met(away: int, heard: bool) -> None:
    mind = told([say(1, ALL, Kind.INFORM, text="hello")], [(0, 0), (0, away)], rng=4)
    assert [m.text for m in evening(mind, 2).heard] == ["hello"] * heard
    assert evening(mind, 1).heard == ()
    assert [m.text for m in evening(mind, 1).said] == ["hello"]


def test_those_who_met_hear_each_other_from_anywhere() -> None:
    mind = Puppet(says={2: [say(1, ALL, Kind.INFORM, text="far")]})
    model = quiet(mind, places=[(0, 0), (0, 2), (11, 11)])
    live(model, 1)
    model.residents.x[1], model.residents.y[1] = 11, 0
    live(model, 1)
    assert [m.text for m in evening(mind, 2, 2).heard] == ["far"]
    assert evening(mind, 3, 2).heard == ()


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (1, "to itself"),
        (9, "no such resident"),
        (-4, "no such resident"),
        (3, "out of hearing"),
        (4, "no longer there"),
    ],
)
def test_a_message_that_cannot_arrive_is_void_and_its_sender_is_told(to: int, why: str) -> None:
    mind = Puppet(says={2: [say(1, to, Kind.INFORM)]})
    shocks = [{"day": 2, "kind": "remove", "target": 4}]
    places = [(0, 0), (0, 1), (9, 9), (5, 0)]
    model = live(quiet(mind, places=places, shocks=shocks, rng=3), 3)
    assert [row["reason"] for row in events(model, "void_message")] == [why]
    assert len(table(model, "messages")) == 0
    morning = next(b for b in mind.asked if b.day == 3)
    assert morning[0].since == ((8, 7, 0),)


def test_a_message_to_one_is_shown_to_it_alone() -> None:
    mind = told([say(1, 2, Kind.ASK, text="psst")], [(0, 0), (0, 1), (1, 0)])
    assert [m.text for m in evening(mind, 2).heard] == ["psst"]
    assert evening(mind, 3).heard == ()


def test_six_are_shown_those_to_it_alone_first_then_those_it_has_a_history_with() -> None:
    places = [(0, 0)] + [(0, 1)] * 11
    crowd = [say(who, ALL, Kind.INFORM, text=f"all {who}") for who in range(2, 12)]
    private = [say(who, 1, Kind.INFORM, text=f"one {who}") for who in (3, 7, 12)]
    mind = Puppet({1: {5: attack(1), 9: attack(1)}}, says={2: [*crowd, *private]})
    live(quiet(mind, places=places), 2)
    heard = [m.text for m in evening(mind, 1, 2).heard]
    assert len(heard) == HEARD_SHOWN
    assert set(heard[:3]) == {"one 3", "one 7", "one 12"}
    assert set(heard[3:5]) == {"all 5", "all 9"}
    assert heard[5].startswith("all")


def test_which_of_equal_messages_are_shown_is_drawn_for_each_reader_and_day() -> None:
    places = [(0, 0), (1, 0)] + [(0, 1)] * 12
    crowd = [say(who, ALL, Kind.INFORM, text=str(who)) for who in range(3, 15)]
    mind = Puppet(says={1: crowd, 2: crowd})
    live(quiet(mind, places=places), 2)
    shown = [
        frozenset(m.sender for m in evening(mind, who, day).heard)
        for who in (1, 2)
        for day in (1, 2)
    ]
    assert len(set(shown)) == 4


def test_the_rest_is_one_line_of_who_works_where() -> None:
    """Ten announce their work; six are shown in full, four stand in the line."""
    places = [(0, 0)] + [(0, 1)] * 10
    crowd = [say(who, ALL, Kind.INFORM, claims=(WORK,)) for who in range(2, 12)]
    mind = told(crowd, places)
    one = evening(mind, 1)
    line = one.announced
    assert len(one.heard) == 6
    assert [(a.factory, len(a.who), a.more) for a in line] == [(1, 4, 0)]
    assert {m.sender for m in one.heard} | set(line[0].who) == set(range(2, 12))
    assert sorted(line[0].who) == list(line[0].who)


def test_the_line_names_eight_and_counts_the_rest() -> None:
    places = [(0, 0)] + [(0, 1)] * 20
    crowd = [say(who, ALL, Kind.INFORM, claims=(WORK,)) for who in range(2, 22)]
    one = evening(told(crowd, places), 1)
    assert [(len(a.who), a.more) for a in one.announced] == [(ANNOUNCED_RESIDENTS, 6)]


def test_what_is_neither_shown_nor_announced_goes_unread_and_is_counted() -> None:
    places = [(0, 0)] + [(0, 1)] * 10
    crowd = [say(who, ALL, Kind.INFORM) for who in range(2, 12)]
    mind = Puppet(says={1: crowd})
    model = live(quiet(mind, places=places), 1)
    messages = table(model, "messages")
    shown = sum(len(list(readers)) for readers in messages["shown"])
    assert shown == 11 * 6
    # R1 misses four of ten; each other hears nine others and misses three.
    assert messages["unread"].sum() == 4 + 10 * 3
    assert (model.latest.shown, model.latest.announced, model.latest.unread) == (66, 0, 34)


def test_a_claim_of_work_at_no_factory_announces_nothing() -> None:
    places = [(0, 0)] + [(0, 1)] * 8
    nowhere = (int(Claim.PLAN), int(PlanWord.SECURE), 7)
    crowd = [say(who, ALL, Kind.INFORM, claims=(nowhere,)) for who in range(2, 10)]
    assert evening(told(crowd, places), 1).announced == ()


@pytest.mark.parametrize(
    ("switch", "claim"),
    [("announcements", WORK), ("factory_claims", (int(Claim.MAKES), 1, 50))],
)
def test_claims_that_are_switched_off_are_not_carried(
    switch: str, claim: tuple[int, int, int]
) -> None:
    says = [say(1, 2, Kind.INFORM, text="t", claims=(claim, (int(Claim.STOCK), 7, 0)))]
    mind = told(says, [(0, 0), (0, 1)], **{switch: False})
    assert [m.claims for m in evening(mind, 2).heard] == [((int(Claim.STOCK), 7, 0),)]


def test_kinds_that_are_switched_off_are_void() -> None:
    says = [say(1, 2, Kind.THREATEN), say(1, 2, Kind.ASK)]
    mind = Puppet(says={1: says})
    model = live(quiet(mind, places=[(0, 0), (0, 1)], kinds=("ask", "inform")), 1)
    assert [row["reason"] for row in events(model, "void_message")] == ["kind is switched off"]
    assert table(model, "messages")["kind"].tolist() == ["ask"]


def test_without_messages_nobody_is_asked_to_speak() -> None:
    mind = told([], [(0, 0), (0, 1)], messages=False)
    assert {batch.stage for batch in mind.asked} == {Stage.PERCEIVE, Stage.ACT, Stage.REMEMBER}


def test_the_order_of_the_days_messages_is_drawn_by_sender() -> None:
    places = [(0, 0)] * 8
    crowd = [say(who, ALL, Kind.INFORM, text=str(k)) for who in range(1, 9) for k in (1, 2)]
    mind = Puppet(says={1: crowd, 2: crowd})
    model = live(quiet(mind, places=places), 2)
    messages = table(model, "messages")
    orders = [messages[messages["day"] == day]["sender"].tolist() for day in (1, 2)]
    assert orders[0] != orders[1]
    assert all(order[::2] == order[1::2] for order in orders)
    assert messages["text"].tolist() == ["1", "2"] * 16


def test_two_of_one_key_are_heard_in_one_order_however_their_replies_arrive() -> None:
    """Keys have 31 bits: in large communities two share one now and then."""
    from agents.batch import messages_of
    from model.world.deliver import deliver
    from model.world.perceive import perceive

    model = quiet(places=[(0, 0)] * 4)
    snapshot = perceive(model.world, 1, np.full(4, 77))
    says = [say(who, ALL, Kind.INFORM, text=str(who)) for who in range(1, 5)]
    none = np.zeros(0, np.int64)
    orders = [
        deliver(snapshot, messages_of(order), none, (), model.scenario).messages.text
        for order in (says, says[::-1], says[2:] + says[:2])
    ]
    assert orders[0] == orders[1] == orders[2]


@settings(max_examples=20)
@given(
    salt=st.integers(0, 10**6),
    network=st.sampled_from(["distance", "complete", "small-world", "scale-free"]),
    n=st.integers(6, 30),
)
def test_every_hearer_of_every_message_is_shown_announced_or_counted_unread(
    salt: int, network: str, n: int
) -> None:
    model = CommunityModel(
        rng=salt,
        mind=Wild(salt),
        recorder=MemoryRecorder(),
        residents=n,
        width=6,
        height=6,
        factory_spacing=2,
        days=4,
        network=network,
    )
    live(model)
    messages, residents = table(model, "messages"), table(model, "residents")
    hearing = {
        (row["day"], row["resident"]): set(map(int, row["in_hearing"]))
        for row in residents.to_dict("records")
    }
    shown_to: dict[tuple[int, int], int] = {}
    for row in messages.to_dict("records"):
        hears = hearing[row["day"], row["sender"]]
        shown, announced = set(map(int, row["shown"])), set(map(int, row["announced"]))
        expected = hears if row["to"] == ALL else {row["to"]}
        assert expected <= hears
        assert row["sender"] not in hears
        assert not shown & announced
        assert shown | announced <= expected
        assert len(shown) + len(announced) + row["unread"] == len(expected)
        for reader in shown:
            shown_to[row["day"], reader] = shown_to.get((row["day"], reader), 0) + 1
    assert max(shown_to.values(), default=0) <= HEARD_SHOWN


def test_a_reader_remembers_the_last_stock_it_was_shown() -> None:
    """The one its mind read last on that evening."""
    stock = int(Claim.STOCK)
    says = {
        1: [
            say(1, 2, Kind.INFORM, claims=(WORK, (stock, 80, 0))),
            say(1, 2, Kind.INFORM, claims=((stock, 15, 0),)),
        ]
    }
    mind = Puppet(says=says)
    live(quiet(mind, places=[(0, 0), (0, 1)]), 8)
    claimed = {}
    for batch in mind.asked:
        if batch.stage is Stage.PERCEIVE:
            near = {r[0]: r for r in batch[1].residents}
            claimed[batch.day] = near[1][11]
    assert claimed == {1: -1, **dict.fromkeys(range(2, 7), 15), 7: -1, 8: -1}


def test_a_claim_about_a_factory_gives_its_place_to_who_does_not_know_it() -> None:
    makes = (int(Claim.MAKES), 1, 999)
    mind = Puppet(says={1: [say(1, 2, Kind.INFORM, claims=(makes,))]})
    model = quiet(mind, places=[(0, 0), (0, 1)], factory=(9, 9))
    model.memory.known, model.memory.about = model.memory.known[:0], model.memory.about[:0]
    live(model, 2)
    assert next(b for b in mind.asked if b.day == 1)[1].factories == ()
    heard = next(b for b in mind.asked if b.day == 2)[1].factories
    assert heard == ((1, 9, 1, 999, 100, -1, 0, 0, 1),)


def test_a_claim_changes_nothing_for_who_knows_the_factory_and_sight_corrects_it() -> None:
    makes = (int(Claim.MAKES), 1, 999)
    mind = Puppet(says={1: [say(1, 2, Kind.INFORM, claims=(makes,))]})
    live(quiet(mind, places=[(0, 0), (0, 1)], factory=(9, 9)), 2)
    known = next(b for b in mind.asked if b.day == 2)[1].factories[0]
    assert (known[3], known[8]) == (100, 0)


@pytest.mark.parametrize("factory", [0, 2, -1, 999_999_999])
def test_a_claim_about_no_factory_has_no_effect(factory: int) -> None:
    makes = (int(Claim.MAKES), factory, 999)
    mind = Puppet(says={1: [say(1, 2, Kind.INFORM, claims=(makes,))]})
    model = quiet(mind, places=[(0, 0), (0, 1)])
    known = model.memory.known.copy()
    live(model, 1)
    assert (model.memory.known == known).all()
