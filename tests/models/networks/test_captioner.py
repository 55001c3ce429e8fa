"""A captioner's parts, what it learns from, and greedy and beam-search decoding of its sentences."""

import itertools
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_suite.models.layers.recurrent import RepeatAndConcatenate
from keras_suite.models.networks.captioner import beam, captioner, greedy
from keras_suite.models.saving import load_model, save_model

IMAGE, WORDS = (16, 16, 1), 11


PLACES = ["initial_state", "every_step", "after"]


SMALL = {"filters": (4, 6), "image_units": 8, "embedding": 5, "units": 7}


def inputs() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.uniform(0, 255, (3, *IMAGE)).astype("float32"), random.integers(0, WORDS, (3, 6))


def logits(model: keras.Model, images: np.ndarray, words: np.ndarray) -> np.ndarray:
    return np.asarray(model([images, words]))


@pytest.mark.parametrize("features", PLACES)
def test_logits_of_each_next_word_are_of_the_seed_alone(features: str) -> None:
    one, again, other = (
        logits(captioner(IMAGE, WORDS, seed, features=features, **SMALL), *inputs()) for seed in (1, 1, 2)
    )
    assert one.shape == (3, 6, WORDS) and one.dtype == np.float32
    assert np.array_equal(one, again) and not np.array_equal(one, other)


@pytest.mark.parametrize("features", PLACES)
def test_a_word_changes_what_comes_after_it_and_nothing_before(features: str) -> None:
    model, (images, words) = captioner(IMAGE, WORDS, 1, features=features, **SMALL), inputs()
    changed = words.copy()
    changed[:, 3] = (changed[:, 3] + 1) % WORDS
    before, after = logits(model, images, words), logits(model, images, changed)
    np.testing.assert_allclose(before[:, :3], after[:, :3], atol=1e-6)
    assert (np.abs(before[:, 3:] - after[:, 3:]).max(axis=(0, 2)) > 1e-4).all()
    np.testing.assert_allclose(logits(model, images, words[:, :4]), before[:, :4], atol=1e-6)  # any number of words


@pytest.mark.parametrize("features", PLACES)
def test_the_image_has_a_part_in_every_word(features: str) -> None:
    model, (images, words) = captioner(IMAGE, WORDS, 1, features=features, **SMALL), inputs()
    other = np.abs(logits(model, images, words) - logits(model, images[::-1], words))
    assert (other[0].max(axis=1) > 1e-4).all()


def test_only_before_and_beside_the_words_the_image_meets_the_lstm() -> None:
    """After it, the LSTM knows of words only: what another image changes is the same for all words."""
    images, words = inputs()
    images, words = images[[0, 1]], words[[0, 0]]
    for features, same in (("initial_state", False), ("every_step", False), ("after", True)):
        one, other = logits(captioner(IMAGE, WORDS, 1, features=features, **SMALL), images, words)
        assert np.allclose(np.diff(one - other, axis=0), 0, atol=1e-5) == same


@pytest.mark.parametrize("features", [PLACES[0], *(pytest.param(each, marks=pytest.mark.slow) for each in PLACES[1:])])
def test_it_learns_from_batches_and_is_the_same_after_saving(features: str, tmp_path: Path) -> None:
    model, (images, words) = captioner(IMAGE, WORDS, 1, features=features, dropout=0.1, **SMALL), inputs()
    before = [weights.copy() for weights in model.get_weights()]
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    model.fit([images, words[:, :-1]], words[:, 1:], verbose=0)
    assert not any(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True) if a.any())
    save_model(model, tmp_path / "model.keras", ("a", "b"))
    loaded, names = load_model(tmp_path / "model.keras")
    assert names == ("a", "b") and np.array_equal(logits(loaded, images, words), logits(model, images, words))


def test_a_vector_stands_beside_each_step() -> None:
    steps, vector = np.arange(12.0).reshape(2, 3, 2), np.array([[1.0], [2.0]])
    joined = np.asarray(RepeatAndConcatenate()([steps, vector]))
    assert np.array_equal(joined[..., :2], steps) and np.array_equal(joined[..., 2], [[1] * 3, [2] * 3])
    assert RepeatAndConcatenate()([keras.Input((None, 2)), keras.Input((4,))]).shape == (None, None, 6)


def test_images_too_small_for_the_poolings_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"captioner was given images of 3x16 pixels, which 2 poolings leave nothing of"
    ):
        captioner((3, 16, 1), WORDS, 1, **SMALL)


START, END, LONGEST = 0, 1, 6


