import itertools
import shutil
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.image_table import image_table as build
from keras_suite.data_pipeline.images import decoded_images, decoding
from keras_suite.data_pipeline.images.decoding import decode_files
from keras_suite.data_pipeline.images.image_files import read_image
from keras_suite.data_pipeline.pipeline import training_stream
from keras_suite.data_pipeline.splits import split
from keras_suite.data_pipeline.targets import targets_of
from tests.data_pipeline.drive_table import COUNT, Row, changed, degrees, read, write


def pairs(images: np.ndarray, targets: Iterable) -> set[tuple[bytes, str]]:
    """Each image with what is asked of it, to compare as a set."""
    return {
        (image.tobytes(), np.array2string(np.asarray(t), precision=4)) for image, t in zip(images, targets, strict=True)
    }


def of_table(path: Path, targets: Callable[[Row], object]) -> set[tuple[bytes, str]]:
    """The same, read straight from the table and the files that it names."""
    rows = read(path)
    return pairs(
        np.stack([read_image(path.parent / str(row["image"]), None, 1) for row in rows]), [targets(row) for row in rows]
    )


def everything(dataset: Dataset) -> set[tuple[bytes, str]]:
    assert dataset.targets is not None and dataset.test_targets is not None
    return pairs(dataset.images, dataset.targets) | pairs(dataset.test_images, dataset.test_targets)


def test_each_image_keeps_its_angle_in_radians(drive: Path) -> None:
    dataset = build(None, path=str(drive), angle="steering", channels=1)
    assert dataset.task == "angle" and dataset.class_names == ("all images",)
    assert dataset.targets is not None and dataset.targets.dtype == np.float32 and dataset.targets.shape == (32, 1)
    assert dataset.test_images.shape == (8, 8, 8, 1)
    radians = of_table(drive, lambda row: np.deg2rad([float(str(row["steering"]))]).astype(np.float32))
    assert len(radians) == COUNT and everything(dataset) == radians


def test_each_image_keeps_its_direction_as_a_unit_vector(drive: Path) -> None:
    dataset = build(None, path=str(drive), direction=("x", "y"), channels=1)
    assert dataset.task == "direction" and dataset.targets is not None
    assert np.linalg.norm(dataset.targets, axis=1) == pytest.approx(1)
    ways = of_table(drive, lambda row: (np.array([float(str(row["x"])), float(str(row["y"]))]) / 3).astype(np.float32))
    assert everything(dataset) == ways


def test_a_column_of_class_names_is_told_apart(drive: Path) -> None:
    dataset = build(None, path=str(drive), label="digit", channels=1)
    assert dataset.task == "classes" and dataset.targets is None
    assert dataset.class_names == tuple(f"digit {number}" for number in range(4))
    names = np.array(dataset.class_names)
    labelled = pairs(dataset.images, names[dataset.labels]) | pairs(dataset.test_images, names[dataset.test_labels])
    assert labelled == of_table(drive, lambda row: row["digit"])
    assert np.bincount(dataset.test_labels).tolist() == [2, 2, 2, 2]
    some = build(None, path=str(drive), label="digit", classes=("digit 1", 3), label_noise=0.5, test_limit=2)
    assert some.class_names == ("digit 1", "digit 3") and len(some.test_images) == 2
    assert "labels are wrong on purpose" in some.notes[-1]


def test_numbers_as_class_names_stand_in_their_order(drive: Path) -> None:
    changed(drive, lambda rows: [row.update(digit=8 + at % 4) for at, row in enumerate(rows)])
    assert build(None, path=str(drive), label="digit").class_names == ("8", "9", "10", "11")


def test_angles_are_split_evenly_by_the_classes_of_a_column(drive: Path) -> None:
    dataset = build(None, path=str(drive), angle="steering", stratify="digit")
    assert dataset.class_names == tuple(f"digit {number}" for number in range(4))
    assert np.bincount(dataset.labels).tolist() == [9, 7, 8, 8]
    assert np.bincount(dataset.test_labels).tolist() == [2, 2, 2, 2]
    assert np.bincount(dataset.labels[split(dataset, 1).validation]).tolist() == [1, 1, 1, 1]


