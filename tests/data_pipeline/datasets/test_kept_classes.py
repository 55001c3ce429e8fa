import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.kept_classes import chosen_classes, means_others


def test_classes_are_kept_by_number_or_name_and_numbered_anew() -> None:
    by_number, by_name = digits(None, classes=(7, 2)), digits(None, classes=("2", "7"))
    assert by_number.class_names == by_name.class_names == ("2", "7")
    assert set(by_number.labels) == set(by_number.test_labels) == {0, 1}
    assert (by_number.images == by_name.images).all()
    whole = digits(None)
    assert (by_number.images[by_number.labels == 1] == whole.images[whole.labels == 7]).all()


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (("2", "x"), r"digits has no class 'x': choose from 0, 1, 2"),
        ((3, 10), "no class 10"),
        ((3, -1), "no class -1"),
        ((3, "3"), "names a class twice"),
        ((3,), "leaves 1 to tell apart: choose at least 2"),
    ],
)
def test_classes_that_do_not_fit_are_refused(classes: tuple[int | str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        digits(None, classes=classes)


def test_a_number_chooses_by_name_where_names_are_numbers_and_by_place_where_none_is() -> None:
    assert chosen_classes("here", ["1", "2", "10"], (2, 10)) == [1, 2]
    assert chosen_classes("here", ["01", "2.0", "x"], (1, "2.0")) == [0, 1]
    assert chosen_classes("here", ["cat", "dog", "emu"], (2, 0)) == [0, 2]
    assert chosen_classes("here", ["caf\u00e9", "dog"], ("cafe\u0301", "dog")) == [0, 1]
    with pytest.raises(ValueError, match="here has no class 3: choose from 1, 2, x"):
        chosen_classes("here", ["1", "2", "x"], (1, 3))


def test_runs_of_versions_that_took_numbers_for_places_are_others() -> None:
    assert means_others(["0", "1", "10", "2"], (2, 3), ["2", "3"]) and not means_others(["0", "1"], (0, 1), ["0", "1"])
