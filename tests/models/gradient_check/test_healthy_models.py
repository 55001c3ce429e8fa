"""No false alarm: sound models of many kinds pass the check of whole models, saved and loaded, in float64."""

from pathlib import Path

import keras
import pytest

from keras_suite.experiments.inspecting.own_model import check_own_model
from tests.models.gradient_check.healthy_models import HEALTHY

FAST = ("shared_layer", "siamese", "named_inputs")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in FAST else [pytest.mark.slow]) for name in HEALTHY]
)
def test_a_sound_model_passes(name: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    path = tmp_path / "model.keras"
    HEALTHY[name]().save(path)
    checks = check_own_model(str(path), entries=3)
    assert [(row.weight, row.reason) for check in checks for row in check.rows if not row.passed] == []
    assert {check.precision for check in checks} == {"float64"}, checks[0].how
