"""A table of small networks that really trained: 504 settings of `pattern_cnn`, each with three seeds, for ten epochs.

    python benchmarks/cnn_table.py digits > digits_table.py  # the experiment whose sweep is the table; photographs too
    keras-suite tune digits_table.py --tuner grid --seeds 3 --workers 2 --threads 1 --full-trials
    python benchmarks/cnn_table.py --pack digits=runs/digits_table.tune/grid    # what is not packed stays as it is

They learn from 2,000 digits of MNIST at 14x14 pixels, or 2,000 photographs of CIFAR-10 at 16x16. The 1,000 others that
validate are chosen by the seed. A point between the table's settings has the scores of the nearest.
"""

import argparse
import itertools
import json
import lzma
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

RECORDED = Path(__file__).parent / "recorded" / "cnn_table.json.xz"
VALIDATED, LONGEST = 1_000, 10  # images, epochs
AXES: dict[str, tuple[float, ...]] = {
    "learning_rate": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1),
    "filters": (4, 8, 16),
    "kernel_size": (3, 5),
    "dropout": (0.0, 0.25, 0.5),
    "batch_normalization": (0, 1),
    "batch_size": (32, 128),
}
LOGARITHMIC = ("learning_rate", "filters", "batch_size")
TASKS = {
    "digits": '"mnist", limit=3000, test_limit=100, image_size=[14, 14], validation_fraction=1 / 3',
    "photographs": '"image_folder", path="cifar10_jpeg.tar.gz", limit=3000, test_limit=100, image_size=[16, 16], '
    "validation_fraction=1 / 3",
}
EXPERIMENT = '''"""What do small networks reach on 2,000 {task}, at every point of a grid?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use({dataset}),
        model=use("pattern_cnn", blocks=2, filters=8, units=32),
        optimizer=use("adam", learning_rate=1e-3),
        batch_size=32,
        epochs={epochs},
    ),
)


def space(hp):
    return {{
        "optimizer.learning_rate": hp.Choice("learning_rate", {learning_rate}),
        "model.filters": hp.Choice("filters", {filters}),
        "model.kernel_size": hp.Choice("kernel_size", {kernel_size}),
        "model.dropout": hp.Choice("dropout", {dropout}),
        "model.batch_normalization": "before_activation" if hp.Boolean("batch_normalization") else None,
        "batch_size": hp.Choice("batch_size", {batch_size}),
    }}
'''


def experiment_file(task: str) -> str:
    """Return the text of the experiment file whose grid is the table's."""
    return EXPERIMENT.format(task=task, dataset=TASKS[task], epochs=LONGEST, **{k: list(v) for k, v in AXES.items()})


@dataclass(frozen=True)
class CnnTable:
    """The table in a file; FileNotFoundError if it is not there. A `Landscape` of benchmarks/search_regret.py."""

    path: Path = RECORDED
    names: tuple[str, ...] = tuple(AXES)
    longest: int = LONGEST
    title: str = "a table of 504 small CNNs, 3 seeds"

    @cached_property
    def _curves(self) -> dict[str, np.ndarray]:
        """By task, right answers in percent (settings, seeds, epochs); 0 after a run whose loss was not finite."""
        kept = json.loads(lzma.decompress(self.path.read_bytes()))
        return {task: np.array(counts) * (100 / VALIDATED) for task, counts in kept["right"].items()}

    @property
    def tasks(self) -> list[str]:
        """The data sets in it."""
        return list(self._curves)

    @staticmethod
    def space(hp: Any) -> dict[str, Any]:
        """Return the table's hyperparameters, with all that lies between its settings."""
        return {
            "learning_rate": hp.Float("learning_rate", 1e-4, 1e-1, sampling="log"),
            "filters": hp.Int("filters", 4, 16, sampling="log"),
            "kernel_size": hp.Int("kernel_size", 3, 5),
            "dropout": hp.Float("dropout", 0.0, 0.5),
            "batch_normalization": hp.Int("batch_normalization", 0, 1),
            "batch_size": hp.Int("batch_size", 32, 128, sampling="log"),
        }

    def scored(
        self, task: str, values: Sequence[float], epoch: int, chance: np.random.Generator
    ) -> tuple[float, float]:
        """Return the accuracy of a run with one of the seeds after so many epochs, and the mean of the seeds."""
        of_seeds = self._curves[task][nearest(values), :, epoch - 1]
        return float(of_seeds[chance.integers(len(of_seeds))]), float(of_seeds.mean())

    def best(self, task: str) -> float:
        """Return the best mean of the seeds after all epochs."""
        return float(self._curves[task][:, :, -1].mean(axis=1).max())


