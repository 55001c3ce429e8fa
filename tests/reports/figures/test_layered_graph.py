"""Graphs in columns: inputs stand left of what is computed from them, rows keep apart, chains are level."""

import random

import pytest

from keras_suite.reports.figures.layered_graph import layout


def test_a_chain_is_level_and_goes_to_the_right() -> None:
    drawn = layout([(), (0,), (1,), (2,)])
    assert drawn.nodes == ((0, 0), (1, 0), (2, 0), (3, 0))
    assert (drawn.columns, drawn.rows) == (4, 1)


def test_a_variable_stands_just_before_its_first_use() -> None:
    drawn = layout([(), (0,), (1,), (), (2, 3)])
    assert drawn.nodes[3][0] == 2


def test_an_edge_over_several_columns_passes_a_point_in_each() -> None:
    drawn = layout([(), (0,), (1,), (0, 2)])
    [long, short] = drawn.edges[3]
    assert [column for column, _ in long] == [0, 1, 2, 3]
    assert [column for column, _ in short] == [2, 3]


@pytest.mark.parametrize("seed", range(8))
def test_nothing_stands_upon_another_and_inputs_are_on_the_left(seed: int) -> None:
    numbers = random.Random(seed)
    inputs: list[tuple[int, ...]] = [(), ()]
    inputs += [tuple(numbers.sample(range(k), numbers.choice((0, 1, 2)))) for k in range(2, 40)]
    drawn = layout(inputs)
    for k, (column, row) in enumerate(drawn.nodes):
        assert 0 <= column < drawn.columns and 0 <= row <= drawn.rows
        assert all(drawn.nodes[source][0] < column for source in inputs[k])
        others = [other for j, (at, other) in enumerate(drawn.nodes) if at == column and j != k]
        assert all(abs(row - other) > 1 - 1e-9 for other in others)


def test_two_products_that_are_added_cross_nowhere() -> None:
    """a b + c d, given in an order that crosses: each factor ends up beside its partner."""
    drawn = layout([(), (), (), (), (0, 2), (1, 3), (4, 5)])
    rows = sorted((drawn.nodes[k][1], k) for k in range(4))
    order = [k for _, k in rows]
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset({0, 2}), frozenset({1, 3})}
