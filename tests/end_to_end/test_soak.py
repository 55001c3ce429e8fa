"""A sweep of many short trials, killed again and again for as long as one likes, ends as one that was left alone.

`SOAK_MINUTES=30 SOAK_TRIALS=4000` is the long form; `-s` shows what is killed meanwhile. SOAK_MOST is after how many
minutes it is to have as many trials as it has by then, on a machine that others use as well.
"""

import json
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.tuning import journal
from keras_suite.reports.csv_text import csv_text
from keras_suite.reports.sweep.journal import COLUMNS, Event, rows
from keras_suite.tasks.atomic_files import temporaries
from tests.end_to_end.kill_points import leave_alone_for_days, outcome
from tests.end_to_end.soak import SHORT, Soak, soak
from tests.end_to_end.sweeps import sweep_folder, write_file
from tests.end_to_end.typed import type_command

MINUTES = float(os.environ.get("SOAK_MINUTES", "1"))
TRIALS = int(os.environ.get("SOAK_TRIALS", "30"))
MOST = float(os.environ.get("SOAK_MOST", "inf"))
SEED = int(os.environ.get("SOAK_SEED", str(time.time_ns() % 10_000)))
EVERY = 60.0 if MINUTES > 2 else 20.0
FLAT = 50.0  # MiB
CHANGES = 3  # by a command and its two workers may be under way when they are killed
ONE_SLOT = ("--threads", "1", "--seeds", "1")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 + 120 * MINUTES + 6 * TRIALS)]


def test_a_long_sweep_killed_again_and_again_ends_as_one_left_alone(tmp_path: Path) -> None:
    print(f"SOAK_SEED={SEED}")
    write_file(tmp_path, SHORT)
    seen = soak(tmp_path, TRIALS, MINUTES, EVERY, SEED, MOST)
    print(seen.said())
    folder = sweep_folder(tmp_path)
    events = journal.read(folder / journal.NAME)
    _no_trial_is_lost_or_doubled(folder, events, seen.trials)
    _files_are_bounded(tmp_path, folder, seen)
    _no_bit_differs(tmp_path, folder, events)
    grown = seen.growth()
    assert all(mebibytes <= FLAT for mebibytes in grown.values()), grown


def _no_trial_is_lost_or_doubled(folder: Path, events: list[Event], trials: int) -> None:
    created = [event["trial"] for event in events if event["event"] == "created"]
    ended = [event["trial"] for event in events if event["event"] == "ended"]
    assert created == list(range(trials))
    assert Counter(ended) == Counter([None, *created])
    assert [event for event in events if event["event"] == "ended" and event["score"] is None] == []
    assert (folder / "trials.csv").read_text(encoding="utf-8") == csv_text(rows(events), COLUMNS)
    assert len(list(folder.glob("*/seed-*"))) == len(list(folder.glob("*/seed-1"))) == trials + 1


def _files_are_bounded(here: Path, folder: Path, seen: Soak) -> None:
    """Each run has the files of every other, but for the models of the best, and what a kill left can be removed."""
    left = [file for path in [folder, *folder.rglob("*")] if path.is_dir() for file in temporaries(path)]
    print(f"{len(left)} temporary files of {len(seen.kills)} kills, {sum(1 for _ in folder.rglob('*'))} paths in all")
    assert len(left) <= CHANGES * len(seen.kills)
    leave_alone_for_days(here)
    done = type_command("verify", "runs", "--repair", cwd=here, timeout=1200)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [file for path in folder.rglob("*") if path.is_dir() for file in temporaries(path)]
    files = Counter(file.name for file in folder.glob("*/seed-1/*"))
    assert {name: count for name, count in files.items() if count != seen.trials + 1} == {
        "model.keras": 4
    }  # of the base and the three best


def _no_bit_differs(here: Path, folder: Path, events: list[Event]) -> None:
    """A sample of the trials, trained again undisturbed by `run`, has the same Configs, histories and scores."""
    created: dict[int, Any] = {each["trial"]: each["overrides"] for each in events if each["event"] == "created"}
    chosen = random.Random(SEED).sample(sorted(created), min(12, len(created)))
    variants = {f"trial-{number:04d}": created[number] for number in chosen}
    text = SHORT.replace("    ),\n)\n", f"    ),\n    variants={json.dumps({'base': {}, **variants})},\n)\n")
    alone = here / "alone"
    write_file(alone, text)
    done = type_command("run", "width.py", *ONE_SLOT, cwd=alone, timeout=1200)
    assert done.returncode == 0, done.stdout + done.stderr
    for variant in variants:
        (disturbed,) = folder.glob(f"{variant}-*/seed-1")
        (undisturbed,) = (alone / "runs" / "width").glob(f"{variant}-*/seed-1")
        expected, found = outcome(undisturbed), outcome(disturbed)
        assert found["config.json"] == expected["config.json"]
        assert found["history.csv"] == expected["history.csv"], variant
        assert found["metrics.json"]["validation"] == expected["metrics.json"]["validation"], variant