def test_a_column_may_fix_what_tests_in_the_tables_order(drive: Path) -> None:
    dataset = build(None, path=str(drive), angle="steering", part="part", test_fraction=0.9)
    assert dataset.targets is not None and dataset.test_targets is not None
    assert np.rad2deg(dataset.test_targets[:, 0]) == pytest.approx([degrees(row) for row in range(0, COUNT, 4)])
    assert np.rad2deg(dataset.targets[:, 0]) == pytest.approx([degrees(row) for row in range(COUNT) if row % 4])


def test_one_class_of_all_images_can_be_limited_folded_and_streamed(drive: Path) -> None:
    dataset = build(None, path=str(drive), angle="steering", limit=10, test_limit=3, image_size=(6, 9))
    chosen = split(dataset, 2)
    assert (len(chosen.train), len(chosen.validation), len(dataset.test_images)) == (9, 1, 3)
    stream = training_stream(dataset.images, targets_of(dataset), chosen.train, batch_size=4, seed=1)
    images, angles = next(iter(stream))
    assert images.shape == (4, 6, 9, 3) and angles.shape == (4, 1)
    folded = build(None, path=str(drive), angle="steering", folds=4)
    held = [split(folded, seed).test for seed in range(1, 5)]
    assert sorted(itertools.chain.from_iterable(fold.tolist() for fold in held if fold is not None)) == [*range(32)]


def test_the_drawn_test_set_follows_the_content_not_the_names_nor_the_order(drive: Path) -> None:
    def test_set() -> set[tuple[bytes, str]]:
        dataset = build(None, path=str(drive), angle="steering")
        assert dataset.test_targets is not None
        return pairs(dataset.test_images, dataset.test_targets)

    before = test_set()
    for path in list((drive.parent / "frames").iterdir()):
        path.rename(path.with_name("renamed" + str(1000 - int(path.stem)) + ".png"))
    rename = {f"frames/{row:03}.png": f"frames/renamed{1000 - row}.png" for row in range(COUNT)}
    changed(drive, lambda rows: [row.update(image=rename[str(row["image"])]) for row in rows] and rows.reverse())
    assert test_set() == before


def copied(table: Path) -> Path:
    """The table with a copy of each image under another name."""

    def copy(rows: list[Row]) -> None:
        for row in rows[:]:
            other = f"frames/copy-{Path(str(row['image'])).name}"
            shutil.copy(table.parent / str(row["image"]), table.parent / other)
            rows.append({**row, "image": other})

    return changed(table, copy)


def test_copies_of_an_image_stay_on_one_side_and_count_once(drive: Path) -> None:
    dataset = build(None, path=str(copied(drive)), angle="steering", test_fraction=0.21)
    train, test = ({image.tobytes() for image in images} for images in (dataset.images, dataset.test_images))
    assert not train & test and len(train) == 32 and len(dataset.test_images) == 16
    changed(drive, lambda rows: rows.__setitem__(slice(None), [row for row in rows if "001" in str(row["image"])]))
    with pytest.raises(ValueError, match=r"has 1 image.* 3 are needed.*; copies of an image count once"):
        build(None, path=str(drive), angle="steering")


def test_the_fingerprint_covers_images_and_labels(drive: Path, tmp_path: Path) -> None:
    def of(path: Path = drive, **options: object) -> str:
        return build(None, path=str(path), **{"angle": "steering", **options}).fingerprint  # type: ignore[arg-type]

    before = of()
    assert of(image_size=(5, 5), limit=10) == before
    others = {before, of(angle="x"), of(part="part"), of(stratify="digit"), of(angle=None, label="digit")}
    assert len(others) == 5
    moved = shutil.copytree(drive.parent, tmp_path / "elsewhere") / "drive.csv"
    (moved.parent / "frames").rename(moved.parent / "pictures")
    rename = "pictures/{}".format
    changed(moved, lambda rows: [row.update(image=rename(Path(str(row["image"])).name), speed=7) for row in rows])
    assert of(moved) == before
    assert of(changed(moved, lambda rows: rows[3].update(steering=1))) not in others
    shutil.copy(drive.parent / "frames" / "000.png", drive.parent / "frames" / "001.png")
    assert of() not in others


