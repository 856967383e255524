"""Commitments in a community: what binds, what keeps, what breaks, and what does not count."""

from __future__ import annotations

from typing import Any

import pytest

from agents.decisions import ALL, Further, Kind, Main, Promise
from agents.observation import OneAct, OneMessage, Stage
from tests.model.communities import events, home, live, quiet, table
from tests.model.minds import Puppet, attack, gift, merge, say, secure

GIFT, SECURE, PEACE, MERGE = Promise.GIFT, Promise.SECURE, Promise.NO_ATTACK, Promise.MERGE


def settled(
    says: dict[int, list[OneMessage]],
    acts: dict[int, dict[int, OneAct]] | None = None,
    *,
    days: int = 6,
    end: bool = True,
    **fields: Any,
) -> list[tuple[Any, ...]]:
    """How commitments ended among residents side by side: (debtor, creditor, what, …, status)."""
    faults = fields.pop("faults", frozenset())
    fields = {"places": [(0, 0), (0, 1), (1, 0)], "factory": (2, 2), **fields}
    model = live(quiet(Puppet(acts or {}, says, faults), **fields), days)
    if end:
        model.finish()
    rows = table(model, "commitments")
    names = ["debtor", "creditor", "what", "a", "by", "status", "closed", "reason"]
    return list(rows[names].itertuples(index=False, name=None))


def promised(*promises: tuple[int, int, int], sender: int = 1, to: int = 2) -> OneMessage:
    return say(sender, to, Kind.OFFER, promises=tuple((int(w), a, by) for w, a, by in promises))


# --- what binds


@pytest.mark.parametrize(
    ("what", "a", "by", "why"),
    [
        (GIFT, 5, 0, "due date out of range"),
        (GIFT, 5, 12, "due date out of range"),
        (GIFT, 0, 3, "nothing promised"),
        (SECURE, 2, 3, "no such factory"),
        (SECURE, 0, 3, "no such factory"),
    ],
)
def test_a_promise_that_cannot_bind_is_void_with_its_reason(
    what: Promise, a: int, by: int, why: str
) -> None:
    message = promised((what, a, by))
    model = live(quiet(Puppet(says={1: [message]}), places=[(0, 0), (0, 1)]), 1)
    model.finish()
    assert [row["reason"] for row in events(model, "void_promise")] == [why]
    assert len(table(model, "commitments")) == 0
    assert model.latest.promises == 0


def test_a_void_promise_is_noted_even_where_nobody_hears_it() -> None:
    message = promised((GIFT, 0, 3), to=ALL)
    model = live(quiet(Puppet(says={1: [message]}), places=[(0, 0), (9, 9)]), 1)
    assert len(events(model, "void_promise")) == 1


@pytest.mark.parametrize("by", [1, 11])
def test_due_dates_from_today_to_ten_days_on_bind(by: int) -> None:
    assert settled({1: [promised((GIFT, 5, by))]}, days=1)[0][:5] == (1, 2, "gift", 5, by)


def test_what_is_promised_to_all_binds_nobody_until_somebody_accepts() -> None:
    announced = promised((GIFT, 5, 4), to=ALL)
    assert settled({1: [announced]}) == []
    accepted = settled({1: [announced], 2: [say(3, 1, Kind.ACCEPT)]})
    assert [row[:3] for row in accepted] == [(1, 3, "gift")]


@pytest.mark.parametrize(("day", "agreed"), [(1, True), (2, True), (3, False)])
def test_accepting_agrees_to_what_was_shown_today_or_yesterday(day: int, agreed: bool) -> None:
    announced = promised((GIFT, 5, 8), to=ALL)
    says = {1: [announced]}
    says.setdefault(day, []).append(say(3, 1, Kind.ACCEPT))
    assert len(settled(says)) == int(agreed)


