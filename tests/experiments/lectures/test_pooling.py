"""Pooling's switch, unpooling's places and the copies of a transposed convolution."""

from keras_suite.experiments.lectures import pooling
from keras_suite.reports.page.lecture import Animation, Numbers


def rows(exhibit: object, frame: int, grid: str) -> list[list[str]]:
    assert isinstance(exhibit, Animation)
    return next([list(row) for row in each.rows] for each in exhibit.frames[frame].grids if each.name == grid)


def test_the_gradient_goes_to_the_largest_or_in_quarters() -> None:
    maxima, means = pooling.pooling().exhibits
    assert rows(maxima, 3, "y") == [["6", "8"], ["3", "4"]]
    assert rows(maxima, -1, "dx") == [
        ["0", "0", "0", "0"],
        ["0", "1", "0", "−2"],
        ["3", "0", "0", "0"],
        ["0", "0", "0", "4"],
    ]
    assert rows(means, 0, "dx")[0] == ["0.25", "0.25", "−0.5", "−0.5"]


def test_unpooling_puts_values_back_to_the_maxima() -> None:
    [exhibit] = pooling.unpooling().exhibits
    assert rows(exhibit, 1, "unpooled") == [
        ["0", "0", "0", "0"],
        ["0", "1", "0", "−2"],
        ["3", "0", "0", "0"],
        ["0", "0", "0", "4"],
    ]


def test_copies_of_the_kernel_add_up_to_what_the_op_returns() -> None:
    animation, overlaps = pooling.transposed_convolution().exhibits
    assert rows(animation, -2, "y so far") == rows(animation, -1, "y")
    assert isinstance(overlaps, Numbers)
    assert [row["windows over it"] for row in overlaps.rows] == [1, 1, 2, 1, 1]
