"""A computational graph as circles, boxes, curves and numbers, each with the step at which it appears."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keras_suite.reports.figures.layered_graph import Layout, layout

COLUMN, ROW, MARGIN = 146, 70, 70  # pixels
RADIUS = 19
LABEL = (26, 19)  # half of the width and height that the two numbers of an edge take
PLACES_ALONG = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)  # where the numbers may stand on the last part of an edge

Point = tuple[float, float]
Step = tuple[str, int]  # forward or backward, and the node


@dataclass(frozen=True)
class GraphNode:
    """A value as it is drawn.

    Attributes:
        symbol: What stands in its circle; "" for a variable or number, which is a box.
        label: Its name, or its number.
        inputs: The places of the nodes that it is computed from.
        value: After the forward pass.
        gradient: After the backward pass, all paths added up.
        shares: The gradient that it passes to each input.
        forward: The sentence of its forward step; "" without one.
        backward: That of its backward step.
    """

    symbol: str
    label: str
    inputs: tuple[int, ...]
    value: str
    gradient: str
    shares: tuple[str, ...] = ()
    forward: str = ""
    backward: str = ""


def steps(nodes: Sequence[GraphNode]) -> list[dict[str, Any]]:
    """Return the steps of both passes in order: their number, pass, sentence, and the node that they are about."""
    computed = [place for place, node in enumerate(nodes) if node.symbol]
    forward = [("forward", nodes[place].forward, place) for place in computed]
    start = f"The gradient of {nodes[-1].label} with respect to itself is 1."
    backward = [("backward", start, len(nodes) - 1)]
    backward += [("backward", nodes[place].backward, place) for place in reversed(computed)]
    return [
        {"number": number, "pass": which, "text": text, "node": place}
        for number, (which, text, place) in enumerate((*forward, *backward), 1)
    ]


def drawing(nodes: Sequence[GraphNode]) -> dict[str, Any]:
    """Return what the SVG is made of: its size, circles and boxes, edges with their two numbers and their steps."""
    places = layout([node.inputs for node in nodes])
    spots = [_spot(*place) for place in places.nodes]
    number = {(step["pass"], step["node"]): step["number"] for step in steps(nodes)}  # the last of a node counts
    edges = _edges(nodes, places, spots, number)
    edges.append(_way_out(nodes, spots[-1], number))
    width, height = 2 * MARGIN + places.columns * COLUMN, 2 * MARGIN + (places.rows - 1) * ROW
    return {"width": round(width), "height": round(height), "nodes": _nodes(nodes, spots, number), "edges": edges}


def _nodes(nodes: Sequence[GraphNode], spots: Sequence[Point], number: Mapping[Step, int]) -> list[dict[str, Any]]:
    drawn = []
    for k, (node, (x, y)) in enumerate(zip(nodes, spots, strict=True)):
        users = [j for j, other in enumerate(nodes) for source in other.inputs if source == k]
        drawn.append(
            {
                "x": x,
                "y": y,
                "symbol": node.symbol,
                "label": node.label,
                "place": k,
                "sum": f"Σ {node.gradient}" if len(users) > 1 else "",
                "sum_step": max((number["backward", j] for j in users), default=0),
            }
        )
    return drawn


def _edges(
    nodes: Sequence[GraphNode], places: Layout, spots: Sequence[Point], number: Mapping[Step, int]
) -> list[dict[str, Any]]:
    edges = []
    taken = [box for x, y in spots for box in ((x, y, RADIUS, RADIUS), (x, y - 28, 14, 6), (x, y + 31, 26, 6))]
    for k, node in enumerate(nodes):
        for chain, source, share in zip(places.edges[k], node.inputs, node.shares, strict=True):
            points = [_spot(*point) for point in chain]
            x, y = _free_spot(points[-2], points[-1], taken)
            taken.append((x, y, *LABEL))
            edges.append(
                {
                    "path": _path(points),
                    "x": x,
                    "y": y,
                    "value": nodes[source].value,
                    "value_step": number.get(("forward", source), 0),
                    "gradient": share,
                    "gradient_step": number["backward", k],
                    "source": source,
                    "target": k,
                }
            )
    return edges


def _way_out(nodes: Sequence[GraphNode], spot: Point, number: Mapping[Step, int]) -> dict[str, Any]:
    """Return the edge that leaves the result, whose gradient is the first step of the backward pass."""
    x, y = spot
    computed = sum(bool(node.symbol) for node in nodes)
    return {
        "path": _path([(x, y), (x + 0.8 * COLUMN, y)]),
        "x": x + 0.48 * COLUMN,
        "y": y,
        "value": nodes[-1].value,
        "value_step": number["forward", len(nodes) - 1],
        "gradient": "1",
        "gradient_step": computed + 1,
        "source": len(nodes) - 1,
        "target": -1,
    }


def _free_spot(start: Point, end: Point, taken: Sequence[tuple[float, float, float, float]]) -> Point:
    """Return a point of a curve where two numbers cover least of what stands there already."""

    def covered(spot: Point) -> float:
        total = 0.0
        for x, y, width, height in taken:
            across = LABEL[0] + width - abs(spot[0] - x)
            down = LABEL[1] + height - abs(spot[1] - y)
            total += max(across, 0) * max(down, 0)
        return total

    return min((_on_curve(start, end, share) for share in PLACES_ALONG), key=covered)


def _on_curve(start: Point, end: Point, t: float) -> Point:
    """Return the point at t of the Bezier curve that `_path` draws between two points."""
    middle = (start[0] + end[0]) / 2
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    xs, ys = (start[0], middle, middle, end[0]), (start[1], start[1], end[1], end[1])
    return tuple(round(sum(w * v for w, v in zip(weights, each, strict=True)), 1) for each in (xs, ys))  # type: ignore[return-value]


def _spot(column: int, row: float) -> tuple[float, float]:
    return MARGIN + column * COLUMN, round(MARGIN + row * ROW, 1)


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Return a smooth curve through the points, level at each."""
    (x, y), *rest = points
    text = f"M{x:g} {y:g}"
    for to_x, to_y in rest:
        middle = (x + to_x) / 2
        text += f"C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"
        x, y = to_x, to_y
    return text
