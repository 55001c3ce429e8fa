"""Run directories as tidy pandas DataFrames, for use in a notebook."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_suite.reports.export.comparison_csv import comparison_rows, score_columns
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.run_directory import diagnosis, experiment_folders, read_experiment

if TYPE_CHECKING:
    import pandas as pd

_OF_RUN = (
    "epochs",
    "best_epoch",
    "model_epoch",
    "seconds",
    "peak_memory_bytes",
    "parameters",
)
_OF_RECORD = ("identity", "started", "threads", "device", "commit", "dirty")


@dataclass(frozen=True)
class Frames:
    """The data of reports. Fractions are from 0 to 1, times in seconds, sizes in bytes.

    All frames begin with the columns experiment, variant, seed (`comparisons`: experiment, variant).
    """

    numbers: tuple[Numbers, ...]

    @functools.cached_property
    def runs(self) -> "pd.DataFrame":
        """A row for each run of any status. Columns of scores are named after the metric, as test_accuracy."""
        import pandas as pd

        rows = [
            {
                **names,
                "status": run.status,
                "reason": run.reason,
                **score_columns(run.task, run),
                **{key: getattr(run, key) for key in _OF_RUN},
                **_from_record(run),
            }
            for names, run in self._runs()
        ]
        columns = dict.fromkeys(column for numbers in self.numbers for column in score_columns(numbers.task))
        names = ["experiment", "variant", "seed", "status", "reason", *columns, *_OF_RUN, *_OF_RECORD, "path"]
        return pd.DataFrame(rows, columns=names)

    @functools.cached_property
    def history(self) -> "pd.DataFrame":
        """A row for each epoch of each run; NaN in columns that a run does not have."""
        import pandas as pd

        rows = [{**names, **row} for names, run in self._runs() if run.source for row in run.source.history]
        return pd.DataFrame(rows, columns=None if rows else ["experiment", "variant", "seed", "epoch"])

    @functools.cached_property
    def diagnosis(self) -> "pd.DataFrame":
        """A row for each layer and each time a run was probed, as in diagnosis.csv; NaN where unknown."""
        import pandas as pd

        rows = [{**names, **row} for names, run in self._runs() if run.source for row in diagnosis(run.source)]
        return pd.DataFrame(rows, columns=None if rows else ["experiment", "variant", "seed", "epoch", "layer"])

    @functools.cached_property
    def predictions(self) -> "pd.DataFrame":
        """A row for each test image of each run.

        It has the image's score, or for classes label, predicted, confidence (the probability of the predicted class)
        and right. `image` is the index in the test set, or with cross-validation in the dataset. Classes are numbers,
        see `numbers[k].class_names`. 1,000 runs on 10,000 images are ten million rows.
        """
        import pandas as pd

        frames = [
            pd.DataFrame(
                {
                    **names,
                    "image": run.places,
                    **_of_images(run),
                }
            )
            for names, run in self._runs()
            if run.scores is not None
        ]
        if not frames:
            columns = ("experiment", "variant", "seed", "image", "label", "predicted", "confidence", "right")
            return pd.DataFrame(columns=list(columns))
        return pd.concat(frames, ignore_index=True).astype({"experiment": "category", "variant": "category"})

    @functools.cached_property
    def comparisons(self) -> "pd.DataFrame":
        """The rows of comparison.csv, of all experiments."""
        import pandas as pd

        return pd.DataFrame(
            [{"experiment": numbers.name, **row} for numbers in self.numbers for row in comparison_rows(numbers)]
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """The warnings of the reports."""
        return tuple(problem for numbers in self.numbers for problem in numbers.problems)

    def _runs(self) -> list[tuple[dict[str, Any], RunNumbers]]:
        return [
            ({"experiment": numbers.name, "variant": run.variant, "seed": run.seed}, run)
            for numbers in self.numbers
            for run in numbers.runs()
        ]


def load(
    path: str | Path,
    margin: float | None = None,
    *,
    against: Sequence[str] = (),
    all_pairs: bool = False,
) -> Frames:
    """Load the runs of an experiment's folder, or of all experiments in a runs folder, as DataFrames.

        frames = reports.load("runs/digits_demo")
        frames.runs.groupby("variant").test_accuracy.describe()

    Args:
        path: The folder.
        margin: The largest difference of test scores that does not matter, see `experiment_numbers`.
        against: The pairs to compare, see `chosen_pairs`.
        all_pairs: Compare each variant with each other.

    Raises:
        FileNotFoundError: The folder contains no runs.
    """
    folders = experiment_folders(Path(path))
    if not folders:
        raise FileNotFoundError(f"{path} contains no experiment: pass a folder that `keras-suite run` has written to")
    return Frames(
        tuple(
            experiment_numbers(read_experiment(folder), margin, against=against, all_pairs=all_pairs)
            for folder in folders
        )
    )


def _of_images(run: RunNumbers) -> dict[str, Any]:
    if run.answers() is None:
        return {run.metric.key: run.scores}
    return {"label": run.labels, "predicted": run.predicted, "confidence": run.confidence, "right": run.scores}


def _from_record(run: RunNumbers) -> dict[str, Any]:
    record = run.source.record if run.source else {}
    return {key: record.get(key) for key in _OF_RECORD} | {"path": str(run.source.path) if run.source else None}
