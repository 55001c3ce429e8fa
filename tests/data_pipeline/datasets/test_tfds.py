"""A small dataset that the library itself prepared. It is an optional extra, of which the tests need the library."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow_datasets as library
from sklearn.datasets import load_digits

from keras_suite.data_pipeline.datasets.tfds import tfds

DIGITS = load_digits()
IMAGES = np.round(DIGITS.images * (255 / 16)).astype(np.uint8)[:200, ..., np.newaxis]
NAMES = [f"digit {number}" for number in range(10)]


def prepared(folder: Path, splits: dict[str, range]) -> Path:
    """The folder of a dataset of these digits, as TensorFlow Datasets keeps one."""
    features = library.features.FeaturesDict(
        {"image": library.features.Image(shape=(8, 8, 1)), "label": library.features.ClassLabel(names=NAMES)}
    )

    class Mine(library.core.GeneratorBasedBuilder, skip_registration=True):
        VERSION = library.core.Version("1.0.0")
        pkg_dir_path = folder

        def _info(self) -> Any:
            return library.core.DatasetInfo(builder=self, features=features)

        def _split_generators(self, manager: Any) -> Any:
            return {name: self._generate_examples(rows) for name, rows in splits.items()}

        def _generate_examples(self, rows: range) -> Any:
            for row in rows:
                yield row, {"image": IMAGES[row], "label": int(DIGITS.target[row])}

    Mine(data_dir=folder).download_and_prepare()
    return folder / "mine"


def pairs(images: np.ndarray, labels: np.ndarray) -> set[tuple[bytes, int]]:
    return {(image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True)}


@pytest.mark.usefixtures("cache")
def test_the_folder_of_a_dataset_that_was_prepared_is_read(tmp_path: Path) -> None:
    prepared(tmp_path, {"train": range(150), "test": range(150, 200)})
    dataset = tfds(tmp_path, path="mine")
    assert pairs(dataset.images, dataset.labels) == pairs(IMAGES[:150], DIGITS.target[:150])
    assert pairs(dataset.test_images, dataset.test_labels) == pairs(IMAGES[150:], DIGITS.target[150:200])
    assert dataset.class_names == tuple(NAMES) and dataset.notes == () and dataset.name == "tfds"
    small = tfds(None, path=str(tmp_path / "mine" / "1.0.0"), image_size=(5, 4), limit=50)
    assert small.images.shape == (150, 5, 4, 1) and small.limit == 50


@pytest.mark.usefixtures("cache")
def test_without_a_test_split_a_share_tests(tmp_path: Path) -> None:
    prepared(tmp_path, {"train": range(200)})
    dataset = tfds(tmp_path, path="mine")
    assert (len(dataset.images), len(dataset.test_images)) == (160, 40)


@pytest.mark.usefixtures("cache")
def test_what_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    prepared(tmp_path, {"train": range(200)})
    (tmp_path / "empty").mkdir()
    for options, said in (
        ({"path": "./empty"}, r"empty holds no dataset that was prepared: give the folder of one"),
        ({"path": "mine", "image": "imag"}, r"tfds mine: unknown feature 'imag'; did you mean 'image'\?"),
        ({"path": "mine", "train": "all"}, r"tfds mine: unknown split 'all'"),
        (
            {"path": "name_of_nothing"},
            r"tfds: 'name_of_nothing' cannot be loaded \(.*\): check the name, or the network",
        ),
    ):
        with pytest.raises(ValueError, match=said) as error:
            tfds(tmp_path, **options)  # type: ignore[arg-type]
        assert "\n" not in str(error.value)