def network(features: str = "initial_state", words: int = 4, scale: float = 4.0) -> keras.Model:
    """A small captioner whose random weights are so large that what it says depends on image and words."""
    model = captioner((8, 8, 1), words, 3, features=features, filters=(3,), image_units=5, embedding=3, units=4)
    model.set_weights([scale * weights for weights in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (9, 8, 8, 1)).astype(np.uint8)


def chain(*rows: list[float]) -> keras.Model:
    """A captioner whose next word depends on the last one only: its probabilities, a row for each last word."""
    image, words = keras.Input((1, 1, 1)), keras.Input((None,), dtype="int32")
    logits = keras.layers.Embedding(len(rows), len(rows), name="table")(words)
    model = keras.Model([image, words], logits)
    with np.errstate(divide="ignore"):
        model.get_layer("table").set_weights([np.log(np.array(rows))])
    return model


def log_probabilities(model: keras.Model, images: np.ndarray, words: np.ndarray) -> np.ndarray:
    """Of whole sentences (n, T), one for each image, by one pass with all true words."""
    logits = np.asarray(model([images, np.maximum(words[:, :-1], 0)]), np.float64)
    logs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    following = np.take_along_axis(logs, np.maximum(words[:, 1:], 0)[..., None], axis=-1)[..., 0]
    return np.where(words[:, 1:] >= 0, following, 0).sum(axis=1)


def sentences(words: int) -> np.ndarray:
    """All that end within LONGEST words."""
    others = [word for word in range(words) if word != END]
    decoded = []
    for size in range(LONGEST - 1):
        for said in itertools.product(others, repeat=size):
            decoded.append([START, *said, END, *[-1] * (LONGEST - 2 - size)])
    return np.array(decoded)


@pytest.mark.parametrize("features", ["initial_state", "every_step", "after"])
def test_greedy_decoding_takes_the_most_probable_next_word(features: str, images: np.ndarray) -> None:
    model = network(features)
    said = greedy(model, images, START, END, LONGEST)
    assert said.dtype == np.int64 and said.shape == (len(images), LONGEST)
    assert len(np.unique(said, axis=0)) > 1  # it looks at the image
    for image, row in zip(images, said, strict=True):
        words = [START]
        while words[-1] != END and len(words) < LONGEST:
            words.append(int(np.argmax(model([image[None], np.array([words])])[0, -1])))
        assert row.tolist() == words + [-1] * (LONGEST - len(words))


@pytest.mark.parametrize("features", ["initial_state", "every_step", "after"])
def test_a_beam_that_keeps_all_finds_the_most_probable_sentence(features: str, images: np.ndarray) -> None:
    model, every = network(features), sentences(4)
    words = beam(model, images, START, END, LONGEST, 200)
    for image, row in zip(images, words, strict=True):
        scores = log_probabilities(model, np.repeat(image[None], len(every), axis=0), every)
        assert row.tolist() == every[scores.argmax()].tolist()
    said = greedy(model, images, START, END, LONGEST)
    whole = (said == END).any(axis=1)
    assert (log_probabilities(model, images, words) >= log_probabilities(model, images, said) - 1e-6)[whole].all()
    assert not np.array_equal(words, said)  # greedy is not enough


def test_beam_search_recovers_from_a_misleading_first_word() -> None:
    """2 is the likelier first word, but after it nothing is likely; after 3 the end is."""
    model = chain([0, 0, 0.6, 0.4], [0.25] * 4, [0, 0.4, 0.3, 0.3], [0, 0.9, 0.1, 0])
    images = np.zeros((2, 1, 1, 1))
    assert greedy(model, images, START, END, 4).tolist() == [[0, 2, 1, -1]] * 2  # 0.24
    assert beam(model, images, START, END, 4, 1).tolist() == [[0, 2, 1, -1]] * 2
    assert beam(model, images, START, END, 4, 2).tolist() == [[0, 3, 1, -1]] * 2  # 0.36


def test_a_finished_sentence_is_kept_however_long_others_become() -> None:
    """It is less probable than the beginning without an end that stands beside it to the last."""
    model = chain([0, 0.3, 0.7, 0], [0.25] * 4, [0, 0, 1, 0], [0.25] * 4)
    images = np.zeros((1, 1, 1, 1))
    assert beam(model, images, START, END, 5, 2).tolist() == [[0, 1, -1, -1, -1]]
    assert greedy(model, images, START, END, 5).tolist() == [[0, 2, 2, 2, 2]]
    assert beam(model, images, START, END, 5, 9).tolist() == [[0, 1, -1, -1, -1]]  # more than there are beginnings


def test_an_image_is_decoded_alone_as_among_others(images: np.ndarray) -> None:
    model = network()
    many = np.tile(images, (60, 1, 1, 1))  # more than go on at once
    said = beam(model, many, START, END, LONGEST, 3)
    assert np.array_equal(said, np.tile(beam(model, images, START, END, LONGEST, 3), (60, 1)))
    assert np.array_equal(beam(model, images[4:5], START, END, LONGEST, 3), said[4:5])
    assert greedy(model, images[:0], START, END, LONGEST).shape == (0, LONGEST)


@pytest.mark.parametrize(
    ("start", "end", "longest", "width", "said"),
    [
        (4, 1, 6, 1, "start=4 is no word of captioner: give 0 to 3"),
        (0, -1, 6, 1, "end=-1 is no word of captioner: give 0 to 3"),
        (0, 1, 1, 1, "longest=1 with width=1 is not possible: give 2 words or more, and width 1 up"),
        (0, 1, 6, 0, "longest=6 with width=0 is not possible"),
    ],
)
def test_what_cannot_be_decoded_is_refused(
    start: int, end: int, longest: int, width: int, said: str, images: np.ndarray
) -> None:
    with pytest.raises(ValueError, match=said):
        beam(network(), images, start, end, longest, width)
