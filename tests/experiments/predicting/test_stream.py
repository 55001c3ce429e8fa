"""One stream: the same bits whatever stands beside an image, every file answered or named, in order."""

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.images.image_files import DecodedImage, read_decoded
from keras_suite.data_pipeline.images.likeness import likeness_of
from keras_suite.experiments.predicting.stream import Answer, answers, asker
from keras_suite.models.networks.pattern_cnn import pattern_cnn
from keras_suite.tasks.classes import CLASSES

SIDE = 24


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return pattern_cnn((SIDE, SIDE, 3), 3, 1)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Seventy pictures of noise, more than two batches."""
    folder = tmp_path_factory.mktemp("noise")
    noise = np.random.default_rng(0).integers(0, 256, (70, SIDE, SIDE, 3), dtype=np.uint8)
    for number, image in enumerate(noise):
        Image.fromarray(image).save(folder / f"{number:02}.png")
    return sorted(folder.iterdir())


def read(path: Path) -> DecodedImage:
    return read_decoded(path, (SIDE, SIDE), 3)


def test_an_image_has_the_same_bits_alone_among_others_and_at_any_place(model: keras.Model, files: list[Path]) -> None:
    ask = asker(model, CLASSES)
    together = [answer.prediction for answer in answers(model, ask, files, read)]
    assert len(together) == len(files)
    backwards = [answer.prediction for answer in answers(model, ask, files[::-1], read)]
    for number in (0, 31, 32, 69):
        (alone,) = answers(model, ask, [files[number]], read)
        assert together[number].tobytes() == alone.prediction.tobytes()
    assert np.array(together).tobytes() == np.array(backwards[::-1]).tobytes()
    expected = CLASSES.to_predictions(
        model.predict(np.stack([read(file).pixels for file in files]).astype(np.float32), verbose=0)
    )
    np.testing.assert_allclose(together, expected, atol=1e-5)


def test_bad_files_are_named_in_their_places_and_change_no_other_answer(
    model: keras.Model, files: list[Path], tmp_path: Path
) -> None:
    ask = asker(model, CLASSES)
    broken = tmp_path / "broken.png"
    broken.write_bytes(files[0].read_bytes()[:100])
    mixed = [broken, *files[:3], tmp_path / "nowhere.png", files[3]]
    found = list(answers(model, ask, mixed, read))
    assert [answer.place for answer in found] == list(range(6))
    assert ["broken.png" in found[0].problem, "nowhere.png" in found[4].problem] == [True, True]
    good = [answer.prediction for answer in found if not answer.problem]
    assert (
        np.array(good).tobytes()
        == np.array([each.prediction for each in answers(model, ask, files[:4], read)]).tobytes()
    )
    assert [each.prediction for each in answers(model, ask, [broken], read)] == [None]


def test_a_picture_unlike_the_training_images_is_said_to_be_so(
    model: keras.Model, files: list[Path], tmp_path: Path
) -> None:
    known = likeness_of(np.stack([read(file).pixels for file in files]))
    Image.new("RGB", (SIDE, SIDE), (250, 250, 250)).save(tmp_path / "white.png")
    Image.open(files[1]).resize((3 * SIDE, SIDE), Image.Resampling.NEAREST).save(tmp_path / "wide.png")
    asked = [files[0], tmp_path / "white.png", tmp_path / "wide.png"]
    ordinary, white, wide = answers(model, asker(model, CLASSES), asked, read, known)
    assert ordinary.unlike == "" and white.unlike
    assert wide.unlike.endswith("wider before it was stretched")


def test_a_few_batches_are_read_ahead_and_no_more(model: keras.Model, files: list[Path]) -> None:
    seen: list[Path] = []

    def counting(path: Path) -> DecodedImage:
        seen.append(path)
        return read(path)

    stream = answers(model, asker(model, CLASSES), files * 20, counting)
    first: Answer = next(stream)
    assert first.place == 0
    assert len(seen) < 32 * 16
