import re
from typing import Any

import numpy as np
import pytest

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.given.assembly import ArrayOptions, Given, assembled, digests_of
from keras_suite.data_pipeline.splits import split
from keras_suite.data_pipeline.targets import targets_of

DIGITS = digits(None)  # 1,437 + 360 images
DEGREES = np.linspace(-90, 90, 1437)


def given(arrays: dict[str, Any], tests: bool = True, images: np.ndarray = DIGITS.images) -> Given:
    parts = [images, DIGITS.test_images] if tests else [images]
    return Given(
        name="mine",
        where="mine.npz",
        images=images,
        test_images=DIGITS.test_images if tests else None,
        arrays={name: np.asarray(array) for name, array in arrays.items()},
        digests=tuple(digest for part in parts for digest in digests_of(part)),
    )


def of(arrays: dict[str, Any], tests: bool = True, **options: Any) -> Dataset:
    return assembled(given(arrays, tests), ArrayOptions(**options))


LABELS = {"labels": DIGITS.labels, "test_labels": DIGITS.test_labels}


def test_given_test_images_are_used_as_they_are() -> None:
    dataset = of(LABELS)
    assert np.array_equal(dataset.images, DIGITS.images) and np.array_equal(dataset.labels, DIGITS.labels)
    assert np.array_equal(dataset.test_images, DIGITS.test_images)
    assert dataset.class_names == DIGITS.class_names and dataset.notes == () and dataset.task == "classes"


def test_the_shared_options_apply_as_to_other_datasets() -> None:
    options = {"limit": 200, "test_limit": 50, "label_noise": 0.3, "image_size": (6, 9), "classes": ("3", 5)}
    mine, theirs = of(LABELS, channels=3, **options), digits(None, **options)  # type: ignore[arg-type]
    assert mine.class_names == theirs.class_names == ("3", "5") and mine.limit == theirs.limit
    assert np.array_equal(mine.labels, theirs.labels) and np.array_equal(mine.test_labels, theirs.test_labels)
    assert np.array_equal(mine.images, np.repeat(theirs.images, 3, axis=3)) and mine.notes == theirs.notes
    assert of(LABELS, folds=5).folds == 5 and of(LABELS, task="image").task == "image"


def test_without_test_images_a_share_of_each_class_tests_whatever_the_order() -> None:
    dataset = of({"labels": DIGITS.labels}, tests=False)
    assert len(dataset.test_images) == 287 and len(dataset.images) == 1150
    assert set(np.bincount(dataset.test_labels).tolist()) <= {28, 29, 30}
    turned = given({"labels": DIGITS.labels[::-1]}, tests=False, images=DIGITS.images[::-1])
    again = assembled(turned, ArrayOptions())
    assert {image.tobytes() for image in again.test_images} == {image.tobytes() for image in dataset.test_images}
    assert len(of({"labels": DIGITS.labels}, tests=False, test_fraction=0.5).test_images) == 718


def test_classes_that_are_too_small_to_draw_tests_from_can_be_left_out() -> None:
    labels = np.where(np.arange(1437) < 2, "rare", np.where(DIGITS.labels > 4, "big", "small"))
    with pytest.raises(ValueError, match=r"mine\.npz: class 'rare' has 2 image.*leave the class out with `classes`"):
        of({"labels": labels}, tests=False)
    dataset = of({"labels": labels}, tests=False, classes=("big", "small"))
    assert dataset.class_names == ("big", "small") and len(dataset.images) + len(dataset.test_images) == 1435


def test_copies_are_on_one_side_of_a_drawn_test_set_and_decided_on_in_a_given_one() -> None:
    images, labels = np.tile(DIGITS.images, (2, 1, 1, 1)), np.tile(DIGITS.labels, 2)
    dataset = assembled(given({"labels": labels}, tests=False, images=images), ArrayOptions())
    assert not {image.tobytes() for image in dataset.images} & {image.tobytes() for image in dataset.test_images}
    images = DIGITS.images.copy()
    images[7], images[9] = DIGITS.test_images[100], DIGITS.test_images[30]
    with pytest.raises(
        ValueError, match=r"2 of the 360 test images train, too \(test image 100 is image 7; test image"
    ):
        assembled(given(LABELS, images=images), ArrayOptions())
    kept = assembled(given(LABELS, images=images), ArrayOptions(copies="keep"))
    assert "which copies='keep' allows" in kept.notes[0] and kept.groups is None
    left = assembled(given(LABELS, images=images), ArrayOptions(copies="leave_out"))
    assert left.groups is not None and np.flatnonzero(left.groups < 0).tolist() == [7, 9]
    chosen = split(left, 1)
    assert not {7, 9} & {*chosen.train.tolist(), *chosen.validation.tolist()}


