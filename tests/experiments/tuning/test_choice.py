"""Which oracle a command without --tuner gets, and the line that says why."""

from pathlib import Path

import pytest

from keras_suite.experiments.tuning import journal
from keras_suite.experiments.tuning.choice import choose


def begun(folder: Path, *tuners: str) -> Path:
    for tuner in tuners:
        (folder / tuner).mkdir()
        (folder / tuner / journal.NAME).write_text("begun\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("there", "requested", "options", "tuner", "said"),
    [
        ((), None, {}, "bayesian", "the default up to 200 trials: 4 trials spread evenly"),
        ((), None, {"trials": 200}, "bayesian", "the default"),
        ((), None, {"trials": 201}, "random", "201 trials take a Gaussian process long"),
        ((), None, {"trials": 201, "points": 50}, "bayesian", "the default"),
        ((), "grid", {"trials": 5}, "grid", "as requested: all combinations"),
        (("random",), None, {}, "random", "as in the sweep that is there"),
        (("random",), None, {"fresh": True}, "bayesian", "the default"),
        (("random", "bayesian"), None, {}, "bayesian", "that is there"),
        (("hyperband",), None, {}, "bayesian", "the default"),
        ((), "randm", {}, "randm", "unknown"),
    ],
)
def test_the_oracle_follows_the_command_the_folder_and_the_budget(
    there: tuple[str, ...], requested: str | None, options: dict, tuner: str, said: str, tmp_path: Path
) -> None:
    chosen = choose(requested, begun(tmp_path, *there), **options)
    assert chosen.tuner == tuner
    assert said in chosen.line() and "\n" not in chosen.line()


def test_a_sweep_of_before_is_described_as_it_was_begun(tmp_path: Path) -> None:
    line = choose(None, begun(tmp_path, "bayesian")).line(rules=1)
    assert "as in the sweep that is there: as it was begun, three random trials for each hyperparameter" in line
