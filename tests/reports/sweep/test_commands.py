"""Commands that can be typed: they repeat the sweep, go on with it, train its best."""

import shlex

from keras_suite.reports.sweep.commands import next_command, training_command, whole_command
from tests.reports.sweep.conftest import MakeSweep


def test_the_whole_command_asks_for_as_many_trials_as_there_came_to_be(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(3, planned=30)
    assert whole_command(sweep, None) == "keras-suite tune digits_tuning --trials 30 --threads 1"


def test_an_unfinished_sweep_is_gone_on_with_and_a_finished_one_confirmed(make_sweep: MakeSweep) -> None:
    going_on = next_command(make_sweep(3, running=1), None)
    assert going_on is not None and going_on[1] == "goes on from where it stopped"
    confirming = next_command(make_sweep(4), None)
    assert confirming is not None and confirming[0].endswith("--trials 4 --threads 1 --confirm 3")
    assert next_command(make_sweep(1, failed={0: "nan"}), None) is None, "there is nothing to confirm"


def test_the_best_trials_settings_can_be_typed(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(2, max_epochs=9)
    words = shlex.split(training_command(sweep, sweep.trials[1]))
    assert words[:5] == ["keras-suite", "run", "digits_tuning", "--threads", "1"]
    rate = sweep.trials[1].values["learning_rate"]
    assert words[5:] == ["--set", "epochs=9", "--set", f"optimizer.learning_rate={rate}"]
