import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from keras_suite.data_pipeline.datasets.image_folder import image_folder as build
from keras_suite.data_pipeline.images.problem_files import Problem, RefusedFiles, write_problems
from keras_suite.data_pipeline.splits import split
from keras_suite.tasks.wording.quantities import counted
from tests.data_pipeline.conftest import WriteTree, pack

LEFTOVERS = (
    *(
        ".ipynb_checkpoints/000-checkpoint.png",
        "cats/.ipynb_checkpoints/001-checkpoint.png",
        "@eaDir/0.png@SynoEAStream",
    ),
    *(
        "cats/.gitkeep",
        ".git/config",
        "cats/.directory",
        "cats/.picasa.ini",
        ".Trashes/501",
        "$RECYCLE.BIN/desktop.ini",
    ),
    *(".Spotlight-V100/store.db", "cats/._000.png", "__MACOSX/cats/._1.png", "cats/Icon\r", "cats/000.json"),
    *("cats/README.txt", "cats/012.png.part", "dogs/Thumbs.db", ".hidden/a.png", "dogs/.001.png.Xy12"),
)


def sides(dataset: object) -> tuple[set[bytes], set[bytes]]:
    return tuple({image.tobytes() for image in getattr(dataset, part)} for part in ("images", "test_images"))  # type: ignore[return-value]


@pytest.mark.parametrize("packed", [False, True])
def test_leftovers_are_no_class_and_no_image_and_change_no_identity(
    write_tree: WriteTree, tmp_path: Path, packed: bool
) -> None:
    root = write_tree({"cats": 6, "dogs": 6})
    plain = build(None, path=str(root))
    for name in LEFTOVERS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / "cats" / "000.png", root / name)
    littered = build(None, path=str(pack(root, tmp_path / "a.tar") if packed else root))
    assert littered.class_names == ("cats", "dogs") and (littered.images == plain.images).all()
    assert {name for name, _ in littered.origin.left_out} == set(LEFTOVERS)
    assert sum(f"left out {counted(count, 'file')}" in note for note in littered.notes for count in range(1, 9)) >= 6
    assert packed or littered.fingerprint == plain.fingerprint
    for name in LEFTOVERS:
        (root / name).unlink()
    shutil.rmtree(root / ".git")  # empty folders are named, too
    for folder in (".ipynb_checkpoints", "cats/.ipynb_checkpoints", "@eaDir", ".Trashes", "$RECYCLE.BIN", ".hidden"):
        (root / folder).rmdir()
    for folder in (".Spotlight-V100", "__MACOSX"):
        shutil.rmtree(root / folder)
    assert packed or build(None, path=str(root)).notes == plain.notes


def test_a_folder_of_leftovers_alone_is_an_empty_class(write_tree: WriteTree) -> None:
    root = write_tree({"cats": 6, "dogs": 6})
    (root / "emus").mkdir()
    (root / "emus" / "emus.zip").write_bytes(b"PK")
    with pytest.raises(ValueError, match="the folder emus holds no image"):
        build(None, path=str(root))


@pytest.mark.parametrize("resaved", [False, True])
def test_copies_of_photographs_are_on_one_side_of_a_drawn_test_set(write_tree: WriteTree, resaved: bool) -> None:
    root = write_tree({"cats": 10, "dogs": 10})
    before = build(None, path=str(root)).fingerprint
    for path in sorted(root.rglob("*.png")):
        copy = path.with_stem(f"{path.stem} (1)")
        if resaved:  # the same pixels in other bytes
            text = PngImagePlugin.PngInfo()
            text.add_text("Comment", "edited")
            Image.open(path).save(copy, pnginfo=text, compress_level=1)
        else:
            shutil.copy(path, copy)
    dataset = build(None, path=str(root))
    train, test = sides(dataset)
    assert not train & test and len(train) + len(test) == 20 and len(dataset.test_images) == 8
    assert dataset.fingerprint != before and dataset.groups is not None
    assert (build(None, path=str(root)).images == dataset.images).all()  # as it was kept


