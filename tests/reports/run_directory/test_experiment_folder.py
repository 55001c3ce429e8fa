"""One damaged run does not hide the others."""

from pathlib import Path

from keras_suite.reports import run_directory
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
