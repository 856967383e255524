"""Who can hear whom: by distance and acquaintance, or along a fixed network; one entry a network.

Networks are drawn once from the seed (networkx); a newborn takes a parent's edges, a newcomer those
of a resident drawn by seed. Edges are kept as sorted pair codes in both directions. A plug-in adds
a network of its own (group `civa.networks`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from agents.memory import pair_codes, pair_rows
from agents.registers import Register

if TYPE_CHECKING:
    from agents.decisions import Ints
    from model.world.scenario import Scenario

#: Pairs of founders, each once, as rows from 0.
Pairs = Iterable[tuple[int, int]]


def _fits(scenario: Scenario) -> str:
    return ""


@dataclass(frozen=True)
class Network:
    """One way of laying out who hears whom.

    Attributes:
        edges: the scenario and a seed → pairs of founders that hear each other; nothing else may
            be drawn from. None where distance and acquaintance decide, day by day.
        misfit: what of a scenario does not fit it, as `field: what is wrong; remedy`.
    """

    edges: Callable[[Scenario, int], Pairs] | None
    misfit: Callable[[Scenario], str] = _fits


def _complete(scenario: Scenario, seed: int) -> Pairs:
    n = scenario.residents
    return ((i, j) for i in range(n) for j in range(i + 1, n))


def _supplied(scenario: Scenario, seed: int) -> Pairs:
    return ((a - 1, b - 1) for a, b in scenario.edges)


def _small_world(scenario: Scenario, seed: int) -> Pairs:
    import networkx as nx

    k, p = scenario.small_world_k, scenario.small_world_p
    edges: Pairs = nx.watts_strogatz_graph(scenario.residents, k, p, seed=seed).edges()
    return edges


def _scale_free(scenario: Scenario, seed: int) -> Pairs:
    import networkx as nx

    edges: Pairs = nx.barabasi_albert_graph(
        scenario.residents, scenario.scale_free_m, seed=seed
    ).edges()
    return edges


def _too_many(s: Scenario) -> str:
    many = "network: complete is for at most 2000 residents; choose another network"
    return many if s.residents > 2_000 else ""


def _no_edges(s: Scenario) -> str:
    return "" if s.edges else "edges: network = supplied needs a list of pairs of resident ids"


def _small_world_misfit(s: Scenario) -> str:
    fits = s.small_world_k < s.residents
    return "" if fits else f"small_world_k: {s.small_world_k} must be below residents {s.residents}"


def _scale_free_misfit(s: Scenario) -> str:
    fits = s.scale_free_m < s.residents
    return "" if fits else f"scale_free_m: {s.scale_free_m} must be below residents {s.residents}"


_OURS: Final = {
    "distance": Network(None),
    "complete": Network(_complete, _too_many),
    "small-world": Network(_small_world, _small_world_misfit),
    "scale-free": Network(_scale_free, _scale_free_misfit),
    "supplied": Network(_supplied, _no_edges),
}
#: All networks by name, those of plug-ins after ours.
NETWORKS: Final = Register("civa.networks", Network, _OURS)


def network_edges(scenario: Scenario, seed: int) -> Ints | None:
    """Sorted codes of who hears whom among the founders; None for the distance rule."""
    lay = NETWORKS[scenario.network].edges
    if lay is None:
        return None
    a, b = np.array(list(lay(scenario, seed)), np.int64).reshape(-1, 2).T
    # Sorted, both directions, each once: `find` looks codes up by bisection, and a row's own edges
    # stand together, so that an unsorted or one-sided list would make hearers deaf without a word.
    return np.unique(np.concatenate([pair_codes(a, b), pair_codes(b, a)]))


def take_edges(edges: Ints, row: int, parent: int) -> Ints:
    """The edges after a newcomer `row` took those of `parent`, and one to the parent itself."""
    a, b = pair_rows(edges)
    others = np.append(b[a == parent], parent)
    rows = np.full(len(others), row)
    return np.union1d(edges, np.concatenate([pair_codes(rows, others), pair_codes(others, rows)]))
