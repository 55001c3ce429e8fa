"""What a space(hp) may ask for, and the line that answers one that cannot be searched."""

from typing import Any

import pytest
from keras_tuner import HyperParameters

from keras_suite.experiments.tuning.journal import Trial
from keras_suite.experiments.tuning.space import (
    all_hyperparameters,
    edge_overrides,
    overrides_of,
    read_names,
    space_to_json,
)
from tests.experiments.tuning.simulated import branching, proposer


def conditional(hp: Any) -> dict[str, Any]:
    kind = hp.Choice("kind", ["mlp", "pattern_cnn"])
    with hp.conditional_scope("kind", ["mlp"]):
        units = hp.Choice("units", [8, 16])
    with hp.conditional_scope("kind", ["pattern_cnn"]):
        filters = hp.Int("filters", 4, 8)
    return {
        "model.name": kind,
        "model.units": units and [units],
        "model.filters": filters,
        "optimizer.learning_rate": hp.Float("rate", 1e-4, 1e-2, sampling="log"),
    }


def test_all_hyperparameters_are_found_whatever_makes_them_active() -> None:
    assert [each["config"]["name"] for each in space_to_json(all_hyperparameters(conditional))] == [
        "kind",
        "units",
        "filters",
        "rate",
    ]


def test_what_is_inactive_stays_as_it_is_in_the_base() -> None:
    overrides = overrides_of(conditional, all_hyperparameters(conditional))
    assert overrides == {"model.name": "mlp", "model.units": [8], "optimizer.learning_rate": 1e-4}


def test_the_corners_hold_every_choice_and_both_ends_of_every_range() -> None:
    edges = edge_overrides(conditional, all_hyperparameters(conditional))
    assert edges["kind=pattern_cnn"]["model.filters"] == 4
    assert edges["filters=8"] == {"model.name": "pattern_cnn", "model.filters": 8, "optimizer.learning_rate": 1e-4}
    assert edges["units=16"]["model.units"] == [16]
    assert edges["rate=0.01"]["optimizer.learning_rate"] == 0.01
    assert edges["all at their last"] == {
        "model.name": "pattern_cnn",
        "model.filters": 8,
        "optimizer.learning_rate": 0.01,
    }
    assert edges == edge_overrides(conditional, all_hyperparameters(conditional)), "nothing in them is drawn at random"


@pytest.mark.parametrize(
    ("space", "said"),
    [
        (lambda hp: {"epochs": 3}, "declares no hyperparameter"),
        (lambda hp: hp.Int("epochs", 1, 3), "expected overrides of the base"),
        (lambda hp: {"epochs": hp.Int("tuner/epochs", 1, 3)}, "KerasTuner's own"),
        (lambda hp: {"epochs": hp.Int("epochs", 3, 1)}, r"space\(hp\) failed with ValueError"),
    ],
)
def test_a_space_that_cannot_be_searched_is_answered_with_a_line(space: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        all_hyperparameters(space)


def test_one_name_under_two_conditions_is_refused() -> None:
    def twice(hp: Any) -> dict[str, Any]:
        kind = hp.Choice("kind", ["mlp", "pattern_cnn"])
        with hp.conditional_scope("kind", ["mlp"]):
            hp.Int("size", 1, 3)
        with hp.conditional_scope("kind", ["pattern_cnn"]):
            hp.Int("size", 1, 3)
        return {"model.name": kind}

    with pytest.raises(ValueError, match="'size' under several conditions"):
        all_hyperparameters(twice)


def test_parts_in_overrides_become_json_values() -> None:
    from keras_suite.experiments.config import use

    hp = HyperParameters()
    overrides = overrides_of(lambda hp: {"callbacks": (use("early_stopping", patience=hp.Int("patience", 2, 9)),)}, hp)
    assert overrides == {"callbacks": [{"name": "early_stopping", "options": {"patience": 2}}]}


def test_what_a_space_did_not_read_is_no_setting_of_its_trial() -> None:
    asked = proposer("random", asked=branching)
    trials = [trial for _ in range(8) if isinstance(trial := asked.create_trial(), Trial)]
    for trial in trials:
        read = "filters" if trial.values["kind"] == "pattern_cnn" else "rate"
        assert set(trial.settings) == {"kind", read}
    assert any(trial.unread for trial in trials) and {trial.values["kind"] for trial in trials} == {
        "mlp",
        "pattern_cnn",
    }


def test_names_are_read_by_asking_and_by_looking_up() -> None:
    known = all_hyperparameters(conditional)
    with read_names(known) as read:
        known.get("kind")
        known.Choice("units", [8, 16])
    assert read == {"kind", "units"}
    known.get("rate")
    assert read == {"kind", "units"}
