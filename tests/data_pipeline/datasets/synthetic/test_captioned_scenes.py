"""Captioned scenes: captions are true of their scenes, and both are keyed by their place alone."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.synthetic.captioned_scenes import (
    COUNTS,
    MOST,
    captioned_scenes,
    drawn,
    paraphrases,
    scenes_of,
)
from keras_suite.data_pipeline.datasets.synthetic.scene_sentences import DIGITS, LONGEST, WORDS, encoded

SIDE = 40


@pytest.fixture(scope="module")
def real() -> tuple[np.ndarray, np.ndarray]:
    """800 real digits uint8 (n, 28, 28, 1), and which they are."""
    found = digits(None, image_size=(28, 28))
    return found.images[:800], found.labels[:800]


def test_scenes_hold_the_digits_that_are_named(real: tuple[np.ndarray, np.ndarray]) -> None:
    images, counts, said = scenes_of(*real, 200, 0, SIDE)
    assert images.shape == (200, SIDE, SIDE, 1) and images.dtype == np.uint8
    assert set(counts.tolist()) == {1, 2, 3, 4}
    for row, (count, true) in enumerate(zip(counts, said, strict=True)):
        own = sorted(real[1][row * MOST : row * MOST + count].tolist())
        for sentence in true:
            assert sorted(DIGITS.index(word) for word in sentence if word in DIGITS) == own
    ink = images.sum(axis=(1, 2, 3), dtype=int)
    assert all(ink[counts == more].mean() > ink[counts == more - 1].mean() for more in (2, 3, 4))


def test_above_is_above_in_the_image(real: tuple[np.ndarray, np.ndarray]) -> None:
    """Of a bright digit and a faint one each can be found in the image."""
    bright, faint = np.zeros((2, 28, 28, 1), np.uint8)
    bright[4:24, 8:20], faint[4:24, 8:20] = 255, 100
    pictures = np.tile(np.stack([bright, faint]), (400, 1, 1, 1))
    images, counts, said = scenes_of(pictures, np.tile([1, 2], 400), 200, 0, SIDE)
    pairs = [(image[..., 0], true) for image, count, true in zip(images, counts, said, strict=True) if count == 2]
    seen = set()
    for image, true in pairs:
        one, other = (np.argwhere(image == grey).mean(axis=0) for grey in (255, 100))
        down, right = one - other
        for sentence in true:
            relation = sentence[2] if sentence[1] == "one" else None
            if relation:
                seen.add(relation)
                assert {"above": -down, "below": down, "left": -right, "right": right}[relation] > 0
    assert seen == {"above", "below", "left", "right"}


def test_a_scene_is_keyed_by_its_place_and_part_alone(real: tuple[np.ndarray, np.ndarray]) -> None:
    images, counts, said = scenes_of(*real, 100, 0, SIDE)
    fewer, counts_of_fewer, said_of_fewer = scenes_of(*real, 20, 0, SIDE)
    assert np.array_equal(fewer, images[:20]) and np.array_equal(counts_of_fewer, counts[:20])
    assert said_of_fewer == said[:20] and drawn(said, 0)[:20] == drawn(said_of_fewer, 0)
    assert not np.array_equal(scenes_of(*real, 100, 1, SIDE)[0], images)


def test_a_drawn_sentence_is_any_of_the_true_ones(real: tuple[np.ndarray, np.ndarray]) -> None:
    said = [("a", "b", "c")] * 3000
    shares = np.unique(drawn(said, 0), return_counts=True)[1] / 3000  # type: ignore[arg-type]
    assert np.allclose(shares, 1 / 3, atol=0.03)
    _, _, true = scenes_of(*real, 100, 0, SIDE)
    assert all(one in all_of_it for one, all_of_it in zip(drawn(true, 0), true, strict=True))


def test_paraphrases_are_all_true_sentences_and_the_canonical_one_first(real: tuple[np.ndarray, np.ndarray]) -> None:
    _, _, said = scenes_of(*real, 60, 1, SIDE)
    found = paraphrases(said)
    assert found.shape == (60, max(map(len, said)), LONGEST) and found.dtype == np.int64
    assert np.array_equal(found[:, 0], encoded([true[0] for true in said]))
    assert (found[:, :, 0] == 0).sum(axis=1).tolist() == list(map(len, said))  # the others are -1 throughout
    assert (found[found[:, :, 0] == -1] == -1).all()


@pytest.mark.needs_data
def test_the_dataset_has_scenes_of_mnist_with_words_as_targets(data_dir: Path) -> None:
    found = captioned_scenes(data_dir, scenes=300, test_scenes=100, limit=200, test_limit=50, side=48)
    assert found.images.shape == (300, 48, 48, 1) and found.test_images.shape == (50, 48, 48, 1)
    assert found.task == "caption" and found.class_names == COUNTS and found.target_names == WORDS
    assert found.targets is not None and found.test_targets is not None
    assert found.targets.shape == (300, LONGEST) and found.test_targets.shape[::2] == (50, LONGEST)
    for counts, words in ((found.labels, found.targets), (found.test_labels, found.test_targets[:, 0])):
        named = np.isin(words, [WORDS.index(name) for name in DIGITS]).sum(axis=1)
        assert np.array_equal(named, counts + 1)
    other = captioned_scenes(data_dir, scenes=300, test_scenes=100, sentences="drawn", side=48)
    assert np.array_equal(other.images, found.images) and not np.array_equal(other.targets, found.targets)
    assert other.fingerprint == found.fingerprint


@pytest.mark.needs_data
def test_more_scenes_than_the_digits_are_enough_for_are_refused(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = digits(None, image_size=(28, 28))
    monkeypatch.setattr("keras_suite.data_pipeline.datasets.synthetic.captioned_scenes.mnist", lambda *_, **__: few)
    with pytest.raises(
        ValueError, match=r"captioned_scenes: scenes=8,000 of up to 4 digits each need 32,000, and there are"
    ):
        captioned_scenes(data_dir)
