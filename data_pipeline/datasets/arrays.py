"""An .npz of images and labels, as a dataset."""

from pathlib import Path
from typing import Unpack

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.given.assembly import ArrayOptions, Given, assembled, digests_of
from keras_suite.data_pipeline.datasets.given.names import arrays_named
from keras_suite.data_pipeline.datasets.given.pixels import GreyLevels
from keras_suite.data_pipeline.images.image_sources import locate
from keras_suite.data_pipeline.images.memory import check_fits
from keras_suite.tasks.reading.arrays import npz_sizes, read_npz
from keras_suite.tasks.reading.files import damage_named, open_file, size_of

LARGEST = 8 * 2**30  # bytes of a file, and of all arrays in it
EXPECTED = "an .npz with images and labels"
_SAVED = "np.savez(path, images=images, labels=labels)"


def arrays(data_dir: Path | None, /, *, path: str = "", **options: Unpack[ArrayOptions]) -> Dataset:
    """Load the images and labels of an .npz: `np.savez("mine.npz", images=images, labels=labels)`.

    `images` are (n, height, width), or with 1 or 3 channels (n, height, width, channels), of 0..255 or 0..1; `labels`
    are whole numbers, names or one-hot rows. `test_images` and `test_labels` are used as they are; without them a share
    of the images tests. `class_names` gives the classes names. `targets` (and `test_targets`) hold degrees, directions
    or masks for those tasks. `x_train`, `y_train`, `x_test` and `y_test`, as in Keras's own files, are understood, too.

    Args:
        path: The file, looked for where the command runs, then in the data folder.
        **options: As `ArrayOptions` says; the others are shared by all datasets.
    """
    place = locate("arrays", path, data_dir, EXPECTED)
    given, notes = _read(place)
    levels = GreyLevels(str(place))
    parts = [levels.converted(given.pop(name), name) for name in ("images", "test_images") if name in given]
    return assembled(
        Given(
            name="arrays",
            where=str(place),
            images=parts[0],
            test_images=parts[1] if parts[1:] else None,
            arrays=given,
            digests=tuple(digest for part in parts for digest in digests_of(part)),
            notes=levels.notes + notes,
        ),
        options,
    )


def _read(path: Path) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Return the arrays by the suite's names, and notes on those that are left out."""
    with open_file(path, at_most=LARGEST, expected=EXPECTED) as file:
        if file.read(6) == b"\x93NUMPY":
            raise ValueError(f"{path} is an .npy, one array without a name: save all in one file with {_SAVED}")
    with damage_named(path, EXPECTED, f"save it anew with {_SAVED}"):
        sizes = npz_sizes(path, at_most=LARGEST, expected=EXPECTED)
    names, notes = arrays_named(str(path), sizes, f"name the arrays with {_SAVED}")
    needed = sum(sizes[name] for name in names.values())
    if needed > LARGEST:
        raise ValueError(
            f"{path} unpacks to {size_of(needed)}, more than the {size_of(LARGEST)} that are read: save fewer images, "
            "or uint8 in place of floats"
        )
    check_fits(needed, f"the arrays of {path}", "save fewer images, or uint8 in place of floats")
    with damage_named(path, EXPECTED, "save plain numbers anew, and names as labels.astype(str)"):
        read = read_npz(path, tuple(names.values()), at_most=LARGEST, expected=EXPECTED)
    return dict(zip(names, read, strict=True)), notes
