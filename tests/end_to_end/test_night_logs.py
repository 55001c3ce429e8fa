"""The log of a command that trains through the night says what is under way, also inside a long run."""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from keras_suite.experiments import cli
from keras_suite.experiments.scheduling import live_line
from tests.end_to_end.forked import fork
from tests.end_to_end.sweeps import FILE, write_file

# so often that an epoch has a line: what else is under way is the same as in a minute; and so many epochs that on a
# quick machine, too, there is a second left to be named
EVERY, EPOCHS = 0.05, 300
LINE = re.compile(r"\d\d:\d\d (.*)")


def command(folder: Path, words: Sequence[str]) -> None:
    """In a process of its own, whose output is a file."""
    live_line.LOG_SECONDS = EVERY
    os.chdir(folder)
    sys.argv = ["experiments", *words]
    cli.app()


def log_of(folder: Path, *words: str) -> list[str]:
    """The lines that were printed for every "minute", without their clock."""
    write_file(folder, FILE.replace("epochs=2", f"epochs={EPOCHS}"))
    said = folder / "log.txt"
    process = fork(said, command, folder, words)
    process.join(240)
    text = said.read_text(encoding="utf-8")
    assert process.exitcode == 0, text
    assert "\x1b" not in text
    return [found[1] for line in text.splitlines() if (found := LINE.match(line))]


@pytest.mark.slow
def test_the_log_of_run_names_the_run_its_epoch_the_best_so_far_and_the_time_left(tmp_path: Path) -> None:
    lines = log_of(tmp_path, "run", "width.py", "--seeds", "1", "--threads", "1")
    assert "starting TensorFlow …" in lines
    inside = (
        rf"0 of 1 run · base seed 1 epoch \d+/{EPOCHS} · "
        r"best so far [\d.]+ % \(base seed 1 after epoch \d+\) · about .* left"
    )
    assert [line for line in lines if re.fullmatch(inside, line)], lines


@pytest.mark.slow
def test_the_log_of_tune_names_the_trial_with_its_settings(tmp_path: Path) -> None:
    lines = log_of(tmp_path, "tune", "width.py", "--trials", "1", "--threads", "1")
    assert "trying a few batches at the edges of the space …" in lines
    inside = (
        rf"0 of 1 trials · trial-0000 \(learning_rate=.*, units=\d+\) seed 1 epoch \d+/{EPOCHS} · "
        r"best so far validation accuracy [\d.]+ % \(trial-0000 seed 1 after epoch \d+\) · about .* left"
    )
    assert [line for line in lines if re.fullmatch(inside, line)], lines


@pytest.mark.slow
def test_with_workers_the_log_names_all_runs(tmp_path: Path) -> None:
    lines = log_of(tmp_path, "run", "width.py", "--seeds", "2", "--threads", "1", "--workers", "2")
    assert [
        line
        for line in lines
        if re.search(rf"base seed 1 epoch \d+/{EPOCHS}, base seed 2 epoch \d+/{EPOCHS} · best", line)
    ]
