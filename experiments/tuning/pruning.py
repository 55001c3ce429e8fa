"""What a sweep need not keep: checkpoints that nothing can go on from any more, and models that cannot win."""

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path

from keras_suite.experiments.tuning.driver import Ended
from keras_suite.experiments.tuning.status import Best
from keras_suite.reports import run_directory


class Disk:
    """Frees each trial's space once. Histories, metrics and logs of all trials stay, and the base's model."""

    def __init__(self, folder: Path, keep: int) -> None:
        self.keep = keep
        self._folder = folder
        self._seen = 0
        self._with_model: set[int] = set()
        self._with_checkpoint: set[int] = set()

    def free(self, ended: Mapping[int, Ended], best: Iterable[Best], awaited: set[int]) -> None:
        """`best` are trials with a score, the best first; `awaited` those whose checkpoints may still be needed.

        Scores do not change: what is not among the `keep` best now never will be again.
        """
        new = list(itertools.islice(ended, self._seen, None))
        self._seen += len(new)
        self._with_model.update(new)
        self._with_checkpoint.update(new)
        for number in self._with_checkpoint - awaited:
            for directory in self._directories(ended[number]):
                run_directory.remove_checkpoint(directory)
        self._with_checkpoint &= awaited
        kept = {each.trial for each in itertools.islice(best, self.keep)}
        for number in self._with_model - kept:
            for directory in self._directories(ended[number]):
                run_directory.remove_model(directory)
        self._with_model &= kept

    def _directories(self, ended: Ended) -> list[Path]:
        return [self._folder / run.directory for run in ended.runs]
