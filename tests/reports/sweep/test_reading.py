"""A sweep's folder as it is read: finished, running, cut off, damaged."""

from pathlib import Path

import pytest

from keras_suite.reports.sweep.reading import read_sweep, sweep_folders
from tests.reports.sweep.conftest import MakeSweep, write_events


def test_the_best_are_first_and_the_base_is_not_among_them(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(6, failed={1: "loss became nan"}, scores={2: 0.95, 4: 0.97, 5: 0.97}, base=0.99)
    assert [trial.number for trial in sweep.best()][:3] == [4, 5, 2]
    assert (sweep.count("failed"), len(sweep.scored())) == (1, 5)
    assert sweep.base is not None and sweep.base.score == 0.99
    assert sweep.finished


def test_of_a_loss_the_lowest_is_best(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(3, objective="val_unpenalised_loss", scores={0: 0.5, 1: 0.1, 2: 0.3})
    assert [trial.number for trial in sweep.best()] == [1, 2, 0]


def test_trials_that_have_not_ended_leave_it_unfinished(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(5, running=2, planned=20, state="running")
    assert (sweep.count("not ended"), len(sweep.scored())) == (2, 3)
    assert not sweep.finished
    assert sweep.state == "interrupted", "no run has a living heartbeat"


def test_a_journal_cut_in_a_line_or_without_a_status_file_is_read_to_its_last_whole_line(make_sweep: MakeSweep) -> None:
    folder = make_sweep(5).folder
    journal = folder / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-30])
    (folder / "status.json").unlink()
    sweep = read_sweep(folder)
    assert (len(sweep.scored()), sweep.count("not ended")) == (4, 1)
    assert not sweep.finished and sweep.planned is None


def test_a_run_directory_that_is_gone_is_a_line_and_no_error(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(3)
    assert len(sweep.problems) == 4, "three trials and the base"
    assert all("there is no run directory" in line for line in sweep.problems)


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([], "does not say how the sweep began"),
        ([{"event": "begun", "terms": {"objective": "val_acc", "space": []}}], "unknown objective"),
        ([{"event": "begun", "terms": {"objective": "val_accuracy"}}], "is damaged"),
    ],
)
def test_a_journal_without_a_sweep_is_refused_in_one_line(events: list, said: str, tmp_path: Path) -> None:
    write_events(tmp_path / "random", events)
    with pytest.raises(ValueError, match=said):
        read_sweep(tmp_path / "random")


def test_sweeps_are_found_from_their_own_folder_their_experiments_and_the_runs_folder(make_sweep: MakeSweep) -> None:
    folder = make_sweep(2).folder
    grid = make_sweep(2, tuner="grid").folder
    set_aside = folder.parent / ".set-aside" / "random-1"
    write_events(set_aside, [])
    assert sweep_folders(folder) == [folder]
    assert sweep_folders(folder.parent) == [grid, folder]
    assert sweep_folders(folder.parents[1]) == [grid, folder]
    assert sweep_folders(set_aside / "nowhere") == []
