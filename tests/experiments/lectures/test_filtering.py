"""Filters: what convolution rotates, and that it alone is associative."""

import numpy as np

from keras_suite.experiments.lectures import filtering
from keras_suite.reports.page.lecture import Animation, Numbers


def test_a_pixel_under_convolution_is_the_kernel_itself_and_under_correlation_its_rotation() -> None:
    results = {}
    for exhibit in filtering.correlation_and_convolution().exhibits:
        assert isinstance(exhibit, Animation)
        results[exhibit.title.split()[0]] = [[int(text) for text in row] for row in exhibit.frames[-1].grids[-1].rows]
    assert results["Convolution"] == [list(row) for row in filtering.COUNTED]
    assert results["Correlation"] == np.rot90(filtering.COUNTED, 2).tolist()


def test_only_convolution_is_associative() -> None:
    [table] = filtering.associativity().exhibits
    assert isinstance(table, Numbers)
    assert [(row["operation"], row["equal"]) for row in table.rows] == [("convolution", "yes"), ("correlation", "no")]
    expected = np.convolve(np.convolve((1, 3, 2, 5), (1, -1)), (1, 2))
    assert table.rows[0]["x * (f * g)"] == ", ".join(str(k).replace("-", "−") for k in expected)


def test_named_filters_keep_the_brightness_or_remove_it() -> None:
    sums = {name: round(float(np.sum(kernel)), 6) for name, kernel in filtering.NAMED.items()}
    assert {sums[name] for name in ("identity", "box blur", "Gaussian", "sharpen", "emboss")} == {1.0}
    assert {sums[name] for name in ("Sobel, across", "Sobel, down", "Laplacian")} == {0.0}


def test_the_photograph_is_filtered_by_all_of_them() -> None:
    picture = filtering.filters().exhibits[0]
    assert [axes.get_title(loc="left") for axes in picture.figure.axes] == list(filtering.NAMED)  # type: ignore[union-attr]
