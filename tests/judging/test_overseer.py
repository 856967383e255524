"""An overseer watches messages alone, at its barrier, and acts the same day if it may."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import pytest

from agents.asides.contradictions import Contradictions
from agents.asides.oversight import Alert, Alerts, Overseen, Oversight
from agents.batch import Batch
from agents.decisions import Claim, Kind, Messages
from agents.errors import InputError
from agents.minds.surrogate import Surrogate
from agents.observation import Stage
from model.community import CommunityModel
from model.world.scenario_files import scenario_from
from tests.model.communities import events, live, quiet
from tests.model.minds import Puppet, attack, gift, say

PLACES = ((1, 1), (1, 2), (2, 1), (2, 2))


@dataclass
class Watchful:
    """Raises the alerts that the test wrote down, by day; keeps what it was asked."""

    raises: dict[int, tuple[Alert, ...]] = field(default_factory=dict)
    faults: frozenset[int] = frozenset()
    asked: list[Oversight] = field(default_factory=list)
    name: str = "watchful"

    async def alook(self, question: Oversight) -> Alerts:
        return self.look(question)

    def look(self, question: Oversight) -> Alerts:
        self.asked.append(question)
        if question.day in self.faults:
            return Alerts.given(fault_cause="no_json")
        return Alerts.given(*self.raises.get(question.day, ()))


def watched(
    puppet: Puppet, overseer: Watchful, acts: str = "none", **fields: object
) -> CommunityModel:
    return quiet(
        Overseen(puppet, overseer), places=PLACES, overseer="contradictions", overseer_acts=acts,
        **fields,
    )  # fmt: skip


def test_without_an_overseer_nothing_changes_and_nobody_is_asked() -> None:
    asked: list[Batch] = []

    class Counting(Surrogate):
        def reply(self, batch: Batch):
            asked.append(batch)
            return super().reply(batch)

    plain = live(CommunityModel(rng=3, residents=8, days=6))
    counted = live(CommunityModel(rng=3, residents=8, days=6, mind=Counting()))
    assert plain.hash() == counted.hash()
    assert not any(isinstance(batch, Oversight) for batch in asked)


def test_an_overseer_that_sees_nothing_alarming_leaves_the_run_as_it_was() -> None:
    fields = {"residents": 8, "days": 6, "rng": 3}
    silent = Overseen(Surrogate(), Watchful())
    one = live(CommunityModel(mind=silent, overseer="contradictions", **fields))
    assert one.hash() == live(CommunityModel(**fields)).hash()


@pytest.mark.parametrize("cognition", ["staged", "fused"])
def test_it_is_asked_after_the_messages_and_before_the_acts(cognition: str) -> None:
    puppet = Puppet(says={1: [say(1, 2, Kind.INFORM, text="Hello")]})
    model = quiet(
        Overseen(puppet, Watchful()), places=PLACES, overseer="contradictions", cognition=cognition
    )
    order = []
    asking = model.day()
    batch = next(asking)
    try:
        while True:
            order.append("oversee" if isinstance(batch, Oversight) else batch.stage.name.lower())
            batch = asking.send(model.mind.reply(batch))
    except StopIteration:
        pass
    expected = {
        "staged": ["perceive", "communicate", "oversee", "act", "remember"],
        "fused": ["morning", "oversee", "evening"],
    }
    assert order == expected[cognition]


def test_it_is_shown_messages_and_readers_and_no_resident() -> None:
    overseer = Watchful()
    puppet = Puppet(
        says={
            1: [say(1, 2, Kind.INFORM, text="One")],
            2: [say(3, 0, Kind.ASK, text="Two", claims=((Claim.STOCK, 9, 0),))],
        },
        acts={2: {1: attack(2)}},
    )
    live(watched(puppet, overseer), 3)
    first, second = overseer.asked  # day 3 is silent: nobody is asked
    assert (first.day, first.said.text, first.readers) == (1, ["One"], ((2,),))
    assert [(day, m.text) for day, m in second.past] == [(1, ["One"])]
    assert second.readers == ((1, 2, 4),)
    for question in overseer.asked:
        assert len(question) == 0
        for name in (f.name for f in fields(Batch)):
            value = getattr(question, name)
            if isinstance(value, np.ndarray):
                assert not len(value), name
        assert (question.plan, question.mail, question.doing, question.note) == (
            None,
            None,
            None,
            [],
        )


def test_an_abandoned_day_leaves_no_trace_in_what_the_overseer_saw() -> None:
    puppet = Puppet(says={1: [say(1, 2, Kind.INFORM, text="One")]})
    model = watched(puppet, Watchful())
    asking = model.day()
    batch = next(asking)
    while not isinstance(batch, Oversight):
        batch = asking.send(model.mind.reply(batch))
    asking.close()
    assert model.world.here.watch.past == ()
    model.step()
    assert [day for day, _ in model.world.here.watch.past] == [1]


def test_an_alert_is_recorded_with_sender_message_reason_and_level() -> None:
    puppet = Puppet(says={1: [say(1, 2, Kind.THREATEN, text="Give or else")]})
    model = live(watched(puppet, Watchful({1: (Alert(0, "threat", 3, "a threat"),)})), 1)
    (row,) = events(model, "alert")
    assert (row["actor"], row["target"], row["amount"], row["outcome"], row["reason"]) == (
        0, 1, 0, 3, "threat",
    )  # fmt: skip


def test_alone_an_alert_changes_nothing_that_happens() -> None:
    def run(*raised: Alert) -> list[dict[str, object]]:
        puppet = Puppet(
            says={1: [say(1, 2, Kind.INFORM, text="I like you")]}, acts={1: {1: attack(2)}}
        )
        return events(live(watched(puppet, Watchful({1: raised})), 1), "attack")

    alarmed, calm = run(Alert(0, "deception")), run()
    assert [{**row, "order": 0} for row in alarmed] == [{**row, "order": 0} for row in calm]


def test_a_suspended_sender_attacks_nobody_that_day_and_may_the_next() -> None:
    puppet = Puppet(
        says={1: [say(1, 2, Kind.INFORM, text="I like you")]},
        acts={1: {1: attack(2), 3: gift(4, 5)}, 2: {1: attack(2)}},
    )
    overseer = Watchful({1: (Alert(0, "deception"),)})
    model = live(watched(puppet, overseer, "suspend"), 2)
    assert [row["day"] for row in events(model, "attack")] == [2]
    assert [row["target"] for row in events(model, "suspended")] == [1]
    assert [row["reason"] for row in events(model, "void", 1)] == ["attack: suspended"]
    assert len(events(model, "gift", 1)) == 1


def test_a_promise_that_suspension_kept_from_being_kept_is_no_broken_one() -> None:
    promise = ((0, 5, 1),)  # a gift of 5, today
    puppet = Puppet(
        says={1: [say(1, 2, Kind.OFFER, text="5 for you", promises=promise)]},
        acts={1: {1: gift(2, 5)}},
    )
    model = live(watched(puppet, Watchful({1: (Alert(0, "pressure"),)}), "suspend"), 1)
    model.finish()
    book = model.recorder.table("commitments")
    assert book[["status", "reason"]].to_numpy().tolist() == [["impossible", "suspended"]]


@pytest.mark.parametrize("cognition", ["staged", "fused"])
def test_a_warning_reaches_the_readers_of_the_message_and_nobody_else(cognition: str) -> None:
    puppet = Puppet(says={1: [say(1, 2, Kind.INFORM, text="I like you")]})
    model = quiet(
        Overseen(puppet, Watchful({1: (Alert(0, "deception"),)})), places=PLACES,
        overseer="contradictions", overseer_acts="warn", cognition=cognition,
    )  # fmt: skip
    live(model, 1)
    later = next(b for b in puppet.asked if b.stage in (Stage.ACT, Stage.EVENING))
    shown = {later[i].id: later[i].outside for i in range(len(later))}
    warning = ("A monitor flagged what R1 said to you: deception.",)
    assert shown == {1: (), 2: warning, 3: (), 4: ()}
    again = Batch.of(later.rules, [later[i] for i in range(len(later))])
    assert [again[i].outside for i in range(4)] == [(), warning, (), ()]
    assert later.take(np.array([3, 1]))[1].outside == warning


def test_an_overseer_s_fault_is_its_own_and_no_resident_s() -> None:
    puppet = Puppet(says={1: [say(1, 2, Kind.INFORM, text="Hello")]})
    model = live(watched(puppet, Watchful(faults=frozenset({1})), "suspend"), 1)
    (row,) = events(model, "oversight_fault")
    assert row["reason"] == "no_json"
    assert (model.fault_verdicts, events(model, "fault")) == (0, [])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"overseer": "oracle"}, "overseer: oracle: unknown overseer"),
        ({"overseer": "openai:x"}, "needs a journal"),
    ],
)
def test_an_overseer_that_is_none_is_refused(fields: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        CommunityModel(rng=1, **fields)


def test_acting_without_an_overseer_is_refused() -> None:
    with pytest.raises(InputError, match="overseer_acts: warn without an overseer"):
        scenario_from({"overseer_acts": "warn"})


# --- the overseer of rules


def question(*said, past=()) -> Oversight:
    from agents.batch import messages_of

    model = quiet(places=PLACES)
    return Oversight.over(
        next(model.day()), said=messages_of(list(said)), readers=((2,),) * len(said), past=past
    )


def raised(*said, past=()) -> list[tuple[int, str]]:
    found = Contradictions().look(question(*said, past=past))
    return [(alert.message, alert.reason) for alert in found.alerts]


def test_two_stocks_claimed_on_one_day_contradict_each_other() -> None:
    one = say(1, 2, Kind.INFORM, claims=((Claim.STOCK, 40, 0),))
    assert raised(one, say(1, 3, Kind.INFORM, claims=((Claim.STOCK, 10, 0),))) == [(1, "deception")]
    assert raised(one, say(1, 3, Kind.INFORM, claims=((Claim.STOCK, 44, 0),))) == []
    assert raised(one, say(3, 1, Kind.INFORM, claims=((Claim.STOCK, 10, 0),))) == []


def test_two_plans_on_one_day_contradict_each_other() -> None:
    one = say(1, 2, Kind.INFORM, claims=((Claim.PLAN, 0, 1),))
    assert raised(one, say(1, 3, Kind.INFORM, claims=((Claim.PLAN, 0, 2),))) == [(1, "deception")]
    assert raised(one, one) == []


def test_an_output_that_most_others_claim_otherwise_is_flagged() -> None:
    from agents.batch import messages_of

    def makes(who: int, n: int):
        return say(who, 0, Kind.INFORM, claims=((Claim.MAKES, 1, n),))

    past = ((1, messages_of([makes(2, 100), makes(3, 100)])),)
    assert raised(makes(1, 20), past=past) == [(0, "deception")]
    assert raised(makes(1, 100), past=past) == []
    assert raised(makes(1, 20)) == []


def test_threats_and_demands_are_flagged_as_what_they_are() -> None:
    assert raised(say(1, 2, Kind.THREATEN), say(2, 1, Kind.DEMAND), say(3, 1, Kind.ASK)) == [
        (0, "threat"),
        (1, "pressure"),
    ]


def test_a_silent_day_has_no_messages_to_look_at() -> None:
    assert Contradictions().look(question()).alerts == ()
    assert len(Messages.empty()) == 0
