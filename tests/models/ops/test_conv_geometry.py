"""Sizes, parameters and receptive fields, by the formulas and by the numbers of the lectures."""

import pytest

from keras_suite.models.ops.conv_geometry import (
    conv_parameters,
    output_size,
    padding_amounts,
    receptive_field,
    same_padding,
)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [((227, 11, 4), 55), ((11, 5, 2), 4), ((32, 3, 1, 1), 32), ((7, 3, 1), 5), ((7, 3, 2), 3), ((5, 3, 2), 2)],
)
def test_the_output_size_is_that_of_the_formula(arguments: tuple[int, ...], expected: int) -> None:
    assert output_size(*arguments) == expected


def test_a_stride_that_leaves_pixels_over_is_refused_where_that_is_asked() -> None:
    """CS231n's example: 7 pixels, kernel 3, stride 3."""
    assert output_size(7, 3, 3) == 2
    with pytest.raises(ValueError, match=r"\(7 - 3 \+ 2 \* 0\) / 3 \+ 1 is no whole number: 1 pixels are left over"):
        output_size(7, 3, 3, strict=True)
    assert output_size(7, 3, 2, strict=True) == 3


def test_two_poolings_and_a_same_convolution_end_at_ten_classes() -> None:
    """32x32x3 -> 32x32x12 (convolution, same) -> 16x16x12 (pooling 2x2)."""
    side = output_size(32, 3, padding=1, strict=True)
    assert (side, output_size(side, 2, 2, strict=True)) == (32, 16)


def test_the_parameters_are_f_f_d_k_and_k() -> None:
    assert conv_parameters((11, 11), 3, 96) == 11 * 11 * 3 * 96 + 96 == 34_944
    assert conv_parameters((5, 5), 3, 10) == 760
    assert conv_parameters((3, 3), 64, 64, groups=64, bias=False) == 9 * 64


def test_dilation_widens_the_receptive_field_at_equal_parameters() -> None:
    fields = [receptive_field([(3, 1, 1)]), receptive_field([(3, 1, 1), (3, 1, 2)]),
              receptive_field([(3, 1, 1), (3, 1, 2), (3, 1, 4)])]  # fmt: skip
    assert fields == [3, 7, 15]


def test_two_3x3_see_what_one_5x5_sees_and_strides_multiply() -> None:
    assert receptive_field([(3, 1, 1)] * 2) == receptive_field([(5, 1, 1)]) == 5
    assert receptive_field([(3, 1, 1), (2, 2, 1), (3, 1, 1)]) == 8


def test_same_padding_puts_the_odd_pixel_behind() -> None:
    assert same_padding(5, 2, 1, 1) == (0, 1)
    assert same_padding(6, 3, 2, 1) == (0, 1)
    assert same_padding(5, 1, 3, 1) == (0, 0)


def test_padding_may_be_given_as_one_number_one_for_each_axis_or_pairs() -> None:
    def amounts(padding: object) -> object:
        return padding_amounts("conv2d", padding, (5, 5), (3, 3), (1, 1), (1, 1))  # type: ignore[arg-type]

    assert amounts(1) == amounts((1, 1)) == amounts(((1, 1), (1, 1))) == ((1, 1), (1, 1))
    assert amounts((0, (1, 2))) == ((0, 0), (1, 2))
    for wrong in ((1, 2, 3), ((1, 2, 3), 1), "Same", (1.5, 1)):
        with pytest.raises(ValueError, match="is not possible: expected 'valid', 'same', a number from 0 up"):
            amounts(wrong)
