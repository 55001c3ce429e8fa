"""Check one op on random cases: its passes in float64, and the path that trains in every precision."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.models.gradient_check.cases.corners import corners
from keras_suite.models.gradient_check.cases.long_sums import long_sums
from keras_suite.models.gradient_check.check import Case, Finding, T, case_of, check
from keras_suite.models.gradient_check.processes import Ended, results
from keras_suite.models.gradient_check.second_derivatives import check_second_derivative
from keras_suite.models.gradient_check.training_path import HALF_PATHS, OPEN, PATHS, THOROUGH_PATHS, check_training_path
from keras_suite.tasks.wording.shown import message_of

GRAPHS = 2  # of each op, for the path that trains in a graph: tracing one takes as long as ten eager passes
THOROUGH_GRAPHS = 8
STATE = {"lstm_cell": 1, "lstm": 4}  # the position of the state among the tensors
# On a CPU TensorFlow 2.21's own backward kernel of three axes errs in bfloat16, in a graph, where strides differ.
FAULTY_KERNELS = {"conv3d": "bfloat16"}


@dataclass(frozen=True)
class Row:
    """One op: on how many random cases it was checked, and the worst comparison.

    Its error is a share of what is allowed. A comparison that could not be made has an infinite error, and says what
    was raised.
    """

    op: str
    cases: int
    worst: Finding

    @property
    def passed(self) -> bool:
        """Whether every comparison of every case stayed within what is allowed."""
        return self.worst.passed


def check_op(op: str, cases: int, seed: int = 0, thorough: bool = False) -> Row:
    """Check one op on as many random cases, which the seed decides on, and on its corners.

    Whatever an op raises belongs to its row: the ops after it are checked all the same.

    Args:
        thorough: Whether the path that trains is run in every precision, eagerly and in a graph, on more of the cases,
            else in float32; and whether the first cases are differentiated twice.
    """
    findings = [
        finding
        for number, case in (*enumerate(corners(op)), *enumerate(drawn(op, cases, seed)))
        for finding in (
            *in_float64(case, number),
            *as_it_trains(case, number, thorough),
            *(differentiated_twice(case, number) if thorough and number < THOROUGH_GRAPHS else ()),
        )
    ]
    findings += in_long_sums(op) if thorough else []
    # NaN compares as no larger than anything, and must not hide behind a smaller error.
    return Row(op, cases, max(findings, key=lambda f: np.inf if np.isnan(f.error) else f.error))


def check_ops(
    ops: Sequence[str], cases: int, thorough: bool, processes: int, start: Callable[[], None]
) -> Iterator[Row]:
    """Yield the row of each op, in the order given, as `check_op` returns it; see `processes.results` for the others.

    An op whose kernels end the process has failed, with that as its worst comparison.
    """
    check_one = functools.partial(check_op, cases=cases, thorough=thorough)
    for op, row in zip(ops, results(check_one, ops, processes, start), strict=True):
        yield Row(op, cases, Finding(f"process: {row.reason}", None, np.inf)) if isinstance(row, Ended) else row


def drawn(op: str, cases: int, seed: int = 0) -> Iterator[Case | Finding]:
    """Draw the op's cases; one that cannot be drawn is the finding that says so."""
    random = np.random.default_rng([seed, *op.encode()])

    def choose(options: Sequence[T], /) -> T:
        return options[int(random.integers(len(options)))]

    draw = case_of(op)
    for _ in range(cases):
        try:
            yield draw(choose)
        except Exception as error:  # a case of unpooling pools, say
            yield _raised(error)


def in_float64(case: Case | Finding, number: int) -> list[Finding]:
    """Make the comparisons in float64 of an op's case, whose place among them decides on its cotangents."""
    if isinstance(case, Finding):
        return [case]
    try:
        return check(case, seed=number)
    except Exception as error:  # whatever an op or TensorFlow's kernels raise
        return [_raised(error)]


def as_it_trains(case: Case | Finding, number: int, thorough: bool) -> list[Finding]:
    """Run the path that trains on an op's case: eagerly, and one of the first of them in a graph, too."""
    if isinstance(case, Finding):
        return []
    faulty, graph = FAULTY_KERNELS.get(case.op.name), number < (THOROUGH_GRAPHS if thorough else GRAPHS)
    paths = [
        (dtype, way)
        for dtype, way in (THOROUGH_PATHS if thorough else PATHS)
        if dtype != faulty and (way == "eager" or graph) and not (way == OPEN and _has_states(case))
    ]
    try:
        return check_training_path(case, number, paths)
    except Exception as error:
        return [_raised(error)]


def differentiated_twice(case: Case | Finding, number: int) -> list[Finding]:
    """Compare the second derivative of an op's case with difference quotients."""
    if isinstance(case, Finding):
        return []
    try:
        return check_second_derivative(case, number)
    except Exception as error:
        return [_raised(error)]


def _has_states(case: Case) -> bool:
    """Return whether a state of a known batch is beside the tensor that would be left open: no layer has that."""
    return case.op.name.startswith("lstm") and case.tensors[STATE[case.op.name]] is not None


def in_long_sums(op: str) -> list[Finding]:
    """Run the path that trains in half precision on sums of thousands of terms, if the op has such."""
    return [each for case in long_sums(op) for each in check_training_path(case, 0, HALF_PATHS, mean=1.0)]


def _raised(error: Exception) -> Finding:
    return Finding(f"{type(error).__name__}: {message_of(error)[:80]}", None, float("inf"))
