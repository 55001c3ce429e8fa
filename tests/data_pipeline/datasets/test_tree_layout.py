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
    ],
)
def test_two_readings_are_refused_and_said_apart(folders: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r'here: .*part.*layout="classes"'):
        layout(*folders)
    tops = sorted({folder.split("/")[0] for folder in folders})
    assert classes(layout(*folders, say="classes")) == {"train": tops}


def test_a_class_may_be_called_train_where_nothing_is_a_part() -> None:
    found = layout("bus", "car", "train")
    assert classes(found) == {"train": ["bus", "car", "train"]} and "train is a class" in found.why


def test_saying_parts_needs_parts() -> None:
    with pytest.raises(ValueError, match=r'layout="parts" needs folders train and test .*cat, train: rename'):
        layout("train/cat", "cat", say="parts")
