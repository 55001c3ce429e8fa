"""Every op's derivation is proven on drawn cases, and the proof is tested: it finds every mutated backward pass."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keras_suite.models.gradient_check import CASES
from keras_suite.models.gradient_check.case import Case
from keras_suite.models.gradient_check.check import central_differences, check
from keras_suite.models.gradient_check.table import case_of, check_op
from keras_suite.models.ops import convolution


def drawn(op: str, seed: int = 0, **fixed: Any) -> Case:
    random = np.random.default_rng(seed)
    return case_of(op)(lambda options: options[int(random.integers(len(options)))])


def failed(case: Case) -> list[str]:
    return [f"{case.op.name}: {finding}" for finding in check(case) if not finding.passed]


@pytest.mark.parametrize("op", CASES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_every_backward_pass_agrees_with_autodiff_differences_and_its_adjoint(op: str, data: st.DataObject) -> None:
    def choose(options: Sequence[Any], /) -> Any:
        return data.draw(st.sampled_from(list(options)))

    case = case_of(op)(choose)
    assert case.op.name == op
    assert failed(case) == []


def found(op: str, mutate: Callable[[Case], Case], cases: int = 12) -> bool:
    """Whether the check of one of some cases fails under the mutation, having passed without it."""
    for seed in range(cases):
        case = drawn(op, seed)
        assert failed(case) == []
        if failed(mutate(case)):
            return True
    return False


def with_backward(change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Callable[[Case], Case]:
    def mutate(case: Case) -> Case:
        original = case.op.backward
        return replace(case, op=replace(case.op, backward=lambda dy, cache: change(original(dy, cache))))

    return mutate


def differentiated(op: str) -> list[int]:
    """Positions of the tensors that have gradients, over some cases."""
    cases = [drawn(op, seed) for seed in range(12)]
    return sorted({i for c in cases for i, t in enumerate(c.tensors) if t is not None and i not in c.constant})


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


def test_the_table_tells_the_worst_comparison_of_all_cases() -> None:
    row = check_op("conv1d", cases=3)
    assert (row.op, row.cases, row.passed) == ("conv1d", 3, True)
    assert 0 < row.worst.error <= 1


def test_central_differences_of_a_known_function() -> None:
    x, dy = np.array([[0.5, -1.0], [2.0, 3.0]]), np.array([[1.0, 2.0], [-1.0, 0.5]])
    assert central_differences(lambda x: x**3, x, dy) == pytest.approx(dy * 3 * x**2, rel=1e-8)
