"""Images of the data that a run was trained on, loaded anew: of its own training or validation part."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from keras_suite.data_pipeline.splits import split
from keras_suite.experiments.config import from_json
from keras_suite.experiments.own_parts.kept_source import kept_root
from keras_suite.experiments.registry import ResolvedConfig, resolve
from keras_suite.experiments.training.identity import dataset_of
from keras_suite.reports.run_directory.layout import Run

Part = Literal["validation", "training"]


@dataclass(frozen=True)
class RunImages:
    """Some images uint8 (n, H, W, C) of a run's data with their labels (n,), and the run's Config."""

    config: ResolvedConfig
    images: np.ndarray
    labels: np.ndarray


def images_of(run: Run, data_dir: Path | None, part: Part, count: int) -> RunImages:
    """Return at most `count` images of one part, chosen by the run's seed; ValueError or OSError if there are none."""
    config = resolve(replace(from_json(run.config), root=kept_root(run.path, run.record)))
    dataset = dataset_of(run, config.dataset, data_dir)
    chosen = split(dataset, run.seed)
    able = chosen.train if part == "training" else chosen.validation
    some = np.sort(np.random.default_rng(run.seed).permutation(able)[:count])
    return RunImages(config, np.asarray(dataset.images[some]), np.asarray(dataset.labels[some]))
