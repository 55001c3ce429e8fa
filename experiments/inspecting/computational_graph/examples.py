"""The expressions of the lectures, with their numbers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """An expression with values.

    Attributes:
        title: A line.
        source: Where its numbers come from.
        trained: The variables that a training step moves; none without a learning rate.
        learning_rate: None where the expression is no loss.
    """

    title: str
    text: str
    values: Mapping[str, float]
    source: str
    trained: tuple[str, ...] = ()
    learning_rate: float | None = None


SUM_PRODUCT = Example(
    title="A sum and a product",
    text="q = x + y; f = q * z",
    values={"x": -2, "y": 5, "z": -4},
    source="the first example of Stanford's CS231n, lecture on backpropagation",
)

NEURON = Example(
    title="A neuron with a sigmoid, in single steps",
    text="f = 1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2)))",
    values={"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3},
    source="Stanford's CS231n, lecture on backpropagation",
)

TWO_LAYERS = Example(
    title="Two layers of two sigmoid units each, and one training step",
    text=(
        "h1 = sigmoid(w1 * i1 + w2 * i2 + b1); h2 = sigmoid(w3 * i1 + w4 * i2 + b1); "
        "o1 = sigmoid(w5 * h1 + w6 * h2 + b2); o2 = sigmoid(w7 * h1 + w8 * h2 + b2); "
        "E = 0.5 * (t1 - o1) ** 2 + 0.5 * (t2 - o2) ** 2"
    ),
    values={
        **{"i1": 0.05, "i2": 0.10, "t1": 0.01, "t2": 0.99, "b1": 0.35, "b2": 0.60},
        **{"w1": 0.15, "w2": 0.20, "w3": 0.25, "w4": 0.30, "w5": 0.40, "w6": 0.45, "w7": 0.50, "w8": 0.55},
    },
    source="Mazur 2015, A Step by Step Backpropagation Example, which keeps both biases as they are",
    trained=tuple(f"w{number}" for number in range(1, 9)),
    learning_rate=0.5,
)

LOGISTIC = Example(
    title="Logistic regression: its loss for one image of two features, and one training step",
    text="p = sigmoid(w1 * x1 + w2 * x2 + b); L = -(t * log(p) + (1 - t) * log(1 - p))",
    values={"w1": 0.5, "w2": -1, "b": 0.1, "x1": 2, "x2": 1, "t": 1},
    source="logistic regression with cross-entropy: each weight's gradient is (p - t) x",
    trained=("w1", "w2", "b"),
    learning_rate=0.1,
)

EXAMPLES: Mapping[str, Example] = {
    "sum_product": SUM_PRODUCT,
    "neuron": NEURON,
    "two_layers": TWO_LAYERS,
    "logistic_regression": LOGISTIC,
}
