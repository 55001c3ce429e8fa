"""A window that slides, forward and backward: its last step is what the op returns."""

import numpy as np
import pytest

from keras_suite.experiments.lectures.windows import backward, sliding, sum_of, written

X, KERNEL, DY = ((1, 2, 0), (0, 1, 3), (2, 1, 0)), ((1, 0), (-1, 2)), ((1, 0), (-2, 1))


def numbers(rows: object) -> list[list[float]]:
    return [[float(text.replace("−", "-")) for text in row] for row in rows]  # type: ignore[attr-defined]


def test_each_output_is_the_written_sum_of_its_window() -> None:
    frames = sliding("", X, KERNEL).frames
    assert [frame.text for frame in frames][:2] == [
        "y[0, 0] = 1·1 + 2·0 + 0·(−1) + 1·2 = 3",
        "y[0, 1] = 2·1 + 0·0 + 1·(−1) + 3·2 = 7",
    ]
    assert frames[0].grids[2].rows == [["3", ""], ["", ""]], "what is not computed yet is not shown"
    assert frames[1].grids[0].marks == {(0, 1), (0, 2), (1, 1), (1, 2)}


@pytest.mark.parametrize("options", [{"stride": 2}, {"padding": 1}, {"dilation": 2}, {"stride": 2, "padding": "same"}])
def test_with_stride_padding_and_dilation_the_marked_window_makes_the_sum(options: dict[str, object]) -> None:
    for frame in sliding("", X, KERNEL, **options).frames:  # type: ignore[arg-type]
        padded = np.array(numbers(frame.grids[0].rows))
        window = np.array([padded[at] for at in sorted(frame.grids[0].marks)])
        [result] = frame.grids[2].result
        shown = float(frame.grids[2].rows[result[0]][result[1]].replace("−", "-"))
        assert window @ np.ravel(KERNEL) == pytest.approx(shown)


def test_the_gradients_that_add_up_are_those_of_the_op() -> None:
    *steps, last = backward("", X, KERNEL, DY).frames
    by_name = {grid.name: grid.rows for grid in steps[-1].grids}
    assert by_name["dw so far"] == last.grids[0].rows
    assert by_name["dx so far"] == last.grids[1].rows
    assert numbers(last.grids[0].rows)[0][0] == 1 * 1 - 2 * 0 + 1 * 1


def test_numbers_have_long_minus_signs_and_long_sums_are_shortened() -> None:
    assert (written(-0.0), written(-1 / 3), written(1e-6)) == ("0", "−0.333", "1e−6")
    assert sum_of([str(k) for k in range(20)]) == "0 + 1 + 2 + … + 19"
