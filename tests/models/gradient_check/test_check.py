"""Every op's derivation is proven on drawn cases, and the proof is tested: it finds every mutated backward pass."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keras_suite.models.gradient_check import CASES
from keras_suite.models.gradient_check.check import Case, case_of, central_differences, check
from keras_suite.models.ops import convolution
from keras_suite.models.ops.activations import relu
from keras_suite.models.ops.convolution import conv2d
from keras_suite.models.ops.pooling import max_pooling2d

LONG = ("conv3d", "depthwise_conv2d", "lstm")


def drawn(op: str, seed: int = 0, **fixed: Any) -> Case:
    random = np.random.default_rng(seed)
    return case_of(op)(lambda options: options[int(random.integers(len(options)))])


def failed(case: Case) -> list[str]:
    return [f"{case.op.name}: {finding}" for finding in check(case) if not finding.passed]


@pytest.mark.parametrize("op", [pytest.param(op, marks=[pytest.mark.slow] * (op in LONG)) for op in CASES])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_every_backward_pass_agrees_with_autodiff_differences_and_its_adjoint(op: str, data: st.DataObject) -> None:
    def choose(options: Sequence[Any], /) -> Any:
        return data.draw(st.sampled_from(list(options)))

    case = case_of(op)(choose)
    assert case.op.name == op
    assert failed(case) == []


@functools.cache  # all mutations of an op begin with the same cases
def sound(op: str, seed: int) -> Case:
    """A case that passes."""
    case = drawn(op, seed)
    assert failed(case) == []
    return case


def found(op: str, mutate: Callable[[Case], Case], cases: int = 12) -> bool:
    """Whether the check of one of some cases fails under the mutation, having passed without it."""
    return any(failed(mutate(sound(op, seed))) for seed in range(cases))


def with_backward(change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Callable[[Case], Case]:
    def mutate(case: Case) -> Case:
        original = case.op.backward
        return replace(case, op=replace(case.op, backward=lambda dy, cache: change(original(dy, cache))))

    return mutate


def differentiated(op: str) -> list[int]:
    """Positions of the tensors that have gradients, over some cases."""
    cases = [drawn(op, seed) for seed in range(12)]
    return sorted({i for c in cases for i, t in enumerate(c.tensors) if t is not None and i not in c.constant})


@pytest.mark.slow
@pytest.mark.parametrize("op", CASES)
def test_a_gradient_off_by_a_thousandth_is_found(op: str) -> None:
    for position in differentiated(op):

        def off(gradients: tuple[Any, ...], position: int = position) -> tuple[Any, ...]:
            return tuple(g if i != position or g is None else 1.001 * g for i, g in enumerate(gradients))

        assert found(op, with_backward(off)), f"tensor {position}"


@pytest.mark.parametrize("op", CASES)
def test_a_forgotten_gradient_is_found(op: str) -> None:
    for position in differentiated(op):

        def forget(gradients: tuple[Any, ...], position: int = position) -> tuple[Any, ...]:
            return tuple(None if i == position else g for i, g in enumerate(gradients))

        assert found(op, with_backward(forget)), f"tensor {position}"


@pytest.mark.parametrize(
    "op", ["conv2d", "conv2d_transpose", "locally_connected2d", "max_pooling2d", "average_pooling2d"]
)
def test_height_and_width_taken_for_each_other_are_found(op: str) -> None:
    def swap(gradients: tuple[Any, ...]) -> tuple[Any, ...]:
        dx, *others = gradients
        return (tf.transpose(dx, [0, 2, 1, 3]), *others)

    assert found(op, with_backward(swap))


def test_the_rotation_of_the_kernel_left_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(c for c in (drawn("conv2d", seed) for seed in range(200)) if rotates(c))
    assert failed(case) == []
    monkeypatch.setattr(convolution, "rotated", lambda kernel, rank: kernel)
    assert any(text.startswith("conv2d") for text in failed(case))


def rotates(case: Case) -> bool:
    return case.options["method"] == "derivation" and not case.options["flip"] and case.tensors[1].shape[0] > 1


def test_a_nan_is_never_a_pass() -> None:
    case = with_backward(lambda gradients: tuple(g if g is None else g * np.nan for g in gradients))(drawn("conv2d"))
    assert failed(case)


def test_central_differences_of_a_known_function() -> None:
    x, dy = np.array([[0.5, -1.0], [2.0, 3.0]]), np.array([[1.0, 2.0], [-1.0, 0.5]])
    assert central_differences(lambda x: x**3, x, dy) == pytest.approx(dy * 3 * x**2, rel=1e-8)


def errors(case: Case) -> list[str]:
    return [f"{case.op.name}: {f.comparison}" for f in check(case) if not f.passed]


def mutated(case: Case, backward: Callable[[Any, Any], Any]) -> Case:
    return replace(case, op=replace(case.op, backward=backward))


@pytest.mark.parametrize("method", ["primitive", "derivation"])
def test_the_last_of_equal_maxima_instead_of_the_first_is_found(method: str) -> None:
    x = np.array([[3.0, 3.0], [1.0, 3.0]]).reshape(1, 2, 2, 1)
    case = Case(
        max_pooling2d, (x,), lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"), {"method": method}, differences=False
    )

    def last_wins(dy: Any, cache: Any) -> Any:
        [dx] = max_pooling2d.backward(dy, cache)
        return (dx[:, ::-1, ::-1],)  # the first in row-major order is the last of the turned image

    assert errors(case) == []
    assert errors(mutated(case, last_wins)) == ["max_pooling2d: autodiff"]


def test_one_instead_of_zero_at_the_kink_of_relu_is_found() -> None:
    x = np.array([[-1.0, 0.0, 2.0]])
    case = Case(relu, (x,), tf.nn.relu, differences=False)
    assert errors(case) == []
    assert errors(mutated(case, lambda dy, cache: (dy * tf.cast(cache.y >= 0, dy.dtype),))) == ["relu: autodiff"]


def convolution_case() -> Case:
    random = np.random.default_rng(0)
    tensors = (random.normal(size=(2, 5, 4, 2)), random.normal(size=(3, 3, 2, 3)), random.normal(size=3))

    def reference(x: Any, kernel: Any, bias: Any) -> Any:
        return tf.nn.conv2d(x, kernel, 1, "VALID") + bias

    return Case(conv2d, tensors, reference, {"method": "derivation"}, linear_in=(0, 1))


@pytest.mark.parametrize(
    ("slip", "change"),
    [
        ("dbias is the mean", lambda dx, dw, db: (dx, dw, db / 12)),
        ("dbias is that of one image", lambda dx, dw, db: (dx, dw, db / 2)),
        ("height and width of the kernel swapped", lambda dx, dw, db: (dx, tf.transpose(dw, [1, 0, 2, 3]), db)),
        ("the kernel's gradient is rotated", lambda dx, dw, db: (dx, dw[::-1, ::-1], db)),
        ("channels and filters swapped", lambda dx, dw, db: (dx, tf.transpose(dw, [0, 1, 3, 2]), db)),
        ("a sign", lambda dx, dw, db: (-dx, dw, db)),
    ],
)
def test_a_classic_slip_is_found(slip: str, change: Any) -> None:
    case = convolution_case()
    assert errors(case) == []
    shares = errors(mutated(case, lambda dy, cache: change(*conv2d.backward(dy, cache))))
    assert shares, slip
    assert all(text.startswith("conv2d: ") for text in shares)
