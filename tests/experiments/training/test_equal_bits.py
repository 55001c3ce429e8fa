"""The number of images that a network is called with: at any place among them one has the same bits."""

from collections.abc import Iterator

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.experiments.training import equal_bits
from keras_suite.experiments.training.equal_bits import with_equal_bits


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    with_equal_bits.cache_clear()
    yield
    with_equal_bits.cache_clear()


@pytest.mark.parametrize("most", [1, 2, 5, 10, 32])
def test_images_among_so_many_have_the_bits_of_any_other_place(most: int) -> None:
    """On layers that were not asked when the number was chosen."""
    count, random = with_equal_bits(most), np.random.default_rng(1)
    assert 1 <= count <= 2 * most
    images = random.normal(size=(count, 12, 12, 5)).astype(np.float32)
    kernel, weights = (tf.constant(random.normal(size=s).astype(np.float32)) for s in ((3, 3, 5, 24), (24, 7)))

    def outputs(shown: np.ndarray) -> np.ndarray:
        features = tf.nn.relu(tf.nn.conv2d(tf.constant(shown), kernel, 1, "SAME"))
        return tf.matmul(tf.reduce_mean(features, [1, 2]), weights).numpy()

    expected = outputs(images)
    for by in range(1, count):
        assert np.roll(outputs(np.roll(images, by, axis=0)), -by, axis=0).tobytes() == expected.tobytes(), by


@pytest.mark.parametrize(
    ("widths", "most", "expected"),
    [((), 32, 32), ((24, 12), 32, 24), ((24, 12), 10, 12), ((24, 12), 5, 1), ((24, 12), 1, 1), ((4,), 10, 4)],
)
def test_the_nearest_number_is_taken_whose_packets_leave_nothing_over(
    widths: tuple[int, ...], most: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def equal(probe: object, count: int) -> bool:
        return not widths or count == 1 or count in widths

    monkeypatch.setattr(equal_bits, "_all_equal", equal)
    assert with_equal_bits(most) == expected


def test_a_layer_whose_last_rows_round_otherwise_is_noticed() -> None:
    def by_packets_of_24(rows: tf.Tensor) -> tf.Tensor:
        return rows * tf.where(tf.range(len(rows)) < len(rows) // 24 * 24, 1.0, 1.0 + 1e-6)[:, None]

    probe = np.ones(3, np.float32), by_packets_of_24
    assert [count for count in (1, 24, 32, 48) if not equal_bits._all_equal(probe, count)] == [32]
