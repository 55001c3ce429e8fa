"""Bad input is one line and exit code 2; a command is repeated as it was typed."""

import sys

import pytest
import typer

from keras_suite.experiments.commands.command_line import bad_input, interruptible, typed
from keras_suite.experiments.scheduling.workers import Stopped


def test_bad_input_is_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, bad_input(debug=False):
        raise ValueError("units=0 is not possible:\n  expected 1 or more")
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err == "error: units=0 is not possible: expected 1 or more\n"


def test_with_debug_the_error_itself_is_raised() -> None:
    with pytest.raises(ValueError, match="units=0"), bad_input(debug=True):
        raise ValueError("units=0")


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (BlockingIOError("in use"), 2), (Stopped("no worker"), 1)]
)
def test_the_end_of_training_has_its_exit_code(error: BaseException, code: int) -> None:
    with pytest.raises(typer.Exit) as ended, interruptible():
        raise error
    assert ended.value.exit_code == code


def test_a_command_is_quoted_as_a_person_would_type_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["somewhere/keras-suite", "run", "my question.py", "--seeds", "3"])
    assert typed() == "keras-suite run 'my question.py' --seeds 3"
