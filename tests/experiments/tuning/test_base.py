"""The base of a sweep is checked before any data are read, and measures what is to be optimized."""

from dataclasses import replace
from pathlib import Path

import pytest

from keras_suite.experiments import catalog
from keras_suite.experiments.config import Config
from keras_suite.experiments.scheduling.workers import Workers
from keras_suite.experiments.training.job import RunOptions
from keras_suite.experiments.tuning.base import checked_base
from keras_suite.experiments.tuning.request import TuneRequest


def base(*objectives: str, tuner: str = "random", name: str = "digits_tuning") -> Config:
    options = RunOptions(1, Path("runs"))
    return checked_base(TuneRequest(catalog.load(name), tuner, options, Workers(), objectives=objectives))


def test_a_metric_on_request_is_measured_where_it_is_the_objective() -> None:
    plain = base()
    assert plain.metrics == () == base("val_accuracy").metrics
    measuring = base("val_macro_f1")
    assert [part.name for part in measuring.metrics] == ["macro_f1"]
    assert replace(measuring, metrics=()) == plain


def test_a_tuner_an_objective_and_a_space_that_there_is_not_are_named() -> None:
    with pytest.raises(ValueError, match="unknown tuner 'randon'; did you mean 'random'"):
        base(tuner="randon")
    with pytest.raises(ValueError, match="unknown objective 'val_makro_f1'; did you mean 'val_macro_f1'"):
        base("val_makro_f1")
    with pytest.raises(ValueError, match="digits_demo has no search space: define"):
        base(name="digits_demo")


def test_two_objectives_are_a_metric_and_a_cost_and_not_for_hyperband() -> None:
    assert [part.name for part in base("parameters", "val_macro_f1").metrics] == ["macro_f1"]
    assert base("seconds") == base()
    with pytest.raises(ValueError, match="Hyperband promotes trials by one number: take --tuner bayesian"):
        base("val_accuracy", "parameters", tuner="hyperband")
    with pytest.raises(ValueError, match="both are costs"):
        base("seconds", "parameters")
