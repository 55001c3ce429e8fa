"""What to say of a report whose verdicts are by another score than the experiment's own."""

from collections.abc import Sequence

import numpy as np

from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.tasks.task import Task
from keras_suite.tasks.wording.quantities import counted

FEW = 30  # test images of a class: intervals for other images are then too narrow, see docs/statistics.md


def about_score(own: Task, asked: Task, rows: Sequence[RunNumbers]) -> list[str]:
    """Return warnings about a chosen score.

    Args:
        own: What the runs predict, with the score that is its own.
        asked: The same with the chosen score.
        rows: All runs, by the chosen score.

    Raises:
        ValueError: If no completed run has it.
    """
    score = asked.score
    done = [row for row in rows if row.status == "completed"]
    if done and not any(row.test_score is not None for row in done):
        raise ValueError(f"--score {score.name} is not possible: no run has it of its test images")
    if score.name == own.score.name:
        return []
    lines = [f"the verdicts are by {score.label}; those by {own.score.label}, the experiment's own, are in report.html"]
    if not any(row.scores is not None for row in done):
        return [*lines, f"what each test image adds to {score.label} is unknown, and so is what others could change"]
    counts = [int(np.unique(row.labels, return_counts=True)[1].min()) for row in done if row.labels is not None]
    if counts and min(counts) < FEW and not score.binary:
        lines.append(
            f"the rarest class has {counted(min(counts), 'test image')}, so what others could change of {score.label} "
            "is hardly known"
        )
    return lines
