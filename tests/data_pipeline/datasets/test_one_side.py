from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.dataset import Dataset, Origin
from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.one_side import by_content
from keras_suite.data_pipeline.datasets.options import SplitOptions, with_options
from keras_suite.data_pipeline.splits import split

DIGITS = digits(None)


def with_copies(**changes: object) -> Dataset:
    """Each training image a second time."""
    return replace(
        DIGITS,
        images=np.concatenate([DIGITS.images] * 2),
        labels=np.concatenate([DIGITS.labels] * 2),
        **changes,  # type: ignore[arg-type]
    )


def test_data_without_copies_stay_as_they_are() -> None:
    assert DIGITS.groups is None
    assert by_content(DIGITS).fingerprint == DIGITS.fingerprint


@pytest.mark.parametrize("options", [{}, {"folds": 5}, {"limit": 1000}, {"folds": 5, "limit": 1000}])
def test_copies_never_stand_on_two_sides(options: SplitOptions) -> None:
    dataset = with_options(with_copies(), SplitOptions, **options)
    assert dataset.fingerprint != DIGITS.fingerprint
    for seed in range(1, 6):
        chosen = split(dataset, seed)
        parts = [chosen.train, chosen.validation, *([] if chosen.test is None else [chosen.test])]
        pixels = [{dataset.images[row].tobytes() for row in part} for part in parts]
        assert all(not one & other for at, one in enumerate(pixels) for other in pixels[:at])
        assert sum(map(len, parts)) == (options.get("limit") or 2874)
        shares = [np.bincount(dataset.labels[part], minlength=10) / len(part) for part in parts]
        assert all(np.abs(share - 0.1).max() < 0.06 for share in shares)
        assert len(chosen.validation) == pytest.approx(0.1 * (len(chosen.train) + len(chosen.validation)), abs=10)


def test_groups_stay_together_with_the_copies_of_their_images() -> None:
    groups = np.tile(np.arange(1437) // 7, 2)
    dataset = with_options(with_copies(groups=groups), SplitOptions)
    assert dataset.groups is not None
    chosen = split(dataset, 3)
    for part in (groups, dataset.groups):
        assert not set(part[chosen.train]) & set(part[chosen.validation])


def test_a_class_of_one_group_cannot_be_divided() -> None:
    dataset = with_options(replace(DIGITS, groups=DIGITS.labels), SplitOptions)
    with pytest.raises(ValueError, match=r"digits: the images of class '\d' are of too few groups .*at least 2"):
        split(dataset, 1)


def leaking(**changes: object) -> Dataset:
    images = DIGITS.images.copy()
    images[:3] = DIGITS.test_images[:3]
    return replace(DIGITS, images=images, **changes)  # type: ignore[arg-type]


def test_test_images_that_train_are_decided_on_where_the_user_can_mend_them() -> None:
    own = leaking(origin=Origin(is_own=True))
    with pytest.raises(ValueError, match=r"3 of the 360 test images train, too \(test image 0 is image 0; .*leave_out"):
        with_options(own, SplitOptions)
    left = with_options(own, SplitOptions, copies="leave_out")
    assert left.groups is not None and "left out, as copies='leave_out' says" in left.notes[0]
    chosen = split(left, 1)
    assert len(chosen.train) + len(chosen.validation) == 1434 and min(chosen.train.min(), chosen.validation.min()) >= 3
    assert with_options(own, SplitOptions, folds=3).notes == ()  # the test set is not looked at
    with pytest.raises(ValueError, match="limit=1436 is more than the 1434 images that are left"):
        with_options(own, SplitOptions, copies="leave_out", limit=1436)


def test_what_is_nearly_a_copy_of_a_test_image_is_left_out_alone(photograph: np.ndarray, cache: Path) -> None:
    corners = [(top, left) for top in (150, 190, 230) for left in (0, 120, 240, 360)]
    patches = np.stack([photograph[top : top + 40, left : left + 40] for top, left in corners])
    brighter = np.clip(patches.astype(int) + 6, 0, 255).astype(np.uint8)
    images = np.concatenate([patches[:10], brighter[[0, 4, 5]]])  # 0 tests, too; 10 is nearly 0; 4 and 11, 5 and 12
    dataset = replace(
        DIGITS,
        images=images,
        labels=np.arange(13) % 2,
        test_images=patches[[0, 10, 11]],
        test_labels=np.array([0, 1, 0]),
        class_names=("a", "b"),
        origin=Origin(is_own=True),
    )
    found = with_options(dataset, SplitOptions, copies="leave_out", near_duplicates_together=True)
    groups = found.groups
    assert groups is not None and np.flatnonzero(groups == -1).tolist() == [0, 10]
    assert groups[4] == groups[11] and groups[5] == groups[12] and len(set(groups.tolist())) == 1 + 11 - 2
    assert found.notes[-1].endswith("; 1 training image, nearly the same as a test image, left out")


def test_public_data_are_used_as_they_were_published_and_said() -> None:
    [note] = with_options(leaking(), SplitOptions).notes
    assert note.endswith("so it was published, and so it stays")
