"""`check gradients`: the hand-derived ops, or any Keras model, against difference quotients, as a table."""

import numpy as np
from rich.table import Table
from rich.text import Text

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.experiments.inspecting.layer_table import build
from keras_suite.models.gradient_check import CASES
from keras_suite.models.gradient_check.check import check_op
from keras_suite.models.gradient_check.model_check import ALLOWED, check_model
from keras_suite.tasks.wording.near_names import unknown

BATCH = 4
SIZE = (16, 16, 1)  # of a network that is named
EXPLANATION = f"Errors are differences as shares of the weight's largest gradient: {ALLOWED:g} is the limit."


def ops_table(op: str | None, cases: int) -> tuple[Table, bool]:
    """Check one op, or all: a table of cases and worst errors as shares of the tolerance; and whether all passed."""
    if op is not None and op not in CASES:
        raise ValueError(unknown("op", op, CASES))
    table, good = _table("op", "cases", "worst error", "in", ""), True
    for name in [op] if op else CASES:
        row = check_op(name, cases)
        good &= row.passed
        table.add_row(name, str(row.cases), f"{row.worst.error:.2g}", row.worst.comparison, _verdict(row.passed))
    return table, good


def model_table(model: str, entries: int) -> tuple[Table, bool]:
    """Check the weights of a .keras file, or of a network by its name, on a batch of digits of its input size."""
    built = build(model, SIZE, 10, {})
    height, width, channels = built.input_shape[1:]
    dataset = digits(None, image_size=(height, width), limit=None)
    images = np.repeat(dataset.images[:BATCH].astype(np.float64), channels, axis=-1)
    labels = dataset.labels[:BATCH] % built.output_shape[-1]
    table, good = _table("weight", "entries", "worst error", ""), True
    for row in check_model(built, images, labels, entries):
        good &= row.passed
        table.add_row(Text(row.weight), str(row.entries), f"{row.error:.2g}", _verdict(row.passed))
    return table, good


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="left" if name in ("", "in") else "right")
    return table


def _verdict(passed: bool) -> str:
    return "passed" if passed else "FAILED"
