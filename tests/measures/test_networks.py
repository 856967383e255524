"""Graphs over a window, and their measures against networkx and published values."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.measures.networks import (
    Graph,
    act_graph,
    assortativity,
    betweenness,
    betweenness_centralization,
    degree_centralization,
    density,
    modularity,
    numeric_assortativity,
    reciprocity,
    scc_share,
    transitivity,
    trust_graph,
    trusting,
)


def from_networkx(graph: nx.Graph) -> Graph:
    return Graph.from_matrix(nx.to_numpy_array(graph), tuple(graph), directed=graph.is_directed())


def directed(n: int, *edges: tuple[int, int]) -> Graph:
    matrix = np.zeros((n, n))
    for i, j in edges:
        matrix[i, j] = 1
    return Graph.from_matrix(matrix)


@pytest.fixture(scope="module")
def karate() -> nx.Graph:
    """The karate club of Zachary (1977), as weighted in networkx."""
    return nx.karate_club_graph()


@pytest.fixture(scope="module")
def clubs(karate: nx.Graph) -> list[str]:
    return [karate.nodes[node]["club"] for node in karate]


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        (density, 0.1390374),
        (transitivity, 0.2556818),
        (degree_centralization, 0.3996212),
        (betweenness_centralization, 0.4055572),
    ],
)
def test_karate_club_has_its_known_shape(karate: nx.Graph, measure, value: float) -> None:
    assert measure(from_networkx(karate)) == pytest.approx(value, abs=5e-8)


def test_karate_club_splits_into_its_two_clubs(karate: nx.Graph, clubs: list[str]) -> None:
    graph = from_networkx(karate)
    assert modularity(graph, clubs) == pytest.approx(0.3582347, abs=5e-8)
    assert modularity(graph, clubs, weighted=True) == pytest.approx(0.3914, abs=5e-5)


def test_karate_club_is_disassortative_by_degree(karate: nx.Graph) -> None:
    degree = [d for _, d in karate.degree()]
    graph = from_networkx(karate)
    assert numeric_assortativity(graph, degree) == pytest.approx(-0.47561310, abs=5e-9)


@pytest.mark.parametrize(
    ("graph", "share"),
    [
        pytest.param(directed(4, (0, 1), (1, 2), (2, 3), (3, 0)), 1, id="cycle"),
        pytest.param(directed(4, (0, 1), (1, 2), (2, 3)), 1 / 4, id="path"),
        pytest.param(directed(5), 1 / 5, id="edgeless"),
        pytest.param(
            directed(6, (0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3)),
            1 / 2,
            id="two triangles joined one way",
        ),
    ],
)
def test_largest_strong_component_of_known_graphs(graph: Graph, share: float) -> None:
    assert scc_share(graph) == share


def test_reciprocity_of_known_graphs() -> None:
    assert reciprocity(directed(3, (0, 1), (1, 2), (2, 0))) == 0
    assert reciprocity(from_networkx(nx.complete_graph(4, nx.DiGraph))) == 1
    assert reciprocity(directed(3, (0, 1), (1, 0), (1, 2))) == 2 / 3
    assert np.isnan(reciprocity(directed(3)))


@pytest.mark.parametrize("n", [3, 8])
def test_star_is_fully_centralised_and_ring_and_clique_not_at_all(n: int) -> None:
    star = from_networkx(nx.star_graph(n))
    assert degree_centralization(star) == pytest.approx(1)
    assert betweenness_centralization(star) == pytest.approx(1)
    for equal in (nx.cycle_graph(n), nx.complete_graph(n)):
        assert degree_centralization(from_networkx(equal)) == 0
        assert betweenness_centralization(from_networkx(equal)) == pytest.approx(0)


@pytest.mark.parametrize(
    ("measure", "least"),
    [
        (scc_share, 1),
        (density, 2),
        (degree_centralization, 3),
        (betweenness_centralization, 3),
    ],
)
def test_measure_of_too_few_residents_is_undefined(measure, least: int) -> None:
    for n in range(least):
        assert np.isnan(measure(directed(n)))
    assert not np.isnan(measure(directed(least)))


@pytest.mark.parametrize("n", [0, 1, 5])
def test_edgeless_graph_has_no_mixing(n: int) -> None:
    for measure in (modularity, assortativity, numeric_assortativity):
        assert np.isnan(measure(directed(n), [0] * n))
    assert np.isnan(transitivity(directed(n)))


def test_graph_within_one_category_has_no_assortativity() -> None:
    pair = directed(3, (0, 1), (1, 0))
    assert np.isnan(assortativity(pair, ["a", "a", "b"]))
    assert np.isnan(numeric_assortativity(pair, [5, 5, 9]))


def test_value_known_to_nobody_has_no_assortativity() -> None:
    assert np.isnan(numeric_assortativity(directed(3, (0, 1), (1, 2)), [1, np.nan, 3]))


def test_ties_within_kinds_only_are_fully_assortative() -> None:
    graph = directed(4, (0, 1), (1, 0), (2, 3), (3, 2))
    assert assortativity(graph, ["treated", "treated", "not", "not"]) == 1
    assert numeric_assortativity(graph, [100, 100, 0, 0]) == pytest.approx(1)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Graph, np.ndarray]:
    """A small random graph, directed or not, with a category per resident."""
    n = draw(st.integers(3, 9))
    is_directed = draw(st.booleans())
    cells = draw(st.lists(st.integers(0, 3), min_size=n * n, max_size=n * n))
    matrix = np.array(cells, dtype=float).reshape(n, n) * draw(st.sampled_from([1.0, 0.5]))
    matrix[matrix < 1] = 0
    np.fill_diagonal(matrix, 0)
    if not is_directed:
        matrix = np.triu(matrix) + np.triu(matrix).T
    kinds = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    return Graph.from_matrix(matrix, directed=is_directed), np.array(kinds)


@settings(deadline=None, max_examples=150)
@given(graphs())
def test_measures_equal_those_of_networkx(case: tuple[Graph, np.ndarray]) -> None:
    graph, kinds = case
    reference = graph.to_networkx()
    undirected = nx.Graph(reference)
    assert density(graph) == pytest.approx(nx.density(reference))
    if any(d > 1 for _, d in undirected.degree()):
        assert transitivity(graph) == pytest.approx(nx.transitivity(undirected))
    np.testing.assert_allclose(
        betweenness(graph), list(nx.betweenness_centrality(undirected).values()), atol=1e-12
    )
    if not reference.number_of_edges():
        return
    nx.set_node_attributes(reference, dict(enumerate(kinds.tolist())), "kind")
    parts = [set(np.flatnonzero(kinds == kind).tolist()) for kind in np.unique(kinds)]
    for weight in (None, "weight"):
        assert modularity(graph, kinds, weighted=weight is not None) == pytest.approx(
            nx.community.modularity(reference, parts, weight=weight), abs=1e-12
        )
    if graph.directed:
        assert reciprocity(graph) == pytest.approx(nx.overall_reciprocity(reference))
        largest = max(nx.strongly_connected_components(reference), key=len)
        assert scc_share(graph) == len(largest) / len(graph)
    if len({kinds[node] for edge in reference.edges for node in edge}) > 1:
        nominal = nx.attribute_assortativity_coefficient(reference, "kind")
        assert assortativity(graph, kinds) == pytest.approx(nominal, abs=1e-9)
    ours = numeric_assortativity(graph, kinds)
    if not np.isnan(ours):
        numeric = nx.numeric_assortativity_coefficient(reference, "kind")
        assert ours == pytest.approx(numeric, abs=1e-9)


MEASURES = (
    density,
    scc_share,
    reciprocity,
    transitivity,
    degree_centralization,
    betweenness_centralization,
)


@settings(deadline=None, max_examples=60)
@given(graphs(), st.randoms())
def test_measures_do_not_depend_on_the_order_of_residents(case, random) -> None:
    graph, kinds = case
    order = random.sample(range(len(graph)), len(graph))
    moved = Graph.from_matrix(graph.weights.toarray()[np.ix_(order, order)])
    for measure in MEASURES:
        assert measure(moved) == pytest.approx(measure(graph), nan_ok=True)
    for measure in (modularity, assortativity, numeric_assortativity):
        expected = measure(graph, kinds, weighted=True)
        found = measure(moved, kinds[order], weighted=True)
        assert found == pytest.approx(expected, nan_ok=True, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(graphs())
def test_measures_stay_within_their_bounds(case) -> None:
    graph, kinds = case
    for measure in MEASURES:
        assert not measure(graph) < -1e-12
        assert not measure(graph) > 1 + 1e-12
    for measure in (modularity, assortativity, numeric_assortativity):
        assert not abs(measure(graph, kinds, weighted=True)) > 1 + 1e-12


def test_category_mixing_follows_newmans_formula_with_and_without_weights() -> None:
    # Treated 0, 1; untreated 2, 3. Weights 3 within each kind and 2 from treated to untreated:
    # e = [[3, 2], [0, 3]] / 8, Σab = 15/32, r = (24 − 15)/(32 − 15). Unweighted:
    # e = [[1, 1], [0, 1]] / 3, Σab = 4/9, r = (6 − 4)/(9 − 4).
    matrix = np.zeros((4, 4))
    matrix[0, 1], matrix[2, 3], matrix[1, 2] = 3, 3, 2
    graph = Graph.from_matrix(matrix)
    kinds = ["treated", "treated", "untreated", "untreated"]
    assert assortativity(graph, kinds, weighted=True) == pytest.approx(9 / 17)
    assert assortativity(graph, kinds) == pytest.approx(2 / 5)


@settings(deadline=None, max_examples=40)
@given(graphs())
def test_weighted_edge_counts_as_so_many_edges_in_value_assortativity(case) -> None:
    graph, kinds = case
    numbers = kinds * 40.0 + np.arange(len(kinds))
    edges = graph.weights.tocoo()
    times = np.round(edges.data * 2).astype(int)
    ends = [np.repeat(numbers[side], times) for side in edges.coords]
    ours = numeric_assortativity(graph, numbers, weighted=True)
    if not np.isnan(ours):
        assert ours == pytest.approx(np.corrcoef(*ends)[0, 1], abs=1e-9)


def test_betweenness_of_many_sources_equals_that_of_networkx() -> None:
    reference = nx.connected_watts_strogatz_graph(300, 4, 0.1, seed=1)
    expected = list(nx.betweenness_centrality(reference).values())
    np.testing.assert_allclose(betweenness(from_networkx(reference)), expected, atol=1e-12)


ACTS = pd.DataFrame(
    {
        "day": [1, 2, 2, 3, 9],
        "actor": ["R1", "R1", "R2", "R3", "R1"],
        "target": ["R2", "R2", "R1", "R9", "R3"],
        "weight": [10, 20, 5, 1, 1],
    }
)


def test_act_graph_sums_the_acts_of_its_window_between_its_residents() -> None:
    graph = act_graph(ACTS, ["R1", "R2", "R3"], first_day=1, last_day=8)
    assert graph.weights.toarray().tolist() == [[0, 30, 0], [5, 0, 0], [0, 0, 0]]


def test_acts_without_weights_count_one_each() -> None:
    graph = act_graph(ACTS.drop(columns="weight"), ["R1", "R2", "R3"], first_day=2, last_day=9)
    assert graph.weights.toarray().tolist() == [[0, 1, 1], [1, 0, 0], [0, 0, 0]]


def test_window_without_acts_still_has_its_residents() -> None:
    graph = act_graph(ACTS, ["R1", "R2"], first_day=4, last_day=8)
    assert (len(graph), graph.weights.nnz) == (2, 0)


def test_trust_weighs_what_the_other_did_in_the_last_ten_days() -> None:
    rows = [
        (1, "gift", "R2", "R1"),  # ten days before day 11: forgotten
        (2, "gift", "R2", "R1"),
        (5, "gift", "R2", "R1"),
        (5, "promise kept", "R2", "R1"),
        (6, "attack", "R3", "R1"),
        (6, "seen attacking", "R3", "R2"),
        (7, "promise broken", "R1", "R2"),
        (12, "attack", "R2", "R1"),  # after the window
    ]
    deeds = pd.DataFrame(rows, columns=["day", "kind", "actor", "target"])
    trust = trust_graph(deeds, ["R1", "R2", "R3"], last_day=11)
    np.testing.assert_allclose(trust.weights.toarray(), [[0, 2.1, -2], [-0.5, 0, -0.5], [0, 0, 0]])
    assert trusting(trust).weights.toarray().tolist() == [[0, 2.1, 0], [0, 0, 0], [0, 0, 0]]


def test_deed_of_an_unknown_kind_is_refused() -> None:
    deeds = pd.DataFrame({"day": [1], "kind": ["hug"], "actor": ["R1"], "target": ["R2"]})
    with pytest.raises(ValueError, match="hug"):
        trust_graph(deeds, ["R1", "R2"], last_day=1)


def test_distrust_cannot_count_edges() -> None:
    graph = Graph.from_matrix(np.array([[0, -1], [1, 0]]))
    with pytest.raises(ValueError, match="trusting part"):
        modularity(graph, [0, 1], weighted=True)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1, 0], [0, 0]], "edge to itself"),
        ([[0, 1, 0], [0, 0, 0]], "shape"),
        ([[0, float("nan")], [0, 0]], "NaN"),
        ([0, 1], "square"),
    ],
)
def test_matrix_that_is_no_graph_is_refused(matrix: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Graph.from_matrix(matrix)


def test_undirected_graph_needs_a_symmetric_matrix() -> None:
    with pytest.raises(ValueError, match="symmetric"):
        Graph.from_matrix([[0, 1], [0, 0]], directed=False)


def test_attribute_of_another_community_is_refused() -> None:
    with pytest.raises(ValueError, match="3 residents"):
        modularity(directed(3, (0, 1)), [0, 1])


def test_resident_listed_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        act_graph(ACTS, ["R1", "R1"], first_day=1, last_day=9)
