"""The run directory: whole files or none, one process at a time, and damage that is named."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from reports import run_directory
from reports.files import replacing, write_text
from reports.run_directory.layout import STALE_SECONDS
from tests.conftest import REPOSITORY

RECORD = {"experiment": "e", "variant": "v", "seed": 1, "identity": "0" * 16, "versions": {}, "threads": 1}


@pytest.fixture
def completed(tmp_path: Path) -> Path:
    """A completed run directory with small files."""
    run_directory.begin(tmp_path, RECORD, {"epochs": 1})
    run_directory.write_history(tmp_path, [{"epoch": 1, "loss": 0.1 + 0.2}])
    run_directory.write_predictions(tmp_path, np.arange(3), np.eye(3, dtype=np.float32))
    run_directory.write_examples(tmp_path, np.arange(1), np.zeros((1, 2, 2, 1), np.uint8))
    run_directory.model_file(tmp_path).write_text("weights", encoding="utf-8")
    run_directory.complete(tmp_path, {"epochs": 1}, seconds=1.5)
    return tmp_path


def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_second_process_is_kept_out_until_the_first_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from reports.run_directory import locked\n"
        "with locked(Path(sys.argv[1])):\n    print('in', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "in\n"
        with pytest.raises(BlockingIOError, match="in use by another process"), run_directory.locked(tmp_path):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with run_directory.locked(tmp_path):
        pass


def test_history_comes_back_with_every_bit(tmp_path: Path) -> None:
    rows = [{"epoch": 1, "loss": 0.1 + 0.2, "tiny": 5e-324, "odd": float(np.float32(1 / 3))}]
    run_directory.write_history(tmp_path, rows)
    assert run_directory.read_history(tmp_path) == tuple(rows)


def test_a_completed_run_reads_back(completed: Path) -> None:
    run = run_directory.read_run(completed)
    assert (run.status, run.record["seconds"], run.config) == ("completed", 1.5, {"epochs": 1})
    found = run_directory.predictions(run)
    assert found is not None
    assert np.array_equal(found[1], np.eye(3))


def test_a_running_run_without_a_living_heartbeat_is_interrupted() -> None:
    record = {"status": "running", "heartbeat": 1000.0}
    assert run_directory.status_of(record, completed=False, now=1000.0 + STALE_SECONDS / 2) == "running"
    assert run_directory.status_of(record, completed=False, now=1001.0 + STALE_SECONDS) == "interrupted"
    assert run_directory.status_of(record, completed=True) == "completed"


def test_the_heartbeat_beats_and_stops(tmp_path: Path) -> None:
    run_directory.begin(tmp_path, RECORD, {})
    first = run_directory.read_run(tmp_path).record["heartbeat"]
    with run_directory.heartbeat(tmp_path, every=0.02):
        time.sleep(0.3)
    second = run_directory.read_run(tmp_path).record["heartbeat"]
    time.sleep(0.1)
    assert first < second == run_directory.read_run(tmp_path).record["heartbeat"]


@pytest.mark.parametrize("name", ["config.json", "history.csv", "predictions.npz", "model.keras"])
def test_a_file_that_was_edited_or_removed_since_is_named(completed: Path, name: str) -> None:
    with (completed / name).open("a", encoding="utf-8") as file:
        file.write(" ")
    with pytest.raises(ValueError, match=f"{name} was changed"):
        run_directory.read_run(completed)
    (completed / name).unlink()
    with pytest.raises((ValueError, FileNotFoundError), match=name):
        run_directory.read_run(completed)


def test_a_newer_schema_is_refused(completed: Path) -> None:
    record = json.loads((completed / "run.json").read_text(encoding="utf-8"))
    (completed / "run.json").write_text(json.dumps({**record, "schema": 99}), encoding="utf-8")
    with pytest.raises(ValueError, match="newer version"):
        run_directory.read_run(completed)


def test_a_checkpoint_comes_back_bit_for_bit_and_damage_is_named(tmp_path: Path) -> None:
    arrays = {
        "model/0": np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32),
        "seed": np.array([1], "uint32"),
    }
    assert run_directory.read_checkpoint(tmp_path) is None
    run_directory.write_checkpoint(tmp_path, {"best": 0.1 + 0.2, "wait": None}, arrays)
    found = run_directory.read_checkpoint(tmp_path)
    assert found is not None
    assert found[0] == {"best": 0.1 + 0.2, "wait": None}
    assert {name: (a.dtype, a.tobytes()) for name, a in found[1].items()} == {
        name: (a.dtype, a.tobytes()) for name, a in arrays.items()
    }
    path = tmp_path / "checkpoint" / "state.npz"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ValueError, match=r"state\.npz is damaged"):
        run_directory.read_checkpoint(tmp_path)


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


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("run.json", "[1]", "expected a JSON object; restore it from a copy, or remove it"),
        ("run.json", "{}", "lacks experiment, variant, seed, status, heartbeat, identity: restore it"),
        ("run.json", '{"schema": "two"}', r"written by a newer version \(schema two"),
        ("config.json", "7", "expected a JSON object"),
        ("metrics.json", '"done"', "expected a JSON object"),
    ],
)
def test_a_damaged_file_is_named_with_what_was_expected(completed: Path, name: str, text: str, said: str) -> None:
    (completed / name).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said) as caught:
        run_directory.read_run(completed)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("row", ["1,much", "1,0.5,2", "1"])
def test_a_damaged_history_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "history.csv").write_text(f"epoch,loss\n{row}\n", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"history\.csv is damaged: a row holds something that is no number; restore it"
    ):
        run_directory.read_history(tmp_path)


def test_a_record_with_a_field_of_another_type_is_named(completed: Path) -> None:
    run_directory.update(completed, seed="one")
    with pytest.raises(ValueError, match=r"run\.json lacks seed: restore it"):
        run_directory.read_run(completed)


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        ("[]", "expected a JSON object"),
        ('{"name": "e"}', "lacks question, command, baseline, variants"),
        ('{"name": "e", "question": "", "command": "", "baseline": "v", "variants": []}', "names no variant"),
        ('{"name": "e", "question": "", "command": "", "baseline": "v", "variants": [7]}', "lacks name, directory"),
    ],
)
def test_a_damaged_listing_is_named(tmp_path: Path, listing: str, said: str) -> None:
    (tmp_path / "experiment.json").write_text(listing, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        run_directory.read_experiment(tmp_path)


def test_damaged_predictions_are_named(completed: Path) -> None:
    run = run_directory.read_run(completed)
    path = completed / "predictions.npz"
    whole = path.read_bytes()
    for damaged in (whole[:-50], b"no archive at all", whole.replace(b"labels", b"babels")):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"predictions\.npz is damaged .* restore it from a copy"):
            run_directory.predictions(run)


def test_history_holds_plain_numbers_whatever_it_was_given(tmp_path: Path) -> None:
    rows = [{"epoch": np.int64(1), "loss": np.float64(0.1), "accuracy": np.float32(0.5)}]
    run_directory.write_history(tmp_path, rows)
    assert (tmp_path / "history.csv").read_text(encoding="utf-8") == "epoch,loss,accuracy\n1,0.1,0.5\n"
