"""What an option may be: plain data, and what users take for it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.experiments.config.values import MOST_RUNS, plain


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (np.float64(0.5), 0.5),
        (np.int32(3), 3),
        (np.bool_(True), True),
        (np.array(4), 4),
        (np.str_("x"), "x"),
        (Path("data") / "photos", str(Path("data") / "photos")),
        ((1, (2, np.int8(3))), [1, [2, 3]]),
        ("", ""),
        (None, None),
        (2**1000, 2**1000),
    ],
)
def test_what_users_take_for_plain_data_becomes_it(given: Any, kept: Any) -> None:
    found = plain(given, "x")
    assert found == kept
    assert type(found) is type(kept)


def test_numbers_of_numpy_in_fields_become_pythons() -> None:
    config = Config(use("digits"), use("mlp"), epochs=np.int64(3))  # type: ignore[arg-type]
    assert type(config.epochs) is int
    experiment = Experiment(config, {"a": {"model.dropout": np.float32(0.5)}}, seeds=np.int64(2))  # type: ignore[arg-type]
    assert type(experiment.seeds) is int
    assert experiment.variants == {"a": {"model.dropout": 0.5}}


def test_as_many_runs_as_one_folder_holds_are_possible() -> None:
    experiment = Experiment(Config(use("digits"), use("mlp")), seeds=MOST_RUNS)
    assert experiment.seeds == 20_000
    with pytest.raises(ValueError, match="at most 20,000"):
        Experiment(experiment.base, seeds=MOST_RUNS + 1)


def test_a_wrong_override_is_named_with_its_variant() -> None:
    experiment = Experiment(Config(use("digits"), use("mlp")), {"wide": {"model.units.x": 3}})
    with pytest.raises(ValueError, match=r"variant 'wide': setting 'model.units.x' leads nowhere"):
        experiment.config("wide")
