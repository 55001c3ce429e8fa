"""Expressions become nodes, one for each variable; what is none is one line."""

import pytest

from keras_suite.experiments.inspecting.computational_graph.expression import MOST_NODES, Node, nodes_of


def test_a_variable_is_one_node_however_often_it_is_used() -> None:
    nodes = nodes_of("x * x + x", {"x": 3})
    assert nodes == [Node("", name="x", value=3), Node("multiply", (0, 0)), Node("add", (1, 0))]


def test_assignments_name_their_values_and_the_last_one_is_the_result() -> None:
    nodes = nodes_of("a = 2\nq = a - x\nf = square(q)", {"x": 5})
    assert [node.name for node in nodes] == ["a", "x", "q", "f"]
    assert nodes[-1] == Node("power", (2,), "f", options={"exponent": 2.0})
    assert nodes[0].is_variable and nodes[0].value == 2


def test_what_the_result_does_not_need_is_left_out() -> None:
    assert [node.name for node in nodes_of("a = x + 1; b = x * 2; b + 1", {"x": 1})] == ["x", "", "b", "", ""]


def test_own_functions_take_their_number_of_values() -> None:
    assert nodes_of("f(x, 2)", {"x": 1}, {"f": 2})[-1].op == "f"
    with pytest.raises(ValueError, match="f was given 1 values: expected 2"):
        nodes_of("f(x)", {"x": 1}, {"f": 2})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x +", "cannot be read"),
        ("", "computes nothing"),
        ("x", "computes nothing"),
        ("x & 1", "is not possible"),
        ("x if x else 1", "is not possible"),
        ("x.real + 1", "is not possible"),
        ("__import__('os').system('true')", "is not possible"),
        ("import os", "is no expression"),
        ("def f(): pass", "is no expression"),
        ("x[0] = 1", "is no expression"),
        ("signoid(x)", "did you mean 'sigmoid'"),
        ("maximum(x)", "was given 1 values"),
        ("x ** x", "the exponent"),
        ("x ** 1000", "the exponent"),
        ("x + True", "is no number"),
        ("x + 'a'", "is not possible"),
        ("y + 1", "y has no value: give one, with --set y=0.5"),
        ("a = x + 1; a = x + 2", "assigned"),
        ("a = x; a + 1", "another name of x"),
        ("(" * 300 + "x" + ")" * 300, "cannot be read"),
        ("+".join("x" * (MOST_NODES + 5)), "more than"),
        ("x" + " + x" * 5000, "smaller expression|cannot be read|too deep"),
        ("x\0", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_one_line(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as error:
        nodes_of(text, {"x": 1})
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


def test_a_value_for_no_variable_is_refused() -> None:
    with pytest.raises(ValueError, match="--set z=3: unknown variable 'z'"):
        nodes_of("x + 1", {"x": 1, "z": 3})
