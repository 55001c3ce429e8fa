"""What is under way is on the terminal's last line; in a file or a pipe a line says it every minute, without codes."""

import io
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from keras_suite.experiments.commands import command_line
from keras_suite.experiments.scheduling import live_line
from keras_suite.experiments.scheduling.live_line import LiveLine


class Terminal(io.StringIO):
    """A terminal that remembers what was written."""

    def isatty(self) -> bool:
        return True


def shown(console: Console, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is written of a line within two and a half of the times after which it is written or refreshed."""
    monkeypatch.setattr(live_line, "LOG_SECONDS", 0.1)
    monkeypatch.setattr(live_line, "REFRESH_SECONDS", 0.1)
    with LiveLine(console, lambda: Text("base seed 1 epoch 3/90 · about 2 h 5 min left")):
        time.sleep(0.25)
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def test_in_a_pipe_a_line_is_printed_every_minute_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(Console(file=io.StringIO(), width=20), monkeypatch).splitlines()
    assert len(lines) == 2
    assert [line[2:3] for line in lines] == [":", ":"]
    assert all(line.endswith(" base seed 1 epoch 3/90 · about 2 h 5 min left") for line in lines), "wrapped"


def test_nothing_that_fits_into_a_minute_adds_a_line() -> None:
    console = Console(file=io.StringIO())
    with LiveLine(console, lambda: Text("soon over")):
        pass
    assert live_line.LOG_SECONDS < 60
    assert console.file.getvalue() == ""  # type: ignore[attr-defined]


def test_a_terminal_has_a_line_that_is_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" in shown(Console(file=Terminal(), width=80), monkeypatch)


def test_what_cannot_be_read_just_now_costs_a_line_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_line, "LOG_SECONDS", 0.05)
    console, asked = Console(file=io.StringIO()), iter([OSError("gone"), Text("there again")])

    def line() -> Text:
        found = next(asked, Text("later"))
        if isinstance(found, OSError):
            raise found
        return found

    with LiveLine(console, line):
        time.sleep(0.3)
    assert "there again" in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("variable", ["NO_COLOR", "TERM"])
def test_a_terminal_that_is_to_have_no_codes_gets_lines(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1" if variable == "NO_COLOR" else "dumb")
    monkeypatch.setattr(sys, "stdout", Terminal())
    console = command_line.console()
    console.print(Text("a question", style="bold"), Text("failed", style="red"))
    written = shown(console, monkeypatch)
    assert "a question" in written and "epoch 3/90" in written
    assert "\x1b" not in written


def test_a_pipe_is_as_wide_as_it_was_unless_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "log.txt").open("w") as file:
        monkeypatch.setattr(sys, "stdout", file)
        monkeypatch.delenv("COLUMNS", raising=False)
        assert command_line.console().width == 120
        monkeypatch.setenv("COLUMNS", "80")
        assert command_line.console().width == 80
