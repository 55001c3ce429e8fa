"""How often the first advice is right: scored on runs with a known fault, and on healthy ones that should get none.

The corpus is benchmarks/diagnosis_corpus.py; its recorded runs are scored by benchmarks/diagnosis.py and by the tests.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from keras_suite.reports.diagnosis.phase_history import PhaseHistory
from keras_suite.reports.diagnosis.rules import finding
from keras_suite.reports.statistics.intervals import Interval
from keras_suite.tasks.wording.quantities import percent


@dataclass(frozen=True)
class Score:
    """How many planted faults got the right first advice, and how many healthy runs got advice."""

    faults: int
    right: int
    healthy: int
    alarms: int

    def intervals(self) -> tuple[Interval, Interval]:
        """Return Clopper and Pearson's 95 % intervals of the shares of right advice and of false alarms."""
        from keras_suite.reports.statistics.image_noise import clopper_pearson

        return clopper_pearson(self.right, self.faults), clopper_pearson(self.alarms, self.healthy)

    def in_words(self) -> str:
        """Return the score in two sentences."""
        right, alarms = self.intervals()
        return (
            f"Of {self.faults} runs with a planted fault, {self.right} got the right first advice "
            f"({percent(self.right / self.faults, 0)}; 95 % interval {_ends(right)}); of {self.healthy} healthy runs "
            f"{self.alarms} got advice ({percent(self.alarms / self.healthy, 0)}; {_ends(alarms)})."
        )


# Of the half of the corpus that was set apart, scored once; tests/reports/diagnosis/test_corpus.py computes it again.
MEASURED = Score(faults=49, right=44, healthy=22, alarms=1)


@dataclass(frozen=True)
class Answer:
    """What a run of the corpus was told: its kind, the cause that was planted and the one that was named, or None."""

    name: str
    kind: str
    planted: str | None
    named: str | None
    title: str = ""

    @property
    def right(self) -> bool:
        return self.planted == self.named


def answer_of(name: str, kind: str, planted: str | None, run: PhaseHistory) -> Answer:
    """Return what a run is told."""
    found = finding(run)
    named, title = (found.rule.cause, found.rule.title) if found else (None, "")
    return Answer(name, kind, planted, named, title)


def score_of(answers: Iterable[Answer]) -> Score:
    """Count the answers."""
    counted = Counter((answer.planted is not None, answer.right) for answer in answers)
    faults, healthy = (counted[planted, True] + counted[planted, False] for planted in (True, False))
    return Score(faults=faults, right=counted[True, True], healthy=healthy, alarms=counted[False, False])


def _ends(interval: Interval) -> str:
    return f"{100 * interval.low:.0f} to {100 * interval.high:.0f} %"