def nearest(values: Sequence[float]) -> int:
    """Return the number of the setting that is nearest to values in the order of `AXES`."""
    places = []
    for (name, axis), value in zip(AXES.items(), values, strict=True):
        on_axis, at = np.array(axis, float), float(value)
        apart = np.log(on_axis / at) if name in LOGARITHMIC else on_axis - at
        places.append(int(np.abs(apart).argmin()))
    return int(np.ravel_multi_index(places, [len(axis) for axis in AXES.values()]))


def packed(sweeps: Mapping[str, Path]) -> dict[str, Any]:
    """Return the table as it is kept: of these sweeps, by their task, and of the others what is kept already.

    Raises:
        ValueError: If a run is missing.
    """
    from keras_suite.experiments.tuning import journal
    from keras_suite.reports import run_directory

    kept = json.loads(lzma.decompress(RECORDED.read_bytes()))["right"] if RECORDED.exists() else {}
    right: dict[str, list[Any]] = {}
    for task, sweep in sweeps.items():
        events = journal.read(sweep / journal.NAME)
        values = {event["trial"]: event["values"] for event in events if event["event"] == "created"}
        found: dict[tuple[float, ...], list[list[int]]] = {}
        for event in events:
            if event["event"] != "ended" or event["trial"] is None:
                continue
            key = tuple(float(values[event["trial"]][name]) for name in AXES)
            curves = []
            for run in event["runs"]:
                history = run_directory.read_run(sweep / run["directory"], needs=("history",)).history
                counts = [round(VALIDATED * row["val_accuracy"]) for row in history]
                curves.append(counts[:LONGEST] + [0] * (LONGEST - len(counts)))
            found[key] = curves
        settings = [tuple(map(float, each)) for each in itertools.product(*AXES.values())]
        missing = [each for each in settings if each not in found]
        if missing:
            raise ValueError(f"{sweep} lacks {len(missing)} of {len(settings)} settings, first {missing[0]}")
        right[task] = [found[each] for each in settings]
    return {"axes": AXES, "validated": VALIDATED, "right": {**kept, **right}}


def named_sweep(text: str) -> tuple[str, Path]:
    """Return the task and the folder of a sweep, given as TASK=FOLDER."""
    task, _, folder = text.partition("=")
    if task not in TASKS or not folder:
        raise argparse.ArgumentTypeError(f"{text}: expected TASK=FOLDER, TASK one of {', '.join(TASKS)}")
    return task, Path(folder)


def main() -> int:
    """Print an experiment file, or pack sweeps."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", nargs="?", choices=list(TASKS), help="print its experiment file")
    parser.add_argument("--pack", nargs="+", type=named_sweep, metavar="TASK=SWEEP", help="the others stay")
    options = parser.parse_args()
    if options.task:
        print(experiment_file(options.task), end="")
    elif options.pack:
        RECORDED.write_bytes(lzma.compress(json.dumps(packed(dict(options.pack)), separators=(",", ":")).encode()))
        print(f"{RECORDED.name}: {RECORDED.stat().st_size:,} bytes")
    else:
        parser.error(f"give one of {', '.join(TASKS)}, or --pack")
    return 0


if __name__ == "__main__":
    sys.exit(main())
