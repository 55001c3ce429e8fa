"""The check of all ops on cases drawn at random, as a table: op, cases, worst error, passed."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.models.gradient_check import CASES
from keras_suite.models.gradient_check.case import Case, Choose, T
from keras_suite.models.gradient_check.check import Finding, check


@dataclass(frozen=True)
class Row:
    """One op: on how many cases it was checked, and the worst comparison; its error is a share of what is allowed."""

    op: str
    cases: int
    worst: Finding

    @property
    def passed(self) -> bool:
        """Whether every comparison of every case stayed within what is allowed."""
        return self.worst.passed


def case_of(op: str) -> Callable[[Choose], Case]:
    """The function that draws the op's cases."""
    module, _, function = CASES[op].partition(":")
    return getattr(importlib.import_module(module), function)


def check_op(op: str, cases: int, seed: int = 0) -> Row:
    """Checks one op on as many cases; the seed decides on them."""
    random = np.random.default_rng([seed, *op.encode()])

    def choose(options: Sequence[T], /) -> T:
        return options[int(random.integers(len(options)))]

    draw = case_of(op)
    findings = [finding for number in range(cases) for finding in check(draw(choose), seed=number)]
    # NaN compares as no larger than anything, and must not hide behind a smaller error.
    return Row(op, cases, max(findings, key=lambda f: np.inf if np.isnan(f.error) else f.error))
