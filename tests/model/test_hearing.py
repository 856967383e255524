"""Hearing networks: drawn once from the seed, the same for ever, inherited by the newborn."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest

from agents.memory import pair_rows
from model.community import CommunityModel
from model.world.hearing import network_edges, take_edges
from model.world.scenario import Scenario
from tests.model.communities import live, quiet
from tests.model.minds import Puppet, merge


def graph_of(edges: np.ndarray) -> nx.DiGraph:
    return nx.DiGraph(list(zip(*(side.tolist() for side in pair_rows(edges)), strict=True)))


def scenario(network: str, **fields: Any) -> Scenario:
    return Scenario(network=network, residents=20, **fields)


def test_by_distance_there_is_no_fixed_network() -> None:
    assert network_edges(scenario("distance"), 1) is None


def test_complete_lets_everybody_hear_everybody() -> None:
    edges = network_edges(scenario("complete"), 1)
    assert len(edges) == 20 * 19
    assert (np.diff(edges) > 0).all()


def test_small_world_has_the_edges_of_watts_and_strogatz() -> None:
    graph = graph_of(network_edges(scenario("small-world"), 3)).to_undirected()
    assert graph.number_of_edges() == 20 * 4 // 2
    ring = network_edges(scenario("small-world", small_world_p=0.0), 3)
    assert set(dict(graph_of(ring).out_degree()).values()) == {4}


def test_scale_free_has_the_edges_of_barabasi_and_albert() -> None:
    graph = graph_of(network_edges(scenario("scale-free"), 3)).to_undirected()
    assert graph.number_of_edges() == 2 * (20 - 2)
    assert nx.is_connected(graph)


def test_a_supplied_network_is_what_was_supplied_both_ways_once() -> None:
    edges = network_edges(scenario("supplied", edges=((1, 2), (2, 1), (4, 3))), 1)
    assert set(graph_of(edges).edges) == {(0, 1), (1, 0), (2, 3), (3, 2)}


@pytest.mark.parametrize("network", ["complete", "small-world", "scale-free"])
def test_a_network_is_mutual_without_loops_and_sorted(network: str) -> None:
    edges = network_edges(scenario(network), 5)
    graph = graph_of(edges)
    assert all(graph.has_edge(b, a) and a != b for a, b in graph.edges)
    assert (np.diff(edges) > 0).all()


@pytest.mark.parametrize("network", ["small-world", "scale-free"])
def test_a_network_is_a_function_of_the_seed(network: str) -> None:
    first, again, other = (
        CommunityModel(residents=20, network=network, rng=rng).world.edges for rng in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_on_a_network_distance_does_not_count() -> None:
    edges = ((1, 3),)
    model = quiet(places=[(0, 0), (0, 1), (11, 11)], network="supplied", edges=edges)
    asking = model.day()
    batch = next(asking)
    asking.close()
    hears = {
        batch[row].id: set(batch[row].also) | {r[0] for r in batch[row].residents if r[13]}
        for row in range(3)
    }
    assert hears == {1: {3}, 2: set(), 3: {1}}


def test_a_newborn_takes_a_parents_edges_and_hears_it() -> None:
    edges = network_edges(scenario("supplied", edges=((1, 2), (1, 3))), 1)
    graph = graph_of(take_edges(edges, 20, 0))
    assert set(graph.successors(20)) == {0, 1, 2} == set(graph.predecessors(20))
    assert set(graph.successors(0)) == {1, 2, 20}


def test_the_children_of_a_community_are_on_its_network() -> None:
    acts = {1: {1: merge(2), 2: merge(1)}}
    fields = {"network": "supplied", "edges": ((1, 2), (1, 3), (2, 3)), "birth_threshold": 120}
    model = quiet(Puppet(acts), places=[(0, 0)] * 3, stocks=[400, 400, 50], **fields)
    live(model, 2)
    children = range(3, model.residents.count)
    assert len(children) == 1
    graph = graph_of(model.world.edges)
    assert set(graph.successors(3)) == {0, 1, 2}


def test_newcomers_are_given_a_place_on_the_network() -> None:
    shocks = [{"day": 1, "kind": "newcomers", "size": 4}]
    model = live(quiet(residents=12, network="small-world", shocks=shocks), 1)
    graph = graph_of(model.world.edges)
    assert all(graph.out_degree(row) >= 1 for row in range(12, 16))
