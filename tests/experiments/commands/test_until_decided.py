"""Seeds are added where the answer is open, decided variants are dropped, and bad limits are answered in one line."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from keras_suite.experiments.commands import until_decided
from keras_suite.experiments.commands.plan_run import Begun, RunRequest
from keras_suite.experiments.commands.until_decided import next_look, train_rounds
from keras_suite.reports.run_directory import Variant, write_experiment
from keras_suite.reports.run_directory.looks import LOOKS
from tests.end_to_end.typed import type_here
from tests.reports.conftest import run_record, write_run

EXPERIMENT = '''"""Does a network that hardly learns read digits worse, and does another batch size matter?"""

from keras_suite.experiments import Config, Experiment, use

EXPERIMENT = Experiment(
    Config(
        use("digits", limit=200, test_limit=100),
        use("mlp", units=[16]),
        optimizer=use("adam", learning_rate=0.01),
        batch_size=32,
        epochs=6,
    ),
    {"base": {}, "untrained": {"optimizer.learning_rate": 1e-7}, "batches": {"batch_size": 30}},
)
'''


@pytest.fixture
def question(tmp_path: Path) -> Path:
    (tmp_path / "question.py").write_text(EXPERIMENT)
    return tmp_path / "runs" / "question"


def seeds_of(folder: Path) -> dict[str, int]:
    directories = [path for path in folder.glob("*-*") if path.is_dir() and any(path.glob("seed-*"))]
    return {path.name.rpartition("-")[0]: len(list(path.glob("seed-*/metrics.json"))) for path in directories}


def test_each_look_adds_a_fifth_and_two_at_least_up_to_the_limit() -> None:
    assert [next_look(seeds, 48) for seeds in (4, 8, 11, 15, 36, 42, 47)] == [6, 10, 13, 18, 43, 48, 48]


class Rounds:
    """Rounds whose runs are real classifiers of scikit-learn, trained in no time, in the place of networks."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.asked = folder, list[tuple[list[str], int]]()
        patch.setattr(until_decided, "make_plan", self.plan)
        patch.setattr(until_decided, "train", self.train)
        write_experiment(folder, name="q", question="?", command="keras-suite run q", variants=VARIANTS)

    def begun(self, seeds: int) -> Any:
        names = [variant.name for variant in VARIANTS]
        plan = self.plan(None, None, names, range(1, seeds + 1), None)
        return Begun(plan, SimpleNamespace(device=None), {}, dict.fromkeys(names))  # type: ignore[arg-type]

    def plan(self, entry: Any, configs: Any, variants: list[str], seeds: range, options: Any, **more: Any) -> Any:
        jobs = [SimpleNamespace(variant=name, seed=seed, options=options) for seed in seeds for name in variants]
        return SimpleNamespace(jobs=jobs)

    def train(self, plan: Any, *rest: Any) -> bool:
        self.asked.append((list(dict.fromkeys(job.variant for job in plan.jobs)), max(job.seed for job in plan.jobs)))
        for job in plan.jobs:
            directory = next(variant.directory for variant in VARIANTS if variant.name == job.variant)
            if not (self.folder / directory / f"seed-{job.seed}").exists():
                write_run(self.folder, directory, run_record("q", job.variant, job.seed), c=STRENGTH[job.variant])
        return False


STRENGTH = {"base": 0.01, "weak": 1e-5, "similar": 0.0095}
VARIANTS = [Variant(name, f"{name}-01234567", {}) for name in STRENGTH]


@pytest.fixture
def rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rounds:
    return Rounds(tmp_path / "runs" / "q", monkeypatch)


def test_open_pairs_get_more_seeds_decided_variants_none_and_each_round_is_a_look(
    rounds: Rounds, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """360 test images would leave the second pair open at once: here seeds are added all the same, up to the limit."""
    monkeypatch.setattr(until_decided, "_seeds_may_decide", lambda pair, most: pair.comparison.open)
    request = RunRequest(entry=SimpleNamespace(name="q"), runs_dir=rounds.folder.parent)  # type: ignore[arg-type]
    assert not train_rounds(rounds.begun(9), request, 13, debug=True)
    assert rounds.asked == [(["base", "weak", "similar"], 9), (["base", "similar"], 11), (["base", "similar"], 13)]
    printed = capsys.readouterr().out
    assert "9 seeds: 1 of 2 comparisons decided" in printed and "open: 'similar' against 'base'" in printed
    assert "13 seeds: 1 of 2 comparisons decided" in printed
    looks = {
        tuple(pair["variants"]): pair["seeds"] for pair in json.loads((rounds.folder / LOOKS).read_text())["pairs"]
    }
    assert sorted(looks.values()) == [["1-9"], ["1-9", "1-11", "1-13"]]


def test_where_test_images_are_too_few_no_seed_is_added(rounds: Rounds, capsys: pytest.CaptureFixture[str]) -> None:
    request = RunRequest(entry=SimpleNamespace(name="q"), runs_dir=rounds.folder.parent)  # type: ignore[arg-type]
    train_rounds(rounds.begun(9), request, 40, debug=True)
    assert rounds.asked == [(["base", "weak", "similar"], 9)]
    printed = capsys.readouterr().out
    assert "left open: 'similar' against 'base'" in printed and "test images" in printed


@pytest.mark.slow
def test_real_runs_end_with_a_report_and_the_same_command_trains_nothing_more(question: Path) -> None:
    command = ("run", "question.py", "--until-decided", "--max-seeds", "11")
    done = type_here(*command, cwd=question.parents[1])
    assert done.returncode == 0 and "'untrained' is worse" in done.stdout
    assert seeds_of(question)["untrained"] == min(seeds_of(question).values()) < 11, "decided at the first look"
    assert (question / "report.html").exists()
    again = type_here(*command, cwd=question.parents[1])
    assert again.returncode == 0 and "nothing was trained" in again.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--max-seeds", "20"], "--max-seeds 20 is for --until-decided: add that, or give --seeds 20"),
        (["--until-decided", "--max-seeds", "5"], "--max-seeds 5 is not enough: 2 comparisons cannot be decided"),
        (["--until-decided", "--seeds", "30", "--max-seeds", "20"], "--seeds 30 is more than --max-seeds 20"),
        (["--until-decided", "--variant", "batches"], "'batches' alone leaves nothing to compare: add --variant base"),
        (["--until-decided", "--smoke"], "--until-decided adds seeds, and --smoke fixes the runs"),
        (["--until-decided", "--folds", "5"], "--until-decided adds seeds, and --folds 5 fixes the runs"),
    ],
)
def test_bad_limits_are_answered_in_one_line(question: Path, options: list[str], said: str) -> None:
    done = type_here("run", "question.py", *options, cwd=question.parents[1])
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
    assert not question.exists()
