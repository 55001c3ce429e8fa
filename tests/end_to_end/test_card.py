"""The command `card`: a run's model card, measured, the same each time, never over another one unasked."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.model_card.corruptions import CORRUPTIONS
from keras_suite.reports import run_directory
from tests.end_to_end.typed import refused, type_here


def test_a_run_gets_its_card_which_is_the_same_each_time(four_runs: Path, tmp_path: Path) -> None:
    shutil.copytree(four_runs, tmp_path, dirs_exist_ok=True)
    [run] = tmp_path.glob("runs/wider/wide-*/seed-1")
    typed = run.relative_to(tmp_path)
    done = type_here("card", typed, cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    kept = run_directory.predictions(run_directory.read_run(run)) or pytest.fail("no predictions")
    right = int(np.sum(kept.probabilities.argmax(axis=1) == kept.labels))
    assert f"Right on {right} of 100 test images" in done.stdout
    assert f"written to {typed / 'card/card.md'}" in done.stdout
    text = (run / "card" / "card.md").read_text(encoding="utf-8")
    assert f"As they are it reads {right} right" in text  # the network itself, and what it answered when it was trained
    assert all(text.count(f"| {corruption.name} |") == 3 for corruption in CORRUPTIONS)
    assert "Does a wider hidden layer read digits better?" in text and str(tmp_path) not in text
    assert "random weights" in text and f"keras-suite predict {typed} IMAGES" in text
    assert type_here("verify", "runs", cwd=tmp_path).returncode == 0

    assert "is there already: give another folder with --output, or --overwrite" in refused("card", typed, cwd=tmp_path)
    assert type_here("card", typed, "--overwrite", cwd=tmp_path).returncode == 0
    assert (run / "card" / "card.md").read_text(encoding="utf-8") == text


def test_what_has_no_card_is_one_line_and_nothing_is_written(four_runs: Path, tmp_path: Path) -> None:
    shutil.copytree(four_runs, tmp_path, dirs_exist_ok=True)
    [run] = tmp_path.glob("runs/wider/wide-*/seed-1")
    assert "wider holds 4 runs of 2 variants" in refused("card", "runs/wider", cwd=tmp_path)
    assert "a.png" in refused("card", run, "--on", "a.png", cwd=tmp_path)
    record = run / "run.json"
    record.write_text(record.read_text().replace('"task": "classes"', '"task": "angle"'))
    assert "run.json" in refused("card", run, cwd=tmp_path)  # it was edited
    (run / "metrics.json").unlink()
    refused("card", run, cwd=tmp_path)
    assert not list(tmp_path.rglob("card"))
