"""`check training`: its checks as a table, and whatever cannot be trained as one line."""

from rich.table import Table
from rich.text import Text

from keras_suite.experiments.foreign_code import ForeignCodeError
from keras_suite.experiments.inspecting.gradients import Answer, table_of
from keras_suite.experiments.inspecting.training_checks import Check, training_checks
from keras_suite.experiments.registry import resolve
from keras_suite.experiments.scheduling.estimate import gist
from keras_suite.experiments.training.identity import load_dataset
from keras_suite.experiments.training.job import Job
from keras_suite.experiments.validation import check

VERDICTS = {True: "passed", False: "FAILED", None: "not applicable"}


def training_answer(job: Job) -> Answer:
    """Make the checks.

    Raises:
        ValueError, OSError: If the data cannot be loaded, or the network cannot be trained; one line says why.
    """
    check(job.config)
    load_dataset(resolve(job.config).dataset, job.options.data_dir)
    try:
        made = list(training_checks(job))
    except (ForeignCodeError, MemoryError):
        raise
    except Exception as error:  # whatever a layer says of shapes that do not fit: it is the config that is wrong
        raise ValueError(f"variant {job.variant!r} cannot be trained: {gist(error)}") from error
    return Answer([_table(made)], all(each.passed is not False for each in made))


def _table(made: list[Check]) -> Table:
    table = table_of("check", "", "evidence")
    for each in made:
        table.add_row(each.name, VERDICTS[each.passed], Text(each.evidence))
    return table
