"""Sizes and fields: the lectures' numbers."""

from keras_suite.experiments.lectures import sizes
from keras_suite.reports.page.lecture import Animation, Numbers


def table(exhibit: object) -> list[dict[str, object]]:
    assert isinstance(exhibit, Numbers)
    return [dict(row) for row in exhibit.rows]


def test_output_sizes_are_the_lectures() -> None:
    fits, does_not = map(table, sizes.output_sizes().exhibits)
    assert [row["output"] for row in fits] == [28, 32, 4, 55, 27, 26, 24, 12, 28]
    assert does_not == [{"W": 10, "F": 3, "S": 2, "places": 4, "pixels not seen": 1}]


def test_alexnets_windows_are_a_matrix_of_3025_by_363() -> None:
    animation, numbers = sizes.im2col_product().exhibits
    assert isinstance(animation, Animation)
    assert table(numbers)[0]["matrix of windows"] == "3,025 x 363"
    assert [frame.grids[3].rows[k][0] for k, frame in enumerate(animation.frames)] == ["7", "9", "13", "15"]


def test_two_layers_of_3x3_see_5x5_and_pooling_doubles_what_is_added() -> None:
    assert [row["sees"] for row in sizes.receptive_field_rows()] == [3, 5, 6, 10, 14, 16, 32]


def test_a_dense_layer_and_its_convolution_answer_alike() -> None:
    rows = table(sizes.dense_as_convolution().exhibits[0])
    assert rows[0]["answers"] == rows[1]["answers"] == "(4, 1)"
    assert str(rows[2]["answers"]).startswith("(4, 1); ")
    assert str(rows[2]["answers"]).count(";") == 3