def test_angles_are_predicted_and_split_by_labels_where_there_are_some() -> None:
    targets = {"targets": DEGREES, "test_targets": DEGREES[:360]}
    dataset = of(targets, task="angle")
    assert dataset.task == "angle" and dataset.class_names == ("all images",)
    assert dataset.targets is not None and np.rad2deg(dataset.targets[:, 0]) == pytest.approx(DEGREES)
    assert targets_of(dataset).output_shape == (1,)
    stratified = of({"labels": DIGITS.labels, "targets": DEGREES}, tests=False, task="angle")
    assert stratified.class_names == DIGITS.class_names and len(stratified.test_images) == 287
    assert stratified.test_targets is not None
    degrees = {image.tobytes(): angle for image, angle in zip(DIGITS.images, DEGREES, strict=True)}
    expected = [degrees[image.tobytes()] for image in stratified.test_images]
    assert np.rad2deg(stratified.test_targets[:, 0]) == pytest.approx(expected)


def test_masks_name_the_classes_of_pixels() -> None:
    masks = {"targets": DIGITS.images[..., 0] > 128, "test_targets": DIGITS.test_images[..., 0] > 128}
    masks = {name: mask.astype(int) for name, mask in masks.items()}
    assert of(masks, task="mask").target_names == ("0", "1")
    named = of({**masks, "target_names": ["paper", "ink"]}, task="mask")
    assert named.target_names == ("paper", "ink") and targets_of(named).output_shape == (8, 8, 2)
    with pytest.raises(ValueError, match=r"targets hold 1 and target_names 1 names, the first of class 0: give 2"):
        of({**masks, "target_names": ["paper"]}, task="mask")
    with pytest.raises(ValueError, match=r"image_size would stretch the images and not their masks"):
        of(masks, task="mask", image_size=(9, 9))


@pytest.mark.parametrize(
    ("arrays", "options", "said"),
    [
        ({"labels": DIGITS.labels[1:]}, {}, "mine.npz: there are 1,437 images and 1,436 labels: give one each"),
        ({"labels": 3}, {}, "there are 1,437 images and no list labels"),
        ({"targets": DEGREES}, {}, 'has no `labels`: give them, or say task="angle"'),
        ({"labels": DIGITS.labels}, {"task": "angle"}, "has no `targets`, which task='angle' predicts"),
        ({"targets": DEGREES[1:]}, {"task": "angle"}, "1,437 images and 1,436 targets"),
        ({"targets": DEGREES}, {"task": "angle", "label_noise": 0.1}, "label_noise goes with labels"),
        ({"targets": DEGREES}, {"task": "angle", "classes": (1, 2)}, "classes goes with labels"),
        ({"labels": DIGITS.labels}, {"limit": 3}, "mine: limit=3 must be from 20"),
        ({"labels": DIGITS.labels, "class_names": list("0123456789X")}, {}, "class 'X' has 0 images"),
    ],
)
def test_what_does_not_go_together_is_refused(arrays: dict[str, Any], options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        of(arrays, tests=False, **options)


def test_the_fingerprint_follows_content_and_not_options() -> None:
    before = of(LABELS).fingerprint
    assert of(LABELS, limit=200, image_size=(5, 5), classes=(1, 2), label_noise=0.1).fingerprint == before
    assert of({**LABELS, "labels": DIGITS.labels.astype(np.uint8)}).fingerprint == before
    assert of({**LABELS, "labels": np.eye(10)[DIGITS.labels]}).fingerprint == before
    targets = {"targets": DEGREES, "test_targets": DEGREES[:360]}
    others = [
        of({**LABELS, "labels": np.roll(DIGITS.labels, 1)}),
        of({**LABELS, "class_names": list("abcdefghij")}),
        of({"labels": DIGITS.labels}, tests=False),
        of(targets, task="angle"),
        of({**targets, "targets": -DEGREES}, task="angle"),
    ]
    assert len({before, *(other.fingerprint for other in others)}) == 6
