"""A sweep's answer says no more than its trials do; its commands can be typed."""

import dataclasses
import re
import shlex
from pathlib import Path

import pytest

from keras_suite.reports.sweep.answer import next_command, sweep_answer, training_command, whole_command
from keras_suite.reports.sweep.confirmation import confirmation
from keras_suite.reports.sweep.reading import Sweep
from tests.reports.conftest import MakeRuns, make_runs
from tests.reports.sweep.conftest import MakeSweep

__all__ = ["make_runs"]  # a fixture


def said(sweep: Sweep) -> str:
    return sweep_answer(sweep, confirmation(sweep)[0])


def test_the_best_is_named_beside_the_base_and_called_lucky(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(3, scores={0: 0.9, 1: 0.95, 2: 0.8}, base=0.9)
    answer, rate = said(sweep), sweep.trials[1].values["learning_rate"]
    assert answer.startswith(f"The best of 3 scored trials, learning_rate {rate:.4g}, optimizer ")
    assert (
        " (trial 1), has 95.00 % validation accuracy, 5.00 points better than the "
        "unchanged base (90.00 %). But the best of many is lucky"
    ) in answer


def test_trials_that_were_taken_over_are_counted_and_not_asked_for_again(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(5, told=3, state="time is up", planned=7)
    assert "3 trials were taken over from earlier sweeps." in said(sweep)
    assert "--trials 4" in whole_command(sweep, None)


def test_a_lower_loss_is_better(make_sweep: MakeSweep) -> None:
    answer = said(make_sweep(2, objective="val_unpenalised_loss", scores={0: 0.25, 1: 0.5}, base=0.75))
    assert " (trial 0), has 0.25 validation unpenalised loss, 0.5 better" in answer


@pytest.mark.parametrize(("base", "words"), [(0.9, "no more than the base's"), (0.92, "2.00 points worse than")])
def test_where_no_trial_beats_the_base_that_is_the_answer(base: float, words: str, make_sweep: MakeSweep) -> None:
    answer = said(make_sweep(1, scores={0: 0.9}, base=base))
    assert answer.startswith("None of 1 scored trial beats the unchanged base") and words in answer


def test_unfinished_trials_are_mentioned_first(make_sweep: MakeSweep) -> None:
    assert said(make_sweep(3, running=1, planned=20, state="running")).startswith(
        "Unfinished: 2 of 20 trials have ended. "
    )
    assert said(make_sweep(3, state="time is up", planned=9)).startswith(
        "Unfinished: 3 of 9 trials have ended: the time"
    )
    assert "No answer yet: no trial has a score. 1 trial failed" in said(make_sweep(1, failed={0: "nan"}))
    assert "the base has no score" in said(make_sweep(2, base=None))


def test_fresh_seeds_give_the_answer_and_the_optimism(make_sweep: MakeSweep, make_runs: MakeRuns) -> None:
    sweep = make_sweep(3, scores={0: 0.9, 1: 0.99, 2: 0.8}, base=0.9)
    winner = {"optimizer.learning_rate": sweep.trials[1].values["learning_rate"]}
    make_runs(
        {"base": {}, "trial-0001": winner}, seeds=8, strength={"base": 1e-5}, name="digits_tuning.random-confirmed"
    )
    answer = said(sweep)
    assert answer.startswith(f"On fresh seeds: {sweep.trials[1].in_words} is better than the base by ")
    assert " In the sweep, trial 1 had 99.00 % validation accuracy, on 8 fresh seeds it has " in answer
    optimism = r"the sweep was \S+ points too optimistic \(95 % interval \S+ to \S+, so it may be chance\)"
    assert re.search(rf"{optimism}, less what the unselected base shows\.$", answer)


def test_each_trial_of_an_answer_has_its_settings_where_it_is_first_named(
    make_sweep: MakeSweep, make_runs: MakeRuns
) -> None:
    sweep = make_sweep(3, scores={0: 0.9, 1: 0.99, 2: 0.95}, base=0.9)
    winners = {sweep.trials[k].name: sweep.trials[k].overrides for k in (1, 2)}
    strength = {"base": 1e-5, "trial-0001": 1e-4}  # the best of the sweep is not the best on fresh seeds
    make_runs({"base": {}, **winners}, seeds=8, strength=strength, name="digits_tuning.random-confirmed")
    answer = said(sweep)
    assert f"most of all {sweep.trials[2].in_words}, by " in answer
    assert f"In the sweep, {sweep.trials[1].in_words} had 99.00 % validation accuracy" in answer


def test_a_confirmation_of_another_sweep_is_left_out_with_a_line(make_sweep: MakeSweep, make_runs: MakeRuns) -> None:
    sweep = make_sweep(3)
    folder = make_runs(
        {"base": {}, "trial-0001": {"batch_size": 7}}, seeds=1, name="digits_tuning.random-confirmed"
    ).folder
    assert confirmation(sweep) == (
        None,
        ("digits_tuning.random-confirmed confirms trials of another sweep (trial-0001), and is left out",),
    )
    Path(folder, "experiment.json").write_text("{", encoding="utf-8")
    assert "could not be read" in confirmation(sweep)[1][0]


def test_the_whole_command_repeats_the_number_of_trials(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(3, planned=30)
    assert whole_command(sweep, None) == "keras-suite tune digits_tuning --trials 30 --threads 1"


def test_an_unfinished_sweep_is_resumed_and_a_finished_one_confirmed(make_sweep: MakeSweep) -> None:
    resuming = next_command(make_sweep(3, running=1), None)
    assert resuming is not None and resuming[1] == "resumes the sweep"
    confirming = next_command(make_sweep(4), None)
    assert confirming is not None and confirming[0].endswith("--trials 4 --threads 1 --confirm 3")
    begun = dataclasses.replace(make_sweep(4, name="begun"), command="keras-suite tune mine --trials 4 --confirm 2")
    assert next_command(begun, None) == (begun.command, "trains the best and the base on fresh seeds")
    assert next_command(make_sweep(1, failed={0: "nan"}), None) is None, "there is nothing to confirm"


def test_the_best_trials_settings_can_be_typed(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(2, max_epochs=9)
    words = shlex.split(training_command(sweep, sweep.trials[1]))
    assert words[:5] == ["keras-suite", "run", "digits_tuning", "--threads", "1"]
    rate = sweep.trials[1].values["learning_rate"]
    assert words[5:] == ["--set", "epochs=9", "--set", f"optimizer.learning_rate={rate}"]
