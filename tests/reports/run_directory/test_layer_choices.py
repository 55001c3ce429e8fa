"""layers.json: what was measured once comes back as it was, or is named as damaged; it never changes by itself."""

from dataclasses import replace
from pathlib import Path

import pytest

from keras_suite.reports.run_directory.layer_choices import (
    LayerChoice,
    TimeRatio,
    in_words,
    keep_choices,
    read_choices,
)
from tests.experiments.conftest import flip

NETWORK = {"model": {"name": "mlp", "options": {}}, "dataset": {"name": "digits", "options": {}}, "batch_size": 32}
DENSE = TimeRatio(("dense",), 0.8, 0.75, 0.85, 21)
CHOICE = LayerChoice(NETWORK, ("dense",), (DENSE,), "CPU of a test", 2, {"keras": "3"})


def test_a_choice_comes_back_equal_and_others_are_added(tmp_path: Path) -> None:
    assert read_choices(tmp_path) == ()
    keep_choices(tmp_path, [CHOICE])
    other = replace(CHOICE, network={**NETWORK, "batch_size": 64}, layers=())
    keep_choices(tmp_path, [other])
    assert read_choices(tmp_path) == (CHOICE, other)


def test_nothing_measured_writes_nothing(tmp_path: Path) -> None:
    keep_choices(tmp_path, [])
    assert list(tmp_path.iterdir()) == []


def test_a_choice_that_is_kept_is_not_replaced(tmp_path: Path) -> None:
    keep_choices(tmp_path, [CHOICE])
    keep_choices(tmp_path, [replace(CHOICE, processor="another")])
    assert read_choices(tmp_path) == (CHOICE,)
    with pytest.raises(ValueError, match="another command has measured"):
        keep_choices(tmp_path, [replace(CHOICE, layers=())])
    assert read_choices(tmp_path) == (CHOICE,)


@pytest.mark.parametrize("damage", ["flipped", "cut", "other fields"])
def test_a_damaged_file_is_named_with_what_to_do(damage: str, tmp_path: Path) -> None:
    keep_choices(tmp_path, [CHOICE])
    path = tmp_path / "layers.json"
    if damage == "flipped":
        flip(path)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-30])
    else:
        path.write_text('{"networks": [{"network": {}}]}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"layers\.json") as error:
        read_choices(tmp_path)
    assert "start anew with --fresh" in str(error.value) and "\n" not in str(error.value)


def test_a_line_says_what_was_chosen_how_much_faster_it_is_and_where() -> None:
    assert in_words(CHOICE) == (
        "hand-derived dense: a training step takes 0.80 of the time that it takes with Keras's (95 % interval 0.75 to "
        "0.85, 21 pairs, measured once on CPU of a test with 2 threads)"
    )
    none = replace(CHOICE, layers=(), threads=1)
    assert in_words(none) == (
        "Keras's: no hand-derived ones were faster beyond doubt (measured once on CPU of a test with 1 thread)"
    )
