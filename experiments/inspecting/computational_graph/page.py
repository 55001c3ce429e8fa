"""A computed graph in words: what each step of the forward and of the backward pass does."""

from collections.abc import Mapping, Sequence

from keras_suite.experiments.inspecting.computational_graph.expression import Node
from keras_suite.experiments.inspecting.computational_graph.passes import Computed, after_a_step, computed
from keras_suite.reports.figures.graph_drawing import GraphNode
from keras_suite.reports.page.graph import GraphPage

SYMBOLS = {
    "add": "+",
    "subtract": "−",
    "multiply": "×",
    "divide": "÷",
    "negative": "−1×",
    "maximum": "max",
    "sqrt": "√",
    "sigmoid": "σ",
    "leaky_relu": "leaky",
}
# {0}, {1} are the inputs, {y} the result, {p} the exponent: the forms of models/ops/elementary.py and activations.py.
FORWARD = {
    "add": "{0} + {1}",
    "subtract": "{0} − {1}",
    "multiply": "{0} × {1}",
    "divide": "{0} / {1}",
    "negative": "−{0}",
    "power": "{0} ^ {p}",
}
PARTIAL = {
    "add": ("1", "1"),
    "subtract": ("1", "−1"),
    "multiply": ("{1}", "{0}"),
    "divide": ("1 / {1}", "−{y} / {1}"),
    "negative": ("−1",),
    "power": ("{p} {0} ^ ({p} − 1)",),
    "exp": ("{y}",),
    "log": ("1 / {0}",),
    "sqrt": ("1 / (2 {y})",),
    "sigmoid": ("{y} (1 − {y})",),
    "tanh": ("1 − {y}²",),
    "relu": ("1 where {0} > 0, else 0",),
    "maximum": ("1 if it is the larger, else 0",) * 2,
}


def graph_page(
    title: str,
    text: str,
    source: str,
    nodes: Sequence[Node],
    own: Mapping[str, object],
    trained: Sequence[str],
    learning_rate: float | None,
) -> GraphPage:
    """Run both passes of a graph and describe them.

    Args:
        title: Of the page.
        text: The expression, as it was given.
        source: Where it comes from.
        nodes: Of the graph.
        own: Ops of the user's own.
        trained: The variables that a training step moves.
        learning_rate: Of the step; None without one.
    """
    result = computed(nodes, own)
    names = _names(nodes)
    moved = None if learning_rate is None else after_a_step(nodes, result, learning_rate, trained)
    answer = f"{names[-1]} = {written(result.values[-1])}"
    if moved is not None:
        after = computed(moved, own).values[-1]
        answer += f"; after one step at the learning rate {learning_rate:g} it is {written(after)}."
    return GraphPage(
        title=title,
        text=text.replace("; ", "\n"),
        answer=answer if moved is not None else f"{answer}.",
        source=source,
        nodes=[_node(place, nodes, names, result) for place in range(len(nodes))],
        variables=_variables(nodes, names, result, moved, trained),
    )


def written(value: float) -> str:
    """Return a number with six digits, and a minus sign that is as long as a plus."""
    return f"{value + 0.0:.6g}".replace("-", "−")  # + 0.0 makes -0 a 0


def _short(value: float) -> str:
    return f"{value + 0.0:.3g}".replace("-", "−")


def _names(nodes: Sequence[Node]) -> list[str]:
    """Return what each node is called: its name, its number, or v1, v2 ... in the order of the forward pass."""
    taken = {node.name for node in nodes}
    numbers = (f"v{number}" for number in range(1, 2 * len(nodes) + 1))
    free = (name for name in numbers if name not in taken)
    return [node.name or (_short(node.value or 0.0) if not node.op else next(free)) for node in nodes]


def _node(place: int, nodes: Sequence[Node], names: Sequence[str], result: Computed) -> GraphNode:
    node = nodes[place]
    gradient = result.gradients[place]
    if not node.op:
        return GraphNode("", names[place], (), _short(result.values[place]), _short(gradient))
    shares = [gradient * partial for partial in result.local[place]]
    return GraphNode(
        symbol=_symbol(node),
        label=names[place],
        inputs=node.inputs,
        value=_short(result.values[place]),
        gradient=_short(gradient),
        shares=tuple(map(_short, shares)),
        forward=_forward(place, nodes, names, result),
        backward=_backward(place, nodes, names, result, shares),
    )


def _symbol(node: Node) -> str:
    if node.op == "power":
        exponent = node.options["exponent"]
        return "x²" if exponent == 2 else f"x^{exponent:g}"
    return SYMBOLS.get(node.op, node.op)


def _filled(form: str, node: Node, words: Sequence[str], y: str) -> str:
    exponent = _short(node.options["exponent"]) if node.op == "power" else ""
    return form.format(*words, y=y, p=exponent)


def _forward(place: int, nodes: Sequence[Node], names: Sequence[str], result: Computed) -> str:
    node = nodes[place]
    form = FORWARD.get(node.op, f"{node.op}({', '.join(f'{{{k}}}' for k in range(len(node.inputs)))})")
    called = [names[each] for each in node.inputs]
    numbers = [_bracketed(result.values[each]) for each in node.inputs]
    value = written(result.values[place])
    formula, filled = (_filled(form, node, words, "") for words in (called, numbers))
    return (
        f"{names[place]} = {formula} = {filled} = {value}"
        if formula != filled
        else f"{names[place]} = {formula} = {value}"
    )


def _bracketed(value: float) -> str:
    text = _short(value)
    return f"({text})" if value < 0 else text


def _backward(
    place: int, nodes: Sequence[Node], names: Sequence[str], result: Computed, shares: Sequence[float]
) -> str:
    node, of = nodes[place], names[-1]
    called = [names[each] for each in node.inputs]
    forms = PARTIAL.get(node.op, ("",) * len(node.inputs))
    parts = []
    for source, form, partial, share in zip(node.inputs, forms, result.local[place], shares, strict=True):
        formula = _filled(form, node, called, names[place])
        meaning = f" (∂{names[place]}/∂{names[source]} = {formula})" if formula else ""
        product = f"{_bracketed(result.gradients[place])} × {_bracketed(partial)} = {written(share)}"
        parts.append(f"{names[source]} gets {product}{meaning}")
    return f"∂{of}/∂{names[place]} = {written(result.gradients[place])}: " + "; ".join(parts)


def _variables(
    nodes: Sequence[Node],
    names: Sequence[str],
    result: Computed,
    moved: Sequence[Node] | None,
    trained: Sequence[str],
) -> list[dict[str, str]]:
    rows = []
    for place, node in enumerate(nodes):
        if not node.is_variable:
            continue
        row = {
            "variable": node.name,
            "value": written(result.values[place]),
            f"gradient of {names[-1]}": written(result.gradients[place]),
        }
        if moved is not None:
            row["after the step"] = written(moved[place].value or 0.0) if node.name in trained else "is kept"
        rows.append(row)
    return rows
