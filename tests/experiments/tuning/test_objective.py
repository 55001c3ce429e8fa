"""The objectives that trials can be compared by, and their direction."""

import pytest

from keras_suite.experiments.tuning.objective import (
    Objective,
    announced_of_two,
    check_cost,
    check_measured,
    check_objectives,
)
from keras_suite.reports.sweep.costs import LATENCY, PARAMETERS
from keras_suite.tasks import task_named
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.task import own_metric


def test_accuracies_are_to_rise_and_losses_to_fall() -> None:
    assert Objective("val_accuracy").better(0.9, than=0.8)
    assert Objective("val_unpenalised_loss").better(0.8, than=0.9)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("val_acuracy", "did you mean 'val_accuracy'"),
        ("val_loss", "take val_unpenalised_loss"),
        ("accuracy", "did you mean 'val_accuracy'"),
        ("nan", "known: latency, parameters, seconds, val_accuracy"),
        ("parametres", "did you mean 'parameters'"),
    ],
)
def test_what_would_not_compare_trials_is_refused(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Objective(name)


def test_top_5_of_5_classes_is_always_right() -> None:
    check_measured(Objective("val_top_5_accuracy"), CLASSES, 6)
    with pytest.raises(ValueError, match="needs at least 6 classes"):
        check_measured(Objective("val_top_5_accuracy"), CLASSES, 5)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("balanced_accuracy", "validation balanced accuracy 25.00 %"),
        ("macro_f1", "validation macro F1 25.00 %"),
        ("pr_auc", "validation PR area 0.2500"),
    ],
)
def test_one_on_request_is_measured_where_it_is_named(name: str, written: str) -> None:
    objective = Objective(f"val_{name}")
    assert objective.better(0.9, than=0.8)
    assert objective.in_words(0.25) == written
    check_measured(objective, CLASSES.measuring(CLASSES.on_request), 2)
    with pytest.raises(ValueError, match=f"--objective val_{name} is not measured with these data: take val_accuracy"):
        check_measured(objective, CLASSES, 10)


def test_an_own_metric_has_the_direction_and_the_unit_that_it_declares() -> None:
    own = (own_metric({"name": "margin", "direction": "min", "unit": " m", "scale": 10.0}),)
    objective = Objective("val_margin", own)
    assert objective.better(0.1, than=0.2)
    assert objective.in_words(0.25) == "validation margin 2.50 m"
    check_measured(objective, CLASSES.measuring(own), 10)
    with pytest.raises(ValueError, match="unknown objective 'val_margn'; did you mean 'val_margin'"):
        Objective("val_margn", own)


@pytest.mark.parametrize("names", [[], ["val_accuracy"], ["seconds"], ["latency", "val_accuracy"]])
def test_a_metric_a_cost_and_one_of_each_are_possible(names: list[str]) -> None:
    check_objectives(names)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["val_accuracy", "parameters", "seconds"], "at most two are optimized at once"),
        (["val_accuracy", "val_accuracy"], "the same twice"),
        (["parameters", "parameters"], "the same twice"),
        (["parameters", "latency"], "both are costs"),
        (["val_accuracy", "val_macro_f1"], "both are metrics: take one, and beside it a cost"),
        (["val_accuracy", "latencies"], "did you mean 'latency'"),
    ],
)
def test_what_is_no_metric_and_a_cost_is_refused(names: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_objectives(names)


def test_the_latency_of_what_is_not_exported_is_refused() -> None:
    check_cost(LATENCY, CLASSES)
    check_cost(LATENCY, task_named("angle"))
    check_cost(PARAMETERS, task_named("caption"))
    with pytest.raises(ValueError, match=r"word after word, comes from none: take parameters or seconds"):
        check_cost(LATENCY, task_named("caption"))


def test_what_is_not_the_same_again_is_said_of_times_alone() -> None:
    objective = Objective("val_accuracy")
    assert announced_of_two(objective, None, "random") == []
    assert len(announced_of_two(objective, PARAMETERS, "bayesian")) == 1
    *_, last = announced_of_two(objective, LATENCY, "bayesian")
    assert "a resumed sweep keeps the times that it recorded" in last
