"""Hopeless trials end early, and a killed sweep goes on to the same result."""

import json
import random
from pathlib import Path

import pytest

from keras_suite.experiments.training import limits as limits_of_runs
from keras_suite.experiments.training.identity import directory_of
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.limits import Limits
from keras_suite.experiments.training.run import train
from keras_suite.experiments.tuning import hopeless, journal, racing
from keras_suite.experiments.tuning.open_sweep import open_sweep
from keras_suite.reports import run_directory
from tests.end_to_end import sweeps
from tests.end_to_end.forked import fork
from tests.end_to_end.sweeps import ONE_RATE, finish_here, kill_fork_after, lines, sweep_folder, table, write_file
from tests.end_to_end.typed import refused, type_here

pytestmark = pytest.mark.slow

EPOCHS, TRIALS = 5, 7
LONGER = ONE_RATE.replace("epochs=2", f"epochs={EPOCHS}").replace(
    "limit=300, test_limit=100", "limit=150, test_limit=50"
)


def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let trials be compared with two others, and believe in smaller gains: with so few epochs all is hopeful."""
    monkeypatch.setattr(hopeless, "FIRST", 2)
    monkeypatch.setattr(hopeless, "TIMES", 0.5)


def search(folder: Path, arguments: tuple[str, ...]) -> None:
    """The sweep in a process of its own."""
    with pytest.MonkeyPatch.context() as patch:
        soon(patch)
        sweeps._type(folder, arguments)


def command(tuner: str) -> tuple[str, ...]:
    return ("--tuner", tuner, "--trials", str(TRIALS), "--objective", "val_unpenalised_loss")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep in which some trials were stopped."""
    folder = tmp_path_factory.mktemp("stopped")
    write_file(folder, LONGER)
    with pytest.MonkeyPatch.context() as patch:
        soon(patch)
        finish_here(folder, *command("random"))
    return folder


def ends(folder: Path, tuner: str = "random") -> dict[int, dict]:
    events = journal.read(sweep_folder(folder, tuner) / journal.NAME)
    return {event["trial"]: event for event in events if event["event"] == "ended" and event["trial"] is not None}


def test_what_was_stopped_when_and_why_is_in_the_journal_the_table_and_the_page(finished: Path) -> None:
    stopped = {k: end for k, end in ends(finished).items() if end.get("expected") is not None}
    assert 0 < len(stopped) <= TRIALS - 2
    folder, frame = sweep_folder(finished), open_sweep(sweep_folder(finished)).frame()
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Trials stopped early" in page and "stopped early, as hardly able to become the best" in page
    for number, end in stopped.items():
        (run,) = end["runs"]
        assert end["score"] is None and run["epochs"] < EPOCHS
        assert end["reason"].startswith(f"stopped after epoch {run['epochs']} of {EPOCHS} at ")
        assert end["reason"].removeprefix("stopped ") in page
        assert frame[frame["trial"] == number]["status"].tolist() == ["stopped"]
    status = json.loads((folder / "status.json").read_text(encoding="utf-8"))
    assert (status["stopped"], status["failed"], status["completed"]) == (len(stopped), 0, TRIALS)


