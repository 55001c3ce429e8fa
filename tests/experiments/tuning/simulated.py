"""Spaces, and sweeps without training, to be replayed."""

import random
from collections.abc import Iterable
from typing import Any

from keras_tuner import Objective

from keras_suite.experiments.tuning.journal import Trial
from keras_suite.experiments.tuning.oracles import SweepOracle, Tuner, make_oracle
from keras_suite.experiments.tuning.request import RULES
from keras_suite.experiments.tuning.space import all_hyperparameters

TUNERS: tuple[Tuner, ...] = ("random", "bayesian", "hyperband", "grid")


def space(hp: Any) -> dict[str, Any]:
    overrides = {
        "optimizer.learning_rate": hp.Float("rate", 1e-4, 1e-1, sampling="log"),
        "epochs": hp.Int("epochs", 1, 9),
    }
    hp.Choice("kind", ["mlp", "pattern_cnn"])
    with hp.conditional_scope("kind", ["pattern_cnn"]):
        overrides["model.filters"] = hp.Choice("filters", [4, 8, 16])
    return overrides


def branching(hp: Any) -> dict[str, Any]:
    if hp.Choice("kind", ["mlp", "pattern_cnn"]) == "pattern_cnn":
        return {"model.filters": hp.Choice("filters", [4, 8, 16])}
    return {"optimizer.learning_rate": hp.Float("rate", 1e-4, 1e-1, sampling="log")}


def proposer(
    tuner: Tuner, seed: int = 1, asked: Any = space, points: int | None = None, rules: int = RULES
) -> SweepOracle:
    objective = Objective("val_accuracy", "max")
    return SweepOracle(
        make_oracle(tuner, all_hyperparameters(asked), objective, seed, max_epochs=9, points=points, rules=rules), asked
    )


def score(trial: Trial) -> float:
    return 1 - abs(float(trial.values["rate"]) - 0.01)


class Simulated:
    """A sweep without training: what happened, and a few slots that trials end in, in any order."""

    def __init__(self, asked: SweepOracle, slots: int, fails: Iterable[int] = ()) -> None:
        self.events: list[tuple[str, Any]] = []
        self._asked, self._slots, self._fails = asked, slots, set(fails)
        self._running: dict[int, Trial] = {}

    def replay(self, events: list[tuple[str, Any]]) -> None:
        for kind, given in events:
            if kind == "ended":
                self._end(given)
            else:
                assert self._propose(given) == (kind, given)

    def run(self, most: int, chance: random.Random) -> "Simulated":
        waiting = False
        while sum(kind == "created" for kind, _ in self.events) < most or self._running:
            created = sum(kind == "created" for kind, _ in self.events)
            if created < most and not waiting and len(self._running) < self._slots:
                kind, _ = self._propose()
                if kind == "exhausted":
                    most = created
                waiting = kind == "wait"
            else:
                self._end(chance.choice(sorted(self._running)))
                waiting = False
        return self

    def _propose(self, known: Trial | None = None) -> tuple[str, Any]:
        given = self._asked.create_trial(known)
        if isinstance(given, Trial):
            self._running[given.number] = given
        self.events.append(("created", given) if isinstance(given, Trial) else (given, None))
        return self.events[-1]

    def _end(self, number: int) -> None:
        trial = self._running.pop(number)
        self.events.append(("ended", number))
        if number in self._fails:
            self._asked.end_trial(number, None, "blew up")
        else:
            self._asked.end_trial(number, score(trial))

    @property
    def trials(self) -> list[Trial]:
        return [given for kind, given in self.events if kind == "created"]


def one_rate(hp: Any) -> dict[str, Any]:
    return {"optimizer.learning_rate": hp.Float("rate", 1e-4, 1e-1, sampling="log")}
