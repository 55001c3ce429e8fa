"""Every comparison runs in quick mode and ends with its JSON line; the ratios hold with room for a noisy machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from scipy import stats

from tests.conftest import REPOSITORY

LIMITS = {  # lowest and highest ratio that is believed
    "augmentation": (3.0, 1000.0),
    "overhead": (0.3, 1.3),
    "data_inspection": (1.0, 2.5),  # the promise
    "layers": (0.3, 5.0),  # the largest of a few pairs', on a busy machine
    "fastest_layers": (0.5, 1.3),  # timed anew, on a busy machine
    "manual_layers": (0.5, 1.5),
    "many_files": (0.3, 1.1),  # streaming beside decoding alone, on a busy machine
    "memory": (0.8, 1.2),  # what is stated of the peak by what is measured
    "scratch_numpy": (5.0, 1000.0),
    "feature_cache": (3.0, 1000.0),
    "predict": (0.3, 3.0),  # few files on a busy machine
    "report_scale": (0.001, 1.0),  # of the time that is promised
    "suspect_labels": (0.9, 2.0),  # precision at k beside that of cleanlab by default
    "seeds_needed": (0.5, 2.0),  # the last line's: seeds beside those of AdaStop
    "two_objectives": (0.7, 2.0),  # hypervolume beside that of random search, of 3 repetitions
    "trials_needed": (0.05, 1.0),  # regret beside that of Optuna's TPE
    "time_to_answer": (0.05, 5.0),  # with one seed of few photographs imports weigh most
    "tuner": (0.5, 100.0),  # with few trials the suite's dry fit and base weigh most
}
MAKES_ITS_DATA = {"layers", "report_scale", "seeds_needed", "tuner", "two_objectives"}  # or has them in scikit-learn
NO_COMPARISON = {
    "answer_stages",
    "__init__",
    "classify",
    "cnn_table",
    "diagnosis",
    "diagnosis_corpus",
    "diagnosis_recipes",
    "diagnosis_faults",
    "diagnosis_training",
    "fine_tuning",
    "imagenet_features",
    "keras_tuner_oracle",
    "lcbench",
    "other_class",
    "paired",
    "plain_loops",
    "probabilities",
    "raced_seeds",
    "real_runs",
    "search_regret",
    "sequential",
    "stopped_trials",
    "structure",
    "structure_trace",
    "verdict_errors",
}
NEEDS_DATA = (  # of those
    "classify",
    "fine_tuning",
    "imagenet_features",
    "other_class",
    "probabilities",
    "raced_seeds",
    "real_runs",
    "stopped_trials",
)
SCRIPTS = sorted(p for p in (REPOSITORY / "benchmarks").glob("*.py") if p.stem not in NO_COMPARISON)


def run(script: Path, data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Run a benchmark as a user would, without the threads and kernels that this process has for its own trainings."""
    of_tests = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "TF_DETERMINISTIC_OPS")
    environment = {name: value for name, value in os.environ.items() if name not in of_tests}
    return subprocess.run(
        [sys.executable, str(script), "--quick"],
        cwd=REPOSITORY,
        env={**environment, "DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def test_every_comparison_has_its_limits() -> None:
    assert {script.stem for script in SCRIPTS} == set(LIMITS)


@pytest.mark.slow
@pytest.mark.needs_data
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_quick_mode_ends_with_a_believable_json_line(script: Path, data_dir: Path) -> None:
    done = run(script, data_dir)
    assert done.returncode == 0, done.stderr
    line = json.loads(done.stdout.splitlines()[-1])
    assert set(line) >= {"benchmark", "ratio", "ours", "theirs", "n", "data"}
    assert line["benchmark"] == script.stem
    low, high = LIMITS[script.stem]
    assert low < line["ratio"] < high


@pytest.mark.slow
@pytest.mark.parametrize(
    "script",
    [
        *(script for script in SCRIPTS if script.stem not in MAKES_ITS_DATA),
        *(REPOSITORY / "benchmarks" / f"{name}.py" for name in NEEDS_DATA),
    ],
    ids=lambda script: script.stem,
)
def test_missing_data_are_answered_in_one_line(script: Path, tmp_path: Path) -> None:
    done = run(script, tmp_path / "nowhere")
    assert done.returncode == 2
    assert "error" in done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_no_way_of_using_verdicts_is_shown_to_be_wrong_more_often_than_promised(tmp_path: Path) -> None:
    """1,000 experiments a row, 60 of those with test images: the 95 % interval does not lie above 5 %."""
    done = run(REPOSITORY / "benchmarks" / "verdict_errors.py", tmp_path)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout.splitlines()[-1])["rows"]
    assert len(rows) == 7
    for row in rows:
        assert stats.binomtest(row["now"], row["of"]).proportion_ci(0.95).low <= 0.05, row
    before = next(row for row in rows if "until decided" in row["what"] and "better" in row["what"])
    assert stats.binomtest(before["before"], before["of"]).proportion_ci(0.95).low > 0.05, "the harness can fail"
