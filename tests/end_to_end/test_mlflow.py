"""Runs on a real MLflow server, on loopback with its SQLite store: ours are logged there, and any are compared."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.result import load
from keras_suite.experiments.tracking.logged_values import Asked
from keras_suite.experiments.tracking.mlflow_log import MlflowLog
from keras_suite.reports.elsewhere import mlflow_server
from tests.end_to_end.typed import refused, tiny_experiment, type_here

pytestmark = [
    pytest.mark.slow,
    # the client's own, of Python's and pydantic's ways
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]
ADDRESS = "http://127.0.0.1:{}"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass
class Server:
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return ADDRESS.format(self.port)

    def start(self) -> None:
        words = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        store = [
            "--backend-store-uri",
            f"sqlite:///{self.folder}/mlflow.db",
            "--default-artifact-root",
            str(self.folder),
        ]
        environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        with (self.folder / "server.txt").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mlflow", "server", *words, *store], stdout=log, stderr=log, env=environment
            )
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{self.uri}/health", timeout=5).close()
                return
            except OSError:
                assert self.process.poll() is None, (self.folder / "server.txt").read_text()
                time.sleep(0.5)
        raise AssertionError((self.folder / "server.txt").read_text())

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)
            self.process = None

    def client(self) -> Any:
        return mlflow_server.connect(self.uri)

    def runs(self, experiment: str) -> list[Any]:
        client = self.client()
        return list(client.search_runs([client.get_experiment_by_name(experiment).experiment_id]))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server"), free_port())
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an experiment whose four runs are trained, and on no server."""
    folder = tmp_path_factory.mktemp("trained")
    tiny_experiment(folder)
    done = type_here("run", "wider.py", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("*/seed-*/**/*") if path.is_file()}


def directories(folder: Path) -> list[Path]:
    return sorted((folder / "runs/wider").glob("*/seed-*"))


def test_what_is_logged_is_read_back_with_the_verdict_of_the_runs_themselves(server: Server, trained: Path) -> None:
    before = contents(trained / "runs/wider")
    done = type_here("run", "wider.py", "--mlflow", server.uri, cwd=trained)
    assert done.returncode == 0 and "Logged with MLflow: 4 runs." in done.stdout, done.stdout + done.stderr
    assert contents(trained / "runs/wider") == before
    runs = server.runs("wider")
    assert sorted(run.info.run_name for run in runs) == [
        f"{name}/seed-{n}" for name in ("narrow", "wide") for n in (1, 2)
    ]
    assert {run.info.status for run in runs} == {"FINISHED"}
    wide = next(run for run in runs if run.info.run_name == "wide/seed-2")
    assert wide.data.params["seed"] == "2" and wide.data.params["model.units"] == "[64]"
    history = server.client().get_metric_history(wide.info.run_id, "val_accuracy")
    assert [each.step for each in history] == [1, 2]
    assert "Logged" not in type_here("run", "wider.py", "--mlflow", server.uri, cwd=trained).stdout
    assert len(server.runs("wider")) == 4
    told = type_here("report", "--mlflow", server.uri, "wider", "--first-look", cwd=trained)
    own = type_here("report", "runs/wider", cwd=trained)
    assert told.returncode == 0, told.stderr
    assert own.returncode == 0, own.stderr
    answer = next(line for line in own.stdout.splitlines() if line)
    assert "'wide' is" in answer and answer in told.stdout
    assert (
        "<h1>Does a wider hidden layer read digits better?</h1>" in (trained / "wider-report/report.html").read_text()
    )


