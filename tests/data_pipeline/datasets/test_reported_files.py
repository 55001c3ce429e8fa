"""One odd file among plain ones, as cameras, browsers and editors make them: read, or refused by name."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.datasets.image_folder import image_folder
from keras_suite.data_pipeline.images.problem_files import RefusedFiles

SIZE = (36, 28)


def picture(seed: int = 99) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (*SIZE, 3), np.uint8)
    return Image.fromarray(noise)


@pytest.fixture
def folder(tmp_path: Path, cache: Path) -> Path:
    for label, name in enumerate(("cat", "dog")):
        (tmp_path / "p" / name).mkdir(parents=True)
        for number in range(6):
            picture(10 * label + number).save(tmp_path / "p" / name / f"{number}.png")
    return tmp_path / "p"


def save(name: str, mode: str = "RGB", **options: object) -> Callable[[Path], object]:
    return lambda cat: picture().convert(mode).save(cat / name, **options)  # type: ignore[arg-type]


def cut(share: float) -> Callable[[Path], object]:
    def write(cat: Path) -> None:
        file = io.BytesIO()
        picture().resize((400, 300)).save(file, "JPEG")
        (cat / "x.jpg").write_bytes(file.getvalue()[: int(len(file.getvalue()) * share)])

    return write


def appended(cat: Path) -> None:
    file = io.BytesIO()
    picture().save(file, "JPEG")
    (cat / "x.jpg").write_bytes(file.getvalue() + bytes(5000))


MORE = {"save_all": True, "append_images": [picture(7)]}
READ = {
    "CMYK": save("x.jpg", "CMYK"),
    "palette": save("x.png", "P"),
    "one bit": save("x.png", "1"),
    "grey with alpha": save("x.png", "LA"),
    "frames of a GIF": save("x.gif", **MORE),
    "frames of a WebP": save("x.webp", **MORE),
    "pages of a TIFF": save("x.tif", **MORE),
    "another ending": lambda cat: picture().save(cat / "x.jpg", "PNG"),
    "upper case": save("X.JPEG"),
    "no ending": lambda cat: picture().save(cat / "x", "PNG"),
    "bytes after the end": appended,
    "a long name": save("\u732b \u00e9 " + "a" * 200 + ".png"),
    "a line break in the name": save("a\nb.png"),
    "a name of bytes": lambda cat: Path(os.fsdecode(os.fsencode(cat) + b"/caf\xe9.png")).write_bytes(
        (cat / "0.png").read_bytes()[:-1] + b"\x82"
    ),
    "one pixel": lambda cat: picture().crop((0, 0, 1, 1)).save(cat / "x.png"),
    "thin": lambda cat: picture().resize((1, 900)).save(cat / "x.png"),
    "deeper": lambda cat: [(cat / "2020" / "may").mkdir(parents=True), picture().save(cat / "2020" / "may" / "x.png")],
}
REFUSED = {
    "half a JPEG": (cut(0.5), r"cat/x\.jpg \(damaged"),
    "a page of an error": (lambda cat: (cat / "x.jpg").write_text("<html>404</html>"), r"cat/x\.jpg \(not an image\)"),
    "nothing": (lambda cat: (cat / "x.jpg").touch(), r"cat/x\.jpg \(an empty file\)"),
    "SVG": (lambda cat: (cat / "x.svg").write_text("<svg/>"), r"cat/x\.svg \(not an image\)"),
    "DICOM": (lambda cat: (cat / "x.dcm").write_bytes(bytes(128) + b"DICM"), r"cat/x\.dcm \(not an image\)"),
    "HEIC": (
        lambda cat: (cat / "x.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        r"x\.heic \(a HEIC photo",
    ),
    "a broken link": (
        lambda cat: (cat / "x.png").symlink_to("/nowhere.png"),
        r"cat/x\.png \(a link that leads nowhere",
    ),
    "a pipe": (lambda cat: os.mkfifo(cat / "x.png"), r"cat/x\.png \(a pipe\)"),
    "bytes in a name": (
        lambda cat: Path(os.fsdecode(os.fsencode(cat) + b"/caf\xe9.png")).write_bytes(b"x"),
        r"cat/caf\\udce9\.png \(not an image\)",
    ),
}


@pytest.mark.parametrize("make", READ.values(), ids=READ)
def test_it_is_read(folder: Path, make: Callable[[Path], object]) -> None:
    make(folder / "cat")
    dataset = image_folder(None, path=str(folder), image_size=SIZE)
    assert dataset.class_names == ("cat", "dog") and len(dataset.images) + len(dataset.test_images) == 13
    assert len(dataset.origin.names) + len(dataset.origin.test_names) == 13


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize(("make", "said"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_by_name(folder: Path, make: Callable[[Path], object], said: str) -> None:
    make(folder / "cat")
    with pytest.raises(RefusedFiles, match=said) as error:
        image_folder(None, path=str(folder), image_size=SIZE)
    assert "1 of 13 files cannot be used" in str(error.value) and len(error.value.refused) == 1
    assert "\n" not in str(error.value)
