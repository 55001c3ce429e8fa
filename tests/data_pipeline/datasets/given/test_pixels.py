import re

import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_suite.data_pipeline.datasets.given.pixels import GreyLevels

GREY = np.round(load_digits().images * (255 / 16)).astype(np.uint8)  # (1797, 8, 8)


def converted(images: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    levels = GreyLevels("mine.npz")
    return levels.converted(images, "images"), levels.notes


@pytest.mark.parametrize(
    ("images", "notes"),
    [
        (GREY, ()),
        (GREY.astype(np.int64), ()),
        (GREY.astype(np.float32), ()),
        (GREY.astype(">f8"), ()),
        (np.asfortranarray(GREY), ()),
        (GREY.astype(np.float32) / 255, ("images of 0..1 were scaled to 0..255",)),
        (GREY.astype(np.float64) / 255, ("images of 0..1 were scaled to 0..255",)),
    ],
)
def test_the_same_grey_levels_come_of_any_type(images: np.ndarray, notes: tuple[str, ...]) -> None:
    levels, said = converted(images)
    assert levels.dtype == np.uint8 and levels.flags.c_contiguous and said == notes
    assert np.array_equal(levels, GREY[..., np.newaxis])


def test_levels_that_had_to_be_rounded_and_black_and_white_are_said() -> None:
    levels, notes = converted(load_digits().images / 16)  # 17 levels, in steps of 15.9
    assert np.array_equal(levels[..., 0], GREY)
    assert notes == (
        "images of 0..1 were scaled to 0..255",
        "pixels between two of the 256 grey levels were rounded to the nearer one",
    )
    levels, notes = converted(GREY > 100)
    assert set(np.unique(levels)) == {0, 255} and notes == ("images of 0..1 were scaled to 0..255",)


def test_a_range_that_is_likely_another_one_is_said() -> None:
    levels, [note] = converted(load_digits().images)
    assert levels.max() == 16
    assert note == "the brightest pixel is 16 of 255: if that is white, multiply the images by 255 / 16"
    assert converted((GREY > 100).astype(np.uint8))[1] == (note.replace("16", "1"),)


def test_colour_stays_and_grey_gets_one_channel() -> None:
    colour = np.repeat(GREY[..., np.newaxis], 3, axis=3)
    assert np.array_equal(converted(colour)[0], colour)
    assert converted(GREY[..., np.newaxis])[0].shape == (1797, 8, 8, 1)


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (
            GREY.astype(np.uint16) * 16,
            "uint16 from 0 to 4080; expected 0..255, or 0..1: np.round(images * (255 / 4095))",
        ),
        (GREY.astype(np.int32) * 4, "to 1020; expected 0..255, or 0..1: np.round(images * (255 / 1023))"),
        (GREY * 300.0, "to 76500; expected 0..255, or 0..1: np.round(images * (255 / images.max()))"),
        (GREY / 127.5 - 1, "from -1 to 1; expected 0..255, or 0..1: (images + 1) * 127.5 brings"),
        ((GREY - GREY.mean()) / GREY.std(), "give them as they were before they were normalized"),
        (GREY.astype(np.int8), "images are int8 from -128 to 112; expected 0..255, or 0..1: shift and scale"),
        (np.where(GREY[3] == GREY, np.nan, GREY), "images hold NaN or infinity (first: image 0): give finite numbers"),
        (np.append(GREY, np.full((1, 8, 8), np.inf), 0), "(first: image 1797)"),
        (GREY.astype(complex), "of type complex128: give numbers"),
        (GREY.astype(str), "give numbers"),
        (GREY[:0], "images are empty, of shape (0, 8, 8, 1): give some"),
        (GREY[:, :0], "images are empty"),
        (GREY.reshape(1797, 64), "images.reshape(-1, 8, 8) makes squares"),
        (GREY[:, 0], "shape (1797, 8); expected (n, height, width) or"),
        (np.zeros((5, 3, 8, 8), np.uint8), "np.moveaxis(images, 1, -1) moves the channels to the end"),
        (np.zeros((5, 1, 8, 8), np.uint8), "np.moveaxis(images, 1, -1)"),
        (np.zeros((5, 8, 8, 4), np.uint8), "images[..., :3] leaves out the last channel"),
        (np.zeros((5, 8, 8, 7), np.uint8), "with 1 or 3 channels: reshape them, or choose"),
        (np.zeros((2, 5, 8, 8, 3), np.uint8), "shape (2, 5, 8, 8, 3)"),
        (np.uint8(3), "shape ()"),
    ],
)
def test_what_are_no_images_or_have_no_known_range_is_refused_with_the_mend(images: np.ndarray, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        converted(np.asarray(images))
    assert str(error.value).startswith("mine.npz: images ") and "\n" not in str(error.value)


def test_the_mend_for_sixteen_bits_keeps_the_range() -> None:
    images = GREY.astype(np.uint16) * 16
    levels, notes = converted(np.round(images * (255 / 4095)).astype(np.uint8))
    assert notes == () and levels.max() == 254 and len(np.unique(levels)) == len(np.unique(images))


def test_later_images_must_have_the_size_and_scale_of_the_first() -> None:
    levels = GreyLevels("mine.npz")
    levels.converted(np.zeros((2, 8, 8)), "images")  # black is on any scale
    levels.converted(GREY / 255, "images")
    with pytest.raises(ValueError, match=r"test_images are 0\.\.255 and images before them 0\.\.1: give all on one"):
        levels.converted(GREY, "test_images")
    with pytest.raises(ValueError, match=r"test_images are of 7x8x1 and others of 8x8x1: give all in one size"):
        levels.converted(GREY[:, 1:], "test_images")
