"""Sizes around a convolution: padding, output, receptive field. Whole numbers, axis by axis.

Where a traced function leaves a size open it is a scalar tensor (models/ops/open_sizes.py), and so is what follows.
"""

from collections.abc import Sequence
from typing import Any

Padding = str | int | Sequence[int] | Sequence[Sequence[int]]
Amounts = tuple[tuple[Any, Any], ...]  # whole numbers, but for tensors at open sizes


def per_axis(value: int | Sequence[int], rank: int) -> tuple[int, ...]:
    """Return one number for each spatial axis: `value` itself, or repeated."""
    return (value,) * rank if isinstance(value, int) else tuple(value)


def extent(kernel: int, dilation: int) -> int:
    """Return the pixels from a dilated kernel's first tap to its last: (F - 1) D + 1."""
    return (kernel - 1) * dilation + 1


def same_padding(size: Any, kernel: int, stride: int, dilation: int) -> tuple[Any, Any]:
    """Return TensorFlow's padding (before, after) for ceil(size / stride) outputs; an odd pixel goes after."""
    if stride == 1:
        total: Any = extent(kernel, dilation) - 1
    else:
        missing = (-(-size // stride) - 1) * stride + extent(kernel, dilation) - size
        total = (missing + abs(missing)) // 2  # max(missing, 0), of a tensor too
    return total // 2, total - total // 2


def padding_amounts(
    op: str,
    padding: Padding,
    sizes: Sequence[Any],
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
) -> Amounts:
    """Return the pixels (before, after) that padding adds on each axis.

    Args:
        op: the name of the op, for error lines.
        padding: "valid", "same", "causal" (one axis), or explicitly one number, one for each axis, or a pair
            (before, after) for each axis.
        sizes, kernel, stride, dilation: one number for each axis, in pixels.

    Raises:
        ValueError: for any other padding.
    """
    if padding == "valid":
        return ((0, 0),) * len(sizes)
    if padding == "same":
        return tuple(map(same_padding, sizes, kernel, stride, dilation))
    if padding == "causal" and len(sizes) == 1:  # no output sees a later input
        return ((extent(kernel[0], dilation[0]) - 1, 0),)
    if not isinstance(padding, str):
        each: list[Any] = [padding] * len(sizes) if isinstance(padding, int) else list(padding)
        pairs = [(item, item) if isinstance(item, int) else item for item in each]
        if len(pairs) == len(sizes) and all(map(_is_pair, pairs)):
            return tuple((before, after) for before, after in pairs)
    known = "'valid', 'same'" + (", 'causal'" if len(sizes) == 1 else "")
    raise ValueError(
        f"{op}: padding={padding!r} is not possible: expected {known}, a number from 0 up, or one number or pair "
        f"(before, after) for each of the {len(sizes)} axes"
    )


def _is_pair(item: Any) -> bool:
    return isinstance(item, Sequence) and len(item) == 2 and all(isinstance(n, int) and n >= 0 for n in item)


def output_size(
    size: Any, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1, *, strict: bool = False
) -> Any:
    """Return (W - F' + 2 P) / S + 1 with F' = (F - 1) D + 1, rounded down; `padding` is P, on each side.

    Raises:
        ValueError: if the kernel is larger than the padded input; with `strict` also if pixels are left over (CS231n
            calls such a stride invalid; Keras leaves them out of the last window).
    """
    free = size + 2 * padding - extent(kernel, dilation)
    if isinstance(free, int) and free < 0:
        raise ValueError(
            f"a kernel of {kernel} (dilation {dilation}: {extent(kernel, dilation)} pixels) is larger than the padded "
            f"input, {size + 2 * padding} pixels: use a smaller kernel or dilation, or more padding"
        )
    if strict and free % stride:
        raise ValueError(
            f"({size} - {extent(kernel, dilation)} + 2 * {padding}) / {stride} + 1 is no whole number: {free % stride} "
            f"pixels are left over; use a stride that divides {free}, or another padding"
        )
    return free // stride + 1


def output_sizes(
    op: str,
    padding: Padding,
    sizes: Sequence[int | None],
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
) -> tuple[int | None, ...]:
    """Return the sizes of a convolution's or a pooling's output, None where the input's are None.

    Raises:
        ValueError: if padding is not possible, or the kernel is larger than the padded input.
    """
    amounts = padding_amounts(op, padding, [size or 1 for size in sizes], kernel, stride, dilation)
    try:
        return tuple(
            None if size is None else output_size(size + before + after, f, s, dilation=d)
            for size, (before, after), f, s, d in zip(sizes, amounts, kernel, stride, dilation, strict=True)
        )
    except ValueError as error:
        raise ValueError(f"{op}: {error}") from None


def conv_parameters(kernel: Sequence[int], channels: int, filters: int, groups: int = 1, *, bias: bool = True) -> int:
    """Return the number of parameters: F * F * D / groups * K weights, and K biases."""
    weights = channels // groups * filters
    for taps in kernel:
        weights *= taps
    return weights + filters * bias


def receptive_field(layers: Sequence[tuple[int, int, int]]) -> int:
    """Return the input pixels that one output of a stack of (kernel, stride, dilation) layers sees, on one axis.

    r <- r + (F - 1) D j for each layer, j the product of the strides before it (Araujo, Norris and Sim 2019).
    """
    field, jump = 1, 1
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * jump
        jump *= stride
    return field
