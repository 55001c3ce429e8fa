"""Convolution's pages: their sizes are those that their text names."""

import pytest

from keras_suite.experiments.lectures import convolving
from keras_suite.reports.page.lecture import Animation, Lecture


@pytest.mark.parametrize(
    ("lecture", "sizes"),
    [
        (convolving.convolution, [(3, 3)]),
        (convolving.padding_and_stride, [(5, 5), (2, 2)]),
        (convolving.dilated_convolution, [(3, 3)]),
    ],
)
def test_outputs_have_the_size_that_is_said(lecture: "type[Lecture]", sizes: list[tuple[int, int]]) -> None:
    found = []
    for exhibit in lecture().exhibits:  # type: ignore[call-arg]
        assert isinstance(exhibit, Animation)
        rows = exhibit.frames[-1].grids[-1].rows
        found.append((len(rows), len(rows[0])))
        assert all(all(row) for row in rows), "all are computed at the end"
    assert found == sizes


def test_the_backward_pass_has_a_step_for_each_output() -> None:
    [exhibit] = convolving.convolution_backward().exhibits
    assert isinstance(exhibit, Animation)
    assert len(exhibit.frames) == 9 + 1
