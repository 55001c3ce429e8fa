import re

import pytest

from keras_suite.data_pipeline.datasets.given.names import arrays_named


def test_the_names_of_keras_medmnist_and_notebooks_are_understood() -> None:
    names, notes = arrays_named("x", ["x_train", "y_train", "x_test", "y_test"], "mend")
    assert names == {"images": "x_train", "labels": "y_train", "test_images": "x_test", "test_labels": "y_test"}
    assert notes == ()
    medical = [f"{part}_{what}" for part in ("train", "val", "test") for what in ("images", "labels")]
    names, notes = arrays_named("x", medical, "mend")
    assert (names["images"], names["labels"], names["test_labels"]) == ("train_images", "train_labels", "test_labels")
    assert notes == ("left out what is called val_images, val_labels: each run draws its own validation images",)
    assert arrays_named("x", ["X", "y", "extra"], "mend") == (
        {"images": "X", "labels": "y"},
        ("left out what is called extra",),
    )


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (["arr_0", "arr_1"], "x has no `images` (it has arr_0, arr_1): mend"),
        ([], "x has no `images` (it has no arrays): mend"),
        (["images", "label"], "x has no `labels` (it has images, label): mend"),
        (["images", "x_train", "labels"], "x has both images and x_train: leave out all but one"),
        (["images", "labels", "test_labels"], "x has test_labels and no `test_images` (it has images, labels, test_"),
        (
            ["images", "labels", "x_test"],
            "x has labels and no `test_labels` (it has images, labels, x_test): give both",
        ),
        (["images", "labels", "test_images", "test_labels", "test_targets"], "x has test_targets and no `targets`"),
    ],
)
def test_what_is_missing_or_there_twice_is_named_with_what_is_there(there: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        arrays_named("x", there, "mend")


def test_a_file_of_many_arrays_is_answered_shortly() -> None:
    with pytest.raises(ValueError, match=r"it has a00, a01, .* and 988 more\): mend"):
        arrays_named("x", [f"a{number:02}" for number in range(1000)], "mend")
