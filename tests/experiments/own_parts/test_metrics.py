"""Own metrics: names and options that are refused, what a report is told of them, and what measures them."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_suite.experiments.config import Config, from_json, override, to_json, use
from keras_suite.experiments.own_parts.metrics import check_metric_names, declared
from keras_suite.experiments.registry import canonical_of, resolve, resolve_part
from keras_suite.tasks.task import declaration

METRICS = '''
import keras
from keras import ops


def margin(y_true, y_pred, *, power: int = 1):
    """How far the largest output is above the mean."""
    return (ops.max(y_pred, axis=-1) - ops.mean(y_pred, axis=-1)) ** power


class Largest(keras.metrics.Mean):
    def __init__(self, factor=1.0, **config):
        super().__init__(**config)
        self.factor = factor

    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(self.factor * ops.max(y_pred, axis=-1), sample_weight)


def top_k(*, k: int = 2):
    return keras.metrics.TopKCategoricalAccuracy(k)


def with_unit(y_true, y_pred, *, unit="m"):
    return y_pred[:, 0]


def wrong():
    return 3
'''
OUTPUTS = np.array([[1, 2, 6], [3, 3, 3]], np.float32)


def part(folder: Path, name: str, **options: Any) -> Any:
    (folder / "mine.py").write_text(METRICS, encoding="utf-8")
    return resolve_part("metrics", use(f"mine.py:{name}", **options), str(folder))


def config(folder: Path, *metrics: Any, **more: Any) -> Config:
    (folder / "mine.py").write_text(METRICS, encoding="utf-8")
    return Config(use("digits", limit=100), use("mlp", units=[4]), metrics=metrics, root=str(folder), **more)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [("margin", {"power": 2}, 4.5), ("Largest", {"factor": 10}, 45.0), ("top_k", {"k": 2}, 0.5)],
)
def test_a_metric_is_a_function_or_a_class_or_made_by_a_function(
    name: str, options: dict[str, Any], expected: float, tmp_path: Path
) -> None:
    metric = part(tmp_path, name, direction="min", unit=" m", scale=3, label="whatever", **options).build()
    assert isinstance(metric, keras.metrics.Metric)
    metric.update_state(np.array([[1, 0, 0], [0, 1, 0]], np.float32), OUTPUTS)
    assert float(metric.result()) == pytest.approx(expected)
    assert metric.name == name
    assert metric._direction == "down"


def test_what_a_report_needs_follows_from_the_config_alone() -> None:
    metric = declared("nowhere.py:my_error", {"direction": "min", "unit": " m", "scale": 10, "power": 2})
    assert declaration(metric) == {
        "name": "my_error",
        "label": "my error",
        "direction": "min",
        "unit": " m",
        "scale": 10,
    }
    assert metric.own and metric.format(0.25) == "2.50 m"
    assert declared("x:y", {"direction": "max", "label": "Y"}).label == "Y"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "metrics.margin.direction=None is not possible: expected 'max' if it is to rise, or 'min'"),
        ({"direction": "up"}, "metrics.margin.direction='up' is not possible: expected 'max'"),
        ({"direction": "max", "scale": 0}, "metrics.margin.scale=0 is not possible"),
        ({"direction": "max", "scale": "100"}, "metrics.margin.scale='100' is not possible"),
        ({"direction": "max", "unit": 3}, "metrics.margin.unit=3 is not possible"),
        ({"direction": "max", "label": "a\nb"}, "expected a line of at most 60 characters"),
        ({"direction": "max", "powr": 2}, "unknown option 'powr'; did you mean 'power'?"),
        ({"direction": "max", "power": "x"}, "metrics.margin.power='x' is not possible"),
    ],
)
def test_wrong_options_are_answered_in_one_line(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        part(tmp_path, "margin", **options)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_metric_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"mine\.py line \d+: wrong\(\) returned 3: expected a keras.metrics.Metric"):
        part(tmp_path, "wrong", direction="max").build()
    with pytest.raises(ValueError, match="with_unit takes unit, and direction, unit, scale, label, called say how"):
        part(tmp_path, "with_unit", direction="max")
    with pytest.raises(ValueError, match="metrics names 'accuracy': the task's metrics are measured anyway"):
        resolve_part("metrics", use("accuracy"))


@pytest.mark.parametrize("name", ["accuracy", "top_5", "degrees", "loss", "unpenalised_loss", "val_margin", "seconds"])
def test_a_name_that_something_else_has_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"metrics\.{name}: .* another name, for example my_{name}"):
        check_metric_names([use(f"mine.py:{name}")])
    with pytest.raises(ValueError, match=rf"metrics\.{name}: "):
        check_metric_names([use("mine.py:margin", called=name)])
    check_metric_names([use(f"mine.py:my_{name}"), use(f"mine.py:{name}", called="another")])


def test_the_suites_on_request_are_parts_by_name_beside_ones_own(tmp_path: Path) -> None:
    stopping = use("early_stopping", monitor="val_macro_f1")
    measured = config(tmp_path, use("mine.py:margin", direction="max"), use("macro_f1"), callbacks=[stopping])
    resolved = resolve(measured)
    assert [metric.name for metric in resolved.further_metrics] == ["margin", "macro_f1"]
    assert [metric.name for metric in resolved.own_metrics] == ["margin"]
    assert resolved.canonical()["metrics"][1] == {"name": "macro_f1", "options": {}}
    [callback] = resolved.build_callbacks()
    assert callback.monitor == "val_macro_f1"
    with pytest.raises(ValueError, match="take that, use\\('macro_f1'\\), or give your function another name"):
        check_metric_names([use("mine.py:macro_f1")])


def test_one_function_stands_twice_under_two_names(tmp_path: Path) -> None:
    squares = use("mine.py:margin", direction="max", power=2, called="squared_margin")
    twice = config(tmp_path, use("mine.py:margin", direction="max"), squares)
    resolved = resolve(override(twice, {"metrics.squared_margin.power": 4}))
    assert [part.options["power"] for part in resolved.metrics] == [1, 4]
    assert [metric.name for metric in resolved.further_metrics] == ["margin", "squared_margin"]
    assert [part.build().name for part in resolved.metrics] == ["margin", "squared_margin"]
    assert declared("mine.py:margin", {"direction": "max", "called": "squared_margin"}).label == "squared margin"
    with pytest.raises(ValueError, match=r"metrics holds no 'cubed' to set 'power' of .*: margin, squared_margin"):
        override(twice, {"metrics.cubed.power": 3})


def test_callbacks_may_monitor_it_in_its_own_config_only(tmp_path: Path) -> None:
    stopping = use("early_stopping", monitor="val_margin")
    resolved = resolve(config(tmp_path, use("mine.py:margin", direction="max"), callbacks=[stopping]))
    [callback] = resolved.build_callbacks()
    callback.set_model(keras.Sequential())
    callback._set_monitor_op()
    assert callback.monitor_op(2, 1)
    with pytest.raises(ValueError, match="unknown monitor 'val_margin'"):
        resolve(config(tmp_path, callbacks=[stopping]))


def test_a_config_without_any_is_what_it_was_before_there_were_metrics(tmp_path: Path) -> None:
    plain = config(tmp_path)
    assert "metrics" not in to_json(plain)
    assert "metrics" not in resolve(plain).canonical()
    measured = config(tmp_path, use("mine.py:margin", direction="max"))
    assert from_json(to_json(measured)).metrics == measured.metrics
    assert override(measured, {"metrics": ()}) == plain
    assert override(measured, {"metrics.margin.unit": " m"}).metrics[0].options["unit"] == " m"


def test_the_source_counts_and_the_place_does_not(tmp_path: Path) -> None:
    stopping = use("early_stopping", monitor="margin")
    measured = config(tmp_path, use("mine.py:margin", direction="max"), callbacks=[stopping])
    resolved = resolve(measured)
    source = resolved.metrics[0].own.fingerprint  # type: ignore[union-attr]
    expected = {"name": "margin", "source": source, "options": {"direction": "max"}}
    assert resolved.canonical()["metrics"] == [expected]
    assert canonical_of(measured, {"mine.py:margin": source}) == resolved.canonical()


def test_one_name_stands_for_one_metric(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="metrics names top_k twice: keep one of them"):
        config(tmp_path, *(use("mine.py:top_k", k=k, direction="max") for k in (2, 3)))
