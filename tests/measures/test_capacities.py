"""The four capacities of resilience."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.measures.capacities import (
    community_competence,
    economic_development,
    information_communication,
    message_reach,
    over_days_alive,
    social_capital,
)


def lifespans(n: int, **removed: int) -> pd.DataFrame:
    left = [float(removed.get(f"r{i}", np.nan)) for i in range(n)]
    return pd.DataFrame({"resident": range(n), "entered": 0, "removed": left})


def messages(*rows: tuple[int, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["day", "actor", "target"])


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


def test_equal_stocks_are_full_economic_development() -> None:
    assert economic_development([4, 4, 4]) == 1


def test_one_owner_of_everything_is_no_economic_development_at_any_size() -> None:
    assert economic_development([0, 9]) == 0
    assert economic_development([0] * 24 + [9]) == pytest.approx(0)


@pytest.mark.parametrize("stock", [[], [7], [0, 0]])
def test_economic_development_of_less_than_two_owners_is_undefined(stock: list[int]) -> None:
    assert np.isnan(economic_development(stock))


def test_competence_is_output_per_head_and_undefined_without_heads() -> None:
    np.testing.assert_array_equal(community_competence([50, 0, 0], [5, 4, 0]), [10, 0, np.nan])


def test_run_value_is_the_mean_over_defined_days_alive_with_their_number() -> None:
    value = over_days_alive([0.5, np.nan, 0.7, 9.0], [5, 1, 2, 0])
    assert value.value == pytest.approx(0.6)
    assert (value.days, value.days_alive) == (2, 3)


def test_run_of_the_dead_has_no_value() -> None:
    value = over_days_alive([1.0, 1.0], [0, 0])
    assert np.isnan(value.value)
    assert (value.days, value.days_alive) == (0, 0)


def test_cycle_of_messages_reaches_everybody() -> None:
    table = information_communication(
        messages((1, 0, 1), (3, 1, 2), (7, 2, 0)), lifespans(3), days=7
    )
    assert table["ic"].iloc[-1] == 1
    assert table["scc_share"].iloc[-1] == 1


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
    last = information_communication(messages(), lifespans(4), days=7).iloc[-1]
    assert last["ic"] == 0
    assert last["scc_share"] == 1 / 4


def test_two_triangles_joined_one_way_reach_half() -> None:
    edges = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3)]
    table = information_communication(
        messages(*[(4, i, j) for i, j in edges]), lifespans(6), days=7
    )
    assert table["scc_share"].iloc[-1] == 1 / 2
    assert table["ic"].iloc[-1] == 2 / 5


def test_days_before_the_first_full_window_are_undefined() -> None:
    table = information_communication(messages((1, 0, 1), (1, 1, 0)), lifespans(2), days=9)
    assert table["ic"].isna().tolist() == [True] * 6 + [False] * 3


def test_message_leaves_the_window_after_seven_days() -> None:
    table = information_communication(messages((1, 0, 1), (1, 1, 0)), lifespans(2), days=8)
    assert table["ic"].iloc[-2:].tolist() == [1, 0]


def test_resident_removed_within_the_window_is_no_part_of_the_graph() -> None:
    talk = messages((5, 0, 1), (5, 1, 2), (5, 2, 0))
    table = information_communication(talk, lifespans(3, r2=8), days=8)
    assert table["residents"].iloc[-2:].tolist() == [3, 2]
    assert table["ic"].iloc[-2:].tolist() == [1, 0]


def test_newborn_joins_the_graph_after_a_full_window_of_its_own() -> None:
    spans = lifespans(3)
    spans.loc[2, "entered"] = 2
    table = information_communication(messages(), spans, days=10)
    assert table["residents"].iloc[6:].tolist() == [2, 2, 3, 3]


def test_reach_among_fewer_than_two_is_undefined() -> None:
    table = information_communication(messages(), lifespans(2, r0=3, r1=12), days=12)
    assert np.isnan(table["ic"].iloc[-2])
    assert table["scc_share"].iloc[-2] == 1
    assert table["residents"].iloc[-1] == 0
    assert np.isnan(table["scc_share"].iloc[-1])


def test_message_of_an_unknown_resident_is_refused() -> None:
    with pytest.raises(ValueError, match="not in lifespans"):
        information_communication(messages((1, 0, 9)), lifespans(2), days=7)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(0, 5), st.integers(0, 5)), max_size=60),
    st.permutations(range(6)),
)
def test_reach_depends_neither_on_names_nor_on_the_order_of_rows(
    rows: list[tuple[int, int, int]], names: list[int]
) -> None:
    spans = lifespans(6, r0=9)
    renamed = spans.assign(resident=names)
    moved = [(day, names[i], names[j]) for day, i, j in reversed(rows)]
    one = information_communication(messages(*rows), spans, days=12)
    other = information_communication(messages(*moved), renamed, days=12)
    pd.testing.assert_frame_equal(one, other)
    assert one["ic"].dropna().between(0, 1).all()
