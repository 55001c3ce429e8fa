import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from keras_suite.data_pipeline.datasets.image_folder import image_folder as build
from keras_suite.data_pipeline.images.deep_levels import Range, range_of, scale_of, to_8_bits
from keras_suite.data_pipeline.images.image_files import decode

pytestmark = pytest.mark.usefixtures("cache")


def written(root: Path, top: int, ending: str, colour: bool = False) -> Path:
    """Two classes of gradients of 0..top, brighter in the second."""
    for label, name in enumerate(("healthy", "ill")):
        (root / name).mkdir(parents=True)
        for number in range(6):
            ramp = np.linspace(0, top * (1 + label) / 2, 32 * 32).reshape(32, 32) * (1 - number / 20)
            levels = ramp.astype(np.uint16)
            cv2.imwrite(str(root / name / f"{number}.{ending}"), np.stack([levels] * 3, axis=-1) if colour else levels)
    return root


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize(("top", "white"), [(1023, 1023), (4095, 4095), (65535, 65535), (200, 255), (5000, 16383)])
def test_nothing_of_the_range_is_lost(tmp_path: Path, top: int, white: int, ending: str, colour: bool) -> None:
    dataset = build(None, path=str(written(tmp_path / "x", top, ending, colour)), channels=3 if colour else 1)
    pixels = np.concatenate([dataset.images, dataset.test_images])
    assert int(pixels.max()) == round(255 * top / white) and len(np.unique(pixels)) > min(top, 255 * top / white) * 0.7
    assert dataset.origin.levels == (0, white) and f"0 as black, {white} as white" in dataset.notes[-1]
    first = build(None, path=str(tmp_path / "x"), channels=1)
    assert (first.images.max(axis=(1, 2, 3))[first.labels == 0] < 0.52 * pixels.max() + 1).all()  # one scale for all


def test_the_scale_may_be_said(tmp_path: Path) -> None:
    root = str(written(tmp_path / "x", 4095, "png"))
    full = build(None, path=root, channels=1, levels="full")
    assert full.images.max() <= 16 and full.origin.levels == (0, 65535)
    each = build(None, path=root, channels=1, levels="image")
    assert (each.images.max(axis=(1, 2, 3)) == 255).all() and each.origin.levels == "image"
    window = build(None, path=root, channels=1, levels=(1000, 2000))
    assert window.origin.levels == (1000, 2000) and 0.3 < (window.images == 0).mean() < 0.9


def test_other_scales_are_other_runs_and_all_16_bits_the_same(tmp_path: Path) -> None:
    grey = build(None, path=str(written(tmp_path / "full", 65535, "png")), channels=1)
    assert grey.fingerprint == build(None, path=str(tmp_path / "full"), channels=1, levels="full").fingerprint
    dark = str(written(tmp_path / "dark", 4095, "png"))
    assert build(None, path=dark).fingerprint != build(None, path=dark, levels="full").fingerprint


@pytest.mark.parametrize(("top", "white"), [(1.0, 1), (254.5, 255)])
def test_floats_of_an_agreed_range_are_read(tmp_path: Path, top: float, white: int) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(4):
            ramp = np.linspace(0, top - number * top / 9, 64, dtype=np.float32).reshape(8, 8)
            Image.fromarray(ramp if name == "a" else ramp[::-1].copy()).save(tmp_path / name / f"{number}.tif")
    dataset = build(None, path=str(tmp_path))
    assert dataset.origin.levels == (0, white) and dataset.images.max() > 150


def test_levels_that_nobody_can_know_are_refused_by_name(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(4):
            hounsfield = np.linspace(-1000, 900 + number + 7 * len(name), 64, dtype=np.float32).reshape(8, 8)
            Image.fromarray(hounsfield if name == "a" else hounsfield.T.copy()).save(tmp_path / name / f"{number}.tif")
    with pytest.raises(ValueError, match=r"8 of 8 files cannot be used.*no agreed range: say .*levels=\[low, high\]"):
        build(None, path=str(tmp_path))
    assert build(None, path=str(tmp_path), levels=(-1000, 1000)).images.max() > 200


def test_exif_turns_deep_images_too() -> None:
    levels = np.zeros((4, 8), np.uint16)
    levels[0, 0] = 4095
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Image.fromarray(levels).save(file, "PNG", exif=exif)
    decoded = decode(file.getvalue(), None, 1)
    assert decoded.pixels.shape[:2] == decoded.size == (8, 4) and decoded.pixels[0, 3, 0] == 255


def test_scales() -> None:
    assert scale_of(Range(0, 300, True), "dataset") == (0, 1023) and scale_of(Range(0, 300, True), "image") is None
    assert range_of(np.array([[3, 9]], np.uint16)) == Range(3, 9, True)
    assert to_8_bits(np.array([0, 5, 10], np.int32), (0, 10)).tolist() == [0, 128, 255]
    assert to_8_bits(np.array([7, 7]), None).tolist() == [0, 0]
    with pytest.raises(ValueError, match="NaN or infinity"):
        range_of(np.array([np.nan]))


def test_opacity_has_a_scale_of_its_own(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(4):
            levels = np.roll(np.arange(256, dtype=np.uint16) * 16, 60 * number + 7 * ord(name)).reshape(16, 16)
            opaque = np.full_like(levels, 65535)
            cv2.imwrite(str(tmp_path / name / f"{number}.png"), np.stack([levels] * 3 + [opaque], axis=-1))
    dataset = build(None, path=str(tmp_path), channels=3)
    assert dataset.origin.levels == (0, 4095) and len(np.unique(dataset.images)) > 200


@pytest.mark.parametrize("top", [4095, 65535])
def test_colour_of_a_ppm_of_more_than_8_bits_keeps_its_range(top: int) -> None:
    levels = np.stack([np.linspace(0, 4080, 256).reshape(16, 16)] * 3, axis=-1).astype(">u2")
    content = f"P6\n# a comment\n16 16\n{top}\n".encode() + levels.tobytes()
    assert len(np.unique(decode(content, None, 3).pixels)) > 250


def test_a_tiff_in_which_0_is_white_is_inverted_as_those_of_8_bits_are() -> None:
    file = io.BytesIO()
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[262] = 0
    Image.fromarray(np.array([[0, 65535, 257 * 100]], np.uint16)).save(file, "TIFF", tiffinfo=tags)
    found = decode(file.getvalue(), None, 1)
    assert found.pixels.ravel().tolist() == [255, 0, 155] and "inverted" in found.conversions


def test_a_tiff_that_cannot_be_read_is_called_one() -> None:
    _, content = cv2.imencode(".tif", np.zeros((4, 4), np.float64))
    with pytest.raises(ValueError, match="a TIFF of a kind that Pillow cannot read: convert it"):
        decode(content.tobytes(), None, 1)
