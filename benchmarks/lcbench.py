"""LCBench's surrogate: the validation accuracy of a network on one of 34 tabular data sets, in microseconds.

Zimmer et al. 2021 trained the networks, Pfisterer et al. 2022 (YAHPO Gym) the surrogate; `DATA_DIR/lcbench` has it.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

LONGEST, NOISE = 52, 0.5  # epochs; the standard deviation of a seed's score in points
NAMES = ("batch_size", "learning_rate", "momentum", "weight_decay", "layers", "units", "dropout")
POINTS, CLIMBED = 80_000, 5_000  # drawn, and then moved from the best so far, four times: 100,000 in all


def space(hp: Any) -> dict[str, Any]:
    """Return LCBench's hyperparameters, with its ranges and scales."""
    return {
        "batch_size": hp.Int("batch_size", 16, 512, sampling="log"),
        "learning_rate": hp.Float("learning_rate", 1e-4, 1e-1, sampling="log"),
        "momentum": hp.Float("momentum", 0.1, 0.99),
        "weight_decay": hp.Float("weight_decay", 1e-5, 0.1),
        "layers": hp.Int("layers", 1, 5),
        "units": hp.Int("units", 64, 1024, sampling="log"),
        "dropout": hp.Float("dropout", 0.0, 1.0),
    }


def points(places: np.ndarray) -> np.ndarray:
    """Return hyperparameters (n, 7), as `accuracy` takes them, of points (n, 7) of the unit cube."""
    low = np.array([16, 1e-4, 0.1, 1e-5, 1, 64, 0.0])
    high = np.array([512, 1e-1, 0.99, 0.1, 5, 1024, 1.0])
    linear = low + places * (high - low)
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithmic = low * (high / low) ** places
    values = np.where(np.array([1, 1, 0, 0, 0, 1, 0], bool), logarithmic, linear)
    values[:, 4] = np.minimum(1 + np.floor(5 * places[:, 4]), 5)
    values[:, [0, 5]] = np.round(values[:, [0, 5]])
    return values


@dataclass(frozen=True)
class Surrogate:
    """The surrogate in a folder; FileNotFoundError if it is not there. A `Landscape` of benchmarks/search_regret.py."""

    folder: Path
    names: tuple[str, ...] = NAMES
    longest: int = LONGEST
    title: str = "LCBench's surrogate"

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(self._file("model.onnx"), options)

    def _file(self, name: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise FileNotFoundError(f"{path} is not there: set DATA_DIR to a folder with lcbench/{name}")
        return path

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return json.loads(self._file("encoding.json").read_text(encoding="utf-8"))["OpenML_task_id"]

    @cached_property
    def tasks(self) -> list[str]:
        """The 34 tasks, in the order of their numbers at OpenML."""
        space = json.loads(self._file("config_space.json").read_text(encoding="utf-8"))
        choices = next(each["choices"] for each in space["hyperparameters"] if each["name"] == "OpenML_task_id")
        return sorted(choices, key=int)

    def accuracy(self, task: str, values: np.ndarray, epoch: int = LONGEST) -> np.ndarray:
        """Return validation accuracies (n,) in percent of hyperparameters (n, 7) in the order of `NAMES`."""
        return self._accuracies(task, np.column_stack([np.full(len(values), epoch), values]))

    def _accuracies(self, task: str, numbers: np.ndarray) -> np.ndarray:
        tasks = np.full((len(numbers), 1), self._numbers[task], np.int32)
        asked = {"x_cat": tasks, "x_cont": numbers.astype(np.float32)}
        return self._session.run(None, asked)[0][:, 1].astype(float)

    def curve(self, task: str, values: np.ndarray) -> np.ndarray:
        """Return the accuracies (52,) after each epoch of one point's hyperparameters (7,), without noise."""
        rows = np.tile(values, (LONGEST, 1))
        return self._accuracies(task, np.column_stack([np.arange(1, LONGEST + 1), rows]))

    @staticmethod
    def space(hp: Any) -> dict[str, Any]:
        """Return LCBench's hyperparameters, with its ranges and scales."""
        return space(hp)

    def scored(
        self, task: str, values: Sequence[float], epoch: int, chance: np.random.Generator
    ) -> tuple[float, float]:
        """Return a seed's noisy accuracy after so many epochs, and the one without noise."""
        true = float(self.accuracy(task, np.array([values]), epoch)[0])
        return true + NOISE * chance.standard_normal(), true

    def best(self, task: str) -> float:
        """Return the best accuracy of 100,000 points: 80,000 at random, the others ever closer around the best."""
        chance = np.random.default_rng(0)
        places = chance.random((POINTS, len(NAMES)))
        found = self.accuracy(task, points(places))
        for width in (0.1, 0.05, 0.02, 0.01):
            top = np.repeat(places[np.argsort(-found)[:50]], CLIMBED // 50, axis=0)
            moved = np.clip(top + width * chance.standard_normal(top.shape), 0, 1)
            places, found = np.r_[places, moved], np.r_[found, self.accuracy(task, points(moved))]
        return float(found.max())


def surrogate() -> Surrogate:
    """Return the surrogate of `DATA_DIR`; FileNotFoundError without it."""
    return Surrogate(Path(os.environ.get("DATA_DIR", "data")) / "lcbench")
