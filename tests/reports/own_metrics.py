"""Runs that measured a metric of a user's own, whose code is nowhere."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_suite.reports.run_directory import ExperimentRuns, read_experiment

DECLARED: Mapping[str, Any] = {
    "name": "sharpish",
    "label": "sharpish error",
    "direction": "min",
    "unit": " m",
    "scale": 10,
}


def with_own_metric(
    experiment: ExperimentRuns, variants: Sequence[str] = ("strong", "weak"), test: float | None = 0.25
) -> ExperimentRuns:
    """The experiment again, whose runs of these variants have the metric: `test` on test images, NaN in one epoch."""
    for run in experiment.runs:
        if run.variant in variants:
            _change(run.path / "run.json", lambda record: record | {"metrics": [dict(DECLARED)]})
            for part, value in (("test", test), ("validation", 0.5)):
                _change(
                    run.path / "metrics.json",
                    lambda metrics, part=part, value=value: metrics | {part: metrics[part] | {"sharpish": value}},
                )
            _add_columns(run.path / "history.csv")
    return read_experiment(experiment.folder)


def _change(path: Path, change: Any) -> None:
    path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")


def _add_columns(path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    for number, row in enumerate(rows):
        row |= {"sharpish": str(1 / (number + 1)), "val_sharpish": "nan" if number == 1 else str(2 / (number + 1))}
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
