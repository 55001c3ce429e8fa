"""Do `predict --calibrate` and `--max-error` keep what they say? Draws of photographs, and all others as the truth.

Of each draw a head is fitted to frozen features of the first photographs, temperature and threshold are chosen by
further ones, and the error of calibration, the loss and the error rate of the answers are counted on all that are left.
Heads are fitted twice: with the penalty that cross-validation chooses, and with a hundredth of it, which makes them too
sure. Draws of one data set overlap.
"""

import argparse
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.classify import features
from keras_suite.experiments.classifying.head import cross_validate, fit_head
from keras_suite.reports.results.probabilities import cross_entropy
from keras_suite.reports.statistics.calibration import expected_calibration_error, fitted_temperature, with_temperature
from keras_suite.reports.statistics.selective import threshold_for

DATA = {"dogs_vs_cats": (0.005, 0.01, 0.02), "cifar10": (0.05, 0.1, 0.2)}  # with the error rates that are asked for
TRAINED, VALIDATED = 200, (100, 400)
OVERSURE = 100  # times less penalty


@dataclass
class Counted:
    """What came of the draws with one data set, penalty and number of validation photographs."""

    what: str
    draws: int = 0
    temperature: float = 0.0
    error: list[float] = field(default_factory=lambda: [0.0, 0.0])
    loss: list[float] = field(default_factory=lambda: [0.0, 0.0])
    accuracy: float = 0.0
    found: dict[float, int] = field(default_factory=dict)
    broken: dict[float, int] = field(default_factory=dict)
    answered: dict[float, float] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return rows of the table: calibration, then a row for each error rate."""
        n = self.draws
        shown = [
            f"{self.what}: right {100 * self.accuracy / n:.2f} %, temperature {self.temperature / n:.2f}; calibration "
            f"error {100 * self.error[0] / n:.2f} then {100 * self.error[1] / n:.2f} points; loss "
            f"{self.loss[0] / n:.4f} then {self.loss[1] / n:.4f} ({n} draws)"
        ]
        for rate, found in self.found.items():
            answered = 100 * self.answered[rate] / n
            shown.append(
                f"    at most {100 * rate:g} % wrong: a threshold in {found} of {n}, {answered:.1f} % answered (0 "
                f"where there is none), error rate above it in {self.broken[rate]}"
            )
        return shown


def measure(data: str, found: np.ndarray, labels: np.ndarray, draws: int) -> list[Counted]:
    """Return the counts for each penalty and number of validation photographs."""
    counts: dict[str, Counted] = {}
    for draw in range(draws):
        order = np.random.default_rng(draw).permutation(len(labels))
        train = order[:TRAINED]
        chosen = cross_validate(found[train], labels[train], repeats=1).strength
        for name, strength in (("chosen penalty", chosen), ("a hundredth of it", OVERSURE * chosen)):
            head = fit_head(found[train], labels[train], strength)
            said = head.probabilities(found)
            for validated in VALIDATED:
                what = f"{data}, {name}, {validated} validation photographs"
                counted = counts.setdefault(what, Counted(what))
                kept, rest = order[TRAINED : TRAINED + validated], order[TRAINED + max(VALIDATED) :]
                _count(counted, labels, said, kept, rest, DATA[data])
    return list(counts.values())


def _count(
    counted: Counted,
    labels: np.ndarray,
    said: np.ndarray,
    kept: np.ndarray,
    rest: np.ndarray,
    rates: tuple[float, ...],
) -> None:
    temperature = fitted_temperature(labels[kept], said[kept])
    scaled = with_temperature(said, temperature)
    right = said.argmax(axis=1) == labels
    counted.draws += 1
    counted.temperature += temperature
    counted.accuracy += float(right[rest].mean())
    for k, each in enumerate((said, scaled)):
        counted.error[k] += expected_calibration_error(each[rest].max(axis=1), right[rest])
        counted.loss[k] += cross_entropy(labels[rest], each[rest])
    confidence = scaled.max(axis=1)
    for rate in rates:
        threshold = threshold_for(confidence[kept], right[kept], rate)
        answered = rest[confidence[rest] >= threshold.confidence] if threshold else rest[:0]
        counted.found[rate] = counted.found.get(rate, 0) + (threshold is not None)
        counted.answered[rate] = counted.answered.get(rate, 0.0) + len(answered) / len(rest)
        above = len(answered) > 0 and float(1 - right[answered].mean()) > rate
        counted.broken[rate] = counted.broken.get(rate, 0) + above


def main() -> int:
    """Print the tables, and a JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="10 draws of dogs and cats")
    parser.add_argument("--draws", type=int, default=100, help="of each data set (100)")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"), help="default: DATA_DIR")
    arguments = parser.parse_args()
    from keras_suite.experiments.training import runtime

    runtime.start_tensorflow(runtime.available_cores())
    rows = []
    for data in ("dogs_vs_cats",) if arguments.quick else DATA:
        try:
            found, labels = features(data, Path(arguments.data_dir or "."))
        except (ValueError, OSError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        rows += measure(data, found, labels, 10 if arguments.quick else arguments.draws)
    for row in rows:
        print("\n".join(row.lines()), flush=True)
    print(json.dumps({"benchmark": "probabilities", "rows": [vars(row) for row in rows]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
