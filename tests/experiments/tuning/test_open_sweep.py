"""A sweep opened in a notebook says what its journal says."""

from pathlib import Path

import pytest

from keras_suite.experiments.tuning import journal
from keras_suite.experiments.tuning.open_sweep import OpenSweep, open_sweep

RANGE = {"name": "rate", "min_value": 0.1, "max_value": 0.9, "step": None, "sampling": "linear"}
RATE = {"class_name": "Float", "config": {**RANGE, "default": None, "conditions": []}}
BASE_RUN = {"seed": 1, "score": 0.95, "reason": "", "epochs": 3, "seconds": 1.5, "directory": "base"}
SCORES = {0: 0.7, 1: 0.9, 2: None, 3: 0.9}


@pytest.fixture
def opened(tmp_path: Path) -> OpenSweep:
    path = tmp_path / journal.NAME
    journal.append(path, {"event": "begun", "terms": {"objective": "val_accuracy", "space": [RATE]}})
    journal.append(path, {"event": "ended", "trial": None, "score": 0.95, "reason": "", "runs": [BASE_RUN]})
    for number, score in SCORES.items():
        values = {"rate": 0.1 + number / 10}
        journal.append(path, {"event": "created", "trial": number, "values": values, "overrides": {}})
        reason = "" if score else "loss became nan"
        run = {**BASE_RUN, "score": score, "reason": reason, "directory": f"trial-{number}"}
        ended = {"event": "ended", "trial": number, "score": score, "reason": run["reason"], "runs": [run]}
        journal.append(path, ended)
    return open_sweep(tmp_path)


def test_the_best_are_trials_with_a_score_the_earlier_first_of_equal_ones(opened: OpenSweep) -> None:
    assert [each["trial"] for each in opened.best()] == [1, 3, 0]
    assert [each.values for each in opened.get_best_hyperparameters(2)] == [{"rate": 0.2}, {"rate": 0.4}]


def test_the_frame_has_a_row_for_each_trial_also_for_a_failed_one(opened: OpenSweep) -> None:
    frame = opened.frame()
    assert list(frame["trial"]) == ["base", 0, 1, 2, 3]
    assert list(frame["status"]) == ["completed", "completed", "completed", "failed", "completed"]
    assert frame["score"].isna().tolist() == [False, False, False, True, False]
    assert frame["reason"][3] == "loss became nan"


def test_every_epoch_of_every_run_is_in_the_history(opened: OpenSweep) -> None:
    for directory, epochs in (("base", 3), ("trial-1", 2)):
        (opened.folder / directory).mkdir()
        rows = "".join(f"{epoch},{epoch / 10}\n" for epoch in range(1, epochs + 1))
        (opened.folder / directory / "history.csv").write_text("epoch,val_accuracy\n" + rows)
    history = opened.history()
    assert list(history.columns) == ["trial", "seed", "epoch", "val_accuracy"]
    assert history.groupby("trial", sort=False).size().to_dict() == {"base": 3, 1: 2}
    assert history.query("trial == 1")["val_accuracy"].tolist() == [0.1, 0.2]


def test_the_summary_names_the_best_with_their_settings(opened: OpenSweep, capsys: pytest.CaptureFixture) -> None:
    opened.results_summary(1)
    assert capsys.readouterr().out == "1. trial 1: validation accuracy 90.00 % (rate=0.2)\n"


def test_a_model_that_was_not_kept_is_answered_with_a_line(opened: OpenSweep) -> None:
    with pytest.raises(FileNotFoundError, match="higher --keep"):
        opened.get_best_models()


def test_a_folder_that_holds_no_sweep_is_answered_with_a_line(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"holds no journal\.jsonl"):
        open_sweep(tmp_path)