def test_a_file_is_called_by_its_name(write_tree: WriteTree) -> None:
    root = write_tree({"cats": 5, "dogs": 5})
    dataset = build(None, path=str(root))
    for row, name in enumerate(dataset.origin.names):
        assert (np.asarray(Image.open(root / name)) == dataset.images[row]).all()
    assert dataset.origin.sizes is not None and dataset.origin.sizes.tolist() == [[24, 24]] * 8


def test_files_that_cannot_be_used_are_listed_and_can_be_skipped(write_tree: WriteTree, tmp_path: Path) -> None:
    root = write_tree({"cats": 8, "dogs": 8})
    whole = build(None, path=str(root)).fingerprint
    (root / "cats" / "broken.jpg").write_text("<html>404</html>")
    (root / "dogs" / "gone.png").symlink_to("/nowhere.png")
    (root / "dogs" / "caf\udce9\n.png").write_bytes(b"")
    with pytest.raises(RefusedFiles, match=r"3 of 19 files cannot be used.*caf\\udce9\\n.png") as refused:
        build(None, path=str(root))
    problems = [Problem(name, "refused", reason) for name, reason in refused.value.refused.items()]
    write_problems(tmp_path / "problems.csv", problems)
    rest = build(None, path=str(root), skip=str(tmp_path / "problems.csv"))
    assert len(rest.images) + len(rest.test_images) == 16 and rest.fingerprint == whole
    assert sum(why == "listed to be skipped" for _, why in rest.origin.left_out) == 3


def test_a_class_without_a_file_that_is_not_skipped_is_named_with_their_number(
    write_tree: WriteTree, tmp_path: Path
) -> None:
    root = write_tree({"cats": 8, "dogs": 8, "emus": 2})
    rows = [f"emus/{path.name}" for path in (root / "emus").iterdir()]
    (tmp_path / "problems.csv").write_text("\n".join(["file", *rows]) + "\n")
    with pytest.raises(ValueError, match=r"folder emus is empty.*\(without the 2 files that are skipped\)"):
        build(None, path=str(root), skip=str(tmp_path / "problems.csv"))


def test_classes_called_by_numbers_are_counted_and_chosen_by_name(write_tree: WriteTree) -> None:
    root = write_tree({str(number): 5 for number in range(12)})
    dataset = build(None, path=str(root))
    assert dataset.class_names == tuple(map(str, range(12)))
    some = build(None, path=str(root), classes=(2, 3))
    assert some.class_names == ("2", "3")
    assert {name.split("/")[0] for name in some.origin.names} == {"2", "3"}
    with pytest.raises(ValueError, match="has no class 12: choose from 0, 1, 2"):
        build(None, path=str(root), classes=(2, 12))


def test_folders_that_no_eye_tells_apart_are_one_class(write_tree: WriteTree) -> None:
    root = write_tree({"caf\u00e9": 6, "cafe\u0301": 4, "dogs": 6})
    dataset = build(None, path=str(root))
    assert dataset.class_names == ("caf\u00e9", "dogs") and "no eye tells them apart" in dataset.notes[0]
    assert np.bincount(dataset.labels).tolist() == [8, 5]


def test_near_duplicates_are_on_one_side_on_request(tmp_path: Path, photograph: np.ndarray, cache: Path) -> None:
    for label, name in enumerate(("cats", "dogs")):
        (tmp_path / "p" / name).mkdir(parents=True)
        for number in range(8):
            top, left = 250 + 64 * label, 64 * number
            patch = Image.fromarray(photograph[top : top + 64, left : left + 64])
            patch.save(tmp_path / "p" / name / f"{number}.png")
            patch.save(tmp_path / "p" / name / f"{number}-web.jpg", quality=80)
    plain = build(None, path=str(tmp_path / "p"))
    dataset = build(None, path=str(tmp_path / "p"), near_duplicates_together=True)
    assert plain.groups is None and dataset.groups is not None
    assert "near duplicates are on one side of every split (at most 3 of 64 bits" in dataset.notes[-1]
    photos = np.array([name.removesuffix(".png").removesuffix("-web.jpg") for name in dataset.origin.names])
    tests = {name.removesuffix(".png").removesuffix("-web.jpg") for name in dataset.origin.test_names}
    for seed in range(1, 5):
        chosen = split(dataset, seed)
        train, validation = set(photos[chosen.train]), set(photos[chosen.validation])
        assert not train & validation and not (train | validation) & tests
