"""Who can hear whom: by distance and acquaintance, or along a fixed network.

Networks are drawn once from the seed (networkx); a newborn takes a parent's edges, a newcomer those
of a resident drawn by seed. Edges are kept as sorted pair codes in both directions.
"""

from __future__ import annotations

import networkx as nx
import numpy as np

from agents.decisions import Ints
from agents.memory import pair_codes, pair_rows
from model.world.scenario import Scenario


def network_edges(scenario: Scenario, seed: int) -> Ints | None:
    """Sorted codes of who hears whom among the founders; None for the distance rule."""
    n = scenario.residents
    if scenario.network == "distance":
        return None
    if scenario.network == "complete":
        pairs = [(i, j) for i in range(n) for j in range(n) if i != j]
        return pair_codes(*np.array(pairs, np.int64).reshape(-1, 2).T)
    if scenario.network == "supplied":
        edges = [(a - 1, b - 1) for a, b in scenario.edges]
    else:
        graph = (
            nx.watts_strogatz_graph(n, scenario.small_world_k, scenario.small_world_p, seed=seed)
            if scenario.network == "small-world"
            else nx.barabasi_albert_graph(n, scenario.scale_free_m, seed=seed)
        )
        edges = list(graph.edges())
    a, b = np.array(edges, np.int64).reshape(-1, 2).T
    return np.unique(np.concatenate([pair_codes(a, b), pair_codes(b, a)]))


def take_edges(edges: Ints, row: int, parent: int) -> Ints:
    """The edges after a newcomer `row` took those of `parent`, and one to the parent itself."""
    a, b = pair_rows(edges)
    others = np.append(b[a == parent], parent)
    rows = np.full(len(others), row)
    return np.union1d(edges, np.concatenate([pair_codes(rows, others), pair_codes(others, rows)]))
