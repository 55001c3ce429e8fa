"""What run.json says of a run's data: what they are, how they were divided, and what the inspection found."""

import functools
from pathlib import Path
from typing import Any

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.images.problem_files import SKIPPED
from keras_suite.data_pipeline.inspection.findings import Inspection
from keras_suite.data_pipeline.inspection.inspect import inspect
from keras_suite.data_pipeline.splits import Split, images_to_test
from keras_suite.experiments.registry import ResolvedPart
from keras_suite.experiments.training.identity import load_dataset
from keras_suite.tasks.reading.files import one_line


@functools.lru_cache(maxsize=64)  # it is the same for all seeds, and for variants of the same data
def inspection_of(dataset: ResolvedPart, data_dir: Path | None) -> Inspection:
    """Inspect a Config's dataset; see `data_pipeline/inspection/`."""
    return inspect(load_dataset(dataset, data_dir))


def data_record(dataset: Dataset, split: Split, inspection: Inspection) -> dict[str, Any]:
    """Return what run.json holds as "data"."""
    levels = dataset.origin.levels
    skipped = [one_line(name) for name, why in dataset.origin.left_out if why == SKIPPED]
    return {
        "name": dataset.name,
        "fingerprint": dataset.fingerprint,
        "task": dataset.task,
        "class_names": list(dataset.class_names),
        **({"target_names": list(dataset.target_names)} if dataset.target_names else {}),
        "input_shape": list(dataset.images.shape[1:]),
        "train": len(split.train),
        "validation": len(split.validation),
        "test": len(images_to_test(dataset, split)[1]),
        "folds": dataset.folds,
        "levels": levels if isinstance(levels, str) else list(levels),
        "notes": list(dataset.notes),
        **({"skipped": skipped} if skipped else {}),
        "inspection": inspection.in_json(),
    }
