"""What the images look like that a run learns from: `predict` warns of a picture that looks otherwise."""

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.images.likeness import Likeness, likeness_of

_latest: list[tuple[Dataset, Likeness | None]] = []


def training_likeness(dataset: Dataset) -> Likeness | None:
    """Return the ranges of all images that may train or validate, the same for all seeds; None where there are none.

    Those of the latest dataset are kept: seeds and variants mostly have the same.
    """
    if not _latest or _latest[0][0] is not dataset:
        _latest[:] = [(dataset, likeness_of(dataset.images, dataset.origin.sizes))]
    return _latest[0][1]
