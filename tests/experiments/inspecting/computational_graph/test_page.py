"""Each step in words: what is computed, and whose gradient is how much for what reason."""

from keras_suite.experiments.inspecting.computational_graph.expression import nodes_of
from keras_suite.experiments.inspecting.computational_graph.page import graph_page, written
from keras_suite.reports.figures.graph_drawing import steps
from keras_suite.reports.page.graph import GraphPage


def page_of(text: str, learning_rate: float | None = None, **values: float) -> GraphPage:
    return graph_page("A graph", text, "a test", nodes_of(text, values), {}, list(values), learning_rate)


def test_each_step_says_what_is_computed_and_why() -> None:
    page = page_of("q = x + y; f = q * z", x=-2, y=5, z=-4)
    assert [step["text"] for step in steps(page.nodes)] == [
        "q = x + y = (−2) + 5 = 3",
        "f = q × z = 3 × (−4) = −12",
        "The gradient of f with respect to itself is 1.",
        "∂f/∂f = 1: q gets 1 × (−4) = −4 (∂f/∂q = z); z gets 1 × 3 = 3 (∂f/∂z = q)",
        "∂f/∂q = −4: x gets (−4) × 1 = −4 (∂q/∂x = 1); y gets (−4) × 1 = −4 (∂q/∂y = 1)",
    ]
    assert page.answer == "f = −12."


def test_values_without_a_name_get_numbers_that_nobody_took() -> None:
    page = page_of("exp(v1 * 2) + 1", v1=0)
    assert [node.label for node in page.nodes] == ["v1", "2", "v2", "v3", "1", "v4"]


def test_a_training_step_moves_the_variables_against_their_gradients() -> None:
    page = page_of("L = (w - 3) ** 2", 0.1, w=1)
    assert page.answer == "L = 4; after one step at the learning rate 0.1 it is 2.56."
    assert page.variables == [{"variable": "w", "value": "1", "gradient of L": "−4", "after the step": "1.4"}]


def test_there_is_no_negative_zero() -> None:
    assert written(-0.0) == "0"
