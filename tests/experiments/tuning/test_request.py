"""A sweep is resumed with the settings that it was begun with; others are refused with what differs."""

import dataclasses
import json
from typing import Any

import pytest

from keras_suite.experiments.tuning.request import SweepSettings, refuse_other_settings, to_json

RATE = {"class_name": "Float", "config": {"name": "rate", "min_value": 0.1}}
TERMS = SweepSettings(
    tuner="random",
    objective="val_accuracy",
    seed=1,
    seeds=2,
    threads=1,
    space=[RATE],
    base={"epochs": 2, "batch_size": 32},
    data="abc",
    versions={"keras": "3.15.0"},
)


def stored() -> dict[str, Any]:
    return json.loads(json.dumps(to_json(TERMS)))


def test_the_same_settings_resume_the_sweep() -> None:
    refuse_other_settings(stored(), to_json(TERMS), "runs")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tuner": "grid"}, "--tuner was random, is grid"),
        ({"objective": "val_unpenalised_loss"}, "--objective was val_accuracy, is val_unpenalised_loss"),
        ({"seed": 2}, "--seed was 1, is 2"),
        ({"seeds": 1}, "--seeds was 2, is 1"),
        ({"threads": 2}, "--threads was 1, is 2"),
        ({"data": "def"}, "data was abc, is def"),
        ({"base": {"epochs": 3, "batch_size": 32}}, "another base Config: epochs was 2, is 3"),
        ({"versions": {"keras": "3.15.1"}}, "another versions: keras was 3.15.0, is 3.15.1"),
        ({"space": [{**RATE, "config": {"name": "rate", "min_value": 0.2}}]}, "another space: rate"),
        ({"space": [RATE, {"class_name": "Boolean", "config": {"name": "cut"}}]}, "another space: cut"),
        ({"max_epochs": 9}, "--max-epochs was None, is 9"),
    ],
)
def test_other_settings_are_refused_with_what_differs(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        refuse_other_settings(stored(), to_json(dataclasses.replace(TERMS, **change)), "runs")
    assert "--fresh" in str(refused.value)
