"""Check one op on random cases: its passes in float64, and the path that trains in every precision."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.models.gradient_check.check import Case, Finding, T, case_of, check
from keras_suite.models.gradient_check.training_path import check_training_path
from keras_suite.tasks.wording.shown import message_of

TRAINING_CASES = 3  # of each op, for the path that trains: a case takes about half a second
# On a CPU TensorFlow 2.21's own backward kernel of three axes errs in bfloat16, in a graph, where strides differ.
FAULTY_KERNELS = {"conv3d": "bfloat16"}


@dataclass(frozen=True)
class Row:
    """One op: on how many cases it was checked, and the worst comparison; its error is a share of what is allowed.

    A comparison that could not be made has an infinite error, and says what was raised.
    """

    op: str
    cases: int
    worst: Finding

    @property
    def passed(self) -> bool:
        """Whether every comparison of every case stayed within what is allowed."""
        return self.worst.passed


def check_op(op: str, cases: int, seed: int = 0) -> Row:
    """Check one op on as many cases; the seed decides on them.

    Whatever an op raises belongs to its row: the ops after it are checked all the same.
    """
    random = np.random.default_rng([seed, *op.encode()])

    def choose(options: Sequence[T], /) -> T:
        return options[int(random.integers(len(options)))]

    draw, findings = case_of(op), []
    for number in range(cases):
        findings += _findings(draw(choose), number)
    # NaN compares as no larger than anything, and must not hide behind a smaller error.
    return Row(op, cases, max(findings, key=lambda f: np.inf if np.isnan(f.error) else f.error))


def _findings(case: Case, number: int) -> list[Finding]:
    try:
        found = check(case, seed=number)
        if number < TRAINING_CASES:
            faulty = FAULTY_KERNELS.get(case.op.name)
            found += [f for f in check_training_path(case, number) if f.comparison.split()[0] != faulty]
        return found
    except Exception as error:  # whatever an op or TensorFlow's kernels raise
        return [Finding(f"{type(error).__name__}: {message_of(error)[:80]}", None, float("inf"))]
