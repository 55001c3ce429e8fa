"""What a sweep's first screen recommends: settings with absolute numbers, and the run that can be asked."""

from pathlib import Path

import pytest

from keras_suite.reports.sweep.confirmation import Confirmation, confirmation, confirmation_name
from keras_suite.reports.sweep.page import write_sweep_report
from keras_suite.reports.sweep.reading import Sweep
from keras_suite.reports.sweep.recommended import recommended_settings
from tests.reports.conftest import MakeRuns, make_runs
from tests.reports.sweep.conftest import MakeSweep
from tests.reports.sweep.test_page import text

__all__ = ["make_runs"]


def test_the_best_trial_is_recommended_with_its_settings_beside_the_base(make_sweep: MakeSweep) -> None:
    choice = recommended_settings(make_sweep(3, scores={0: 0.82, 1: 0.91, 2: 0.85}), None)
    assert choice is not None and choice.variant == "trial 1"
    assert choice.why.startswith("The best of 3 scored trials on validation images, which flatters it")
    facts = dict(choice.facts)
    assert (
        facts["Settings"].startswith("learning_rate\N{NO-BREAK SPACE}=")
        and facts["Validation accuracy"] == "91.00 %; the base: 80.00 %"
    )
    assert choice.command == ""


def test_a_base_that_nothing_beats_is_recommended(make_sweep: MakeSweep) -> None:
    choice = recommended_settings(make_sweep(2, scores={0: 0.7, 1: 0.8}), None)
    assert choice is not None and choice.variant == "the base" and choice.why == "None of 2 scored trials beats it."
    lower = make_sweep(2, scores={0: 0.7, 1: 0.9}, objective="val_unpenalised_loss", name="losses")
    found = recommended_settings(lower, None)
    assert found is not None and found.variant == "trial 0"


def test_a_model_that_was_kept_is_named_with_its_command(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(3, scores={0: 0.82, 1: 0.91, 2: 0.85}, with_runs=True)
    model = sweep.best()[0].runs[0].path / "model.keras"
    model.write_bytes(b"a model")
    choice = recommended_settings(sweep, None)
    assert choice is not None
    folder = "runs/digits_tuning.tune/random/trial-0001-01234567/seed-1"
    assert choice.command == f"keras-suite predict {folder} IMAGE.png"
    said = text(write_sweep_report(sweep))
    assert "Recommended: trial 1" in said and choice.command in said and "--confirm 3 trains the best" in said


@pytest.mark.parametrize("trials", [0, 1])
def test_without_a_score_nothing_is_recommended(trials: int, make_sweep: MakeSweep) -> None:
    assert recommended_settings(make_sweep(trials, running=trials), None) is None


def confirmed(sweep: Sweep, make: MakeRuns, strength: dict[str, float]) -> Confirmation:
    """The confirming runs of the base and a trial, which lie where `tune --confirm` puts them."""
    trial = sweep.trials[1]
    runs = make(
        {"base": {}, trial.name: dict(trial.overrides)},
        seeds=8,
        strength=strength,
        name=confirmation_name(sweep.experiment, sweep.tuner),
    )
    assert Path(runs.folder).parent == sweep.folder.parents[1]
    read, problems = confirmation(sweep)
    assert read is not None, problems
    return read


def test_fresh_seeds_decide_where_there_are_some(make_sweep: MakeSweep, make_runs: MakeRuns) -> None:
    sweep = make_sweep(2, scores={0: 0.9, 1: 0.91})
    read = confirmed(sweep, make_runs, {"base": 1e-5, "trial-0001": 0.01})
    choice = recommended_settings(sweep, read)
    assert choice is not None and choice.variant == "trial 1" and choice.why == "It is better than base."
    assert [what for what, _ in choice.facts[:2]] == ["Settings", "Test accuracy"]