@pytest.mark.parametrize("what", [MERGE, SECURE])
def test_what_needs_two_is_owed_by_who_accepts_it_too(what: Promise) -> None:
    rows = settled({1: [promised((what, 1, 4))], 2: [say(2, 1, Kind.ACCEPT)]})
    assert {(row[0], row[1]) for row in rows} == {(1, 2), (2, 1)}


@pytest.mark.parametrize("what", [GIFT, PEACE])
def test_what_needs_one_is_not_owed_by_who_accepts_it(what: Promise) -> None:
    rows = settled({1: [promised((what, 5, 4))], 2: [say(2, 1, Kind.ACCEPT)]})
    assert [(row[0], row[1]) for row in rows] == [(1, 2)]


def test_a_promise_that_was_not_shown_binds_nobody() -> None:
    """Seven write to one, six are shown."""
    places = [(0, 0)] + [(0, 1)] * 7
    says = {1: [promised((GIFT, 5, 4), sender=who, to=1) for who in range(2, 9)]}
    model = live(quiet(Puppet(says=says), places=places), 1)
    model.finish()
    assert len(table(model, "commitments")) == 6
    assert model.latest.promises == 6
    assert model.latest.unread == 1


def test_a_repeated_promise_is_one_commitment() -> None:
    says = {day: [promised((GIFT, 5, 6))] for day in (1, 2, 3)}
    assert len(settled(says)) == 1


# --- what keeps and what breaks


def test_a_gift_is_kept_at_the_first_fulfilment_and_gifts_add_up() -> None:
    says = {1: [promised((GIFT, 15, 5))]}
    acts = {2: {1: gift(2, 10)}, 3: {1: gift(2, 5)}}
    assert settled(says, acts) == [(1, 2, "gift", 15, 5, "kept", 3, "given")]


def test_work_is_kept_by_working_there_on_any_day_until_due() -> None:
    says = {1: [promised((SECURE, 1, 4))]}
    assert settled(says, {3: {1: secure(1)}})[0][5:7] == ("kept", 3)
    assert settled(says, {5: {1: secure(1)}})[0][5:8] == ("broken", 4, "did not work there")


def test_a_merge_is_kept_by_both_when_it_is_done() -> None:
    says = {1: [promised((MERGE, 0, 4))], 2: [say(2, 1, Kind.ACCEPT)]}
    acts = {3: {1: merge(2), 2: merge(1)}}
    assert {row[5:7] for row in settled(says, acts)} == {("kept", 3)}


def test_peace_is_broken_by_the_first_attack_and_kept_without_one() -> None:
    says = {1: [promised((PEACE, 0, 4))]}
    assert settled(says, {3: {1: attack(2)}})[0][5:7] == ("broken", 3)
    assert settled(says, {3: {1: attack(3)}})[0][5:7] == ("kept", 4)
    assert settled(says, {5: {1: attack(2)}})[0][5:7] == ("kept", 4)
    assert settled(says, {1: {1: attack(2)}})[0][5:7] == ("broken", 1)


def test_what_could_have_been_kept_on_its_day_and_was_not_is_broken() -> None:
    assert settled({1: [promised((GIFT, 5, 2))]})[0][5:7] == ("broken", 2)
    assert settled({1: [promised((MERGE, 0, 2))]})[0][5:7] == ("broken", 2)


def test_a_part_of_a_gift_does_not_make_the_rest_possible() -> None:
    """Twelve in store, twenty promised: ten given on the day leave what was never possible."""
    says = {1: [promised((GIFT, 20, 1))]}
    rows = settled(says, {1: {1: gift(2, 10)}}, stocks=[12, 50, 50])
    assert rows[0][5:8] == ("impossible", 1, "stock too small")
    rows = settled(says, {1: {1: gift(2, 10)}}, stocks=[20, 50, 50])
    assert rows[0][5:7] == ("broken", 1)


def test_a_void_attempt_excuses_its_own_day_and_no_later_one() -> None:
    says = {1: [promised((GIFT, 5, 4))]}
    assert settled(says, {2: {1: gift(2, 5000)}})[0][5:7] == ("broken", 4)
    assert settled(says, {4: {1: gift(2, 5000)}})[0][5:7] == ("impossible", 4)


