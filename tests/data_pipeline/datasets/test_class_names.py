import pytest

from keras_suite.data_pipeline.datasets.class_names import (
    in_counting_order,
    number_of,
    one_spelling,
    perhaps_missing,
    spelled_out,
    stands_for_nothing,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["10", "2", "0", "11", "1"], ["0", "1", "2", "10", "11"]),
        (["10.0", "9.5", "-1", "002"], ["-1", "002", "9.5", "10.0"]),
        (["class 10", "class 9", "class 9b"], ["class 9", "class 9b", "class 10"]),
        (["dog", "Cat", "cat"], ["Cat", "cat", "dog"]),
        (["1" * 5000, "x"], ["1" * 5000, "x"]),
    ],
)
def test_names_are_in_the_order_in_which_a_person_counts(given: list[str], expected: list[str]) -> None:
    assert in_counting_order(given) == expected


@pytest.mark.parametrize(
    ("name", "number"), [("7", 7), ("007", 7), ("7.0", 7), ("-3", -3), ("1e3", None), ("nan", None), ("", None)]
)
def test_a_name_is_a_number_as_it_is_written(name: str, number: int | None) -> None:
    assert number_of(name) == number


@pytest.mark.parametrize(
    "other",
    [
        "c\u200bat",
        "ca\u00adt",
        "\ufeffcat",
        "c\u2060at",
        "cat\u00a0",
        "cat\u200e",
        "ca\u034ft",
        "cat\u2800",
        "cat\ufe0f",
    ],
)
def test_what_no_eye_tells_apart_is_one_name(other: str) -> None:
    assert one_spelling({"cat": 3, other: 2, "dog": 5}) == {"cat": "cat", other: "cat", "dog": "dog"}
    assert one_spelling({other: 2})[other] == other  # alone it is its own name
    assert "\\" in spelled_out("c\u200bat") and spelled_out("caf\u00e9") == "'caf\u00e9'"


def test_unicode_forms_and_blanks_are_one_name_of_the_more_frequent_spelling() -> None:
    assert set(one_spelling({"caf\u00e9": 1, "cafe\u0301": 5}).values()) == {"cafe\u0301"}
    assert set(one_spelling({"ice  cream": 2, "ice cream": 2}).values()) == {"ice cream"}


def test_what_programs_write_for_nothing_is_no_class() -> None:
    assert all(map(stands_for_nothing, ("nan", "NaN", "<NA>", "#N/A", "NaT", "\u200b", "\u3164")))
    assert not any(map(stands_for_nothing, ("none", "nano", "na", "0", "")))
    assert perhaps_missing(["None", "cat", "NULL", "\u200b"]) == ["None", "NULL", "\u200b"]
