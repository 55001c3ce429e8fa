"""What TensorBoard's HParams page shows of a sweep: each run with its active hyperparameters and its score."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from keras_suite.callbacks.hparams import FILE, write_hparams
from keras_suite.experiments.tuning.driver import Ended, variant_of
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.experiments.tuning.proposer import Trial

FOLDER = "tensorboard"  # in each run directory, where its curves are too


def write_boards(folder: Path, trials: Mapping[int, Trial], ended: Iterable[Ended], objective: Objective) -> None:
    """Writes what is missing: of a sweep that goes on, and of one that was begun without `--tensorboard`."""
    for each in ended:
        for run in each.runs:
            boards = folder / run.directory / FOLDER
            if each.trial is None or (boards / FILE).exists():
                continue
            scores = {} if run.score is None else {objective.name: run.score}
            values = {
                name.replace("tuner/epochs", "epochs trained"): value
                for name, value in trials[each.trial].values.items()
                if name == "tuner/epochs" or not name.startswith("tuner/")
            }
            write_hparams(boards, variant_of(each.trial), values, scores, time.time())
