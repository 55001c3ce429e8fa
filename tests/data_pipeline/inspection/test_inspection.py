"""All that the inspection says, of folders and arrays: `facts`, `near_duplicates`, `duplicates`, `appearance`,
`classes`, `findings`, `kept_facts` and `inspect`.
"""

import io
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.arrays import arrays
from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.image_folder import image_folder
from keras_suite.data_pipeline.datasets.image_table import image_table
from keras_suite.data_pipeline.inspection import kept_facts
from keras_suite.data_pipeline.inspection.facts import measured, thumbnail
from keras_suite.data_pipeline.inspection.findings import Finding, Inspection
from keras_suite.data_pipeline.inspection.inspect import inspect
from keras_suite.data_pipeline.inspection.near_duplicates import ImageRows, near_pairs
from tests.data_pipeline.conftest import WriteTree, pack

SIDE = 40


@pytest.fixture
def photographs(tmp_path: Path, photograph: np.ndarray, cache: Path) -> Path:
    """Two classes of ten different patches, 40 x 40."""
    for label, name in enumerate(("cats", "dogs")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(10):
            top, left = 150 + 100 * label + 40 * (number // 5), 120 * (number % 5)
            patch = photograph[top : top + SIDE, left : left + SIDE]
            Image.fromarray(patch).save(tmp_path / "photos" / name / f"{number}.png")
    return tmp_path / "photos"


def found(dataset: Dataset) -> dict[str, Finding]:
    return {finding.kind: finding for finding in inspect(dataset).findings}


def of_folder(root: Path, **options: object) -> dict[str, Finding]:
    return found(image_folder(None, path=str(root), image_size=(SIDE, SIDE), **options))  # type: ignore[arg-type]


def test_of_good_data_nothing_is_said(photographs: Path) -> None:
    inspection = inspect(image_folder(None, path=str(photographs)))
    assert inspection.findings == () and inspection.counts == {"train": (8, 8), "test": (2, 2)}
    assert inspection.layout == "one folder a class; test images drawn by content" and inspection.problems() == []
    assert found(digits(None)) == {}


def saved_again(path: Path, copy: Path, quality: int = 85, side: int = SIDE) -> None:
    file = io.BytesIO()
    Image.open(path).resize((side, side)).save(file, "JPEG", quality=quality)
    copy.write_bytes(file.getvalue())


@pytest.mark.parametrize(("quality", "side"), [(90, SIDE), (80, SIDE), (90, 2 * SIDE)])
def test_photographs_saved_again_are_near_duplicates(photographs: Path, quality: int, side: int) -> None:
    saved_again(photographs / "cats" / "1.png", photographs / "cats" / "1 copy.jpg", quality, side)
    finding = of_folder(photographs)
    [kind] = [kind for kind in finding if kind.startswith("near_duplicates")]
    assert "in 1 pair (at most 3 of 64 bits" in finding[kind].text and finding[kind].is_warning
    assert set(finding[kind].examples[0].split(" and ")) == {"cats/1 copy.jpg", "cats/1.png"}
    assert len(finding[kind].doubtful) == 1


def test_near_duplicates_in_test_and_training_are_told_apart_with_their_labels(photographs: Path) -> None:
    root = photographs.parent / "parts"
    shutil.copytree(photographs, root / "train")
    for name, other in (("cats", "dogs"), ("dogs", "cats")):
        (root / "test" / name).mkdir(parents=True)
        saved_again(root / "train" / other / "1.png", root / "test" / name / "a.jpg")
    finding = of_folder(root)["near_duplicates_tested"]
    assert "nearly the same image trains and tests in 2 pairs, 2 of them under two labels" in finding.text


def test_exact_copies_and_one_image_under_two_labels_are_counted(photographs: Path) -> None:
    shutil.copy(photographs / "cats" / "1.png", photographs / "cats" / "1 (1).png")
    shutil.copy(photographs / "cats" / "2.png", photographs / "dogs" / "other.png")
    findings = of_folder(photographs, copies="keep")
    assert findings["two_labels"].text == "1 image under more than one label, in 2 places"
    assert set(findings["two_labels"].examples[0].split(", ")) == {"cats/2.png (cats)", "dogs/other.png (dogs)"}
    assert {file for file, _ in findings["two_labels"].doubtful} == {"cats/2.png", "dogs/other.png"}
    assert findings["copies"].text.startswith(("1 exact copy", "2 exact copies"))


@pytest.mark.parametrize("packed", [False, True])
def test_copies_between_test_and_training_are_kept_by_leave_only(photographs: Path, packed: bool) -> None:
    root = photographs.parent / "parts"
    shutil.copytree(photographs, root / "train")
    for name in ("cats", "dogs"):
        (root / "test" / name).mkdir(parents=True)
        shutil.copy(root / "train" / name / "1.png", root / "test" / name / "a.png")
    path = pack(root, photographs.parent / "parts.tar") if packed else root
    with pytest.raises(ValueError, match=r"2 of the 2 test images train, too \(test/cats/a.png is train/cats/1.png; "):
        of_folder(path)
    kept = of_folder(path, copies="keep")["copies_tested"]
    assert kept.is_warning and "tested on all the same (copies=keep)" in kept.text and len(kept.doubtful) == 2
    assert not of_folder(path, copies="leave_out")["copies_tested"].is_warning


def test_copies_within_the_test_set_are_said(photographs: Path) -> None:
    root = photographs.parent / "parts"
    for part, numbers in (("train", range(6)), ("test", (7, 8, 9))):
        for name in ("cats", "dogs"):
            (root / part / name).mkdir(parents=True)
            for number in numbers:
                shutil.copy(photographs / name / f"{number}.png", root / part / name)
    shutil.copy(root / "test" / "cats" / "7.png", root / "test" / "cats" / "8.png")
    finding = of_folder(root)["copies_in_test"]
    assert finding.text.startswith("1 of the 6 test images is a copy of other test images") and finding.is_warning
    assert finding.examples == ("test/cats/8.png is test/cats/7.png",)


def test_arrays_and_tables_are_inspected_alike(photographs: Path, tmp_path: Path, cache: Path) -> None:
    (photographs / "cats" / "blank.png").unlink(missing_ok=True)
    Image.new("RGB", (SIDE, SIDE), (200, 30, 30)).save(photographs / "cats" / "blank.png")
    saved_again(photographs / "dogs" / "1.png", photographs / "dogs" / "6.jpg")
    files = sorted(path for path in photographs.rglob("*") if path.is_file())
    rows = [f"{path.relative_to(photographs)},{path.parent.name}" for path in files]
    (photographs / "t.csv").write_text("image,label\n" + "\n".join(rows))
    images, labels = np.stack([np.asarray(Image.open(path)) for path in files]), [path.parent.name for path in files]
    np.savez(tmp_path / "a.npz", images=images, labels=labels)
    folder = of_folder(photographs)
    table = found(image_table(None, path=str(photographs / "t.csv"), label="label"))
    array = found(arrays(None, path=str(tmp_path / "a.npz")))
    near = {kind for kind in folder if kind.startswith("near")}
    assert "blank" in folder and len(near) == 1
    assert set(folder) - {"left_out"} == set(table) and {"blank"} <= set(array) and len(array) == 2
    assert table["blank"].examples == folder["blank"].examples == ("cats/blank.png",)
    assert array["blank"].examples == (f"image {files.index(photographs / 'cats' / 'blank.png')}",)


def test_ranges_sizes_and_shapes_far_apart_are_named(photographs: Path) -> None:
    for path in photographs.rglob("*.png"):
        dark = np.asarray(Image.open(path)) // 20
        Image.fromarray(dark.astype(np.uint8)).save(path)
    assert "all pixels lie between" in of_folder(photographs)["range"].text
    Image.fromarray(np.arange(256 * 3, dtype=np.uint16).reshape(8, 96).astype(np.uint8)).save(
        photographs / "cats" / "w.png"
    )
    Image.new("RGB", (400, 400), "white").save(photographs / "cats" / "large.png")
    Image.effect_noise((8, 8), 90).save(photographs / "cats" / "small.png")
    findings = of_folder(photographs)
    assert "from 8x8 to 400x400 pixels" in findings["sizes"].text and not findings["sizes"].is_warning
    assert findings["shapes"].examples == ("cats/w.png (8x96)",)
    assert set(findings["enlarged"].examples) == {"cats/w.png (8x96)", "cats/small.png (8x8)"}
    assert findings["contrast"].text.endswith("of 23 images span fewer than 32 of the 256 levels")


def test_classes_that_are_small_missing_alike_or_nothing_are_named(write_tree: WriteTree) -> None:
    folders = {"train/Cat": 40, "train/cats": 3, "train/none": 30, "test/Cat": 2, "test/cats": 2}
    findings = found(image_folder(None, path=str(write_tree(folders))))
    assert findings["imbalance"].examples == ("cats (3)",) and "'Cat' (40)" in findings["imbalance"].text
    assert findings["missing_in_test"].examples == ("none",)
    assert findings["look_alikes"].examples == ("'Cat' and 'cats' (plural)",)
    assert "'none' may stand for no label" in findings["no_label"].text


def test_what_is_left_out_is_counted_by_its_kind(photographs: Path) -> None:
    for name in (".DS_Store", "cats/a.json", "cats/b.json"):
        (photographs / name).write_bytes(b"x")
    assert (
        of_folder(photographs)["left_out"].text
        == "files that are left out: 2 of text or data, 1 of the operating system"
    )


def test_what_is_read_otherwise_than_it_is_called_is_said(photographs: Path) -> None:
    root = photographs.parent / "parts"
    shutil.copytree(photographs, root / "train")
    shutil.copytree(photographs, root / "val")
    findings = of_folder(root, copies="keep")
    assert findings["read_as"].text == "the folder val is the test set: there is none called test"
    assert not findings["read_as"].is_warning


def test_the_same_pixels_are_measured_once(photographs: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    saved_again(photographs / "cats" / "1.png", photographs / "cats" / "1 copy.jpg")
    before = of_folder(photographs)
    kept = list((cache / "inspected").iterdir())
    shutil.move(photographs, photographs.parent / "moved")
    with monkeypatch.context() as patched:
        patched.setattr(kept_facts, "measured", lambda *_, **__: pytest.fail("measured again"))
        assert of_folder(photographs.parent / "moved") == before
    kept[0].write_bytes(b"damaged")
    assert of_folder(photographs.parent / "moved") == before


def test_small_images_and_public_data_are_not_compared_for_near_duplicates(photographs: Path) -> None:
    saved_again(photographs / "cats" / "1.png", photographs / "cats" / "1 copy.jpg")
    small = image_folder(None, path=str(photographs), image_size=(31, 31))
    assert not any(kind.startswith("near") for kind in found(small))
    public = image_folder(None, path=str(photographs), image_size=(SIDE, SIDE))
    public = replace(public, origin=replace(public.origin, is_own=False))
    assert not any(kind.startswith("near") for kind in found(public))
    assert any(finding.kind.startswith("near") for finding in inspect(public, near=True).findings)


def test_facts_of_images() -> None:
    images = np.random.default_rng(0).integers(10, 200, (700, 36, 50, 3), dtype=np.uint8)
    images[5] = (7, 250, 100)
    facts = measured(images, np.arange(700))
    assert (facts.low == images.min(axis=(1, 2, 3))).all() and (facts.high == images.max(axis=(1, 2, 3))).all()
    assert np.flatnonzero(facts.spread < 1).tolist() == [5] and len(np.unique(facts.hashes)) > 690
    assert [thumbnail(images[0][..., :channels]).shape for channels in (1, 2, 3)] == [(32, 32)] * 3
    assert len(measured(images[:0], np.arange(0))) == 0


def test_near_pairs_say_where_too_many_images_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.zeros((50, 32, 32, 1), np.uint8)
    images[:, 0, 0, 0] = np.arange(50)
    hashes, numbers = measured(images, np.arange(50)).hashes, np.arange(50)
    assert near_pairs(hashes, numbers, ImageRows(images[:20], images[20:])).is_complete
    monkeypatch.setattr("keras_suite.data_pipeline.inspection.near_duplicates._MOST_CANDIDATES", 100)
    assert not near_pairs(hashes, numbers, ImageRows(images)).is_complete


def test_a_finding_in_json_and_in_words() -> None:
    finding = Finding("blank", "4 images are blank", examples=tuple(f"{number}\n.png" for number in range(7)))
    assert finding.in_json() == {
        "kind": "blank",
        "text": "4 images are blank",
        "is_warning": True,
        "examples": [f"{number}\\n.png" for number in range(5)],
        "more": 2,
    }
    assert finding.in_words() == "4 images are blank: 0\\n.png; 1\\n.png; 2\\n.png; and 4 more"
    inspection = Inspection("", {"train": (1, 2)}, (finding, replace(finding, is_warning=False)))
    assert inspection.warnings == (finding,) and inspection.in_json()["counts"] == {"train": [1, 2]}
