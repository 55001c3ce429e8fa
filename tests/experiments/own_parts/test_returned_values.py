"""What an experiment file's functions must return."""

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from keras_suite.experiments.foreign_code import WrongResult
from keras_suite.experiments.own_parts import returned_values
from keras_suite.reports.page.study import Study


def test_numbers_of_numpy_become_json_values() -> None:
    given = {"a": np.float32(0.5), "b": [np.int64(3), np.bool_(True)], "c": {"d": (None, "x", 1)}}
    assert returned_values.json_values(given) == {"a": 0.5, "b": [3, True], "c": {"d": [None, "x", 1]}}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "returned None"),
        (3.0, "returned 3.0"),
        ([1], r"returned \[1\]"),
        ({"a": float("nan")}, "returned nan at 'a'"),
        ({"a": {"b": float("inf")}}, "returned inf at 'a.b'"),
        ({"a": np.zeros(3)}, r"\.tolist\(\)"),
        ({"a": {1, 2}}, "which JSON cannot hold"),
        ({"a": b"x"}, "which JSON cannot hold"),
        ({1: 2}, "returned the key 1"),
        ({"a": {2: 3}}, "returned the key 2 at 'a'"),
        ({"a": object}, "which JSON cannot hold"),
    ],
)
def test_what_json_cannot_hold_is_named_with_its_place(value: Any, said: str) -> None:
    with pytest.raises(WrongResult, match=said):
        returned_values.json_values(value)


def test_what_holds_itself_is_named() -> None:
    value: dict[str, Any] = {}
    value["a"] = value
    with pytest.raises(WrongResult, match="nested more than 32 deep"):
        returned_values.json_values(value)


@pytest.mark.parametrize("value", [None, 3, [], {"a": 3}, {3: Figure()}, {"a": Figure().add_subplot()}, Figure()])
def test_what_is_no_figure_is_named(value: Any) -> None:
    with pytest.raises(WrongResult, match="returned"):
        returned_values.figures(value)


def test_figures_by_title_are_taken() -> None:
    figure = Figure()
    assert returned_values.figures({"A title": figure}) == {"A title": figure}


@pytest.mark.parametrize(
    "value",
    [
        None,
        "an answer",
        Study(""),
        Study(None),  # type: ignore[arg-type]
        Study("So.", tables={"a": []}),
        Study("So.", tables={"a": [{"x": 1}, {"y": 1}]}),
        Study("So.", tables={"a": [3]}),  # type: ignore[list-item]
        Study("So.", tables=[1]),  # type: ignore[arg-type]
        Study("So.", figures={"a": 3}),  # type: ignore[dict-item]
    ],
)
def test_what_is_no_whole_study_is_named(value: Any) -> None:
    with pytest.raises(WrongResult, match="returned"):
        returned_values.study(value)


def test_overrides_are_a_dict_by_path() -> None:
    assert returned_values.overrides({"epochs": 3}) == {"epochs": 3}
    with pytest.raises(WrongResult, match="expected overrides of the base"):
        returned_values.overrides({3: 3})
