"""The chain rule as a graph, step sizes on a parabola, and what an epoch is."""

import math
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.experiments.inspecting.computational_graph.examples import EXAMPLES
from keras_suite.experiments.inspecting.computational_graph.expression import nodes_of
from keras_suite.experiments.inspecting.computational_graph.passes import computed
from keras_suite.experiments.lectures.windows import written
from keras_suite.reports.figures.style import SERIES, drawing
from keras_suite.reports.page.lecture import Lecture, Numbers, Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHAPTER = "Gradients"
CURVATURE = 4.0
STEPS = 6


def chain_rule() -> Lecture:
    """Return the topic of back-propagation through a graph."""
    tables = []
    for name in ("sum_product", "neuron", "two_layers"):
        example = EXAMPLES[name]
        nodes = nodes_of(example.text, example.values)
        passes = computed(nodes)
        rows = [
            {
                "variable": node.name,
                "value": written(value),
                f"gradient of {nodes[-1].name}": f"{gradient + 0.0:.4g}".replace("-", "−"),
            }
            for node, value, gradient in zip(nodes, passes.values, passes.gradients, strict=True)
            if node.is_variable
        ]
        tables.append(Numbers(example.title, rows, f"{example.text}. Source: {example.source}."))
    return Lecture(
        "chain_rule",
        CHAPTER,
        "The chain rule on a graph: back-propagation",
        (
            "Every expression is a graph of small operations; forward, each computes its value from those before it.",
            "Backward, each multiplies the gradient that arrives by its own derivative and hands it on to its inputs.",
            "Where a value was used more than once, the gradients that come back add up.",
        ),
        tables,
        commands={
            "keras-suite graph sum_product": "the first of them, step by step",
            "keras-suite graph neuron": "a neuron",
            "keras-suite graph two_layers": "two layers and one training step",
            "keras-suite graph small_network": "a convolutional network and one training step",
            "keras-suite graph 'exp(-x * x) * w' --set x=1 --set w=2": "any expression of your own",
        },
        code=("models/ops/elementary.py", "experiments/inspecting/computational_graph/"),
    )


def step_size() -> Lecture:
    """Return the topic of gradient descent on a parabola, and of Jensen's inequality."""
    rates = (0.25, 0.9, 1.0, 1.5, 2.0, 2.1)  # times 1 / the curvature
    rows = []
    for share in rates:
        rate = share / CURVATURE
        points = _descent(rate)
        rows.append(
            {
                "learning rate": f"{share:g} / α",
                **{f"step {k}": written(float(points[k])) for k in (1, 2, 3, STEPS)},
                "what happens": _said(share),
            }
        )
    return Lecture(
        "step_size",
        CHAPTER,
        "How large a step may be: 2 / α",
        (
            "On a parabola of curvature α a step of gradient descent multiplies the distance to the minimum by "
            "1 − α rate.",
            "So 1 / α arrives in one step, anything up to 2 / α comes nearer, and beyond it every step goes farther "
            "away.",
            "A loss has many curvatures: the largest of them limits the rate for all.",
        ),
        (
            Numbers("f(x) = α x² / 2 with α = 4, from x = 1", rows),
            Picture("The same steps on the parabola", _parabola()),
            Picture(
                "Jensen's inequality: a chord of a convex function lies above it",
                _jensen(),
                _jensen_in_numbers(),
            ),
        ),
        commands={"keras-suite find-lr mnist_demo": "the largest rate at which a network still learns"},
        experiments={
            "step_size": "how large a step still goes down on a network's loss, with its curvature",
            "plateau_rules": "when to make it smaller: four rules for a plateau",
        },
        code=("callbacks/probing/sharpness.py", "experiments/catalog/step_size.py"),
    )


def _descent(rate: float) -> np.ndarray:
    """Return the points of gradient descent on α x² / 2, by the graph's own gradients."""
    points = [1.0]
    for _ in range(STEPS):
        nodes = nodes_of("f = 0.5 * a * x ** 2", {"a": CURVATURE, "x": points[-1]})
        gradient = computed(nodes).gradients[[node.name for node in nodes].index("x")]
        points.append(points[-1] - rate * gradient)
    return np.asarray(points)


def _said(share: float) -> str:
    if share == 2:
        return "jumps to and fro for ever"
    if share > 2:
        return "goes away"
    return "arrives at once" if share == 1 else "comes nearer" + (" from side to side" if share > 1 else "")


def _parabola() -> "Figure":
    with drawing(9, 2.6) as figure:
        for number, share in enumerate((0.25, 1.0, 1.5, 2.1)):
            axes = figure.add_subplot(1, 4, number + 1)
            points = _descent(share / CURVATURE)
            reach = max(1.2, float(np.abs(points).max()))
            xs = np.linspace(-reach, reach, 80)
            axes.plot(xs, CURVATURE * xs**2 / 2, color=SERIES[0], linewidth=1)
            axes.plot(points, CURVATURE * points**2 / 2, "o-", color=SERIES[1], markersize=3, linewidth=0.8)
            axes.set_title(f"{share:g} / α", fontsize=9, loc="left")
    return figure


def _jensen() -> "Figure":
    with drawing(9, 3) as figure:
        axes = figure.add_subplot()
        xs = np.linspace(-1.5, 2, 100)
        axes.plot(xs, np.exp(xs), color=SERIES[0], label="f(x) = eˣ")
        axes.plot([-1, 1.5], np.exp([-1, 1.5]), "o-", color=SERIES[1], label="chord", markersize=4)
        axes.plot(
            [0.25, 0.25], [math.exp(0.25), (math.exp(-1) + math.exp(1.5)) / 2], "o:", color=SERIES[2], markersize=4
        )
        axes.legend(frameon=False, fontsize=8)
    return figure


def _jensen_in_numbers() -> str:
    middle, mean = math.exp(0.25), (math.exp(-1) + math.exp(1.5)) / 2
    return (
        f"Halfway between −1 and 1.5 the function is {middle:.3f} and the chord {mean:.3f}: the function of a mean is "
        "at most the mean of the function. On a convex loss the average of two networks' weights is no worse than the "
        "average of their losses; real networks' losses are not convex."
    )


def iterations() -> Lecture:
    """Return the topic of batches and epochs."""
    rows = [
        {
            "images": images,
            "batch size": batch,
            "iterations an epoch": math.ceil(images / batch),
            "images in the last batch": images - (math.ceil(images / batch) - 1) * batch,
        }
        for images, batch in ((2000, 500), (60000, 128), (1000, 32), (1000, 1000), (1000, 1))
    ]
    return Lecture(
        "iterations",
        CHAPTER,
        "Epochs, batches and iterations",
        (
            "A batch of images makes one step of the weights: an iteration; all images once are an epoch.",
            "2,000 images in batches of 500 are 4 iterations an epoch.",
            "A batch's gradient is a noisy one of all images: its variance falls as 1 over the size of the batch, and "
            "so does the number of steps.",
        ),
        (Numbers("How many steps an epoch has", rows),),
        experiments={
            "batch_size": "small batches or the full one, in as many epochs and in as many steps",
            "optimizers": "optimizers, each at its own learning rate",
        },
        code=("data_pipeline/pipeline.py",),
    )
