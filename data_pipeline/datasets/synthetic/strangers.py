"""Digits of MNIST and a class of its own for what is none of them, tested with strangers that no network was shown."""

from pathlib import Path
from typing import Literal, Unpack

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import mnist
from keras_suite.data_pipeline.datasets.options import SizeOptions, with_options
from keras_suite.data_pipeline.sampling import uniform

KNOWN = (0, 1, 2, 3, 4)
SHOWN, UNSEEN = (5, 6, 7), (8, 9)
NAME = "out of dataset"

_ROW, _PLACE = 26, 27  # purposes of random numbers, part of their keys

Strangers = Literal["digits", "pieces", "noise"]


def digits_and_strangers(
    data_dir: Path | None, /, *, strangers: Strangers = "digits", **shared: Unpack[SizeOptions]
) -> Dataset:
    """Load the digits 0 to 4 of MNIST and a sixth class "out of dataset", (28, 28, 1).

    There are as many strangers to train and validate with as images of the average digit. Those of the test are the
    digits 8 and 9, which nothing was trained on, whatever `strangers` says: whether a network knows what it does not
    know is only seen on what is new to it.

    Args:
        strangers: what trains the class: "digits", the digits 5, 6 and 7; "pieces", known digits whose quarters change
            places; "noise", known digits whose pixels do, each image in an order of its own.
        **shared: see `SizeOptions`.
    """
    source = mnist(data_dir)
    known, tested = np.isin(source.labels, KNOWN), np.isin(source.test_labels, (*KNOWN, *UNSEEN))
    images = source.images[known]
    count = round(len(images) / len(KNOWN))
    if strangers == "digits":
        others = source.images[np.isin(source.labels, SHOWN)]
        rows = np.sort(np.argsort(uniform(_ROW, np.arange(len(others))), kind="stable")[:count])
        added = others[rows]
    else:
        rows = np.argsort(uniform(_ROW, np.arange(len(images))), kind="stable")[:count]
        added = (in_pieces if strangers == "pieces" else as_noise)(images[rows])
    test_labels = source.test_labels[tested]
    dataset = Dataset(
        name="digits_and_strangers",
        images=np.concatenate([images, added]),
        labels=np.concatenate([source.labels[known], np.full(count, len(KNOWN))]),
        test_images=source.test_images[tested],
        test_labels=np.where(test_labels < len(KNOWN), test_labels, len(KNOWN)),
        class_names=(*map(str, KNOWN), NAME),
        fingerprint=source.fingerprint,
        notes=source.notes,
    )
    return with_options(dataset, SizeOptions, **shared)


def in_pieces(images: np.ndarray) -> np.ndarray:
    """Turn the quarters of images (n, h, w, c) round by one to three places; an odd last row and column stay."""
    half_h, half_w = images.shape[1] // 2, images.shape[2] // 2
    places = [(0, 0), (0, half_w), (half_h, half_w), (half_h, 0)]  # clockwise
    turns = 1 + (3 * uniform(_PLACE, np.arange(len(images)))).astype(int)
    mixed = images.copy()
    for turn in (1, 2, 3):
        own = turns == turn
        for k, (row, column) in enumerate(places):
            from_row, from_column = places[(k + turn) % 4]
            quarter = images[own, from_row : from_row + half_h, from_column : from_column + half_w]
            mixed[own, row : row + half_h, column : column + half_w] = quarter
    return mixed


def as_noise(images: np.ndarray) -> np.ndarray:
    """Shuffle the pixels of images (n, h, w, c), each in an order of its own."""
    pixels = images.reshape(len(images), -1)
    index = np.arange(len(images))[:, np.newaxis]
    order = np.argsort(uniform(_PLACE, index, np.arange(pixels.shape[1])), axis=1, kind="stable")
    return np.take_along_axis(pixels, order, axis=1).reshape(images.shape)
