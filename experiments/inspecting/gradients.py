"""`check gradients`: the suite's ops, a user's own op, or any Keras model, against difference quotients, as a table."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from keras_suite.experiments.inspecting.own_model import check_own_model
from keras_suite.experiments.inspecting.own_op import own_passes
from keras_suite.experiments.training import runtime
from keras_suite.models.gradient_check import CASES
from keras_suite.models.gradient_check.model_check import ModelCheck
from keras_suite.models.gradient_check.op_check import check_op, check_ops
from keras_suite.models.gradient_check.own_check import COMPARISONS, check_passes
from keras_suite.models.gradient_check.passes import SINGLE
from keras_suite.models.gradient_check.trial_tensors import Trial, deduced, of_shapes, parsed_shapes, written
from keras_suite.models.gradient_check.wrong_versions import Version, wrong_versions
from keras_suite.tasks.wording.near_names import unknown

SHARES = "Errors are shares of the tolerance: 1 is the limit."
MOST_LISTED = 5
STRAIGHT_THROUGH = "a straight-through estimator, meant? (the loss is constant around it)"


@dataclass(frozen=True)
class Answer:
    """What the command prints: tables and lines, in order; and whether all passed."""

    shown: list[Table | Text]
    good: bool


def ops_answer(op: str | None, cases: int, thorough: bool = False) -> Answer:
    """Check one op, or all, in float64 and as they train: in float32, if thorough in every precision.

    All of them are checked in as many processes as there are cores.
    """
    if op is not None and op not in CASES:
        raise ValueError(unknown("op", op, CASES))
    if op is not None:
        rows = iter([check_op(op, cases, thorough=thorough)])
    else:
        start = functools.partial(runtime.start_tensorflow, 1)
        rows = check_ops(tuple(CASES), cases, thorough, runtime.available_cores(), start)
    table, good = table_of("op", "cases", "worst error", "in", ""), True
    for row in rows:
        good &= row.passed
        table.add_row(row.op, str(row.cases), f"{row.worst.error:.2g}", row.worst.comparison, _verdict(row.passed))
    return Answer([table, Text(SHARES)], good)


def own_answer(
    name: str, shapes: str | None, options: Mapping[str, Any], constants: Sequence[str], cases: int
) -> Answer:
    """Check a user's own op: the gradient of each of its tensors, and whether wrong versions of it are noticed."""
    given = parsed_shapes(shapes) if shapes is not None else None
    passes = own_passes(name, given, options, constants)
    trial = of_shapes(passes, given) if given is not None else deduced(passes)
    rows, evidence = check_passes(passes, trial, cases)
    table = table_of("tensor", "shape", "entries", *COMPARISONS, "")
    for row in rows:
        errors = [f"{row.errors[each]:.2g}" if each in row.errors else "-" for each in COMPARISONS]
        verdict = "no gradient: a constant" if row.constant else _verdict(row.wrong is None)
        table.add_row(Text(row.tensor), written(row.shape), str(row.entries), *errors, verdict)
    shown: list[Table | Text] = [table, Text(f"{SHARES} {_of_trial(trial, cases)}")]
    wrong = [row.wrong for row in rows if row.wrong is not None]
    shown += [Text(f"The gradient of `{each.tensor}` is wrong: {each.reason}.") for each in wrong]
    if wrong:
        return Answer(shown, False)
    if all(row.constant for row in rows):
        return Answer([*shown, Text(f"{passes.name} has no gradient at all: nothing was compared.")], False)
    versions = wrong_versions(evidence)
    return Answer([*shown, Text(_of_versions(versions))], all(version.noticed for version in versions))


def model_answer(model: str, entries: int) -> Answer:
    """Check the weights of a network by its name, of a user's own one, or of a .keras file."""
    answers: list[Table | Text] = []
    checks = check_own_model(model, entries)
    for check in checks:
        table = table_of("weight", "entries", "worst error", "")
        for row in check.rows:
            error = f"{row.error:.2g}" if row.reached else "-"
            verdict = _verdict(row.passed) if row.reached else "FAILED: no gradient reaches it"
            verdict += ", but it is 0 everywhere" if row.passed and row.still else ""
            verdict = STRAIGHT_THROUGH if row.estimated else verdict
            table.add_row(Text(row.weight), str(row.entries), error, verdict)
        answers += [
            table,
            Text(f"{check.how} Errors are shares of the weight's largest gradient: {check.allowed:g} is the limit."),
        ]
        answers += _of_weights(check)
    return Answer(answers, all(row.passed for check in checks for row in check.rows))


def _of_weights(check: ModelCheck) -> list[Text]:
    """Return a line for each of the wrong weights that are nearest to the output."""
    failed = [row for row in check.rows if not row.passed]
    lines = [
        Text(f"The gradient of {row.weight} is wrong: {row.reason} (layer {row.layer}, of class {row.kind}).")
        for row in failed[-MOST_LISTED:]
    ]
    if len(failed) > 1:
        last = failed[-1]
        lines.append(
            Text(
                f"{len(failed)} weights are wrong. A wrong gradient spoils those of all layers before it: begin with "
                f"{last.layer}, and with what comes after it and has no weights, or right ones."
            )
        )
    return lines


def _of_trial(trial: Trial, cases: int) -> str:
    shapes = ",".join(map(written, trial.shapes))
    how = f"the first shapes that both passes run on; others: --shapes {shapes}" if trial.deduced else "as given"
    above = ", all above 0" if trial.positive else ""
    single = ", for in float64 it does not run" if trial.numbers is SINGLE else ""
    return f"{cases} draws of {trial.numbers.name}{single}{above} ({how})."


def _of_versions(versions: list[Version]) -> str:
    missed = [version.slip for version in versions if not version.noticed]
    if not versions:
        return "Every gradient is 0 here: no wrong version could be told from it; give other shapes or options."
    said = f"{len(versions) - len(missed)} of {len(versions)} deliberately wrong versions were noticed"
    return f"{said}; not noticed: {', '.join(missed[:MOST_LISTED])}." if missed else f"{said}."


def table_of(first: str, *others: str) -> Table:
    """Return an empty table with these columns."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="left" if name in ("", "in", "evidence") else "right")
    return table


def _verdict(passed: bool) -> str:
    return "passed" if passed else "FAILED"
