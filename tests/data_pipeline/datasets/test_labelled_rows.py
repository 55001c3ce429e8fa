"""Rows and options that cannot be used: each is named in one line, before an image is decoded."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.datasets.image_table import image_table as build
from keras_suite.data_pipeline.images import decoded_images
from keras_suite.data_pipeline.images.problem_files import RefusedFiles
from tests.data_pipeline.drive_table import Change, changed, read, write


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, r"needs one of label=COLUMN, angle=COLUMN and direction=\[X, Y\], and got none of them"),
        ({"label": "digit", "angle": "steering"}, "got label and angle: give one"),
        ({"angle": "steering", "direction": ("x", "y")}, "got angle and direction: give one"),
        ({"label": "digit", "stratify": "digit"}, "leave out `stratify`"),
        ({"angle": "steering", "label_noise": 0.1}, "label_noise=0.1 goes with `label`, and the target is an angle"),
        ({"direction": ("x", "y"), "classes": ("digit 1", "digit 2")}, r"classes=\['digit 1', 'digit 2'\] goes with"),
        ({"angle": "stering"}, r"no column 'stering'; did you mean 'steering'\? \(its first row names 'image', 'st"),
        ({"angle": "steering", "image": "file"}, "no column 'file' "),
        ({"angle": "digit"}, r"row 2: 'digit 0' in column 'digit', expected a number such as -12.5 \(and 39 more rows"),
        ({"angle": "steering", "part": "digit"}, "row 2: 'digit 0' in column 'digit', expected 'train', 'test' or"),
        ({"angle": "steering", "stratify": "image"}, "'frames/000.png' has 1 .* 3 are needed.*leave out `stratify`"),
        ({"label": "digit", "classes": ("digit 9", "digit 2")}, "has no class 'digit 9'"),
        ({"angle": "steering", "limit": 33}, "limit=33 must be from 2"),
    ],
)
def test_options_that_do_not_fit_the_table_are_refused(drive: Path, options: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        build(None, path=str(drive), **options)
    assert not list(decoded_images.cache_folder().rglob("*.npy"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[2].update(image="frames/gone.png"), r"1 of 40 .* frames/gone.png in row 4 \(no such file\)"),
        (lambda rows: rows[2].update(image="frames"), r"1 of 40 files cannot be used: frames in row 4 \(a folder\)"),
        (lambda rows: [row.update(image="a/" + row["image"]) for row in rows], "row 2: no file 'a/.*drive: give paths"),
        (
            lambda rows: [row.update(image=row["image"].replace("/", "\\")) for row in rows],
            r"from the table's folder, with forward slashes \(and 39 more rows\)",
        ),
        (
            lambda rows: [row.update(image=row["image"].replace(".png", "")) for row in rows],
            r"no file 'frames/000' in .*: there is '000\.png': give names as the files have them",
        ),
        (lambda rows: [row.update(image="https://a.b/" + row["image"]) for row in rows], "download the images first"),
        (lambda rows: rows[2].update(image=""), "row 4: nothing in column 'image'"),
        (lambda rows: rows[2].update(image="./frames/001.png"), "row 4: the image './frames/001.png' stands in row 3 "),
        (lambda rows: rows[2].update(image="frames/../drive.csv"), r"1 of 40 files cannot be used: .* in row 4 \(not"),
        (lambda rows: rows[2].update(steering="left"), "row 4: 'left' in column 'steering', expected a number"),
        (lambda rows: rows[2].update(steering="-12,5"), "row 4: '-12,5' in column 'steering'"),
        (lambda rows: rows[2].update(steering="nan"), "row 4: 'nan' in column 'steering'"),
        (lambda rows: rows[2].update(steering="-inf"), "row 4: '-inf' in column 'steering'"),
        (lambda rows: rows[2].update(steering=""), "row 4: nothing in column 'steering'"),
        (lambda rows: rows[2].update(steering=-360.5), "row 4: an angle beyond ±360 in column 'steering'"),
        (lambda rows: [row.update(steering=900) for row in rows[2:5]], r"row 4: .*give degrees \(and 2 more rows\)"),
        (
            lambda rows: rows.__setitem__(slice(2, None), []),
            "class 'all images' has 2 image.* 3 are needed.*; add imag",
        ),
    ],
)
def test_rows_that_cannot_be_used_are_named(drive: Path, change: Change, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        build(None, path=str(changed(drive, change)), angle="steering")
    assert not list(decoded_images.cache_folder().rglob("*.npy"))


def test_a_direction_may_be_of_any_length_but_zero(drive: Path) -> None:
    changed(drive, lambda rows: rows[5].update(x=-1e-200, y=0) or rows[6].update(x=1e300, y=1e300))
    dataset = build(None, path=str(drive), direction=("x", "y"), part="part")
    assert dataset.targets is not None and np.linalg.norm(dataset.targets, axis=1) == pytest.approx(1)
    changed(drive, lambda rows: rows[5].update(x=0, y="0.0"))
    with pytest.raises(ValueError, match=r"row 7: columns 'x' and 'y' are both 0, which points nowhere: leave the row"):
        build(None, path=str(drive), direction=("x", "y"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda rows: rows[1].update(part="later"),
            "row 3: 'later' in column 'part', expected 'train', 'test' or 'validation'",
        ),
        (lambda rows: [row.update(part="Train") for row in rows], "no row says 'test' in column 'part': mark some"),
        (lambda rows: [row.update(part="test") for row in rows[1:]] and rows[0].update(part="train"), "has 1 training"),
    ],
)
def test_parts_that_cannot_be_used_are_named(drive: Path, change: Change, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        build(None, path=str(changed(drive, change)), angle="steering", part="part")


def test_a_test_image_that_trains_under_another_name_is_refused(drive: Path) -> None:
    shutil.copy(drive.parent / "frames" / "001.png", drive.parent / "frames" / "004.png")
    with pytest.raises(
        ValueError, match=r"1 of the .* test images train, too \(frames/004.png is frames/001.png\): remove"
    ):
        build(None, path=str(drive), angle="steering", part="part")
    left = build(None, path=str(drive), angle="steering", part="part", copies="leave_out")
    assert left.groups is not None and (left.groups < 0).sum() == 1


def test_one_class_is_nothing_to_tell_apart(drive: Path) -> None:
    changed(drive, lambda rows: [row.update(digit="three") for row in rows])
    with pytest.raises(ValueError, match="column 'digit' says 'three' throughout: give 2 classes or more"):
        build(None, path=str(drive), label="digit")
    assert build(None, path=str(drive), angle="steering", stratify="digit").class_names == ("three",)


def test_images_of_several_sizes_need_a_size(drive: Path) -> None:
    Image.new("L", (9, 10)).save(drive.parent / "frames" / "007.png")
    with pytest.raises(ValueError, match=r"several sizes, 8x8 and 10x9 \(frames/007.png in row 9\): give image_size="):
        build(None, path=str(drive), angle="steering")
    assert build(None, path=str(drive), angle="steering", image_size=(8, 8)).image_shape == (8, 8, 3)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_pipe_in_an_images_place_is_not_waited_for(drive: Path) -> None:
    (drive.parent / "frames" / "003.png").unlink()
    os.mkfifo(drive.parent / "frames" / "003.png")
    with pytest.raises(ValueError, match=r"frames/003\.png in row 5 \(a pipe\)"):
        build(None, path=str(drive), angle="steering")


def test_missing_and_damaged_files_are_refused_together(drive: Path) -> None:
    changed(drive, lambda rows: rows[2].update(image="frames/gone.png"))
    (drive.parent / "frames" / "007.png").write_text("<html>")
    with pytest.raises(RefusedFiles, match="2 of 40 files cannot be used") as error:
        build(None, path=str(drive), angle="steering")
    assert error.value.refused == {"frames/gone.png": "no such file", "frames/007.png": "not an image"}


def test_texts_of_any_length_and_kind_are_named_in_a_short_line(drive: Path) -> None:
    for column, text in (("image", "x" * 100_000), ("steering", "9" * 100_000), ("part", "two\nlines" * 9_000)):
        rows = read(drive)
        changed(drive, lambda rows, column=column, text=text: rows[3].update({column: text}))
        with pytest.raises(ValueError, match=r"row 5[: ]") as refused:
            build(None, path=str(drive), angle="steering", part="part")
        assert len(str(refused.value)) < 400 and len(str(refused.value).splitlines()) == 1
        write(drive, rows)
    changed(drive, lambda rows: [row.update(digit=str(index % 2) * 5_000) for index, row in enumerate(rows)])
    assert len(build(None, path=str(drive), label="digit").class_names) == 2
