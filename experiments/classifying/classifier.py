"""Fit a classifier to photographs: frozen features, a head, and its answers to images that it was not fitted to."""

from dataclasses import dataclass, replace

import keras
import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.inspection.copies import LEFT_OUT
from keras_suite.experiments.classifying.expected import Expected, expected_share, with_more
from keras_suite.experiments.classifying.head import CrossValidated, Head, cross_validate, fit_head
from keras_suite.experiments.feature_cache.frozen import frozen_features
from keras_suite.models.networks import applications
from keras_suite.reports.statistics.intervals import Interval

NETWORK = "efficientnet_lite0"
REPEATS = 5  # of the cross-validation
MORE = 100  # photographs, of which it is said what they would buy


@dataclass(frozen=True)
class Photographs:
    """All images that train, with their features.

    Attributes:
        dataset: The images, their labels and groups; its test images are those that the user set apart, if any.
        features: float32 (n, 1280).
    """

    dataset: Dataset
    features: np.ndarray


@dataclass(frozen=True)
class Fitted:
    """A classifier, and its answers to images that it was not fitted to.

    Attributes:
        model: Pixels 0..255 (b, h, w, c) to logits.
        head: Its last layer.
        photographs: What it is fitted to.
        validated: What heads say of those that were fitted to the other folds.
        labels: The classes int64 (n,) of the images that were answered.
        probabilities: float32 (repeats, n, classes), by heads that were fitted without the image.
        images: Those images, uint8 (n, h, w, c).
        folds: Of the cross-validation; None where the data have test images of their own.
        expected: What share of new images it reads right.
        more: The share to expect with `MORE` images more; None where no curve can be seen.
    """

    model: keras.Model
    head: Head
    photographs: Photographs
    validated: CrossValidated
    labels: np.ndarray
    probabilities: np.ndarray
    images: np.ndarray
    folds: int | None
    expected: Expected
    more: Interval | None

    @property
    def trained(self) -> int:
        """How many images the head is fitted to."""
        return len(self.photographs.features)


def fit(dataset: Dataset, weights: str = "imagenet") -> Fitted:
    """Fit a classifier to a dataset.

    Test images that the dataset drew itself train, too, and all images are answered by cross-validation; those that the
    user set apart stay so, and are what is answered.
    """
    backbone, model = networks_for(dataset, weights)
    test_features = features_of(backbone, dataset.test_images)
    photographs = _that_train(dataset, features_of(backbone, dataset.images), test_features)
    features, labels, groups = photographs.features, photographs.dataset.labels, photographs.dataset.groups
    found = cross_validate(features, labels, repeats=REPEATS, groups=groups)
    head = fit_head(features, labels, found.strength)
    put_head(head, model)
    full = found.probabilities.argmax(axis=-1) == labels
    half = cross_validate(features, labels, repeats=REPEATS, groups=groups, keep=0.5, strengths=(found.strength,))
    more = with_more(half.probabilities.argmax(axis=-1) == labels, full, len(labels), MORE)
    if dataset.origin.tests_are_drawn:
        answered = labels, found.probabilities, photographs.dataset.images
    else:
        answered = dataset.test_labels, head.probabilities(test_features)[None], np.asarray(dataset.test_images)
    right = answered[1].argmax(axis=-1) == answered[0]
    folds = found.folds if dataset.origin.tests_are_drawn else None
    return Fitted(model, head, photographs, found, *answered, folds, expected_share(right), more)


def _that_train(dataset: Dataset, features: np.ndarray, test_features: np.ndarray) -> Photographs:
    """Return the images that train: with those that were drawn to test, and without those that are left out."""
    chosen = np.arange(len(features)) if dataset.groups is None else np.flatnonzero(dataset.groups != LEFT_OUT)
    images, labels, groups, origin = np.asarray(dataset.images), dataset.labels, dataset.groups, dataset.origin
    if origin.tests_are_drawn:
        chosen = np.concatenate([chosen, len(features) + np.arange(len(test_features))])
        features, labels = np.concatenate([features, test_features]), np.concatenate([labels, dataset.test_labels])
        images = np.concatenate([images, dataset.test_images])
        groups = _joined(groups, len(dataset.labels), test_features)
        sizes = [each for each in (origin.sizes, origin.test_sizes) if each is not None]
        both = np.concatenate(sizes) if len(sizes) == 2 else None
        origin = replace(origin, names=origin.names + origin.test_names, sizes=both, test_names=(), test_sizes=None)
        dataset = replace(dataset, test_images=images[:0], test_labels=labels[:0])
    merged = replace(
        dataset,
        images=images[chosen],
        labels=labels[chosen],
        groups=None if groups is None else groups[chosen],
        origin=origin.of_train(chosen),
        contents=None,
        test_contents=None,
    )
    return Photographs(merged, features[chosen])


def networks_for(dataset: Dataset, weights: str) -> tuple[keras.Model, keras.Model]:
    """Return the network up to its features (b, 1280), and all of it."""
    builder = getattr(applications, NETWORK)
    model = builder(dataset.images.shape[1:], len(dataset.class_names), 1, weights=weights)
    return keras.Model(model.input, model.get_layer("features").output, name=f"{NETWORK}_features"), model


def features_of(backbone: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return the features float32 (n, 1280) of images uint8 (n, h, w, c), from the cache where they are there."""
    found = frozen_features(backbone, images)
    return np.asarray(found.array[found.rows])


def _joined(groups: np.ndarray | None, count: int, test_features: np.ndarray) -> np.ndarray | None:
    """Return the groups of all images, where some train beside their copies; drawn tests are never copies of those."""
    copies = np.unique(test_features, axis=0, return_inverse=True)[1].reshape(-1)
    if groups is None and len(np.unique(copies)) == len(copies):
        return None
    trained = np.arange(count) if groups is None else groups
    return np.concatenate([trained, trained.max() + 1 + copies])


def put_head(head: Head, model: keras.Model) -> None:
    """Give a network the head's weights."""
    [last] = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    last.set_weights([head.kernel, head.bias])
