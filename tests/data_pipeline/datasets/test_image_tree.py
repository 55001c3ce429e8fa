import hashlib

import pytest

from keras_suite.data_pipeline.datasets.image_tree import ImageTree, left_out_notes, read_tree


def tree(*files: str, **options: object) -> ImageTree:
    """Reads a tree of these names; each file's content is its name."""
    digests = {file: "" if file.endswith("/") else hashlib.sha256(file.encode()).hexdigest() for file in files}
    return read_tree("here", digests, **{"classes": None, "test_fraction": 0.2, **options})


def images(folder: str, count: int) -> list[str]:
    return [f"{folder}/{number:03}.jpg" for number in range(count)]


TEN_EACH = [*images("cats", 10), *images("dogs", 10)]


def test_each_folder_is_a_class_and_a_fifth_is_set_apart() -> None:
    image_tree = tree(*TEN_EACH)
    assert image_tree.class_names == ("cats", "dogs")
    assert image_tree.train_counts == (8, 8) and image_tree.test_counts == (2, 2)
    assert sorted(image_tree.files) == sorted(TEN_EACH) and image_tree.notes == ()
    folders = [file.split("/")[0] for file in image_tree.files]
    assert folders == ["cats"] * 8 + ["dogs"] * 8 + ["cats"] * 2 + ["dogs"] * 2


@pytest.mark.parametrize("around", ["photos/", "a/b/c/", "train/"])
def test_single_folders_around_everything_are_looked_through(around: str) -> None:
    image_tree = tree(*(around + file for file in TEN_EACH))
    assert image_tree.class_names == ("cats", "dogs") and image_tree.train_counts == (8, 8)
    assert all(file.startswith(around) for file in image_tree.files)


@pytest.mark.parametrize("names", [("train", "test"), ("Training", "Testing")])
@pytest.mark.parametrize("around", ["", "photos/"])
def test_train_and_test_folders_are_used_as_they_are(names: tuple[str, str], around: str) -> None:
    image_tree = tree(
        *(
            f"{around}{part}/{file}"
            for part, n in zip(names, (5, 2), strict=True)
            for file in [*images("cats", n), *images("dogs", n + 1)]
        )
    )
    assert image_tree.train_counts == (5, 6) and image_tree.test_counts == (2, 3)
    assert all(file.startswith(f"{around}{names[0]}") for file in image_tree.files[:11])


def test_a_validation_folder_joins_training_or_stands_in_for_test() -> None:
    both = [f"{part}/{file}" for part in ("train", "val") for file in TEN_EACH]
    image_tree = tree(*both)
    assert image_tree.train_counts == (10, 10) and image_tree.test_counts == (10, 10)
    assert image_tree.notes == ("the folder val is the test set: there is none called test",)
    image_tree = tree(*both, *(f"test/{file}" for file in TEN_EACH))
    assert image_tree.train_counts == (20, 20) and "val join the training images" in image_tree.notes[0]


def test_the_test_set_follows_the_content_not_the_names() -> None:
    digests = {file: hashlib.sha256(file.encode()).hexdigest() for file in TEN_EACH}
    renamed = {file.replace(".jpg", "-renamed.jpg"): digest for file, digest in digests.items()}
    first = read_tree("here", digests, classes=None, test_fraction=0.3)
    second = read_tree("here", renamed, classes=None, test_fraction=0.3)
    assert {digests[file] for file in first.files[14:]} == {renamed[file] for file in second.files[14:]}


def test_files_may_lie_deeper_in_a_class() -> None:
    image_tree = tree(*images("cats/indoor", 5), *images("cats/garden", 5), *images("dogs", 10))
    assert image_tree.class_names == ("cats", "dogs") and sum(image_tree.train_counts) == 16


def test_chosen_classes_alone_are_kept() -> None:
    image_tree = tree(*TEN_EACH, *images("emus", 10), classes=("emus", 0))
    assert image_tree.class_names == ("cats", "emus") and len(image_tree.files) == 20


def test_system_files_and_readmes_are_left_out_and_named() -> None:
    image_tree = tree(*TEN_EACH, "cats/.DS_Store", "__MACOSX/cats/._001.jpg", "README.txt")
    assert len(image_tree.files) == 20
    assert left_out_notes(image_tree.left_out) == [
        "left out 1 file of text or data: README.txt",
        "left out 2 files of the operating system: __MACOSX/cats/._001.jpg, cats/.DS_Store",
    ]


def test_a_readme_beside_the_only_folder_does_not_hide_it() -> None:
    image_tree = tree("photos/README.txt", *(f"photos/{file}" for file in TEN_EACH))
    assert image_tree.class_names == ("cats", "dogs")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], r"found 0 class folders: expected two or more"),
        (images("cats", 5), r"found 1 class folder"),
        (["a.jpg", "b.jpg"], r"2 images lie outside the class folders: a.jpg, b.jpg; move them"),
        ([*TEN_EACH, "loose.PNG"], "loose.PNG"),
        ([*TEN_EACH, "emus/"], "class folder emus is empty: add images, or remove it"),
        ([*TEN_EACH, "emus/1.npy", "emus/2.npy"], r"the folder emus holds no image \(2 files of text or data\): add"),
        (["train.zip"], "expected two or more, a folder of images a class; unpack train.zip"),
        ([f"train/{file}" for file in TEN_EACH] + images("test/Cats", 2), "to train on; is it the class 'cats'"),
        ([*TEN_EACH, *images("emus", 2)], r"class 'emus' has 2 images: at least 3 are needed"),
        ([f"train/{file}" for file in TEN_EACH] + ["test/cats/"], "class folder test/cats is empty"),
        ([f"train/{file}" for file in TEN_EACH] + ["test/"], "the folder test is empty"),
        (
            [f"{part}/{file}" for part in ("train", "test", "extra") for file in TEN_EACH],
            'lies extra: say layout="parts"',
        ),
        ([f"train/{file}" for file in TEN_EACH] + images("test/emus", 1), "emus has test images but none to train on"),
    ],
)
def test_what_does_not_fit_is_refused(files: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tree(*files)


def test_classes_that_are_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match=r"here has no class 'emus': choose from 0..1 or cats, dogs"):
        tree(*TEN_EACH, classes=("cats", "emus"))


def test_a_class_without_test_images_is_noted() -> None:
    image_tree = tree(*(f"train/{file}" for file in TEN_EACH), *images("test/cats", 3))
    assert image_tree.test_counts == (3, 0) and image_tree.notes == ("there is no test image of dogs",)


def test_a_class_whose_name_is_no_text_is_named() -> None:
    digests = {name: "ab" for name in (*images("caf\udce9", 10), *images("dogs\u3000", 10))}
    with pytest.raises(ValueError, match=r"here: the class folder caf\\udce9 has a name that is no UTF-8: rename it"):
        read_tree("here", digests, classes=None, test_fraction=0.2)
