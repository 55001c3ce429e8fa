"""`graph` as a user types it: an example, an expression, a function of one's own, and what is no expression."""

from pathlib import Path

import pytest

from tests.end_to_end.typed import type_here

CUBE = """
def cube_forward(x):
    return x**3, x


def cube_backward(dy, x):
    return (3 * x**2 * dy,)
"""


def test_an_example_with_other_values(tmp_path: Path) -> None:
    done = type_here("graph", "sum_product", "--set", "x=1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "f = −24." in done.stdout
    assert (tmp_path / "graph" / "graph.svg").exists() and (tmp_path / "graph" / "graph.html").exists()


def test_a_function_of_ones_own_with_its_gradient(tmp_path: Path) -> None:
    (tmp_path / "cube.py").write_text(CUBE, encoding="utf-8")
    done = type_here(
        "graph", "L = cube(w) - 1", "--set", "w=2", "--op", "cube.py:cube", "--learning-rate", "0.1", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "L = 7; after one step at the learning rate 0.1 it is −0.488." in done.stdout  # w = 2 - 0.1 * 12


def test_a_networks_graph_with_one_training_step(tmp_path: Path) -> None:
    done = type_here("graph", "small_network", "--learning-rate", "0.01", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "after one step at the learning rate 0.01 it is" in done.stdout
    page = (tmp_path / "graph" / "graph.html").read_text(encoding="utf-8")
    assert "conv_1_1 = relu(z1)" in page and "W1 gets 3 × 3 × 1 × 4 of the norm" in page


@pytest.mark.parametrize(
    "given",
    [
        ("small_network", "--train", "W1"),
        (".",),
        ("x +",),
        ("x * 2",),
        ("x * 2", "--set", "x=a"),
        ("x * 2", "--set", "x=1", "--train", "y", "--learning-rate", "1"),
        ("x * 2", "--set", "x=1", "--train", "x"),
        ("x * 2", "--set", "x=nan"),
        ("log(x)", "--set", "x=-1"),
        ("f(x)", "--set", "x=-1", "--op", "none.py:f"),
    ],
)
def test_what_is_no_expression_is_one_line_and_nothing_is_written(given: tuple[str, ...], tmp_path: Path) -> None:
    done = type_here("graph", *given, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert not (tmp_path / "graph").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("runs/nowhere",), "there is no run directory runs/nowhere; read as an expression: runs has no value"),
        (("runs/digits_demo/cnn-01234567/seed-1",), "there is no run directory runs/digits_demo/cnn-01234567/seed-1;"),
        (("nowhere",), "there is no run directory nowhere; read as an expression: nowhere has no value"),
        (("sum_produkt",), "there is no run directory sum_produkt; did you mean 'sum_product'?; read as"),
        (("x / y",), "error: x has no value"),
        (("x/y", "--set", "x=1"), "error: y has no value"),
    ],
)
def test_a_run_that_is_not_there_is_not_taken_for_a_division(given: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = type_here("graph", *given, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
