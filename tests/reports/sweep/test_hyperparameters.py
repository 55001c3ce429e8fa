"""The space as a reader sees it: ranges, steps, choices, conditions."""

import pytest

from keras_suite.reports.sweep.hyperparameters import hyperparameters, settings
from tests.reports.sweep.conftest import IF_MOMENTUM, choice, number


def test_a_value_has_its_position_on_its_scale() -> None:
    log, linear, steps, kinds = hyperparameters(
        [
            number("rate", 1e-4, 1e-2, "log"),
            number("dropout", 0.0, 0.6),
            choice("batch", [16, 32, 64]),
            choice("kind", ["a", "b"]),
        ]
    )
    assert log.position(1e-3) == pytest.approx(0.5)
    assert linear.position(0.15) == pytest.approx(0.25)
    assert steps.position(32) == pytest.approx(0.5)
    assert kinds.position("b") == 1.0
    assert [each.ordered for each in (log, linear, steps, kinds)] == [True, True, True, False]


def test_a_range_in_few_steps_is_choices_also_where_rounding_moved_its_values() -> None:
    described = number("dropout", 0.0, 0.3)
    described["config"]["step"] = 0.1
    (hyperparameter,) = hyperparameters([described])
    assert hyperparameter.choices == pytest.approx((0.0, 0.1, 0.2, 0.3))
    assert hyperparameter.choice(0.1 + 0.2) == 3
    whole = {"class_name": "Int", "config": {**number("blocks", 1, 300)["config"], "step": 1}}
    assert hyperparameters([whole])[0].choices == ()


@pytest.mark.parametrize(
    ("described", "said"),
    [
        (number("rate", 3e-4, 3e-2, "log"), "0.0003 to 0.03, logarithmic"),
        ({"class_name": "Boolean", "config": {"name": "flip", "conditions": []}}, "false, true"),
        (number("m", 0.5, 0.9, conditions=[IF_MOMENTUM]), "0.5 to 0.9; active at optimizer = momentum"),
    ],
)
def test_the_range_is_described_in_words(described: dict, said: str) -> None:
    assert hyperparameters([described])[0].in_words() == said


def test_an_unknown_kind_is_answered_with_a_line() -> None:
    with pytest.raises(ValueError, match="unknown kind, Spiral"):
        hyperparameters([{"class_name": "Spiral", "config": {"name": "x"}}])


def test_kerastuners_own_values_are_no_settings() -> None:
    said = settings({"rate": 0.00123456, "flip": True, "tuner/epochs": 3}).replace("\N{NO-BREAK SPACE}", " ")
    assert said == "rate = 0.001235, flip = true"
