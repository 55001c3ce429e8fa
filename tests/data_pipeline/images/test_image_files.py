import io
import os
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.images import image_files
from keras_suite.data_pipeline.images.image_files import MOST_PIXELS, decode, read_image, resize
from tests.tasks.reading.mutations import QUICK_SEED, fresh_seed, mutations


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
    assert decoded.pixels[0, :, 0].tolist() == [0, 1, 2, 128, 255] and "deep" in decoded.conversions


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
    floats = Image.fromarray(np.full((3, 3), 1000.5, np.float32))
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


# -- files that nobody should open -------------------------------------------------------------------------------------


def png(width: int, height: int) -> bytes:
    """A few bytes that say that they are a picture of this size, of one grey."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes(99))), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(("width", "height"), [(2**14, 2**13 + 1), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_too_many_pixels_are_refused_by_the_header(width: int, height: int) -> None:
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"more than the 134 megapixels that are read: make it smaller$"):
        decode(png(width, height), None, 3)
    assert tracemalloc.get_traced_memory()[1] < 2**22
    tracemalloc.stop()


def test_what_the_largest_cameras_take_is_read() -> None:
    assert MOST_PIXELS > 11_648 * 8_736
    large = encoded(Image.new("L", (11_648, 8_736)), "JPEG")  # a hundred megapixels, decoded at an eighth
    assert decode(large, (64, 64), 1).pixels.shape == (64, 64, 1)


def test_large_images_are_decoded_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_files, "_LARGE", 10)
    decoding, most, pixels = [0], [0], image_files._pixels

    def counted(*arguments: object) -> object:
        decoding[0] += 1
        most[0] = max(most[0], decoding[0])
        time.sleep(0.05)
        decoding[0] -= 1
        return pixels(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(image_files, "_pixels", counted)
    content = encoded(Image.new("L", (8, 8)))
    threads = [threading.Thread(target=decode, args=(content, None, 1)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1


def test_no_program_is_run_for_a_picture() -> None:
    with pytest.raises(ValueError, match="not an image"):
        decode(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n", None, 3)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_pipe_or_a_device_is_no_picture(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zeros.png").symlink_to("/dev/zero")
    for name, kind in (("pipe", "pipe"), ("zeros", "device")):
        with pytest.raises(ValueError, match=rf"{name}\.png is a {kind}: expected an image file"):
            read_image(tmp_path / f"{name}.png", None, 3)
    with (tmp_path / "film.png").open("wb") as file:
        file.truncate(2**34)
    with pytest.raises(ValueError, match=r"film\.png has 16 GiB: expected an image file, which has at most 512 MiB"):
        read_image(tmp_path / "film.png", None, 3)


KINDS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")


def check_damaged(image: Image.Image, kind: str, seed: int, count: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encoded(image, kind, exif=exif) if kind in ("JPEG", "PNG", "WEBP", "TIFF") else encoded(image, kind)
    for number, damaged in enumerate(mutations(whole, seed, count)):
        try:
            pixels = decode(damaged, (8, 9), 3).pixels
        except ValueError as error:
            assert len(str(error).splitlines()) == 1, f"mutation {number} of seed {seed}"
        else:
            assert pixels.shape == (8, 9, 3), f"mutation {number} of seed {seed}"


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of what it can read all the same
@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_named(colours: Image.Image, kind: str) -> None:
    check_damaged(colours, kind, QUICK_SEED, 100)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_much_damage_is_named(colours: Image.Image, kind: str) -> None:
    check_damaged(colours, kind, fresh_seed(), 3_000)


def test_an_image_that_is_too_large_is_refused_without_a_line_of_pillow(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("L", (1, 1)).save(file, "PNG")
    header = b"IHDR" + struct.pack(">II", 14_000, 14_000) + file.getvalue()[24:29]
    content = file.getvalue()[:12] + header + struct.pack(">I", zlib.crc32(header)) + file.getvalue()[33:]
    (tmp_path / "x.png").write_bytes(content)
    code = (
        "from pathlib import Path; from keras_suite.data_pipeline.images.image_files import read_image\n"
        "try:\n    read_image(Path('x.png'), None, 3)\nexcept ValueError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "14,000x14,000 are 196 megapixels" in done.stdout and done.stderr == ""
