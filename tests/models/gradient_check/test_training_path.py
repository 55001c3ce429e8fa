"""The path that trains passes in every precision, and slips that float64 alone does not see are found there."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.gradient_check import CASES
from keras_suite.models.gradient_check.check import Case, case_of
from keras_suite.models.gradient_check.op_check import FAULTY_KERNELS
from keras_suite.models.gradient_check.training_path import OPEN, THOROUGH_PATHS, UNIT, WAYS, check_training_path
from keras_suite.models.ops.core import dense
from keras_suite.models.ops.op import Op

FAST = ("dense", "relu", "softmax")


def drawn(op: str, seed: int) -> Case:
    random = np.random.default_rng([seed, *op.encode()])
    return case_of(op)(lambda options: options[int(random.integers(len(options)))])


def failed(case: Case) -> list[str]:
    paths = [path for path in THOROUGH_PATHS if not (path[1] == OPEN and "lstm" in case.op.name)]  # see op_check.py
    findings = check_training_path(case, paths=paths)
    return [f"{finding.comparison} {finding.error:.2g}" for finding in findings if not finding.passed]


@pytest.mark.parametrize("op", [pytest.param(op, marks=[] if op in FAST else [pytest.mark.slow]) for op in CASES])
def test_every_op_keeps_within_rounding_in_every_precision_eagerly_and_in_a_graph(op: str) -> None:
    for seed in range(2 if op in FAST else 6):
        assert [each for each in failed(drawn(op, seed)) if not each.startswith(FAULTY_KERNELS.get(op, "no "))] == [], (
            seed
        )
    names = [finding.comparison for finding in check_training_path(drawn(op, 0))]
    of_known_sizes = [f"{dtype} {way}" for dtype in UNIT for way in WAYS]
    assert names in (of_known_sizes, [*of_known_sizes, "float32 open graph"])


def dense_case(backward: Any) -> Case:
    random = np.random.default_rng(0)
    tensors = (random.normal(size=(4, 300)), random.normal(size=(300, 3)), random.normal(size=3))
    return Case(Op("dense", dense.forward, backward), tensors, dense)


def test_a_gradient_that_is_wrong_in_half_precision_only_is_found() -> None:
    def half_wrong(dy: Any, cache: Any) -> Any:
        dx, dkernel, dbias = dense.backward(dy, cache)
        return (dx * tf.cast(1.5, dx.dtype) if dx.dtype.size == 2 else dx), dkernel, dbias

    assert failed(dense_case(dense.backward)) == []
    assert {each.split()[0] for each in failed(dense_case(half_wrong))} == {"float16", "bfloat16"}


def test_a_sum_that_is_rounded_at_every_term_is_found() -> None:
    """Ones added up in float16 stand still at 2048."""

    def forward(x: Any) -> Any:
        return tf.reduce_sum(x, axis=0), x.shape[0]

    def backward(dy: Any, rows: Any) -> Any:
        return (tf.tile(dy[None], [rows, 1]),)

    case = Case(Op("sum", forward, backward), (np.ones((6000, 2)),), lambda x: tf.reduce_sum(x, axis=0))
    assert any(each.startswith("float16") for each in failed(case))


def test_a_graph_that_answers_otherwise_each_time_is_found() -> None:
    def forward(x: Any) -> Any:
        return x * (1 if tf.executing_eagerly() else tf.random.uniform(x.shape, dtype=x.dtype)), None

    case = Case(Op("random", forward, lambda dy, cache: (dy,)), (np.ones((3, 2)),), lambda x: x)
    assert any(each == "float32 graph inf" for each in failed(case))


def test_a_precision_that_an_op_does_not_run_in_is_named_with_what_is_raised() -> None:
    def forward(x: Any) -> Any:
        if x.dtype == tf.bfloat16:
            raise ValueError("no bfloat16 here")
        return x, None

    case = Case(Op("narrow", forward, lambda dy, cache: (dy,)), (np.ones((3, 2)),), lambda x: x)
    found = [each for each in failed(case)]
    assert [each.split(":")[0] for each in found] == ["bfloat16 eager", "bfloat16 graph"]
    assert "no bfloat16 here" in found[0]
    assert failed(replace(case, op=Op("all", lambda x: (x, None), lambda dy, cache: (dy,)))) == []
