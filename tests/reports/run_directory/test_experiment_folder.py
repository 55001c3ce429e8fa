"""One damaged run does not hide the others."""

import shutil
from pathlib import Path

import pytest

from keras_suite.reports import run_directory
from tests.reports.conftest import MakeRuns
from tests.reports.run_directory.conftest import RECORD


def test_an_experiment_is_read_around_its_damaged_runs(tmp_path: Path) -> None:
    variant = run_directory.Variant("v", "v-00000000", {})
    run_directory.write_experiment(tmp_path, name="e", question="q?", command="c", variants=[variant])
    for seed in (1, 2):
        run_directory.begin(tmp_path / "v-00000000" / f"seed-{seed}", {**RECORD, "seed": seed}, {})
    (tmp_path / "v-00000000" / "seed-2" / "run.json").write_text("{", encoding="utf-8")
    (tmp_path / "v-11111111" / "seed-1").mkdir(parents=True)
    found = run_directory.read_experiment(tmp_path)
    assert [run.seed for run in found.runs] == [1]
    assert len(found.problems) == 1
    assert "seed-2" in found.problems[0]
    assert found.left_out == ("v-11111111",)


def test_what_many_runs_have_in_common_is_said_once_and_copies_are_named(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=9)
    for run in runs.runs:
        (run.path / "metrics.json").write_text("{", encoding="utf-8")
    shutil.copytree(runs.runs[0].path, runs.runs[0].path.with_name("seed-1 copy"))
    damaged, copy = run_directory.read_experiment(runs.folder).problems
    first = f"{runs.runs[0].path.parent.name}/seed-1"
    assert damaged.startswith(f"{first}/metrics.json is not readable JSON")
    assert damaged.endswith(f"keras-suite verify {runs.folder} --repair; the same of 17 more runs")
    assert copy == f"left out {first} copy: expected seed-1, seed-2 and so on"


def test_runs_without_their_list_are_named_with_the_command_that_writes_it(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=2)
    assert run_directory.runs_without_listing(runs.folder) is None
    (runs.folder / "experiment.json").unlink()
    said = run_directory.runs_without_listing(runs.folder)
    assert said is not None and "holds 4 runs, and no experiment.json" in said
    assert f"run the experiment again ({runs.runs[0].record['command']})" in said


def test_runs_are_listed_by_the_number_of_their_seed(tmp_path: Path) -> None:
    for name in ("seed-10", "seed-9", "seed-x", "other"):
        (tmp_path / name).mkdir()
    assert [path.name for path in run_directory.run_directories(tmp_path)] == ["seed-9", "seed-10"]


def test_what_is_set_aside_is_moved_whole(tmp_path: Path) -> None:
    assert run_directory.set_aside(tmp_path / "nothing") is None
    folder = tmp_path / "experiment"
    (folder / "a-1").mkdir(parents=True)
    (folder / "a-1" / "model.keras").write_text("weights", encoding="utf-8")
    kept = run_directory.set_aside(folder)
    assert kept is not None
    assert (kept / "a-1" / "model.keras").read_text(encoding="utf-8") == "weights"
    assert not (folder / "a-1").exists()


def test_a_folder_is_not_taken_over_by_another_file_of_its_name(tmp_path: Path) -> None:
    folder, variant = tmp_path / "runs" / "mine", run_directory.Variant("v", "v-00000000", {})
    own, other = tmp_path / "mine.py", tmp_path / "other" / "mine.py"
    other.parent.mkdir()
    for path in (own, other):
        path.touch()
    run_directory.refuse_other_source(folder, str(own))
    run_directory.write_experiment(folder, name="mine", question="", command="", variants=[variant], source=str(own))
    run_directory.refuse_other_source(folder, str(own))
    for source in (str(other), "mine"):
        with pytest.raises(ValueError, match=r"of another file, \.\./\.\./mine\.py: rename one of the two"):
            run_directory.refuse_other_source(folder, source)
    own.rename(tmp_path / "elsewhere.py")
    run_directory.refuse_other_source(folder, str(other))


def test_a_folder_and_its_file_can_be_moved_together(tmp_path: Path) -> None:
    folder = tmp_path / "before" / "runs" / "mine"
    folder.mkdir(parents=True)
    (tmp_path / "before" / "mine.py").touch()
    variant = run_directory.Variant("v", "v-00000000", {})
    source = str(tmp_path / "before" / "mine.py")
    run_directory.write_experiment(folder, name="mine", question="", command="", variants=[variant], source=source)
    (tmp_path / "before").rename(tmp_path / "after")
    run_directory.refuse_other_source(tmp_path / "after" / "runs" / "mine", str(tmp_path / "after" / "mine.py"))
