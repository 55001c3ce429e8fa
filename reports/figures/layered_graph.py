"""Where the nodes and edges of a directed graph lie when it is drawn in columns, from left to right.

Sugiyama, Tagawa and Toda 1981: nodes into columns, each to the right of what it is computed from; in each column an
order with few crossings, by barycentres; then heights near the mean of the neighbours, a row apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 24


@dataclass(frozen=True)
class Layout:
    """Places in columns and rows, counted from 0; rows are no whole numbers.

    Attributes:
        nodes: (column, row) of each node.
        edges: The points (column, row) that the edge to each input of each node passes, from the input to the node.
        columns: How many there are, and `rows` the height of the whole.
    """

    nodes: tuple[tuple[int, float], ...]
    edges: tuple[tuple[tuple[tuple[int, float], ...], ...], ...]
    columns: int
    rows: float


def layout(inputs: Sequence[Sequence[int]]) -> Layout:
    """Return where to draw a graph.

    Args:
        inputs: Of each node, the numbers of the nodes that it is computed from, all smaller than its own.
    """
    columns = _columns(inputs)
    places, chains = _with_bends(inputs, columns)  # every link now goes from one column to the next
    before: list[list[int]] = [[] for _ in places]
    after: list[list[int]] = [[] for _ in places]
    for of_node in chains:
        for chain in of_node:
            for left, right in pairwise(chain):
                before[right].append(left)
                after[left].append(right)
    order = _order(places, before, after)
    heights = _heights(order, before, after, len(places))
    top = min(heights)
    point = [(column, height - top) for column, height in zip(places, heights, strict=True)]
    edges = tuple(tuple(tuple(point[place] for place in chain) for chain in of_node) for of_node in chains)
    return Layout(tuple(point[: len(inputs)]), edges, max(columns) + 1, max(heights) - top + 1)


def _columns(inputs: Sequence[Sequence[int]]) -> list[int]:
    """Return each node's column: one after the last of its inputs; what has none stands just before its first use."""
    columns: list[int] = []
    for sources in inputs:
        columns.append(1 + max((columns[source] for source in sources), default=-1))
    first_use = [max(columns)] * len(columns)
    for node, sources in enumerate(inputs):
        for source in sources:
            first_use[source] = min(first_use[source], columns[node])
    return [columns[k] if sources else max(first_use[k] - 1, 0) for k, sources in enumerate(inputs)]


def _with_bends(
    inputs: Sequence[Sequence[int]], columns: Sequence[int]
) -> tuple[list[int], list[list[tuple[int, ...]]]]:
    """Return the columns of the nodes and then of bends, one in each column that an edge passes, and the edges."""
    places = list(columns)
    chains: list[list[tuple[int, ...]]] = []
    for node, sources in enumerate(inputs):
        of_node = []
        for source in sources:
            bends = range(len(places), len(places) + columns[node] - columns[source] - 1)
            places += range(columns[source] + 1, columns[node])
            of_node.append((source, *bends, node))
        chains.append(of_node)
    return places, chains


def _order(places: Sequence[int], before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the nodes and bends of each column from top to bottom; of all sweeps the one with the fewest crossings."""
    order = [[k for k, column in enumerate(places) if column == at] for at in range(max(places) + 1)]
    best, fewest = [list(column) for column in order], _crossings(order, after)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for at in range(1, len(order)) if forward else range(len(order) - 2, -1, -1):
            neighbours = before if forward else after
            rank = {k: row for row, k in enumerate(order[at - 1 if forward else at + 1])}
            order[at] = _by_barycentre(order[at], rank, neighbours)
        if (crossings := _crossings(order, after)) < fewest:
            best, fewest = [list(column) for column in order], crossings
    return best


def _by_barycentre(column: Sequence[int], rank: dict[int, int], neighbours: Sequence[Sequence[int]]) -> list[int]:
    """Return a column ordered by the mean rank of each one's neighbours; without any it keeps its own."""
    middles = {}
    for row, k in enumerate(column):
        ranks = [rank[each] for each in neighbours[k]]
        middles[k] = sum(ranks) / len(ranks) if ranks else float(row)
    return sorted(column, key=middles.__getitem__)


def _crossings(order: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> int:
    total = 0
    for left, right in pairwise(order):
        rank = {k: row for row, k in enumerate(right)}
        links = [(row, rank[target]) for row, k in enumerate(left) for target in after[k]]
        total += sum((a < c and b > d) or (a > c and b < d) for n, (a, b) in enumerate(links) for c, d in links[:n])
    return total


def _heights(
    order: Sequence[Sequence[int]], before: Sequence[Sequence[int]], after: Sequence[Sequence[int]], count: int
) -> list[float]:
    """Return rows at least 1 apart within a column, each as near to its neighbours' mean as the others let it."""
    heights = [0.0] * count
    for column in order:
        for row, k in enumerate(column):
            heights[k] = row - (len(column) - 1) / 2
    for sweep in range(SWEEPS):
        for column in order if sweep % 2 == 0 else reversed(order):
            wanted = []
            for k in column:
                linked = [heights[each] for each in (*before[k], *after[k])]
                wanted.append(sum(linked) / len(linked) if linked else heights[k])
            for k, height in zip(column, _apart(wanted), strict=True):
                heights[k] = height
    return heights


def _apart(wanted: Sequence[float]) -> list[float]:
    """Return heights in this order, at least 1 apart, with the smallest squared distance to the wanted ones.

    With y_k = height_k - k they need not fall: isotonic regression, by pooling adjacent violators.
    """
    pools: list[tuple[float, int]] = []  # (mean, count)
    for k, height in enumerate(wanted):
        mean, count = height - k, 1
        while pools and pools[-1][0] > mean:
            other, others = pools.pop()
            mean, count = (mean * count + other * others) / (count + others), count + others
        pools.append((mean, count))
    means = [mean for mean, count in pools for _ in range(count)]
    return [mean + k for k, mean in enumerate(means)]
