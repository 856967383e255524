"""The four capacities of resilience."""

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.measures.capacities import (
    daily_scc_share,
    message_reach,
    over_days_alive,
    social_capital,
)
from model.world.message_reach import MessageReach

Talk = tuple[int, int, int]


def by_day(talk: list[Talk], *, entered: list[int], gone: dict[int, int], days: int) -> list[float]:
    """IC of days 1 … T as the world keeps it; talk is (day, sender, reader) by number."""
    reach, found = MessageReach(), []
    for day in range(1, days + 1):
        today = [(i, j) for on, i, j in talk if on == day]
        reach.add(day, *np.array(today, np.int64).reshape(-1, 2).T)
        rows = [i for i, on in enumerate(entered) if on <= day and gone.get(i, days + 1) > day]
        born = np.array([entered[i] for i in rows], np.int64)
        found.append(reach.value(np.array(rows, np.int64), born, day))
    return found


def lived(*talk: Talk, residents: int, days: int, **more: Any) -> list[float]:
    return by_day(list(talk), **{"entered": [0] * residents, "gone": {}, "days": days, **more})


def test_social_capital_is_cooperation_less_betrayal_per_faultless_day() -> None:
    capital = social_capital([3, 2], [1, 0], [10, 8])
    assert capital.value == 4 / 18
    assert (capital.cooperations, capital.betrayals, capital.faultless_days) == (5, 1, 18)


def test_community_in_which_everybody_cooperates_has_social_capital_one() -> None:
    assert social_capital([5, 4], [0, 0], [5, 4]).value == 1


def test_social_capital_without_a_faultless_day_is_undefined() -> None:
    assert np.isnan(social_capital([0, 0], [0, 0], [0, 0]).value)
    assert np.isnan(social_capital([], [], []).value)


def test_fault_is_not_scored_as_a_day_without_cooperation() -> None:
    assert social_capital([5], [0], [5]).value > social_capital([5], [0], [10]).value


def test_more_actors_than_faultless_residents_are_refused() -> None:
    with pytest.raises(ValueError, match="entry 1"):
        social_capital([1, 6], [0, 0], [5, 5])


@pytest.mark.parametrize("bad", [[-1], [0.5], [float("nan")]])
def test_social_capital_takes_whole_counts_only(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="cooperators"):
        social_capital(bad, [0], [5])


@given(st.lists(st.tuples(*[st.integers(0, 20)] * 3), min_size=1, max_size=30))
def test_social_capital_lies_between_minus_one_and_one(days: list[tuple[int, int, int]]) -> None:
    able = [max(day) for day in days]
    capital = social_capital([day[0] for day in days], [day[1] for day in days], able)
    assert np.isnan(capital.value) == (sum(able) == 0)
    assert not abs(capital.value) > 1


def test_run_value_is_the_mean_over_defined_days_alive_with_their_number() -> None:
    value = over_days_alive([0.5, np.nan, 0.7, 9.0], [5, 1, 2, 0])
    assert value.value == pytest.approx(0.6)
    assert (value.days, value.days_alive) == (2, 3)


def test_run_of_the_dead_has_no_value() -> None:
    value = over_days_alive([1.0, 1.0], [0, 0])
    assert np.isnan(value.value)
    assert (value.days, value.days_alive) == (0, 0)


def test_cycle_of_messages_reaches_everybody() -> None:
    assert lived((1, 0, 1), (3, 1, 2), (7, 2, 0), residents=3, days=7)[-1] == 1


def test_reach_of_one_window_needs_no_table() -> None:
    reach = message_reach([0, 1, 2], [1, 0, 1], residents=5)
    assert (reach.largest, reach.ic, reach.scc_share) == (2, 1 / 4, 2 / 5)


@pytest.mark.parametrize("few", [0, 64])
def test_reach_is_networkx_s_by_matrix_and_by_sparse_graph(
    monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("model.measures.capacities._FEW", few)
    rng = np.random.default_rng(1)
    for residents in (1, 2, 7, 40):
        for edges in (0, residents, 2 * residents):
            i, j = rng.integers(residents, size=(2, edges))
            graph = nx.DiGraph(zip(i.tolist(), j.tolist(), strict=True))
            graph.add_nodes_from(range(residents))
            largest = max(map(len, nx.strongly_connected_components(graph)))
            assert message_reach(i, j, residents).largest == largest


def test_silence_reaches_nobody() -> None:
    assert lived(residents=4, days=7)[-1] == 0


def test_two_triangles_joined_one_way_reach_half() -> None:
    edges = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3)]
    assert lived(*[(4, i, j) for i, j in edges], residents=6, days=7)[-1] == 2 / 5
    assert message_reach(*np.array(edges).T, residents=6).scc_share == 1 / 2


