"""Asks an oracle for trials and tells it how they ended, the same way for a trial of now and for one of the journal."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from keras_suite.experiments.config import Space
from keras_suite.experiments.tuning.brackets import promotable
from keras_suite.experiments.tuning.oracles import Hyperband
from keras_suite.experiments.tuning.space import overrides_of, plain

Nothing = Literal["wait", "exhausted"]


@dataclass(frozen=True)
class Trial:
    """A proposal: its number from 0 up, the values of its active hyperparameters, and its overrides of the base."""

    number: int
    values: Mapping[str, Any]
    overrides: Mapping[str, Any]
    fitted: Any = None  # what spares the oracle to compute this proposal again

    @property
    def until(self) -> int | None:
        """The epoch that Hyperband trains it until; None with the others."""
        return self.values.get("tuner/epochs")

    @property
    def parent(self) -> int | None:
        """The trial that it goes on from; None for a new one."""
        parent = self.values.get("tuner/trial_id")
        return None if parent is None else int(parent)


class Proposer:
    """An oracle and the experiment's space. Each call changes what the oracle will propose next."""

    def __init__(self, oracle: Any, space: Space) -> None:
        self._oracle, self._space = oracle, space
        self._asked: dict[int, Any] = {}

    def propose(self, known: Trial | None = None) -> Trial | Nothing:
        """The next trial; "wait" if it is known only once another has ended; "exhausted" if there is none.

        `known` is what it was when it was proposed before, and is to be again.
        """
        with _quiet():
            if known is not None:
                self._oracle.remember(dict(known.values), known.fitted)
            found = self._oracle.create_trial(f"asked {len(self._asked)}")
        if found.status != "RUNNING":
            return "wait" if found.status == "IDLE" else "exhausted"
        overrides = overrides_of(self._space, found.hyperparameters)
        self._oracle.update_space(found.hyperparameters)  # what only this trial's values asked for
        number = int(found.trial_id)
        self._asked[number] = found
        values = {name: plain(value) for name, value in found.hyperparameters.values.items()}
        return Trial(number, values, overrides, self._oracle.fitted())

    def tell(self, number: int, score: float | None, reason: str = "") -> None:
        """How a trial ended: with a score, or failed for this reason."""
        found = self._asked[number]
        found.status, found.message = ("FAILED", reason) if score is None else ("COMPLETED", None)
        with _quiet():
            if score is not None:
                self._oracle.update_trial(found.trial_id, {self._oracle.objective.name: score})
            self._oracle.end_trial(found)

    def promotable(self) -> set[int]:
        """The trials that others may still go on from; none but Hyperband's."""
        return promotable(self._oracle) if isinstance(self._oracle, Hyperband) else set()


class _quiet(warnings.catch_warnings):
    """KerasTuner calls what Python has deprecated, and scikit-learn tells of bounds that nobody here can set."""

    def __enter__(self) -> Any:
        entered = super().__enter__()
        warnings.simplefilter("ignore")
        return entered
