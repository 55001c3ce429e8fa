"""Runs and sweeps of the earlier version that were killed end as those that were left alone."""

import json
import shutil
from pathlib import Path

import pytest

from tests.earlier_versions.bits import adopt, assert_same, values_sha256
from tests.end_to_end.typed import type_command

SWEEP = "tune questions/killed_sweep.py --objective val_unpenalised_loss --threads 1 --checkpoint-seconds 0 --tuner "
ENDS_AS_BEFORE = {"random": SWEEP + "random --trials 4", "hyperband": SWEEP + "hyperband --max-epochs 3"}


@pytest.mark.parametrize(
    "name",
    [
        "killed",  # after epoch 4 of 16
        "killed_phases",  # in the second of three phases
        "killed_scratch",  # without autodiff, while a checkpoint was written
    ],
)
@pytest.mark.slow
def test_a_killed_run_ends_with_the_bits_of_an_undisturbed_one(name: str, own_copy: Path, unpacked: Path) -> None:
    exact = adopt(own_copy / "runs" / name)
    (run,) = (own_copy / "runs" / name).glob("*/seed-1")
    before = (run / "history.csv").read_text(encoding="utf-8")
    command = f"run questions/{name}.py --threads 1 --checkpoint-seconds 0"
    done = type_command(*command.split(), cwd=own_copy)
    assert done.returncode == 0, done.stdout + done.stderr
    kept = before[: before.rfind("\n", 0, len(before) - 1)]  # the last epoch may be trained again
    assert (run / "history.csv").read_text(encoding="utf-8").startswith(kept), "it began anew"
    expected = unpacked / "resumed" / run.relative_to(own_copy / "runs") / "told.json"
    assert_same(run, json.loads(expected.read_text(encoding="utf-8")), exact)


@pytest.mark.slow
@pytest.mark.parametrize("torn", [False, True], ids=["journal_whole", "last_line_cut_off"])
@pytest.mark.parametrize("tuner", ENDS_AS_BEFORE)
def test_a_killed_sweep_ends_with_the_table_of_an_undisturbed_one(
    tuner: str, torn: bool, own_copy: Path, unpacked: Path
) -> None:
    folder, expected = (root / "killed_sweep.tune" / tuner for root in (own_copy / "runs", unpacked / "resumed"))
    if torn:
        shutil.copy(expected / "torn-journal.jsonl", folder / "journal.jsonl")
    exact = adopt(folder)
    events = (folder / "journal.jsonl").read_text(encoding="utf-8")
    done = type_command(*ENDS_AS_BEFORE[tuner].split(), cwd=own_copy)
    assert done.returncode == 0, done.stdout + done.stderr
    whole = events[: events.rfind("\n") + 1]
    assert (folder / "journal.jsonl").read_text(encoding="utf-8").startswith(whole), "it began anew"
    if exact:
        before = (expected / "trials.csv").read_text(encoding="utf-8")
        assert (folder / "trials.csv").read_text(encoding="utf-8") == before
        models = json.loads((expected / "kept_models.json").read_text(encoding="utf-8"))
        assert {name: values_sha256(folder / name, named=True) for name in models} == models
