"""Whatever a command raises, it ends in one line and an exit code; the traceback lies in a file."""

import re
from pathlib import Path

import pytest

from keras_suite.experiments import catalog
from keras_suite.experiments.cli import app
from keras_suite.experiments.commands.last_resort import answer
from tests.end_to_end.typed import type_here


@pytest.mark.parametrize(
    "error",
    [
        TypeError("a\nb"),
        KeyError("x"),
        AssertionError(),
        SystemExit(0),
        SystemExit("x"),
        GeneratorExit(),
        RecursionError(),
    ],
)
def test_a_fault_of_the_suite_is_one_line_and_its_traceback_lies_in_a_file(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> None:
        raise error

    monkeypatch.setattr(catalog, "load_any", fail)
    done = type_here("show", "digits_demo", cwd=tmp_path)
    assert done.returncode == 1
    found = re.fullmatch(
        rf"error: {type(error).__name__}.*\(this is a fault of the suite: the traceback is in (.*)\)\n", done.stderr
    )
    assert found, done.stderr
    text = Path(found[1]).read_text(encoding="utf-8")
    Path(found[1]).unlink()
    assert "Traceback" in text
    assert "in fail" in text


def test_with_debug_the_traceback_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise TypeError("wrong")

    monkeypatch.setattr(catalog, "load_any", fail)
    done = type_here("show", "digits_demo", "--debug", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert done.stderr.endswith("TypeError: wrong\n")


def test_where_no_file_can_be_written_the_line_says_how_to_see_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**given: object) -> None:
        raise OSError("full")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert answer(TypeError("wrong")) == 1
    assert "--debug shows it" in capsys.readouterr().err


def test_memory_that_is_not_there_is_no_fault_of_the_suite(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(MemoryError()) == 1
    assert capsys.readouterr().err.startswith("error: out of memory (no more could be had)")


def test_an_interrupted_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(catalog, "load_any", interrupt)
    done = type_here("show", "digits_demo", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "Interrupted.\n", "")


def test_help_is_shown_as_help(tmp_path: Path) -> None:
    done = type_here("run", "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    assert "Usage:" in type_here(cwd=tmp_path).stderr + type_here(cwd=tmp_path).stdout


def test_a_caller_that_is_no_terminal_gets_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["show", "digits_demo"], standalone_mode=False) == 0
    assert app(["show", "nothing_of_the_kind"], standalone_mode=False) == 2
    assert capsys.readouterr().err.startswith("error: unknown experiment")