def test_days_before_the_first_full_window_are_undefined() -> None:
    found = lived((1, 0, 1), (1, 1, 0), residents=2, days=9)
    assert np.isnan(found).tolist() == [True] * 6 + [False] * 3


def test_message_leaves_the_window_after_seven_days() -> None:
    assert lived((1, 0, 1), (1, 1, 0), residents=2, days=8)[-2:] == [1, 0]


def test_resident_removed_within_the_window_is_no_part_of_the_graph() -> None:
    talk = ((5, 0, 1), (5, 1, 2), (5, 2, 0))
    assert lived(*talk, residents=3, days=8, gone={2: 8})[-2:] == [1, 0]


def test_newborn_joins_the_graph_after_a_full_window_of_its_own() -> None:
    talk = [(day, i, j) for day in range(1, 11) for i, j in ((0, 1), (1, 0))]
    found = by_day(talk, entered=[0, 0, 2], gone={}, days=10)
    assert found[6:] == [1, 1, 1 / 2, 1 / 2]


def test_reach_among_fewer_than_two_is_undefined() -> None:
    assert np.isnan(lived(residents=2, days=12, gone={0: 3, 1: 12})[-2])


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(0, 5), st.integers(0, 5)), max_size=60),
    st.integers(2, 12),
)
def test_the_worlds_reach_is_that_of_the_weeks_graph(rows: list[Talk], gone: int) -> None:
    found = by_day(rows, entered=[0] * 6, gone={0: gone}, days=12)
    for day in range(7, 13):
        alive = [i for i in range(6) if i or gone > day]
        graph = nx.DiGraph(
            (i, j) for on, i, j in rows if day - 7 < on <= day and i in alive and j in alive
        )
        graph.add_nodes_from(alive)
        largest = max(map(len, nx.strongly_connected_components(graph)))
        assert found[day - 1] == (largest - 1) / (len(alive) - 1)


# One day's graph


def one_day(talk: list[Talk], mornings: list[tuple[int, int]]) -> dict[int, float]:
    """Day → share, from (day, sender, reader) and (day, resident)."""
    lived_on = np.array(mornings, dtype=np.int64).reshape(-1, 2).T
    said = np.array(talk, dtype=np.int64).reshape(-1, 3).T
    days, share = daily_scc_share(*lived_on, *said)
    return dict(zip(days.tolist(), share.tolist(), strict=True))


def test_two_triangles_joined_one_way_are_half_of_their_day() -> None:
    edges = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3)]
    found = one_day([(4, i, j) for i, j in edges], [(4, i) for i in range(6)])
    assert found == {4: 1 / 2}


def test_a_days_words_do_not_reach_into_the_next() -> None:
    """Asked on day 1 and answered on day 2: joined within a week, on neither day."""
    mornings = [(day, i) for day in (1, 2) for i in (0, 1)]
    assert one_day([(1, 0, 1), (2, 1, 0)], mornings) == {1: 1 / 2, 2: 1 / 2}
    assert one_day([(1, 0, 1), (1, 1, 0)], mornings) == {1: 1, 2: 1 / 2}


def test_one_resident_alone_has_nobody_to_reach() -> None:
    assert np.isnan(one_day([(1, 0, 1)], [(1, 0)])[1])


def test_nobody_has_no_days() -> None:
    assert one_day([], []) == {}


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9)), max_size=60),
    st.sets(st.tuples(st.integers(1, 6), st.integers(1, 9)), max_size=40),
)
def test_the_share_is_networkx_s_day_by_day(talk: list[Talk], mornings: set[Any]) -> None:
    found = one_day(talk, sorted(mornings, key=lambda m: (m[0], -m[1])))
    assert list(found) == sorted({day for day, _ in mornings})
    for day, share in found.items():
        alive = {i for on, i in mornings if on == day}
        graph = nx.DiGraph((i, j) for on, i, j in talk if on == day and {i, j} <= alive)
        graph.add_nodes_from(alive)
        largest = max(map(len, nx.strongly_connected_components(graph)))
        assert share == largest / len(alive) if len(alive) > 1 else np.isnan(share)