def test_runs_are_compared_as_their_experiment_does_in_whatever_order_they_began(
    server: Server, trained: Path, tmp_path: Path
) -> None:
    for name, asked, variant, other in (
        ("backwards", Asked("", ("wide", "narrow")), "narrow", "wide"),
        ("forwards", Asked("", ("narrow", "wide")), "wide", "narrow"),
        ("pairs", Asked("", ("narrow", "wide"), ("narrow=wide",)), "narrow", "wide"),
    ):
        assert MlflowLog(server.uri, name, asked).complete(directories(trained)) == (4, None)
        done = type_here("report", "--mlflow", server.uri, name, "--first-look", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert [f"so far '{variant}' is" in done.stdout, f"'{other}')" in done.stdout] == [True, True], done.stdout
    narrow = next(run for run in server.runs("pairs") if run.data.tags["keras_suite.variant"] == "narrow")
    for edited in ("wide", '"wide"', "[1]", "null"):
        server.client().set_tag(narrow.info.run_id, "keras_suite.against", edited)
        said = refused("report", "--mlflow", server.uri, "pairs", cwd=tmp_path)
        assert "a tag keras_suite.against was edited: name the pairs with --against A=B" in said


def test_logging_that_breaks_off_anywhere_is_completed_and_nothing_stands_twice(
    server: Server, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every single request of a log fails once, before or after the server has acted."""
    steps = ("get_experiment_by_name", "create_experiment", "search_runs", "create_run", "log_batch", "set_terminated")
    counted = iter(range(10_000))
    end = {"at": -1, "after": False}

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def request(*arguments: Any, **options: Any) -> Any:
            now = next(counted) == end["at"]
            if now and not end["after"]:
                raise ConnectionError("reset by peer")
            answer = real(*arguments, **options)
            if now:
                raise ConnectionError("reset by peer")
            return answer

        return request

    run, *others = directories(trained)
    for number, after in ((number, after) for number in range(50) for after in (False, True)):
        name, counted = f"broken-{number}-{after}", iter(range(10_000))
        end |= {"at": number, "after": after}
        log = MlflowLog(server.uri, name)
        with monkeypatch.context() as patch:
            for step in steps:
                patch.setattr(log._client, step, failing(getattr(log._client, step)))
            log.log(run)
            requests = next(counted)
        if log.problem is None:
            assert requests <= number, "a failed request was not noticed"
            break
        assert "reset by peer" in log.problem
        missing = 1 if _whole(server, name) else 2
        assert MlflowLog(server.uri, name).complete([run, others[0]]) == (missing, None)
        found = server.runs(name)
        assert len(found) == 2 and {each.info.status for each in found} == {"FINISHED"}
        for each in found:
            history = server.client().get_metric_history(each.info.run_id, "val_accuracy")
            assert [value.step for value in history] == [1, 2]
    assert number > 6


def _whole(server: Server, name: str) -> bool:
    """Whether a run is finished on the server already, though its logging seemed to fail."""
    known = server.client().get_experiment_by_name(name)
    return known is not None and any(run.info.status == "FINISHED" for run in server.runs(name))


def test_a_server_that_is_gone_costs_one_line_and_its_return_brings_what_is_missing(
    tmp_path: Path, trained: Path
) -> None:
    gone = Server(tmp_path, free_port())
    before = contents(trained / "runs/wider")
    done = type_here("run", "wider.py", "--mlflow", gone.uri, cwd=trained)
    assert done.returncode == 0
    assert [line for line in done.stderr.splitlines() if "MLflow" in line] == [
        f"warning: no MLflow server answers at {gone.uri}: start it, or correct the address; the runs are kept: the "
        "same command logs what is missing"
    ]
    assert contents(trained / "runs/wider") == before
    gone.start()
    try:
        done = type_here("run", "wider.py", "--mlflow", gone.uri, cwd=trained)
        assert "Logged with MLflow: 4 runs." in done.stdout and "MLflow" not in done.stderr
    finally:
        gone.stop()


def others(server: Server, name: str, runs: list[tuple[str, int, float, str]]) -> None:
    """Log runs as another framework's user does: (optimizer, seed, F1, status)."""
    client = server.client()
    experiment = client.create_experiment(name)
    for optimizer, seed, score, status in runs:
        run = client.create_run(experiment, run_name=f"{optimizer}-{seed}").info.run_id
        for key, value in (("optimizer", optimizer), ("seed", seed), ("epochs", 3)):
            client.log_param(run, key, value)
        for step, value in enumerate((score - 0.1, score)):
            client.log_metric(run, "f1", value, step=step)
        client.log_metric(run, "train_loss", 1 - score)
        if status != "RUNNING":
            client.set_terminated(run, status)


def test_runs_of_any_framework_are_compared(server: Server, tmp_path: Path) -> None:
    gains = {"sgd": 0.80, "adam": 0.85}
    runs = [
        (name, seed, gains[name] + 0.001 * (seed * 7 % 5 + len(name) * seed % 3), "FINISHED")
        for name in gains
        for seed in range(1, 9)
    ]
    others(server, "text models", runs)
    said = refused("report", "--mlflow", server.uri, "text models", cwd=tmp_path)
    assert "which metric is the score? Name it with --metric: 'f1' and 'train_loss'" in said
    words = ("--metric", "f1", "--variant", "optimizer", "--unit", "share", "--first-look")
    done = type_here("report", "--mlflow", server.uri, "text models", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "'adam' is better than 'sgd' by" in done.stdout and "percentage points of test f1" in done.stdout
    assert (tmp_path / "text-models-report/report.html").exists()
    page = (tmp_path / "text-models-report/report.md").read_text(encoding="utf-8")
    assert "text models, 16 runs" in page
    options = {"metric": "f1", "variant": ["optimizer"], "unit": "share", "first_look": True}
    result = load("text models", mlflow=server.uri, runs_dir=tmp_path / "loaded", **options)
    assert result.answer in done.stdout.replace("\n", " ")
    assert set(result.table.variant) == {"adam", "sgd"} and result.figures and not result.runs


def test_what_cannot_be_compared_is_refused_in_one_line(server: Server, tmp_path: Path) -> None:
    def said(name: str, *words: str) -> str:
        return refused("report", "--mlflow", server.uri, name, "--metric", "f1", *words, cwd=tmp_path)

    two = [(name, 1, 0.8, "FINISHED") for name in ("sgd", "adam")]
    others(server, "unfinished", [*two, ("sgd", 2, 0.8, "RUNNING"), ("adam", 2, 0.8, "FAILED")])
    assert "2 runs did not finish (1 running and 1 failed; 'sgd-2' (" in said("unfinished")
    assert "--filter \"attributes.status = 'FINISHED'\"" in said("unfinished")
    finished = ("--filter", "attributes.status = 'FINISHED'")
    done = type_here("report", "--mlflow", server.uri, "unfinished", "--metric", "f1", *finished, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    others(server, "twice", [*two, ("sgd", 1, 0.9, "FINISHED")])
    assert "are both 'optimizer=sgd', seed 1: leave one out" in said("twice")
    others(server, "unpaired", [*two, ("sgd", 2, 0.9, "FINISHED")])
    assert "is not paired, for 'optimizer=adam' lacks seed 2" in said("unpaired")
    others(server, "empty", [])
    assert "MLflow experiment 'empty' has no run" in said("empty")
    assert "has no run that \"params.optimizer = 'x'\" takes" in said("twice", "--filter", "params.optimizer = 'x'")
    assert "refused (" in said("twice", "--filter", "what?")
    assert f"{server.uri} has no experiment 'nothing': expected one of " in said("nothing")
    assert [path.name for path in tmp_path.iterdir()] == ["unfinished-report"]
