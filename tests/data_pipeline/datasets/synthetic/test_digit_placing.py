"""Placing digits: sizes and boxes as asked for, owners that say whose ink is seen, all keyed by the scene."""

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.synthetic.digit_placing import INK, PlacedDigits, assign_digits, place_digits

SIDE, SIZES = 40, (12, 18)


@pytest.fixture(scope="module")
def real() -> np.ndarray:
    """800 real digits uint8 (n, 28, 28, 1)."""
    return digits(None, image_size=(28, 28)).images[:800]


def placed(real: np.ndarray, scenes: int = 200, overlap: float = 0.3, key: tuple[int, ...] = (0, 1)) -> PlacedDigits:
    chosen = assign_digits(scenes, 2, 4, key)
    return place_digits(real, chosen, key, side=SIDE, sizes=SIZES, overlap=overlap)


def test_every_digit_is_in_one_scene_and_all_counts_are_as_likely() -> None:
    chosen = assign_digits(3000, 2, 4, (7,))
    rows = chosen[chosen >= 0]
    assert len(set(rows.tolist())) == len(rows) and (chosen[:, :2] >= 0).all()
    counts = np.bincount((chosen >= 0).sum(axis=1), minlength=5)
    assert counts[:2].sum() == 0 and (np.abs(counts[2:] - 1000) < 100).all()
    assert np.array_equal(assign_digits(50, 2, 4, (7,)), chosen[:50])
    assert not np.array_equal(assign_digits(50, 2, 4, (8,)), chosen[:50])


def test_boxes_of_requested_sizes_contain_all_ink(real: np.ndarray) -> None:
    scenes = placed(real)
    there = scenes.boxes[..., 2] > 0
    longer = scenes.boxes[..., 2:].max(axis=2)[there]
    assert set(longer.tolist()) == set(range(SIZES[0], SIZES[1] + 1))
    for image, boxes in zip(scenes.ink, scenes.boxes, strict=True):
        inside = np.zeros((SIDE, SIDE), bool)
        for top, left, height, width in boxes:
            inside[top : top + height, left : left + width] = True
            assert 0 <= top <= SIDE - height and 0 <= left <= SIDE - width
        assert image[inside].any() and not image[~inside].any()


def test_a_pixels_owner_is_the_digit_whose_ink_is_seen_there(real: np.ndarray) -> None:
    chosen = assign_digits(100, 4, 4, (3,))
    together = place_digits(real, chosen, (3,), side=SIDE, sizes=SIZES, overlap=0.5)
    for scene, boxes in enumerate(together.boxes):
        alone = np.zeros((4, SIDE, SIDE), np.uint8)
        for position, (top, left, height, width) in enumerate(boxes):
            size = max(height, width)
            own = chosen[scene, None, position, None]
            single = place_digits(real, own, (0,), side=size, sizes=(size, size), overlap=0.0)
            at = single.boxes[0, 0]
            alone[position, top : top + height, left : left + width] = single.ink[
                0, at[0] : at[0] + height, at[1] : at[1] + width
            ]
        assert np.array_equal(together.ink[scene], alone.max(axis=0))
        expected = np.where(alone.max(axis=0) >= INK, alone.argmax(axis=0), -1)
        assert np.array_equal(together.owner[scene], expected)
        assert set(np.unique(together.owner[scene])) == {-1, 0, 1, 2, 3}


@pytest.mark.parametrize("overlap", [0.0, 0.3])
def test_of_two_boxes_no_more_is_shared_than_allowed(real: np.ndarray, overlap: float) -> None:
    boxes = placed(real, overlap=overlap).boxes
    shares = []
    for scene in boxes:
        present = [box for box in scene if box[2]]
        for i, one in enumerate(present):
            for other in present[:i]:
                both = np.minimum(one[:2] + one[2:], other[:2] + other[2:]) - np.maximum(one[:2], other[:2])
                shares.append(np.maximum(both, 0).prod() / min(one[2:].prod(), other[2:].prod()))
    assert max(shares) <= overlap
    assert overlap == 0 or np.mean(np.array(shares) > 0.1) > 0.1


def test_a_scene_is_keyed_by_its_place_and_key_alone(real: np.ndarray) -> None:
    many, few, other = placed(real), placed(real, scenes=20), placed(real, scenes=20, key=(0, 2))
    assert np.array_equal(many.ink[:20], few.ink) and np.array_equal(many.boxes[:20], few.boxes)
    assert not np.array_equal(few.boxes, other.boxes)


def test_digits_that_find_no_room_are_refused(real: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"digits of 20 to 20 pixels, 4 a scene, do not fit into 24x24 pixels"):
        place_digits(real, assign_digits(3, 4, 4, (1,)), (1,), side=24, sizes=(20, 20), overlap=0.0)
    with pytest.raises(ValueError, match=r"digits of 30 to 30 pixels, 1 a scene, do not fit into 24x24 pixels"):
        place_digits(real, assign_digits(3, 1, 1, (1,)), (1,), side=24, sizes=(30, 30), overlap=0.0)
