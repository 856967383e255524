"""Who speaks to, gives to, attacks and trusts whom: graphs over a window, and their measures.

A graph is a sparse matrix over the residents considered, isolates included. `act_graph` makes one
from any table of acts (messages, gifts, attacks), `trust_graph` from the deeds that a question
shows about another. The measures are a few lines of sparse algebra each, because a day of 1,000
residents has tens of thousands of edges; the tests hold them against networkx, and
`Graph.to_networkx` hands over to it for everything else. Except where `weighted` says so, an edge
counts once, whatever its weight; *undirected* measures join two residents by either direction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

TRUST: Mapping[str, float] = {
    "gift": 1.0,
    "promise kept": 0.1,
    "attack": -2.0,
    "seen attacking": -0.5,
    "promise broken": -0.5,
}
_SOURCES_AT_ONCE = 256

Matrix: TypeAlias = "csr_array[np.float64, tuple[int, int]]"


@dataclass(frozen=True)
class Graph:
    """A weighted graph without self-loops.

    Attributes:
        residents: The n node names, in the order of rows and columns.
        weights: (n, n); entry (i, j) ≠ 0 is an edge from i to j. Symmetric if not ``directed``.
        directed: Whether direction matters.
    """

    residents: tuple[Any, ...]
    weights: Matrix
    directed: bool = True

    @classmethod
    def from_matrix(
        cls,
        weights: "ArrayLike | Matrix | coo_array[Any, Any]",
        residents: tuple[Any, ...] | None = None,
        *,
        directed: bool = True,
    ) -> "Graph":
        """A graph from a dense or sparse matrix of weights, rows to columns.

        Raises:
            ValueError: If the matrix is not square, has a diagonal, a weight that is not finite,
                or (undirected) is not symmetric; or the names do not fit it.
        """
        places: tuple[NDArray[np.signedinteger[Any]], ...]
        if isinstance(weights, (csr_array, coo_array)):
            entries = weights.tocoo()
            values, places, shape = np.asarray(entries.data), entries.coords, entries.shape
        else:
            dense = np.asarray(weights)
            places, shape = np.nonzero(dense), dense.shape
            values = dense[places]
        if len(shape) != 2:
            raise ValueError(f"weights have shape {shape}: a square matrix is needed")
        matrix: Matrix = csr_array(
            (values.astype(np.float64), (places[0], places[1])), shape=(shape[0], shape[1])
        )
        matrix.eliminate_zeros()
        names = tuple(range(matrix.shape[0])) if residents is None else residents
        if matrix.shape != (len(names), len(names)):
            raise ValueError(f"weights have shape {matrix.shape} for {len(names)} residents")
        if not np.isfinite(matrix.data).all():
            raise ValueError("a weight is NaN or infinite")
        if matrix.diagonal().any():
            raise ValueError("a resident has an edge to itself: leave such rows out")
        if not directed and abs(matrix - matrix.T).max() > 0:
            raise ValueError("an undirected graph needs a symmetric matrix")
        return cls(names, matrix, directed)

    def __len__(self) -> int:
        return len(self.residents)

    def to_networkx(self) -> "nx.Graph[Any]":
        """The same graph in networkx, nodes in order, weights as ``weight``."""
        graph: nx.Graph[Any] = nx.DiGraph() if self.directed else nx.Graph()
        graph.add_nodes_from(self.residents)
        edges = self.weights.tocoo()
        graph.add_weighted_edges_from(
            (self.residents[i], self.residents[j], weight)
            for i, j, weight in zip(*edges.coords, edges.data, strict=True)
        )
        return graph


def act_graph(acts: pd.DataFrame, residents: ArrayLike, first_day: int, last_day: int) -> Graph:
    """Directed graph of acts in a window, from actor to target.

    Args:
        acts: One row an act: ``day``, ``actor``, ``target``, and ``weight`` if acts are to count
            by it (units given, say); without that column each counts 1.
        residents: The nodes, isolates included. Acts from or to others are left out: state who is
            meant, e.g. those alive through the whole window.
        first_day: First day of the window.
        last_day: Last day of the window, included.
    """
    rows = acts[acts["day"].between(first_day, last_day)]
    weight = rows["weight"].to_numpy(dtype=float) if "weight" in rows else np.ones(len(rows))
    return _summed(rows["actor"], rows["target"], weight, residents)


def trust_graph(deeds: pd.DataFrame, residents: ArrayLike, last_day: int, days: int = 10) -> Graph:
    """Trust of i in j from what j did to i, or i saw of j, in the last days: an edge i → j.

    trust = gifts + .1·promises kept − 2·attacks − .5·seen attacking − .5·promises broken, each a
    number of deeds. Edges carry distrust as negative weights; where the sum is 0 there is no edge.

    Args:
        deeds: One row a deed and a resident it concerns: ``day``, ``kind`` (a key of `TRUST`),
            ``actor`` (j, who did it), ``target`` (i: who received the gift, was promised or
            attacked, or saw the attack on another).
        residents: The nodes; deeds of or to others are left out.
        last_day: Last day of the window, included.
        days: Length of the window.

    Raises:
        ValueError: If a kind is not one of `TRUST`.
    """
    unknown = sorted(set(deeds["kind"].unique()) - set(TRUST))
    if unknown:
        raise ValueError(f"deeds of unknown kind {unknown}: use {sorted(TRUST)}")
    rows = deeds[deeds["day"].between(last_day - days + 1, last_day)]
    weight = rows["kind"].map(TRUST).to_numpy(dtype=float)
    return _summed(rows["target"], rows["actor"], weight, residents)


def trusting(trust: Graph) -> Graph:
    """The part of a trust graph with trust above 0, for measures that know no negative tie."""
    return Graph.from_matrix(trust.weights.maximum(0), trust.residents, directed=trust.directed)


def density(graph: Graph) -> float:
    """Edges over possible edges, m/(n(n − 1)) or 2m/(n(n − 1)); NaN below two residents."""
    n = len(graph)
    return graph.weights.nnz / (n * (n - 1)) if n > 1 else float("nan")


def scc_share(graph: Graph) -> float:
    """Residents in the largest strongly connected component, as a share; NaN without residents."""
    if not len(graph):
        return float("nan")
    _, label = connected_components(graph.weights, directed=True, connection="strong")
    # The size of each component by its label.
    return float(np.bincount(label).max() / len(graph))


def reciprocity(graph: Graph) -> float:
    """Share of directed edges that are returned; NaN without an edge."""
    edges = _adjacency(graph)
    return float(edges.multiply(edges.T).sum() / edges.nnz) if edges.nnz else float("nan")


def transitivity(graph: Graph) -> float:
    """Closed share of the connected triples, 3·triangles/triples, undirected; NaN without one."""
    ties = _undirected(graph)
    degree: NDArray[np.float64] = np.asarray(ties.sum(axis=1))
    triples = float((degree * (degree - 1)).sum())
    return float((ties @ ties).multiply(ties).sum()) / triples if triples else float("nan")


def degree_centralization(graph: Graph) -> float:
    """Freeman's (1979) degree centralisation, undirected: 1 for a star, 0 if all are equal.

    Σ(max − d_i) / ((n − 1)(n − 2)); NaN below three residents.
    """
    n = len(graph)
    if n < 3:
        return float("nan")
    degree: NDArray[np.float64] = np.asarray(_undirected(graph).sum(axis=1))
    return float((degree.max() - degree).sum() / ((n - 1) * (n - 2)))


def betweenness_centralization(graph: Graph) -> float:
    """Freeman's (1979) betweenness centralisation, undirected: 1 for a star.

    Σ(max − b_i) / (n − 1) over normalised betweenness; NaN below three residents.
    """
    n = len(graph)
    if n < 3:
        return float("nan")
    share = betweenness(graph)
    return float((share.max() - share).sum() / (n - 1))


def betweenness(graph: Graph) -> NDArray[np.float64]:
    """Share of shortest paths between two others that pass each resident, undirected.

    Brandes' (2001) accumulation, for a block of sources at once, level by level.

    Returns:
        One value in [0, 1] per resident; NaN below three residents.
    """
    n = len(graph)
    if n < 3:
        return np.full(n, np.nan)
    ties = _undirected(graph)
    passing = np.zeros(n)
    for start in range(0, n, _SOURCES_AT_ONCE):
        passing += _passing(ties, np.arange(start, min(start + _SOURCES_AT_ONCE, n)))
    return passing / ((n - 1) * (n - 2))


def modularity(graph: Graph, attribute: ArrayLike, *, weighted: bool = False) -> float:
    """Newman's modularity of the partition by an attribute (directed form for directed graphs).

    Σ_c L_c/m − (out_c · in_c)/m²; in an undirected graph each edge counts in both directions.

    Args:
        graph: The graph.
        attribute: One category per resident, in the graph's order.
        weighted: Count edges by weight, which must then be ≥ 0.

    Returns:
        In [−1, 1); NaN without an edge.
    """
    mixing = _mixing(graph, attribute, weighted)
    if mixing is None:
        return float("nan")
    return float(np.trace(mixing) - mixing.sum(axis=1) @ mixing.sum(axis=0))


def assortativity(graph: Graph, attribute: ArrayLike, *, weighted: bool = False) -> float:
    """Newman's (2003) assortativity by a category: do ties join residents of one kind?

    Modularity over its greatest possible value. For a value: treated or not, or each resident's
    first value.

    Args:
        graph: The graph.
        attribute: One category per resident, in the graph's order.
        weighted: Count edges by weight, which must then be ≥ 0.

    Returns:
        1 if every edge stays within a category, 0 if edges ignore it; NaN without an edge, or if
        all edges join a single category.
    """
    mixing = _mixing(graph, attribute, weighted)
    if mixing is None:
        return float("nan")
    expected = float(mixing.sum(axis=1) @ mixing.sum(axis=0))
    return (float(np.trace(mixing)) - expected) / (1 - expected) if expected < 1 else float("nan")


def numeric_assortativity(graph: Graph, attribute: ArrayLike, *, weighted: bool = False) -> float:
    """Newman's (2003) assortativity by a number: Pearson correlation over the ends of edges.

    For a value: its weight in the two residents joined.

    Args:
        graph: The graph.
        attribute: One number per resident, in the graph's order.
        weighted: Count edges by weight, which must then be ≥ 0.

    Returns:
        In [−1, 1]; NaN without an edge, if an end's number is NaN, or one side does not vary.
    """
    numbers = np.asarray(attribute, dtype=float)
    _one_each(graph, numbers)
    edges = _counted(graph, weighted).tocoo()
    if not edges.nnz:
        return float("nan")
    from_, to = (numbers[side] for side in edges.coords)
    if np.ptp(from_) == 0 or np.ptp(to) == 0:
        return float("nan")
    share = edges.data / edges.data.sum()
    from_, to = from_ - share @ from_, to - share @ to
    r = share @ (from_ * to) / np.sqrt((share @ from_**2) * (share @ to**2))
    return float(np.clip(r, -1, 1))


def _summed(
    sources: "pd.Series[Any]",
    targets: "pd.Series[Any]",
    weight: NDArray[np.floating[Any]],
    residents: ArrayLike,
) -> Graph:
    nodes = pd.Index(np.asarray(residents))
    if nodes.has_duplicates:
        raise ValueError("residents lists somebody twice")
    i, j = nodes.get_indexer(sources), nodes.get_indexer(targets)
    known = (i >= 0) & (j >= 0)
    shape = (len(nodes), len(nodes))
    summed = coo_array((weight[known], (i[known], j[known])), shape=shape)
    return Graph.from_matrix(summed, tuple(nodes.tolist()))


def _adjacency(graph: Graph) -> Matrix:
    edges = graph.weights.copy()
    edges.data = np.ones_like(edges.data)
    return edges


def _undirected(graph: Graph) -> Matrix:
    edges = _adjacency(graph)
    return csr_array(edges.maximum(edges.T))


def _counted(graph: Graph, weighted: bool) -> Matrix:
    if not weighted:
        return _adjacency(graph)
    if (graph.weights.data < 0).any():
        raise ValueError(
            "weights below 0 cannot count edges: take the trusting part, or unweighted"
        )
    return graph.weights


def _mixing(graph: Graph, attribute: ArrayLike, weighted: bool) -> NDArray[np.float64] | None:
    """Share of edge weight from each category (row) to each (column); None without an edge."""
    category, code = np.unique(np.asarray(attribute), return_inverse=True)
    _one_each(graph, code)
    edges = _counted(graph, weighted).tocoo()
    if not edges.nnz:
        return None
    from_, to = (code[side] for side in edges.coords)
    size = len(category)
    # One number for each cell of the square; `minlength` keeps cells without an edge.
    mixing = np.bincount(from_ * size + to, weights=edges.data, minlength=size**2)
    return np.asarray(mixing.reshape(size, size) / edges.data.sum(), dtype=np.float64)


def _one_each(graph: Graph, values: NDArray[Any]) -> None:
    if values.shape != (len(graph),):
        raise ValueError(f"attribute has shape {values.shape} for {len(graph)} residents")


def _passing(ties: Matrix, sources: NDArray[np.int64]) -> NDArray[np.float64]:
    """Dependencies of the given sources on every resident, ordered pairs, ends left out."""
    columns = np.arange(len(sources))
    paths = np.zeros((ties.shape[0], len(sources)))
    paths[sources, columns] = 1
    front = paths.copy()
    levels = [front > 0]
    while True:
        front = np.where(paths == 0, np.asarray(ties @ front), 0)
        if not front.any():
            break
        paths += front
        levels.append(front > 0)
    passing = np.zeros_like(paths)
    for level, nearer in zip(levels[:0:-1], levels[-2::-1], strict=True):
        per_path = np.divide(1 + passing, paths, out=np.zeros_like(paths), where=level)
        passing += np.where(nearer, paths * np.asarray(ties @ per_path), 0)
    passing[sources, columns] = 0
    return np.asarray(passing.sum(axis=1))
