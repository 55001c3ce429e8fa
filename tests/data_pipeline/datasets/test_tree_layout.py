import pytest

from keras_suite.data_pipeline.datasets.tree_layout import Layout, TreeLayout, part_of, recognise


def layout(*folders: str, say: Layout = None, each: int = 3) -> TreeLayout:
    files = sorted(f"{folder}/{number}.png" for folder in folders for number in range(each))
    return recognise("here", [(file, file) for file in files], say)


def classes(found: TreeLayout) -> dict[str, list[str]]:
    return {part: sorted({name.split("/")[0] for name, _ in files}) for part, files in found.parts.items()}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Train", "train"),
        ("training_set", "train"),
        ("train-images", "train"),
        ("TEST", "test"),
        ("test_set", "test"),
        ("val", "validation"),
        ("Validation Data", "validation"),
        ("dev", "validation"),
        ("trains", None),
        ("images", None),
        ("cat", None),
        ("test_tube", None),
        ("TrainData", "train"),
        ("train_test", None),
    ],
)
def test_parts_go_by_their_customary_names(name: str, part: str | None) -> None:
    assert part_of(name) == part


@pytest.mark.parametrize("around", ["", "photos/", "data/v2/"])
@pytest.mark.parametrize(
    "names", [("train", "test"), ("training_set", "test_set"), ("Train", "val"), ("trn", "holdout")]
)
def test_parts_hold_a_folder_a_class(names: tuple[str, str], around: str) -> None:
    found = layout(*(f"{around}{part}/{name}" for part in names for name in ("cat", "dog")))
    assert classes(found) == {"train": ["cat", "dog"], "test": ["cat", "dog"]}
    assert names[0] in found.why
    assert found.is_new is (names[0] in ("training_set", "trn"))  # earlier versions took those for classes


@pytest.mark.parametrize(
    "names", [("seg_train", "seg_test"), ("pets-v2-training", "pets-v2-validation"), ("dogTrain", "dogTest")]
)
def test_a_word_that_all_parts_have_is_no_matter(names: tuple[str, str]) -> None:
    found = layout(*(f"{part}/{part}/{name}" for part in names for name in ("cat", "dog")))
    assert classes(found) == {"train": ["cat", "dog"], "test": ["cat", "dog"]} and found.is_new
    assert classes(layout("steam_train", "test_tube")) == {"train": ["steam_train", "test_tube"]}


def test_a_folder_around_the_classes_of_each_part_is_looked_through() -> None:
    found = layout("train/seg/cat", "train/seg/dog", "test/seg/cat", "test/seg/dog")
    assert classes(found) == {"train": ["cat", "dog"], "test": ["cat", "dog"]}


def test_parts_may_lie_in_the_classes() -> None:
    found = layout("cat/train", "cat/test", "dog/train", "dog/test")
    assert classes(found) == {"train": ["cat", "dog"], "test": ["cat", "dog"]} and found.is_new
    assert classes(layout("cat/indoor", "cat/garden", "dog/train", "dog/test")) == {"train": ["cat", "dog"]}


@pytest.mark.parametrize(
    "folders",
    [
        ("test", "train", "plane"),  # three classes, or parts with a stranger
        ("train", "valid", "car"),
        ("train", "test"),  # two classes, or parts without classes
        ("train/cat", "train/dog", "test"),
        ("train/cat", "train/dog", "test/cat", "test/dog", "extra/cat"),
        ("cat", "dog", "test/cat", "test/dog"),
        ("train/cat", "train/dog", "bus"),
        ("seg_train/cat", "seg_train/dog", "seg_test/cat", "seg_test/dog", "seg_pred"),
        ("asl_alphabet_train/a", "asl_alphabet_train/b", "asl_test/a", "asl_test/b"),
    ],
)
def test_two_readings_are_refused_and_said_apart(folders: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r'here: .*part.*layout="classes"'):
        layout(*folders)
    tops = sorted({folder.split("/")[0] for folder in folders})
    assert classes(layout(*folders, say="classes")) == {"train": tops}


@pytest.mark.parametrize("tops", [("fold0", "fold1", "fold2"), ("split_1", "split_2"), ("Part 1", "Part 2")])
def test_folds_are_no_classes_unless_one_says_so(tops: tuple[str, ...]) -> None:
    folders = [f"{top}/{name}" for top in tops for name in ("cat", "dog")]
    with pytest.raises(ValueError, match=r'here: .* each hold the folders cat, dog: .*say layout="classes"'):
        layout(*folders)
    assert classes(layout(*folders, say="classes")) == {"train": sorted(tops)}


def test_folders_that_all_classes_hold_are_said() -> None:
    [note] = layout("benign/40X", "benign/100X", "malignant/40X", "malignant/100X").notes
    assert (
        note == "each class folder holds the folders 100X, 40X: all their images are of the class (benign, malignant)"
    )
    assert layout("cat/2020", "dog/2021").notes == layout("cat", "dog").notes == ()


def test_what_lies_beside_the_parts_is_left_out_where_the_user_says_parts() -> None:
    for folders in (("train/cat", "test/cat", "extra/cat"), ("seg_train/cat", "seg_test/cat", "seg_pred")):
        found = layout(*folders, say="parts")
        assert classes(found) == {"train": ["cat"], "test": ["cat"]} and found.is_new
        assert len(found.outside) == 3 and all(name.startswith(folders[2]) for name in found.outside)


def test_folders_of_one_part_are_joined_and_an_empty_one_is_refused() -> None:
    found = layout("train/cat", "training/cat", "test/cat")
    assert "the images of train and training are taken together" in found.notes
    with pytest.raises(ValueError, match="here: the folder valid is empty"):
        recognise("here", [("train/cat/1.png",) * 2, ("test/cat/1.png",) * 2, ("valid/",) * 2])


def test_a_class_may_be_called_train_where_nothing_is_a_part() -> None:
    found = layout("bus", "car", "train")
    assert classes(found) == {"train": ["bus", "car", "train"]} and "train is a class" in found.why


def test_saying_parts_needs_parts() -> None:
    with pytest.raises(ValueError, match=r'layout="parts" needs folders train and test .*cat, train: rename'):
        layout("train/cat", "cat", say="parts")
