import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from keras_suite.data_pipeline.augmentation.boxes import areas, clipped_boxes, erase, erase_tensorflow, within

UNIT = st.floats(0, 1, exclude_max=True)


@given(UNIT, UNIT, st.floats(0, 1), st.integers(1, 50), st.integers(1, 50))
def test_boxes_lie_in_the_image_and_have_the_asked_sides(
    x: float, y: float, share: float, height: int, width: int
) -> None:
    box = clipped_boxes(np.array([x]), np.array([y]), np.array([share]), height, width)
    top, bottom, left, right = box[0].tolist()
    assert 0 <= top <= bottom <= height and 0 <= left <= right <= width
    assert bottom - top <= round(share * height) and right - left <= round(share * width)
    assert areas(box)[0] == (bottom - top) * (right - left)


def test_a_box_in_the_middle_is_whole() -> None:
    half = np.array([0.5])
    assert clipped_boxes(half, half, half, 40, 20).tolist() == [[10, 30, 5, 15]]


def test_erase_blackens_the_box_and_nothing_else() -> None:
    images = np.full((2, 6, 8, 3), 7, np.uint8)
    boxes = np.array([[1, 3, 2, 5], [0, 0, 0, 0]], np.int32)
    by_tensorflow = erase_tensorflow(tf.constant(images), tf.constant(boxes)).numpy()
    erase(images, boxes)
    assert (images[0, 1:3, 2:5] == 0).all() and (images == 0).sum() == 2 * 3 * 3
    assert (by_tensorflow == images).all()
    assert within(tf.constant(boxes), 6, 8).numpy().sum(axis=(1, 2)).tolist() == [6, 0]
