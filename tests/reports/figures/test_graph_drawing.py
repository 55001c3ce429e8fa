"""Each number of the picture appears at the step that computes it."""

from keras_suite.reports.figures.graph_drawing import GraphNode, drawing, steps


def product() -> list[GraphNode]:
    """f = x * x."""
    return [
        GraphNode("", "x", (), "3", "6"),
        GraphNode("×", "f", (0, 0), "9", "1", ("3", "3"), "f = x × x", "∂f/∂x"),
    ]


def test_the_steps_go_forward_then_from_the_result_back() -> None:
    assert [(step["number"], step["pass"]) for step in steps(product())] == [
        *((1, "forward"), (2, "backward"), (3, "backward"))
    ]


def test_values_appear_forward_and_gradients_backward() -> None:
    drawn = drawing(product())
    first, second, out = drawn["edges"]
    assert (first["value_step"], first["gradient_step"]) == (0, 3)
    assert (out["value"], out["value_step"], out["gradient"], out["gradient_step"]) == ("9", 1, "1", 2)
    assert (first["x"], first["y"]) != (second["x"], second["y"]), "the numbers of two edges do not cover each other"


def test_a_value_that_is_used_twice_shows_the_sum_of_its_gradients() -> None:
    [x, f] = drawing(product())["nodes"]
    assert (x["sum"], x["sum_step"]) == ("Σ 6", 3)
    assert f["sum"] == ""