def test_images_are_decoded_once_for_all_options(drive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build(None, path=str(drive), angle="steering", part="part")
    decode = decoding.decode
    monkeypatch.setattr(decoding, "decode", lambda *_: pytest.fail("decoded again"))
    second = build(None, path=str(drive), label="digit", part="part")
    assert (first.images == second.images).all() and (first.test_images == second.test_images).all()
    assert first.notes == second.notes == ("40 images in grey repeated over 3 channels (first: frames/000.png)",)
    monkeypatch.setattr(decoding, "decode", decode)
    for other in ({"channels": 1}, {"image_size": (4, 4)}, {"part": None}):
        options = {"angle": "steering", "part": "part", **other}
        third = build(None, path=str(drive), **options)  # type: ignore[arg-type]
        assert third.images.shape != first.images.shape
    Image.open(drive.parent / "frames" / "001.png").rotate(180).save(drive.parent / "frames" / "001.png")
    assert not (build(None, path=str(drive), angle="steering", part="part").images == first.images).all()


def test_sets_larger_than_memory_stay_on_disk(drive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoded_images, "IN_MEMORY_BYTES", 1000)
    dataset = build(None, path=str(drive), angle="steering", part="part")
    assert isinstance(dataset.images, np.memmap) and isinstance(dataset.test_images, np.memmap)


def test_an_image_that_changes_while_it_is_read_is_noticed(drive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode_and_change(*arguments: object, **options: object) -> tuple[str, ...]:
        notes = decode_files(*arguments, **options)  # type: ignore[arg-type]
        shutil.copy(drive.parent / "frames" / "000.png", drive.parent / "frames" / "001.png")
        return notes

    monkeypatch.setattr(decoding, "decode_files", decode_and_change)
    with pytest.raises(ValueError, match=r"drive\.csv changed while it was being read"):
        build(None, path=str(drive), angle="steering")


def test_a_relative_table_is_looked_for_here_then_in_the_data_folder(
    drive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(drive.parent)
    assert len(build(None, path="drive.csv", angle="steering").images) == 32
    monkeypatch.chdir("/")
    assert len(build(drive.parent, path="drive.csv", angle="steering").images) == 32
    with pytest.raises(FileNotFoundError, match=r"image_table path 'gone.csv' does not exist \(looked for .* and .*\)"):
        build(drive.parent, path="gone.csv", angle="steering")
    with pytest.raises(ValueError, match="image_table needs `path`: a CSV file with a row an image"):
        build(drive.parent, angle="steering")


@pytest.mark.needs_data
def test_real_photographs_with_a_table_of_their_own(data_dir: Path, tmp_path: Path, cache: Path) -> None:
    rows: list[Row] = []
    with tarfile.open(data_dir / "dogs_vs_cats.tar.gz") as archive:
        for member in archive:
            breed = "cat" if "cat" in member.name.lower().rsplit("/", 1)[-1] else "dog"
            if member.isfile() and sum(row["breed"] == breed for row in rows) < 20:
                archive.extract(member, tmp_path, filter="data")
                rows.append({"file": member.name, "breed": breed, "lean": len(rows) - 20})
            if len(rows) == 40:
                break
    table = write(tmp_path / "pets.csv", rows)
    dataset = build(None, path=str(table), image="file", label="breed", image_size=(32, 32))
    assert dataset.class_names == ("cat", "dog") and dataset.image_shape == (32, 32, 3)
    assert np.bincount(dataset.labels).tolist() == [16, 16] and np.bincount(dataset.test_labels).tolist() == [4, 4]
    assert 90 < dataset.images.mean() < 150
    with pytest.raises(ValueError, match=r"several sizes.* in row \d+\): give image_size="):
        build(None, path=str(table), image="file", angle="lean")
