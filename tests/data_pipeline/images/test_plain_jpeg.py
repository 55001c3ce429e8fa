"""Plain JPEG files have the same pixels either way; all others are left to Pillow."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.images.image_files import decode
from keras_suite.data_pipeline.images.plain_jpeg import decode_plain_jpeg

OPTIONS = [{}, {"quality": 100, "subsampling": 0}, {"quality": 30, "progressive": True}, {"subsampling": 1}]


def picture(height: int, width: int) -> Image.Image:
    """A colourful picture with edges and some noise."""
    y, x = np.mgrid[:height, :width]
    waves = np.stack([np.sin(x / 7), np.cos(y / 5), np.sin((x + y) / 11)], axis=-1) * 100 + 128
    noise = np.random.default_rng(0).normal(0, 9, waves.shape)
    return Image.fromarray(np.clip(waves + noise, 0, 255).astype(np.uint8))


def jpeg(image: Image.Image, **options: object) -> bytes:
    content = io.BytesIO()
    image.save(content, "JPEG", **options)
    return content.getvalue()


@pytest.mark.parametrize("size", [None, (96, 96), (40, 120), (11, 9)])
@pytest.mark.parametrize("shape", [(160, 149), (37, 53), (301, 640), (900, 700)])
def test_plain_files_have_the_same_pixels(shape: tuple[int, int], size: tuple[int, int] | None) -> None:
    for options in OPTIONS:
        content = jpeg(picture(*shape), **options)
        found = decode_plain_jpeg(content, size)
        assert found is not None and found.size == shape
        assert np.array_equal(found.pixels, decode(content, size, 3).pixels), options


@pytest.mark.needs_data
def test_photographs_have_the_same_pixels(data_dir: Path) -> None:
    with tarfile.open(data_dir / "dogs_vs_cats.tar.gz") as archive:
        members = [member for member in archive if member.isfile()][::25]
        contents = [archive.extractfile(member).read() for member in members]  # type: ignore[union-attr]
    plain = [decode_plain_jpeg(content, (96, 96)) for content in contents]
    assert sum(image is not None for image in plain) > 90
    for content, image in zip(contents, plain, strict=True):
        assert image is None or np.array_equal(image.pixels, decode(content, (96, 96), 3).pixels)


def test_whatever_is_not_plain_is_left_to_pillow() -> None:
    image = picture(40, 30)
    turned = Image.Exif()
    turned[0x0112] = 6
    content = jpeg(image)
    png = io.BytesIO()
    image.save(png, "PNG")
    others = {
        "turned": jpeg(image, exif=turned),
        "grey": jpeg(image.convert("L")),
        "CMYK": jpeg(image.convert("CMYK")),
        "cut": content[: len(content) // 2],
        "header": content[:20] + b"\xff\xd9",
        "PNG": png.getvalue(),
        "empty": b"",
    }
    assert {name: decode_plain_jpeg(each, None) for name, each in others.items()} == dict.fromkeys(others)