def test_the_limits_were_in_the_journal_before_and_follow_from_it(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon(monkeypatch)
    curves, best = hopeless.FullCurves("min"), None
    for event in journal.read(sweep_folder(finished) / journal.NAME)[1:]:
        if event["event"] == "created":
            expected = curves.limits(EPOCHS, best)
            assert event.get("limits") == (None if expected is None else list(expected))
        elif event["trial"] is not None and event["score"] is not None:
            curves.add(event["runs"][0]["curve"], event["score"], EPOCHS)
            best = event["score"] if best is None else min(best, event["score"])


@pytest.mark.slow
def test_a_stopped_run_is_the_beginning_of_the_full_one(finished: Path, tmp_path: Path) -> None:
    write_file(tmp_path, LONGER)
    finish_here(tmp_path, *command("random"), "--full-trials")
    assert not [end for end in ends(tmp_path).values() if end["score"] is None]
    for number, end in ends(finished).items():
        pair = [
            run_directory.read_run(sweep_folder(folder) / ends(folder)[number]["runs"][0]["directory"]).history
            for folder in (finished, tmp_path)
        ]
        part, whole = ([row["val_unpenalised_loss"] for row in rows] for rows in pair)
        assert part == whole[: len(part)] and len(part) == end["runs"][0]["epochs"]


def test_such_a_sweep_is_resumed_as_it_was_begun_and_verified(finished: Path) -> None:
    before = table(finished)
    assert "--stop-hopeless was 1, is 0" in refused(
        "tune", "width.py", "--tuner", "random", "--threads", "1", "--objective", "val_unpenalised_loss",
        "--full-trials", cwd=finished,
    )  # fmt: skip
    finish_here(finished, *command("random"))
    assert table(finished) == before
    assert type_here("verify", "runs", cwd=finished).returncode == 0


@pytest.mark.slow
def test_a_sweep_of_before_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soon(monkeypatch)
    write_file(tmp_path, LONGER)
    finish_here(tmp_path, *command("random")[:2], "--trials", "3", *command("random")[4:], "--full-trials")
    begun = journal.read(sweep_folder(tmp_path) / journal.NAME)[0]
    assert "stopping" not in begun["terms"], "as journals were before"
    finish_here(tmp_path, *command("random"))
    assert {len(end["runs"]) for end in ends(tmp_path).values()} == {1}
    assert not [end for end in ends(tmp_path).values() if end["score"] is None or "curve" in end["runs"][0]]


@pytest.mark.slow
def test_of_several_seeds_the_others_are_not_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soon(monkeypatch)
    write_file(tmp_path, LONGER)
    finish_here(tmp_path, *command("random"), "--seeds", "2")
    stopped = [end for end in ends(tmp_path).values() if end.get("expected") is not None]
    assert stopped
    for end in stopped:
        (run,) = end["runs"]
        assert run["seed"] == 1 and run.get("expected") is not None, "limits are for first seeds"
        assert end["reason"].startswith("seed 1: stopped after epoch")
    scored = [len(end["runs"]) for end in ends(tmp_path).values() if end["score"] is not None]
    assert 2 in scored and set(scored) <= {1, 2}, "of one run are those whose second seed the race denied"


def test_no_stopped_trial_is_taken_over_into_another_sweep(finished: Path) -> None:
    stopped = sum(end.get("expected") is not None for end in ends(finished).values())
    said = finish_here(
        finished, "--tuner", "bayesian", "--trials", "1", "--objective", "val_unpenalised_loss",
        "--from", "runs/width.tune/random",
    ).stdout  # fmt: skip
    assert f"From runs/width.tune/random: {TRIALS - stopped} of {TRIALS - stopped} trials have the same" in said


@pytest.mark.slow
@pytest.mark.parametrize("tuner", ["bayesian", "random", "grid"])
def test_a_killed_sweep_stops_the_same_trials(tuner: str, tmp_path: Path) -> None:
    chance, killed = random.Random(tuner), 0
    for name in ("alone", "killed"):
        write_file(tmp_path / name, LONGER)
    process = fork(tmp_path / "alone" / "log.txt", search, tmp_path / "alone", command(tuner))
    process.join(240)
    folder = tmp_path / "killed"
    for least in sorted(chance.sample(range(6, 2 * TRIALS), 2)):
        process = fork(folder / "log.txt", search, folder, command(tuner))
        killed += kill_fork_after(process, lambda least=least: lines(folder, tuner) >= least, chance.uniform(0, 0.4))  # type: ignore[misc]
    process = fork(folder / "log.txt", search, folder, command(tuner))
    process.join(240)
    assert killed, "the last may come too late"
    assert "stopped" in table(folder, tuner)
    assert table(folder, tuner) == table(tmp_path / "alone", tuner)


def job_in(folder: Path, limits: Limits | None) -> Job:
    from keras_suite.experiments.config import Config, use

    config = Config(dataset=use("digits", limit=150, test_limit=50), model=use("mlp", units=[4]), epochs=4)
    return Job("watched.tune/random", "trial-0000", config, 1, RunOptions(1, folder), score_test=False, limits=limits)


def test_a_run_that_other_limits_stopped_is_trained_anew_and_a_full_one_is_kept(tmp_path: Path) -> None:
    """As where a sweep's journal was cut, and the trial is proposed again."""
    impossible = Limits("val_accuracy", "max", (None, 2.0, None, None))
    lenient = Limits("val_accuracy", "max", (None, 0.0, 2.0, None))
    directory = directory_of(job_in(tmp_path, None))
    for limits, epochs in ((impossible, 2), (lenient, 3), (None, 4), (impossible, 4)):
        assert train(job_in(tmp_path, limits)).status == ("completed" if epochs < 4 or limits is None else "already")
        run = run_directory.read_run(directory)
        assert len(run.history) == epochs
        stop = (run.metrics or {}).get("stopped")
        assert (stop and stop["epoch"]) == (None if epochs == 4 else epochs)
    assert limits_of_runs.from_json(run_directory.read_run(directory).record) is None


RACED = 3


def race(folder: Path, arguments: tuple[str, ...]) -> None:
    """The same, where seeds are denied almost at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(racing, "FREEDOM", 2)
        patch.setattr(racing, "CHANCE", 0.2)
        sweeps._type(folder, arguments)


def raced(folder: Path, *more: str) -> dict[int, dict]:
    """How the trials of a raced sweep ended."""
    write_file(folder, ONE_RATE)
    process = fork(folder / "log.txt", race, folder, ("--trials", "5", "--seeds", str(RACED), *more))
    process.join(240)
    assert process.exitcode == 0, (folder / "log.txt").read_text(encoding="utf-8")
    return ends(folder)


@pytest.mark.slow
def test_only_trials_that_may_become_the_best_get_all_seeds_also_when_killed(tmp_path: Path) -> None:
    alone = raced(tmp_path / "alone")
    seeds = [len(end["runs"]) for end in alone.values()]
    assert seeds[0] == RACED and min(seeds) < RACED
    for end in alone.values():
        scores = [run["score"] for run in end["runs"]]
        assert end["score"] == pytest.approx(sum(scores) / len(scores)), "what its seeds say is its score"
    best = max(alone.values(), key=lambda end: end["score"])
    assert len(best["runs"]) == RACED
    write_file(tmp_path / "killed", ONE_RATE)
    arguments = ("--trials", "5", "--seeds", str(RACED))
    process = fork(tmp_path / "killed" / "log.txt", race, tmp_path / "killed", arguments)
    kill_fork_after(process, lambda: lines(tmp_path / "killed", "random") >= 5, 0.2)
    raced(tmp_path / "killed")
    assert table(tmp_path / "killed") == table(tmp_path / "alone")
    page = (sweep_folder(tmp_path / "alone") / "report.html").read_text(encoding="utf-8")
    assert "trial 0" in page and "got fewer than 3 seeds" in page


@pytest.mark.slow
def test_with_workers_a_raced_sweep_ends_with_the_same_best(tmp_path: Path) -> None:
    write_file(tmp_path, ONE_RATE)
    sweeps.finish(tmp_path, "--trials", "8", "--seeds", str(RACED), "--workers", "2")
    found = ends(tmp_path)
    assert len(found) == 8 and {len(end["runs"]) for end in found.values()} <= {1, 2, 3}
    best = max(found.values(), key=lambda end: end["score"])
    assert len(best["runs"]) == RACED
