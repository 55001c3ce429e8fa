"""Clusters that exist: which are refused, with what line, and what stays behind of them, which is nothing."""

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.scheduling import cluster, worker
from keras_suite.experiments.scheduling.execution import checked
from keras_suite.experiments.scheduling.workers import Workers
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.job import RunOptions
from tests.conftest import REPOSITORY
from tests.end_to_end import clusters
from tests.end_to_end.typed import refused, tiny_experiment, type_command

CERTIFICATES = REPOSITORY / "tests" / "end_to_end" / "certificates"
GOOD = {"nthreads": 1, "nanny": "tcp://127.0.0.1:1", "memory_limit": 0}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nowhere", "--scheduler nowhere is no address: expected tcp://HOST:PORT"),
        ("http://127.0.0.1:8786", "is no address"),
        ("tcp://127.0.0.1", "is no address"),
        ("tcp://127.0.0.1:9", "no Dask scheduler answers at tcp://127.0.0.1:9 within 1 s: start it"),
        ("tls://127.0.0.1:9", "needs certificates"),
    ],
)
def test_an_address_without_a_scheduler_is_refused(address: str, said: str, tmp_path: Path) -> None:
    with pytest.raises((ValueError, OSError), match=said):
        checked(Workers(scheduler=address), RunOptions(1, tmp_path / "runs"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"nthreads": 4}, "takes 4 jobs at a time.*--nthreads 1"),
        ({"nanny": None}, "has no nanny"),
        ({"memory_limit": 2**32}, r"killed near 4\.0 GiB: start it with --memory-limit 0"),
    ],
)
def test_a_worker_that_was_started_in_another_way_is_refused(about: dict[str, Any], said: str) -> None:
    cluster._refuse_settings("tcp://a:1", GOOD)
    with pytest.raises(ValueError, match=said):
        cluster._refuse_settings("tcp://a:1", {**GOOD, **about})


def described(**changes: Any) -> worker.Description:
    return dataclasses.replace(worker.Description(worker.versions(), "CPU of one kind", 1), **changes)


def test_workers_of_one_kind_are_taken() -> None:
    assert cluster._same_device({"a": described(), "b": described()}) == "CPU of one kind"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"versions": {**worker.versions(), "tensorflow": "2.20.0"}},
            r"b has other versions \(tensorflow 2\.20\.0, here",
        ),
        ({"versions": {**worker.versions(), "the suite": "00000000"}}, "the suite 00000000, here"),
        ({"device": "GPU"}, "different devices"),
        ({"why_not": "does not see /there"}, "b does not see /there"),
    ],
)
def test_a_worker_whose_numbers_would_be_others_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        cluster._same_device({"a": described(), "b": described(**changes)})


def test_any_change_in_the_suites_code_is_detected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runtime, "__file__", str(tmp_path / "experiments" / "training" / "runtime.py"))
    (tmp_path / "experiments").mkdir()
    digests = set()
    for text in ("a = 1", "a = 2"):
        (tmp_path / "experiments" / "run.py").write_text(text, encoding="utf-8")
        digests.add(runtime.suite.__wrapped__())
    assert len(digests) == 2


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler without workers."""
    with clusters.scheduler(tmp_path_factory.mktemp("scheduler")) as address:
        yield address


def test_a_scheduler_without_workers_is_refused_and_nothing_is_written(scheduler: str, tmp_path: Path) -> None:
    with pytest.raises(ConnectionError, match="no worker has joined"):
        checked(Workers(scheduler=scheduler), RunOptions(1, tmp_path / "runs"))
    assert list(tmp_path.iterdir()) == []


def test_workers_that_do_not_share_the_disk_are_refused(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def on_another_disk(runs_dir: Path) -> Iterator[Path]:
        yield runs_dir / "elsewhere"

    workers = Workers(scheduler=scheduler)
    with clusters.workers(scheduler, 1, tmp_path):
        with pytest.raises(ValueError, match=r"does not see .*gone, the --data-dir.*must share a file system"):
            checked(workers, RunOptions(1, tmp_path / "runs", tmp_path / "gone"))
        monkeypatch.setattr(cluster, "_token", on_another_disk)
        with pytest.raises(ValueError, match=r"does not see what is written to .*runs, the --runs-dir"):
            checked(workers, RunOptions(1, tmp_path / "runs"))
        monkeypatch.setattr(cluster, "Path", type("Elsewhere", (), {"cwd": staticmethod(lambda: tmp_path / "home")}))
        with pytest.raises(ValueError, match=r"does not see the folder .*home, in which the command was typed"):
            checked(workers, RunOptions(1, tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()


def test_a_worker_that_cannot_load_the_suite_is_refused_in_one_line(scheduler: str, tmp_path: Path) -> None:
    tiny_experiment(tmp_path)
    without = tmp_path / "without"
    without.mkdir()
    forget = "import sys; sys.meta_path[:] = [each for each in sys.meta_path if 'Editable' not in str(each)]"
    (without / "sitecustomize.py").write_text(forget, encoding="utf-8")
    with clusters.workers(scheduler, 1, tmp_path, environment={"PYTHONPATH": str(without)}):
        line = refused("run", "wider.py", "--scheduler", scheduler, cwd=tmp_path)
    assert "does not find the suite: start it in a Python environment in which" in line
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
def test_over_tls_runs_are_trained_for_those_who_have_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The certificates were made for this test: an authority, and one for all who take part."""
    authority, certificate, key = (CERTIFICATES / name for name in ("ca.pem", "cert.pem", "key.pem"))
    options = ("--tls-ca-file", str(authority), "--tls-cert", str(certificate), "--tls-key", str(key))
    tiny_experiment(tmp_path)
    with (
        clusters.scheduler(tmp_path, "--protocol", "tls", *options) as address,
        clusters.workers(address, 1, tmp_path, (*clusters.WORKER, *options)),
    ):
        assert address.startswith("tls://")
        assert "needs certificates" in refused("run", "wider.py", "--scheduler", address, cwd=tmp_path)
        for setting, path in (("CA_FILE", authority), ("CLIENT__CERT", certificate), ("CLIENT__KEY", key)):
            monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{setting}", str(path))
        done = type_command("run", "wider.py", "--seeds", "1", "--scheduler", address, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[2/2]" in done.stdout


def test_workers_of_this_machine_and_of_a_cluster_exclude_each_other(tmp_path: Path) -> None:
    tiny_experiment(tmp_path)
    line = refused("run", "wider.py", "--scheduler", "tcp://127.0.0.1:9", "--workers", "2", cwd=tmp_path)
    assert "leave out one" in line
