"""A sweep opened in a notebook, with KerasTuner's method names.

sweep = open_sweep("runs/digits_tuning.tune/random")
sweep.results_summary()
sweep.frame().plot.scatter("learning_rate", "score", logx=True)
model = sweep.get_best_models()[0]
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_suite.experiments.tuning import journal
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.reports.sweep.costs import unbeaten
from keras_suite.reports.sweep.journal import rows
from keras_suite.reports.sweep.reading import own_metrics_of

if TYPE_CHECKING:
    import keras
    import keras_tuner
    import pandas as pd


@dataclass(frozen=True)
class OpenSweep:
    """What a sweep's journal and runs contain by now; it may still be running."""

    folder: Path
    events: tuple[journal.Event, ...]

    @property
    def objective(self) -> Objective:
        """The metric that the sweep optimizes."""
        begun = self.events[0]
        return Objective(begun["terms"]["objective"], own_metrics_of(begun))

    def best(self) -> list[journal.Event]:
        """Return how the trials with a score ended, the best first; the base is not among them."""
        ended = [event for event in self.events if event["event"] == "ended" and event["trial"] is not None]
        scored = sorted((each for each in ended if each["score"] is not None), key=lambda each: each["trial"])
        return sorted(scored, key=lambda each: each["score"], reverse=self.objective.direction == "max")

    def front(self) -> list[journal.Event]:
        """Return how the trials ended that no other beats in score and cost at once, the cheapest first.

        Empty for a sweep of one objective.
        """
        ended = {event["trial"]: event for event in self.best() if event.get("cost") is not None}
        sign = 1 if self.objective.direction == "max" else -1
        goodness = {number: sign * event["score"] for number, event in ended.items()}
        return [ended[number] for number in unbeaten(goodness, {n: event["cost"] for n, event in ended.items()})]

    def frame(self) -> "pd.DataFrame":
        """Return a row for each trial and seed, the base first; hyperparameters are columns, missing where inactive."""
        import pandas as pd

        return pd.DataFrame(rows(self.events)).replace("", None).infer_objects()

    def history(self) -> "pd.DataFrame":
        """Return a row for each epoch of each run: trial ("base" or its number), seed, the columns of history.csv."""
        import pandas as pd

        from keras_suite.reports.run_directory import read_history

        epochs = [
            {"trial": row["trial"], "seed": row["seed"], **epoch}
            for row in rows(self.events)
            if row["directory"]
            for epoch in read_history(self.folder / row["directory"])
        ]
        return pd.DataFrame(epochs, columns=None if epochs else ["trial", "seed", "epoch"])

    def get_best_hyperparameters(self, num_trials: int = 1) -> list["keras_tuner.HyperParameters"]:
        """Return the hyperparameters of the best trials, as KerasTuner's objects."""
        from keras_tuner import HyperParameters

        space = self.events[0]["terms"]["space"]
        values = [self._values(each["trial"]) for each in self.best()[:num_trials]]
        return [HyperParameters.from_config({"space": space, "values": each}) for each in values]

    def get_best_models(self, num_models: int = 1) -> list["keras.Model"]:
        """Load the models of the best trials' first seeds; FileNotFoundError where `--keep` did not keep one."""
        from keras_suite.experiments.own_parts.trust import own_classes
        from keras_suite.models.saving import load_model
        from keras_suite.reports import run_directory

        models = []
        for each in self.best()[:num_models]:
            path = run_directory.model_file(self.folder / each["runs"][0]["directory"])
            if not path.exists():
                raise FileNotFoundError(
                    f"the model of trial {each['trial']} was not kept ({path}): ask for fewer models, or tune with a "
                    "higher --keep"
                )
            with own_classes([path]):
                models.append(load_model(run_directory.whole_model(path))[0])
        return models

    def results_summary(self, num_trials: int = 10) -> None:
        """Print the best trials with their scores and hyperparameters."""
        for place, each in enumerate(self.best()[:num_trials], 1):
            values = journal.in_words(journal.read_values(self._created(each["trial"])))
            print(f"{place}. trial {each['trial']}: {self.objective.in_words(each['score'])} ({values})")

    def _values(self, number: int) -> dict[str, Any]:
        values: dict[str, Any] = self._created(number)["values"]
        return values

    def _created(self, number: int) -> journal.Event:
        return next(event for event in self.events if event["event"] == "created" and event["trial"] == number)


def open_sweep(path: str | Path) -> OpenSweep:
    """Read the sweep in this folder; FileNotFoundError or ValueError if there is none or it is damaged."""
    folder = Path(path)
    events = journal.read(folder / journal.NAME)
    if not events or events[0]["event"] != "begun":
        raise ValueError(f"{folder / journal.NAME} does not say how the sweep began: restore it from a copy")
    return OpenSweep(folder, tuple(events))