@pytest.mark.parametrize(("asked", "status"), [(1, "broken"), (2, "impossible"), (5, "impossible")])
def test_an_ask_to_merge_excuses_while_it_waits_for_its_answer(asked: int, status: str) -> None:
    says = {1: [promised((MERGE, 0, 5))]}
    assert settled(says, {asked: {1: merge(2)}})[0][5:7] == (status, 5)


@pytest.mark.parametrize("stage", [Stage.PERCEIVE, Stage.ACT])
def test_a_fault_on_the_due_day_breaks_nothing(stage: Stage) -> None:
    says = {1: [promised((GIFT, 5, 2))]}
    rows = settled(says, faults=frozenset({(2, stage, 1)}))
    assert rows[0][5:8] == ("impossible", 2, "fault")


@pytest.mark.parametrize("stage", [Stage.COMMUNICATE, Stage.REMEMBER])
def test_a_fault_in_words_excuses_no_act(stage: Stage) -> None:
    rows = settled({1: [promised((GIFT, 5, 2))]}, faults=frozenset({(2, stage, 1)}))
    assert rows[0][5] == "broken"


def test_out_of_reach_and_too_far_are_impossible() -> None:
    far = {"places": [(0, 0), (0, 3)], "factory": (9, 9)}
    rows = settled({1: [promised((GIFT, 5, 2)), promised((SECURE, 1, 2))]}, **far)
    assert [row[5:8] for row in rows] == [
        ("impossible", 2, "out of reach"),
        ("impossible", 2, "too far"),
    ]


def test_refusing_releases_all_that_the_other_owes() -> None:
    says = {1: [promised((GIFT, 5, 4), (PEACE, 0, 4))], 2: [say(2, 1, Kind.REFUSE)]}
    assert {row[5:8] for row in settled(says)} == {("released", 2, "refused")}


def test_becoming_one_household_releases_gifts_between_its_members() -> None:
    acts = {2: {1: merge(2), 2: merge(1)}}
    rows = settled({1: [promised((GIFT, 5, 6))]}, acts)
    assert rows[0][5:8] == ("released", 2, "one household")


def test_a_promise_accepted_within_one_household_does_not_bind_it() -> None:
    """Announced to all, and accepted by somebody who has moved in since."""
    says = {1: [promised((GIFT, 5, 6), to=ALL)], 2: [say(2, 1, Kind.ACCEPT)]}
    rows = settled(says, {1: {1: merge(2), 2: merge(1)}})
    assert {row[5] for row in rows} <= {"released"}


@pytest.mark.parametrize(
    ("gone", "status"), [(1, ("impossible", "removed")), (2, ("unresolved", "beneficiary gone"))]
)
def test_the_removed_neither_keep_nor_break(gone: int, status: tuple[str, str]) -> None:
    shocks = [{"day": 3, "kind": "remove", "target": gone}]
    row = settled({1: [promised((GIFT, 5, 5))]}, shocks=shocks)[0]
    assert (row[5], row[7]) == status
    assert row[6] == 3


def test_what_is_due_after_the_end_is_unresolved() -> None:
    rows = settled({1: [promised((GIFT, 5, 9))]}, days=4)
    assert rows[0][5:8] == ("unresolved", 4, "due after the end")


# --- the ground


def test_acts_and_stores_follow_the_test_and_not_chance() -> None:
    """The ground of these tests is what they take it for."""
    model = live(quiet(Puppet({1: {1: gift(2, 7)}}), places=[(0, 0), (0, 1)], need=(0,)), 1)
    assert [model.households.store[home(model, who)] for who in (1, 2)] == [93, 107]
    idle = OneAct(Main.IDLE, 0, 0, Further.NONE, 0, 0)
    assert live(quiet(Puppet({1: {1: idle}}), places=[(0, 0)]), 1).latest.idle == 1
