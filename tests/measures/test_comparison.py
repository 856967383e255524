"""Comparing arms whose communities live differently long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.measures.comparison import NotComparableError, same_days, worst_ranks

NAN = float("nan")


def test_same_days_are_those_on_which_every_run_has_a_value() -> None:
    result = same_days({"with": [[1, 2, 3, 4], [3, 4, 5, 6]], "without": [[5, 7, NAN, NAN]]})
    assert result.days == (0, 1)
    assert result.values["with"].tolist() == [1.5, 3.5]
    assert result.values["without"].tolist() == [6]


def test_survivors_later_days_do_not_enter_the_comparison() -> None:
    early = {"with": [[1.0, 1.0, 1.0]], "without": [[1.0, NAN, NAN]]}
    late = {"with": [[1.0, 9.0, 9.0]], "without": [[1.0, NAN, NAN]]}
    assert same_days(early).values == same_days(late).values


def test_arms_without_a_shared_day_are_refused_with_the_open_way() -> None:
    with pytest.raises(NotComparableError, match="worst_ranks"):
        same_days({"a": [[1, NAN]], "b": [[NAN, 1]]})


def test_tables_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in days"):
        same_days({"a": [[1, 2]], "b": [[1]]})


def test_collapsed_runs_rank_lowest_whatever_their_value() -> None:
    ranks = worst_ranks(
        {"with": [0.9, 0.8], "without": [99, NAN, 0.85]},
        {"with": [False, False], "without": [True, True, False]},
    )
    assert ranks["without"].tolist() == [1.5, 1.5, 4]
    assert ranks["with"].tolist() == [5, 3]


def test_where_low_values_are_good_collapsed_runs_rank_highest() -> None:
    ranks = worst_ranks(
        {"a": [0.1, 0.4], "b": [0.0, 0.2]},
        {"a": [False, False], "b": [True, False]},
        higher_is_better=False,
    )
    assert ranks["b"].tolist() == [4, 2]
    assert ranks["a"].tolist() == [1, 3]


@pytest.mark.parametrize("better", [True, False])
def test_of_two_collapsed_runs_the_sooner_is_the_worse(better: bool) -> None:
    ranks = worst_ranks(
        {"a": [1.0, 2.0, 9.0], "b": [3.0, 4.0, 5.0]},
        {"a": [False, False, True], "b": [True, True, True]},
        higher_is_better=better,
        days={"a": [NAN, NAN, 30.0], "b": [12.0, 30.0, NAN]},
    )
    worst_first = [ranks["b"][2], ranks["b"][0], ranks["a"][2], ranks["b"][1]]
    assert worst_first == ([1, 2, 3.5, 3.5] if better else [6, 5, 3.5, 3.5])
    assert ranks["a"][:2].tolist() == ([5, 6] if better else [1, 2])


def test_arms_in_which_all_collapsed_tie() -> None:
    ranks = worst_ranks({"a": [1, 2], "b": [3, 4]}, {"a": [True] * 2, "b": [True] * 2})
    assert ranks["a"].tolist() == ranks["b"].tolist() == [2.5, 2.5]


def test_living_run_without_a_value_cannot_be_ranked() -> None:
    with pytest.raises(NotComparableError, match="1 of 2 runs"):
        worst_ranks({"a": [NAN, 1], "b": [1]}, {"a": [False, False], "b": [False]})


RUNS = st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=1, max_size=8)


@given(RUNS, RUNS)
def test_ranks_keep_every_run_and_the_order_of_the_living(
    a: list[tuple[int, bool]], b: list[tuple[int, bool]]
) -> None:
    arms = {"a": a, "b": b}
    ranks = worst_ranks(
        {arm: [value for value, _ in runs] for arm, runs in arms.items()},
        {arm: [state for _, state in runs] for arm, runs in arms.items()},
    )
    pooled = [*zip(a, ranks["a"], strict=True), *zip(b, ranks["b"], strict=True)]
    assert sum(rank for _, rank in pooled) == len(pooled) * (len(pooled) + 1) / 2
    for (value, fallen), rank in pooled:
        for (other, other_fallen), other_rank in pooled:
            if not fallen and other_fallen:
                assert rank > other_rank
            elif fallen == other_fallen:
                assert (rank > other_rank) == (value > other and not fallen)


@pytest.mark.parametrize(
    ("values", "fallen", "message"),
    [
        ({"a": [1]}, {"a": [False]}, "at least 2"),
        ({"a": [1], "b": [1]}, {"a": [False], "c": [False]}, "collapsed"),
        ({"a": [1], "b": [1, 2]}, {"a": [False], "b": [False]}, "one of each"),
        ({"a": [1], "b": []}, {"a": [False], "b": []}, "at least one run"),
        ({"a": [1], "b": [float("inf")]}, {"a": [False], "b": [False]}, "infinite"),
    ],
)
def test_unfit_arms_are_refused(
    values: dict[str, list[float]], fallen: dict[str, list[bool]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        worst_ranks(values, fallen)
