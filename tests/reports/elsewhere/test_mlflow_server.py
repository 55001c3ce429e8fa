"""Addresses of MLflow servers, and a client that is not installed; end_to_end/test_mlflow.py asks a real server."""

import sys
from pathlib import Path

import pytest

from keras_suite.reports.elsewhere.mlflow_server import ServerProblem, asking, connect


@pytest.mark.parametrize("uri", ["", "localhost:5000", "mlruns", "http://", "sqlite:///", "databricks", "http:/x"])
def test_what_is_no_address_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="is not possible: expected the address of a server"):
        connect(uri)


def test_a_store_that_is_not_there_is_not_made_for_a_report(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        connect(f"sqlite:///{tmp_path}/mlflow.db")
    assert not list(tmp_path.iterdir())


def test_without_the_extra_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "mlflow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(ValueError, match=r"not installed: pip install 'keras-experiment-suite\[mlflow\]'"):
        connect("http://127.0.0.1:5000")


def test_whatever_the_client_raises_becomes_one_line() -> None:
    with pytest.raises(ServerProblem, match=r"^the MLflow server at http://a refused \(one two\)$"), asking("http://a"):
        raise RuntimeError("one\ntwo")
    with pytest.raises(ServerProblem, match="no MLflow server answers at http://a"), asking("http://a"):
        raise RuntimeError("Max retries exceeded with url")
    with pytest.raises(ValueError, match="needs sqlalchemy: pip install mlflow"), asking("sqlite:///a"):
        raise ModuleNotFoundError("No module named 'sqlalchemy'", name="sqlalchemy")
