"""Small datasets that the library itself wrote. It is an optional extra, of which the tests need the library."""

from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from keras_suite.data_pipeline.datasets.huggingface import huggingface

DIGITS = load_digits()
IMAGES = np.round(DIGITS.images * (255 / 16)).astype(np.uint8)[:200]
LABELS = DIGITS.target[:200].tolist()
LABEL = datasets.ClassLabel(names=list("0123456789"))


def made(images: Any = IMAGES, labels: Any = LABELS, names: Any = tuple("0123456789")) -> Any:
    features = datasets.Features({"photo": datasets.Image(), "digit": datasets.ClassLabel(names=list(names))})
    pictures = [Image.fromarray(image) for image in images]
    return datasets.Dataset.from_dict({"photo": pictures, "digit": list(labels)}, features=features)


@pytest.mark.usefixtures("cache")
def test_a_folder_of_save_to_disk_is_read(tmp_path: Path) -> None:
    datasets.DatasetDict(
        {"train": made(IMAGES[:150], LABELS[:150]), "test": made(IMAGES[150:], LABELS[150:])}
    ).save_to_disk(tmp_path / "mine")
    dataset = huggingface(tmp_path, path="mine")
    assert np.array_equal(dataset.images[..., 0], IMAGES[:150]) and dataset.labels.tolist() == LABELS[:150]
    assert np.array_equal(dataset.test_images[..., 0], IMAGES[150:]) and dataset.class_names == tuple("0123456789")
    assert dataset.name == "huggingface" and dataset.notes == ()
    drawn = huggingface(None, path=str(tmp_path / "mine"), test="train", train="test")
    assert len(drawn.images) == 50
    small = huggingface(tmp_path, path="mine", image_size=(5, 4), channels=3, limit=50)
    assert small.images.shape == (150, 5, 4, 3) and small.limit == 50


@pytest.mark.usefixtures("cache")
def test_a_single_part_has_its_test_set_drawn_and_colour_stays(tmp_path: Path) -> None:
    colour = np.stack([IMAGES, IMAGES // 2, 255 - IMAGES], axis=-1)
    made(colour).save_to_disk(tmp_path / "mine")
    dataset = huggingface(tmp_path, path="mine")
    assert dataset.images.shape == (160, 8, 8, 3) and len(dataset.test_images) == 40
    known = {image.tobytes() for image in colour}
    assert all(image.tobytes() in known for image in dataset.images)


@pytest.mark.usefixtures("cache")
def test_what_was_converted_is_said_and_several_sizes_are_refused(tmp_path: Path) -> None:
    colour = np.stack([IMAGES, IMAGES // 2, 255 - IMAGES], axis=-1)
    made([*colour[:198], *IMAGES[198:]]).save_to_disk(tmp_path / "mixed")
    for _ in range(2):
        notes = huggingface(tmp_path, path="mixed").notes
        assert notes == ("2 images in grey repeated over 3 channels (first: train row 198)",)
    sixteen = [Image.fromarray(image.astype(np.uint16) * 257) for image in IMAGES]
    datasets.Dataset.from_dict(
        {"image": sixteen, "label": LABELS}, features=datasets.Features({"image": datasets.Image(), "label": LABEL})
    ).save_to_disk(tmp_path / "sixteen")
    dataset = huggingface(tmp_path, path="sixteen")
    assert dataset.notes == ("200 images of more than 8 bits scaled to 8 (first: train row 0)",)
    assert {image.tobytes() for image in dataset.images} <= {image.tobytes() for image in IMAGES}
    made([*IMAGES[:199], IMAGES[199, :5]]).save_to_disk(tmp_path / "sizes")
    with pytest.raises(
        ValueError, match=r"the images have several sizes, 8x8 and 5x8: give image_size=\[height, width"
    ):
        huggingface(tmp_path, path="sizes")
    assert huggingface(tmp_path, path="sizes", image_size=(8, 8)).images.shape == (160, 8, 8, 1)


@pytest.mark.usefixtures("cache")
def test_columns_of_numbers_and_changed_folders_are_read(tmp_path: Path) -> None:
    table = {"pixels": IMAGES.tolist(), "label": [f"digit {label}" for label in LABELS]}
    datasets.Dataset.from_dict(table).save_to_disk(tmp_path / "mine")
    dataset = huggingface(tmp_path, path="mine", image="pixels", label="label")
    assert dataset.images.shape == (160, 8, 8, 1) and dataset.class_names[3] == "digit 3"
    made(IMAGES[:100], LABELS[:100]).save_to_disk(tmp_path / "mine")
    assert len(huggingface(tmp_path, path="mine").images) == 80


@pytest.mark.usefixtures("cache")
def test_what_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    made().save_to_disk(tmp_path / "mine")
    (tmp_path / "empty").mkdir()
    for options, said in (
        ({"path": "empty"}, r"huggingface: 'empty' cannot be loaded \(.*\): check the name, or the network"),
        ({"path": "mine", "image": "foto"}, r"huggingface mine: unknown column 'foto'; did you mean 'photo'\?"),
        ({"path": "mine", "train": "all"}, r"huggingface mine: unknown split 'all'"),
    ):
        with pytest.raises(ValueError, match=said) as error:
            huggingface(tmp_path, **options)  # type: ignore[arg-type]
        assert "\n" not in str(error.value)
    both = datasets.concatenate_datasets([made(), made().rename_columns({"photo": "other", "digit": "n"})], axis=1)
    both.remove_columns("n").save_to_disk(tmp_path / "two")
    with pytest.raises(ValueError, match=r"2 columns hold Image \(it has photo, digit, other\): give image=COLUMN"):
        huggingface(tmp_path, path="two")
