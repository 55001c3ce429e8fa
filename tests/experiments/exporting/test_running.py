"""Answers of all images in their order, and the time of one."""

import numpy as np

from keras_suite.experiments.exporting.images import Images
from keras_suite.experiments.exporting.running import answers, latency

PIXELS = np.arange(7, dtype=np.uint8).reshape(7, 1, 1, 1)
IMAGES = Images(PIXELS, np.zeros(7, np.int64), np.array([6, 1, 2, 5, 0]), "image")


def test_all_images_are_answered_in_their_order_whatever_the_batch() -> None:
    for size in (1, 2, 5, 9):
        asked: list[int] = []

        def ask(batch: np.ndarray, asked: list[int] = asked) -> np.ndarray:
            asked.append(len(batch))
            return batch.reshape(-1, 1)

        assert answers(ask, IMAGES, size).ravel().tolist() == [6, 1, 2, 5, 0]
        assert max(asked) <= size and sum(asked) == 5


def test_a_hundred_images_are_timed_one_by_one_again_and_again_where_there_are_fewer() -> None:
    shapes = []
    found = latency(lambda image: shapes.append(image.shape) or image, IMAGES, threads=1)  # type: ignore[func-returns-value]
    assert found.images == 100 and len(shapes) == 105 and set(shapes) == {(1, 1, 1, 1)}
    assert 0 < found.milliseconds < 50


def test_some_images_are_drawn_by_the_seed() -> None:
    first, again, other = (IMAGES.some(3, seed).rows.tolist() for seed in (1, 1, 2))
    assert first == again != other and set(first) < set(IMAGES.rows.tolist())
    assert IMAGES.some(99, 1).rows.size == 5
