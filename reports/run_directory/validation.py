"""validation.npz: how a run's network saw the images that validated it, which it did not train on. For classes only.

With the predictions of a fold's test images it is the evidence on which labels are wrong; see results/suspects.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from keras_suite.reports.run_directory import layout
from keras_suite.reports.run_directory.layout import Run
from keras_suite.reports.run_directory.reading import mend_of
from keras_suite.reports.run_directory.results import arrays_of, write_arrays
from keras_suite.tasks.files.damaged import DamagedFile

_ARRAYS = ("index", "labels", "probabilities", "labelling", "total", "are_files")


@dataclass(frozen=True)
class ValidationLabels:
    """The labels of a run's validation images, and what its network said to them.

    Attributes:
        index: Ascending places int64 (n,) of the images among all that may train or validate.
        labels: Of the images, int64 (n,).
        probabilities: Of the classes, float32 (n, classes).
        labelling: A hash of the labels of all images that may train or validate: with the data's own fingerprint it
            is the same where places and labels are.
        total: How many images may train or validate.
        names: What images are called whose label the network contradicts, by their places; those of the fold that
            was held out, too.
        test_names: The same of test images, by their places in the test set.
        are_files: Whether these names are those of files, which `--skip` can leave out.
        pictured: The places int64 (k,) of some contradicted images, the most certain contradiction first.
        pictures: Those images, uint8 (k, h, w, c), no larger than needed to look at them.
        made_wrong: Whether a label was made wrong on purpose (`label_noise`), bool (n,); None where none was.
    """

    index: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    labelling: str
    total: int
    names: Mapping[int, str] = field(default_factory=dict)
    test_names: Mapping[int, str] = field(default_factory=dict)
    are_files: bool = False
    pictured: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    pictures: np.ndarray = field(default_factory=lambda: np.empty((0, 1, 1, 1), np.uint8))
    made_wrong: np.ndarray | None = None


def write_validation(directory: Path, seen: ValidationLabels) -> None:
    """Write what `validation` reads."""
    purpose = {} if seen.made_wrong is None else {"made_wrong": seen.made_wrong}
    write_arrays(
        directory / layout.VALIDATION,
        index=seen.index,
        labels=seen.labels,
        probabilities=seen.probabilities,
        labelling=np.array(seen.labelling),
        total=np.array(seen.total),
        are_files=np.array(seen.are_files),
        pictured=seen.pictured,
        pictures=seen.pictures,
        **_named("names", seen.names),
        **_named("test_names", seen.test_names),
        **purpose,
    )


def validation(run: Run) -> ValidationLabels | None:
    """Read what `write_validation` wrote; None of runs of before, of trials, and of tasks without classes.

    Raises:
        DamagedFile: If it is not what was written.
    """
    arrays = arrays_of(run, layout.VALIDATION, *_ARRAYS, "pictured", "pictures")
    if arrays is None:
        return None
    index, labels, probabilities = (arrays[name] for name in _ARRAYS[:3])
    made_wrong = arrays.get("made_wrong")
    fit = (
        probabilities.ndim == 2
        and index.shape == labels.shape == probabilities.shape[:1]
        and len(arrays["pictured"]) == len(arrays["pictures"])
        and (made_wrong is None or made_wrong.shape == labels.shape)
        and (not len(labels) or (labels.min() >= 0 and labels.max() < probabilities.shape[1]))
        and bool(np.isfinite(probabilities).all())
    )
    if not fit:
        path = run.path / layout.VALIDATION
        raise DamagedFile(f"{path} is damaged: its arrays do not belong together", mend_of(run.path))
    return ValidationLabels(
        index=index,
        labels=labels,
        probabilities=probabilities,
        labelling=str(arrays["labelling"]),
        total=int(arrays["total"]),
        names=_names(arrays, "names"),
        test_names=_names(arrays, "test_names"),
        are_files=bool(arrays["are_files"]),
        pictured=arrays["pictured"],
        pictures=arrays["pictures"],
        made_wrong=made_wrong,
    )


def _named(name: str, names: Mapping[int, str]) -> dict[str, np.ndarray]:
    return {f"{name}_of": np.array([*names], np.int64), name: np.array([*names.values()], str)}


def _names(arrays: Mapping[str, np.ndarray], name: str) -> dict[int, str]:
    empty = np.empty(0, str)
    return dict(zip(arrays.get(f"{name}_of", empty).tolist(), arrays.get(name, empty).tolist(), strict=False))
