"""What every task says of itself, and how its metrics are written."""

import numpy as np
import pytest

from keras_suite.models import LOSSES
from keras_suite.reports.statistics.intervals import Interval
from keras_suite.tasks import TASKS, task_named
from keras_suite.tasks.angle import DEGREES
from keras_suite.tasks.caption import CAPTION_ACCURACY
from keras_suite.tasks.classes import ACCURACY, CLASSES
from keras_suite.tasks.image import RMSE
from keras_suite.tasks.mask import IOU
from keras_suite.tasks.task import declaration, load, own_metric


@pytest.mark.parametrize(
    ("task", "targets", "given", "said"),
    [
        ("angle", np.zeros((2, 1)), np.zeros((3, 1)), "do not belong together"),
        ("angle", np.zeros((2, 1)), np.full((2, 1), np.nan), "do not belong together"),
        ("angle", np.zeros((0, 1)), np.zeros((0, 1)), "do not belong together"),
        ("smell", np.zeros((2, 1)), np.zeros((2, 1)), "unknown task 'smell'"),
    ],
)
def test_what_does_not_belong_together_has_no_score(
    task: str, targets: np.ndarray, given: np.ndarray, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        task_named(task).scores(targets, given)


def test_scores_are_written_in_their_units() -> None:
    assert (ACCURACY.format(0.9912), ACCURACY.axis_label) == ("99.12 %", "test accuracy, %")
    assert (DEGREES.format(12.345), DEGREES.axis_label) == ("12.35°", "test error, °")
    assert (RMSE.format(8.5), RMSE.axis_label) == ("8.50", "test RMSE in grey levels")
    assert (IOU.format(0.5), CAPTION_ACCURACY.format(None)) == ("50.00 %", "–")
    assert DEGREES.format_interval(Interval(1, 2.5, 0.95)) == "1.00 to 2.50°"
    assert DEGREES.format_difference(-0.5) == "−0.50"
    assert (IOU.format_difference(0.005), IOU.format_difference(0.005, sign=False)) == ("+0.50", "0.50")
    assert RMSE.format_difference_interval(Interval(-1, 2.5, 0.95)) == "−1.00 to 2.50"


def test_a_fifth_of_a_point_a_degree_or_a_grey_level_does_not_matter() -> None:
    assert [ACCURACY.margin, IOU.margin, CAPTION_ACCURACY.margin] == [0.002] * 3
    assert [DEGREES.margin, RMSE.margin] == [0.2] * 2


def test_the_better_score_is_the_larger_goodness_and_none_is_the_worst() -> None:
    assert ACCURACY.goodness(0.9) > ACCURACY.goodness(0.8) > ACCURACY.goodness(float("nan"))
    assert DEGREES.goodness(1) > DEGREES.goodness(2) > DEGREES.goodness(float("nan"))


def test_every_task_has_a_score_and_every_score_its_own_columns() -> None:
    assert set(TASKS) == {"classes", "angle", "direction", "image", "mask", "caption"}
    assert len({task.score.key for task in TASKS.values()}) == 5  # both kinds of degrees have one


@pytest.mark.parametrize("name", TASKS)
def test_all_that_a_task_names_exists(name: str) -> None:
    task = TASKS[name]
    assert set(task.losses) <= set(LOSSES)
    assert task.score.in_history is task.metrics[0]
    texts = (task.decode, task.picture, task.figure, *(metric.keras for metric in task.tested))
    assert all(callable(load(text)) for text in texts if text)


def test_the_unpenalised_loss_is_second_and_top_5_needs_6_classes() -> None:
    names = [[metric.name for metric in CLASSES.metrics_of(outputs)] for outputs in (5, 6)]
    assert names == [["accuracy", "unpenalised_loss"], ["accuracy", "unpenalised_loss", "top_5_accuracy"]]


def test_an_own_metric_comes_back_from_what_is_said_of_it() -> None:
    metric = own_metric({"name": "far_off", "direction": "min", "unit": " m", "scale": 2.0})
    assert own_metric(declaration(metric)) == metric
    assert (metric.label, metric.format(1.5), metric.format(float("nan"))) == ("far off", "3.00 m", "–")


def test_own_metrics_stand_behind_those_of_the_task_and_replace_none() -> None:
    first, second = (own_metric({"name": name, "direction": "max"}) for name in ("first", "second"))
    task = CLASSES.measuring([first, own_metric({"name": "accuracy", "direction": "min"})]).measuring([first, second])
    assert task.metrics == (*CLASSES.metrics, first, second) and task.on_request == CLASSES.on_request
    assert task.own_metrics == (first, second)
    assert [metric.name for metric in task.metrics_of(10)][-2:] == ["first", "second"]
    assert task.score is CLASSES.score


def test_what_is_measured_on_request_is_measured_once() -> None:
    task = CLASSES.measuring(CLASSES.on_request[:1])
    assert [metric.name for metric in task.metrics_of(10)][-1] == "balanced_accuracy"
    assert task.tested == CLASSES.tested and task.on_request == CLASSES.on_request[1:]
    own = own_metric({"name": "macro_f1", "direction": "min"})  # of a run from before it was the suite's
    assert own in CLASSES.measuring([own]).metrics
    assert "macro_f1" not in [metric.name for metric in CLASSES.measuring([own]).on_request]
