import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.images.image_files import decode, read_image, resize


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture
def colours(photograph: np.ndarray) -> Image.Image:
    return Image.fromarray(photograph[100:140, 200:260])  # 40 high, 60 wide


def test_a_plain_file_is_read_as_it_is(colours: Image.Image, tmp_path: Path) -> None:
    colours.save(tmp_path / "plain.png")
    pixels = read_image(tmp_path / "plain.png", None, 3)
    assert pixels.dtype == np.uint8 and (pixels == np.asarray(colours)).all()
    assert decode(encoded(colours), None, 3).conversions == ()


@pytest.mark.parametrize(
    "mode", ["L", "1", "LA", "P", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "I;16", "PA", "La", "RGBa"]
)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [None, (8, 9)])
def test_any_mode_becomes_the_asked_channels(
    colours: Image.Image, mode: str, channels: int, size: tuple[int, int] | None
) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.asarray(colours.convert("L")).astype(np.uint16) * 257)
    elif mode in ("PA", "La", "RGBa"):
        image = colours.convert({"PA": "RGBA", "La": "LA", "RGBa": "RGBA"}[mode])
    else:
        image = colours.convert(mode)
    kind = "TIFF" if mode in ("CMYK", "YCbCr", "LAB") else "PNG"
    content = encoded(image.convert("RGB") if mode == "HSV" else image, kind)
    pixels = decode(content, size, channels).pixels
    assert pixels.shape == (*(size or (40, 60)), channels) and pixels.dtype == np.uint8
    assert abs(float(pixels.mean()) - np.asarray(colours).mean()) < 12


@pytest.mark.parametrize(
    ("mode", "channels", "said"),
    [
        ("L", 3, ("grey",)),
        ("L", 1, ()),
        ("RGB", 1, ("colour",)),
        ("1", 3, ("black-and-white", "grey")),
        ("P", 3, ("palette",)),
        ("CMYK", 3, ("CMYK",)),
        ("LA", 1, ("transparent",)),
    ],
)
def test_conversions_are_named(colours: Image.Image, mode: str, channels: int, said: tuple[str, ...]) -> None:
    content = encoded(colours.convert(mode), "TIFF" if mode == "CMYK" else "PNG")
    assert set(decode(content, None, channels).conversions) == set(said)


def test_transparency_is_laid_on_white() -> None:
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    clear.putpixel((0, 0), (10, 20, 30, 255))
    decoded = decode(encoded(clear), None, 3)
    assert decoded.pixels[0, 0].tolist() == [10, 20, 30] and (decoded.pixels[1:] == 255).all()
    assert "transparent" in decoded.conversions


def test_sixteen_bits_are_scaled_not_cut() -> None:
    levels = np.array([[0, 257, 511, 32768, 65535]], np.uint16)
    decoded = decode(encoded(Image.fromarray(levels)), None, 1)
    assert decoded.pixels[0, :, 0].tolist() == [0, 1, 2, 128, 255] and "16-bit" in decoded.conversions


def test_an_animation_gives_its_first_frame(colours: Image.Image) -> None:
    black = Image.new("RGB", colours.size)
    content = encoded(colours, "WEBP", save_all=True, append_images=[black, black], lossless=True)
    decoded = decode(content, None, 3)
    assert (decoded.pixels == np.asarray(colours)).all() and decoded.conversions == ("several frames",)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_exif_orientation_is_applied(colours: Image.Image, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = decode(encoded(colours, "PNG", exif=exif), None, 3)
    turned = np.asarray(colours)
    expected = {
        2: turned[:, ::-1],
        3: turned[::-1, ::-1],
        4: turned[::-1],
        5: turned.transpose(1, 0, 2),
        6: np.rot90(turned, -1),
        7: np.rot90(turned, 2).transpose(1, 0, 2),
        8: np.rot90(turned),
    }[orientation]
    assert (decoded.pixels == expected).all() and "turned" in decoded.conversions


def test_a_large_jpeg_is_read_at_a_fraction_and_looks_the_same(photograph: np.ndarray) -> None:
    large = Image.fromarray(photograph).resize((2560, 1708))
    content = encoded(large, "JPEG", quality=95)
    small = decode(content, (64, 96), 3).pixels.astype(int)
    whole = resize(np.asarray(Image.open(io.BytesIO(content))), (64, 96)).astype(int)
    assert np.abs(small - whole).mean() < 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "an empty file"),
        (b"hello, I am text\n", "not an image"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC photograph, .* convert it to JPEG"),
        (b"\xff\xd8\xff\xe0 not really", "not an image|damaged"),
    ],
)
def test_what_is_no_image_says_so(content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decode(content, None, 3)


def test_a_cut_image_is_damaged(colours: Image.Image) -> None:
    for kind in ("PNG", "JPEG"):
        content = encoded(colours, kind)
        with pytest.raises(ValueError, match="damaged"):
            decode(content[: len(content) // 2], None, 3)


def test_pixels_without_an_agreed_range_are_refused() -> None:
    floats = Image.fromarray(np.full((3, 3), 0.5, np.float32))
    with pytest.raises(ValueError, match="32-bit pixels"):
        decode(encoded(floats, "TIFF"), None, 3)


def test_read_image_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(ValueError, match=r"notes\.txt is no readable image \(not an image\): give a JPEG"):
        read_image(tmp_path / "notes.txt", None, 3)
    with pytest.raises(FileNotFoundError, match=r"gone\.png is not a file"):
        read_image(tmp_path / "gone.png", None, 3)
    with pytest.raises(FileNotFoundError, match="is not a file"):
        read_image(tmp_path, None, 3)


def test_resize_averages_areas_when_shrinking() -> None:
    checks = (np.indices((8, 8)).sum(axis=0) % 2 * 200).astype(np.uint8)[..., np.newaxis]
    assert (resize(checks, (4, 4)) == 100).all()
    assert resize(checks, (16, 16)).shape == (16, 16, 1)
