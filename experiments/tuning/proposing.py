"""What all oracles have in common in a sweep: they propose, and the journal remembers."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from keras_tuner import HyperParameters


class OnlyProposes:
    """Mixin before KerasTuner's class: replaces what that does besides proposing."""

    verbose: int
    hyperparameters: Any
    trials: Mapping[str, Any]
    starts: Sequence[Mapping[str, Any]] = ()  # values of the first trials

    def fitted(self) -> Any:
        """Return a JSON value with which the latest proposal need not be computed again, or None."""
        return None

    def remember(self, values: dict[str, Any], fitted: Any) -> None:
        """Announce that the next proposal is known: its values, and what `fitted` returned after it."""

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next trial's values: first those that the sweep begins with, then the oracle's own."""
        if len(self.trials) < len(self.starts):
            return {"status": "RUNNING", "values": dict(self.starts[len(self.trials)])}
        return super().populate_space(trial_id)  # type: ignore[misc]

    def get_space(self) -> HyperParameters:
        """Return a copy of the space that keeps its steps as they are; KerasTuner's makes them anew by name."""
        return copy.deepcopy(self.hyperparameters)

    def save(self) -> None:
        """Do nothing."""

    def _save_trial(self, trial: Any) -> None:
        """Do nothing."""

    def _check_consecutive_failures(self) -> None:
        """Do nothing: the driver counts failures."""
