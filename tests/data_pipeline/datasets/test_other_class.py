from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.image_folder import image_folder as build
from keras_suite.data_pipeline.splits import split
from tests.data_pipeline.conftest import SIDE, WriteTree


@pytest.fixture
def photos(write_tree: WriteTree, tmp_path: Path) -> tuple[Path, Path]:
    """Ten cats and ten dogs, and apart from them ten pictures of neither, some in a folder within."""
    tree = write_tree({"cats": 10, "dogs": 10, "misc/deep": 4, "misc": 6})
    other = tmp_path / "neither"
    (tree / "misc").rename(other)
    return tree, other


def test_pictures_of_none_of_the_classes_are_one_more_class(photos: tuple[Path, Path]) -> None:
    tree, other = photos
    plain, dataset = build(None, path=str(tree)), build(None, path=str(tree), other=str(other))
    assert dataset.class_names == ("cats", "dogs", "other")
    assert np.bincount(dataset.labels).tolist() == [8, 8, 8] and np.bincount(dataset.test_labels).tolist() == [2, 2, 2]
    assert (dataset.images[: len(plain.images)] == plain.images).all()
    assert dataset.image_shape == (SIDE, SIDE, 3) and dataset.fingerprint != plain.fingerprint
    assert {name.split("/")[0] for name in dataset.origin.names[16:]} == {"neither"}
    assert "the class 'other' is of 10 images in neither, of which 2 test" in dataset.notes
    chosen = split(dataset, 1)
    assert len(np.unique(dataset.labels[chosen.train])) == len(np.unique(dataset.labels[chosen.validation])) == 3


def test_they_test_too_where_the_others_have_a_test_folder(write_tree: WriteTree, photos: tuple[Path, Path]) -> None:
    tree, other = photos
    for part in ("train", "test"):
        (tree / part).mkdir()
    for name in ("cats", "dogs"):
        (tree / name).rename(tree / "train" / name)
        (tree / "test" / name).mkdir()
        first = sorted((tree / "train" / name).iterdir())[0]
        first.rename(tree / "test" / name / first.name)
    dataset = build(None, path=str(tree), other=str(other), test_fraction=0.5)
    assert np.bincount(dataset.test_labels).tolist() == [1, 1, 5] and not dataset.origin.tests_are_drawn


def test_it_is_the_same_class_as_a_folder_named_other(photos: tuple[Path, Path]) -> None:
    tree, other = photos
    apart = build(None, path=str(tree), other=str(other))
    other.rename(tree / "other")
    within = build(None, path=str(tree))
    assert within.class_names == apart.class_names
    everything = [{image.tobytes() for image in (*each.images, *each.test_images)} for each in (apart, within)]
    assert everything[0] == everything[1]


def test_what_cannot_be_another_class_is_refused_in_one_line(photos: tuple[Path, Path], tmp_path: Path) -> None:
    tree, other = photos
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    for number in range(3):
        (tmp_path / "broken" / f"{number}.png").write_bytes(b"no image")
    for given, said in (
        (tmp_path / "nowhere", "other path .* does not exist"),
        (tmp_path / "empty", "there is no image in that folder"),
        (tmp_path / "broken", r"^other: .*broken.*0\.png"),
        (tree / "cats", "lie one in the other"),
        (other / "deep" / "000.png", "neither a folder nor"),
    ):
        with pytest.raises((ValueError, OSError), match=said) as caught:
            build(None, path=str(tree), other=str(given))
        assert "\n" not in str(caught.value)
    (tree / "other").mkdir()
    for place in sorted((tree / "cats").iterdir())[:5]:
        place.rename(tree / "other" / place.name)
    with pytest.raises(ValueError, match="has a class named 'other' already"):
        build(None, path=str(tree), other=str(other))
