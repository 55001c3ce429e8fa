"""What a sweep keeps in its run directories: models and checkpoints that may be needed, TensorBoard's HParams files."""

import itertools
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from keras_suite.callbacks.tensorboard import HPARAMS_FILE, write_hparams
from keras_suite.experiments.tuning.journal import ScoredTrial, Trial, TrialResult, variant_of
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.reports import run_directory

TENSORBOARD = "tensorboard"  # the folder in each run directory where its curves are, too


class Pruner:
    """Removes models and checkpoints that nothing needs any more.

    Histories, metrics and logs of all trials stay, and the base's model.

    Args:
        folder: The sweep's folder.
        keep: The number of best trials whose models stay.
    """

    def __init__(self, folder: Path, keep: int) -> None:
        self.keep = keep
        self._folder = folder
        self._seen = 0
        self._with_model: set[int] = set()
        self._with_checkpoint: set[int] = set()

    def prune(
        self,
        results: Mapping[int, TrialResult],
        best: Iterable[ScoredTrial],
        resumable: set[int],
        front: Iterable[ScoredTrial] = (),
    ) -> None:
        """Remove what is not needed; scores do not change, so a trial outside the `keep` best never returns to them.

        Args:
            results: The trials that have ended, in the order of their ends.
            best: Trials with a score, the best first.
            resumable: Trials from whose checkpoints others may still resume.
            front: Trials that no other beats in score and cost, whose models stay, too; what leaves it never returns.
        """
        new = list(itertools.islice(results, self._seen, None))
        self._seen += len(new)
        self._with_model.update(new)
        self._with_checkpoint.update(new)
        for number in self._with_checkpoint - resumable:
            for directory in self._directories(results[number]):
                run_directory.remove_checkpoint(directory)
        self._with_checkpoint &= resumable
        kept = {each.trial for each in itertools.chain(itertools.islice(best, self.keep), front)}
        for number in self._with_model - kept:
            for directory in self._directories(results[number]):
                run_directory.remove_model(directory)
        self._with_model &= kept

    def _directories(self, result: TrialResult) -> list[Path]:
        return [self._folder / run.directory for run in result.runs]


def write_hparams_of(
    folder: Path, trials: Mapping[int, Trial], results: Iterable[TrialResult], objective: Objective
) -> None:
    """Write each run's active hyperparameters and score for TensorBoard, where they are missing.

    They may be missing in a sweep that is resumed, and in one that was begun without `--tensorboard`.
    """
    for result in results:
        for run in result.runs:
            target = folder / run.directory / TENSORBOARD
            if result.trial is None or (target / HPARAMS_FILE).exists():
                continue
            scores = {} if run.score is None else {objective.name: run.score}
            values = {
                name.replace("tuner/epochs", "epochs trained"): value
                for name, value in trials[result.trial].settings.items()
                if name == "tuner/epochs" or not name.startswith("tuner/")
            }
            write_hparams(target, variant_of(result.trial), values, scores, time.time())
