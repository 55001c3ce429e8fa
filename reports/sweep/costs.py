"""What a trial costs, and which trials no other beats in score and cost at once (Pareto). Imports no TensorFlow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from keras_suite.reports.run_directory import Run
from keras_suite.reports.wording import number
from keras_suite.tasks.wording.quantities import duration

LATENCY_MS = "latency_ms"  # in metrics.json


@dataclass(frozen=True)
class Cost:
    """What a trial costs.

    Attributes:
        key: Its column, and its name after `--objective`.
        label: Its name, as an axis has it.
        least: How a sentence says that a trial has the least of it.
        of: Returns it of a run; None where the run does not say.
        shown: Returns it with its unit.
        alike: The largest cost over the smallest up to which trials cost alike.
        unit: What follows a shown one in a sentence.
        timed: Whether it is a time, which no machine takes twice.
    """

    key: str
    label: str
    least: str
    of: Callable[[Run], float | None]
    shown: Callable[[float], str]
    alike: float
    unit: str = ""
    timed: bool = True

    @property
    def name(self) -> str:
        """Its label without the unit."""
        return self.label.partition(",")[0]

    def in_words(self, value: float) -> str:
        """Return it as a sentence has it: "1,210 parameters"."""
        return self.shown(value) + self.unit


def _milliseconds(value: float) -> str:
    return f"{value:.3g} ms"


PARAMETERS = Cost(
    "parameters",
    "parameters",
    "has the fewest parameters",
    lambda run: (run.metrics or {}).get("parameters"),
    number,
    1.05,
    unit=" parameters",
    timed=False,
)
SECONDS = Cost(
    "seconds",
    "training time of a run, s",
    "is trained in the shortest time",
    lambda run: (run.metrics or {}).get("train_seconds"),
    duration,
    1.5,  # the same run takes longer beside others
    unit=" of training",
)
LATENCY = Cost(
    "latency",
    "latency of the exported file, ms",
    "answers in the shortest time",
    lambda run: (run.metrics or {}).get(LATENCY_MS),
    _milliseconds,
    1.2,
)
COSTS = (PARAMETERS, SECONDS, LATENCY)
BY_KEY: Mapping[str, Cost] = {cost.key: cost for cost in COSTS}


def unbeaten(goodness: Mapping[int, float], costs: Mapping[int, float]) -> list[int]:
    """Return the trials that no other beats in score and cost at once, the cheapest first.

    Of trials with the same score and cost the first stands for all.

    Args:
        goodness: The score of each trial by its number, higher being better.
        costs: What each of them costs.
    """
    kept: list[int] = []
    for trial in sorted(goodness, key=lambda each: (costs[each], -goodness[each], each)):
        if not kept or goodness[trial] > goodness[kept[-1]]:
            kept.append(trial)
    return kept
