import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from keras_suite.data_pipeline.augmentation.draws import draw
from keras_suite.data_pipeline.augmentation.mixing import (
    areas,
    clipped_boxes,
    erase,
    erase_tensorflow,
    mix,
    shares_and_boxes,
    within,
)

HEIGHT, WIDTH = 20, 30
UNIT = st.floats(0, 1, exclude_max=True)


@given(UNIT, UNIT, st.floats(0, 1), st.integers(1, 50), st.integers(1, 50))
def test_boxes_are_inside_the_image_and_have_the_requested_sides(
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


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_mixup_shares_follow_the_beta_distribution(alpha: float) -> None:
    shares, boxes = shares_and_boxes(alpha, 0.0, draw(1, 0, np.arange(5000)), HEIGHT, WIDTH)
    assert stats.kstest(shares, stats.beta(alpha, alpha).cdf).pvalue > 1e-4
    assert ((boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2]) == 0).all()


def test_cutmix_shares_are_the_boxes_true_areas() -> None:
    shares, boxes = shares_and_boxes(0.0, 1.0, draw(1, 0, np.arange(5000)), HEIGHT, WIDTH)
    area = (boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2])
    assert np.allclose(shares, 1 - area / (HEIGHT * WIDTH))
    assert shares.min() < 0.1 and shares.max() > 0.9


def test_with_both_on_a_coin_decides_for_each_image() -> None:
    _, boxes = shares_and_boxes(1.0, 1.0, draw(1, 0, np.arange(5000)), HEIGHT, WIDTH)
    boxed = ((boxes[:, 1] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 2])).mean()
    assert 0.4 < boxed < 0.55


@pytest.mark.parametrize(("mixup", "cutmix"), [(0.4, 0.0), (0.0, 1.0), (0.4, 1.0)])
def test_labels_have_the_shares_that_the_pixels_have(mixup: float, cutmix: float) -> None:
    # Image i is black but for a white batch neighbour, so the mean pixel is the partner's share.
    count = 64
    values = np.where(np.arange(count) % 2, 255, 0).astype(np.uint8)
    images = np.broadcast_to(values[:, None, None, None], (count, HEIGHT, WIDTH, 1))
    labels = np.eye(2, dtype=np.float32)[np.arange(count) % 2]
    shares, boxes = shares_and_boxes(mixup, cutmix, draw(2, 0, np.arange(count)), HEIGHT, WIDTH)
    mixed, soft = mix(tf.constant(images), tf.constant(labels), tf.constant(shares), tf.constant(boxes))
    assert np.allclose(mixed.numpy().mean(axis=(1, 2, 3)) / 255, soft.numpy()[:, 1], atol=1e-5)
    assert np.allclose(soft.numpy().sum(axis=1), 1)
    assert len(np.unique(soft.numpy()[:, 1].round(3))) > 30


def test_the_partner_is_the_next_image_and_the_last_takes_the_first() -> None:
    images = np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1) * 50
    nothing_kept = tf.zeros(4), tf.zeros([4, 4], tf.int32)
    mixed, labels = mix(tf.constant(images), tf.eye(4), *nothing_kept)
    assert mixed.numpy().ravel().tolist() == [50, 100, 150, 0]
    assert labels.numpy().argmax(axis=1).tolist() == [1, 2, 3, 0]


def test_cutmix_takes_the_box_and_nothing_else() -> None:
    images = np.stack([np.zeros((6, 8, 3)), np.full((6, 8, 3), 9)]).astype(np.uint8)
    boxes = tf.constant([[1, 3, 2, 5], [1, 3, 2, 5]], tf.int32)
    mixed, _ = mix(tf.constant(images), tf.eye(2), tf.constant([0.875, 0.875]), boxes)
    assert (mixed[0].numpy()[1:3, 2:5] == 9).all() and mixed[0].numpy().sum() == 2 * 3 * 3 * 9
    assert (mixed[1].numpy()[1:3, 2:5] == 0).all()


def test_a_batch_of_one_is_its_own_partner() -> None:
    image = np.random.default_rng(0).integers(0, 256, (1, 5, 5, 1), dtype=np.uint8)
    for box in ([0, 0, 0, 0], [1, 3, 1, 3]):
        mixed, labels = mix(tf.constant(image), tf.constant([[0.0, 1.0]]), tf.constant([0.3]), tf.constant([box]))
        assert np.allclose(mixed.numpy(), image) and np.allclose(labels.numpy(), [[0, 1]])
