"""What every command shares: the console, common options, the answer to bad input, a spinner."""

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from keras_suite.experiments.commands.streams import occupy_closed_streams
from keras_suite.experiments.scheduling.live_line import LiveLine, can_be_redrawn
from keras_suite.experiments.scheduling.workers import Stopped
from keras_suite.tasks.wording.shown import message_of, one_line

occupy_closed_streams()


def console() -> Console:
    """Return the console of all commands: of 120 columns where there is no terminal and COLUMNS does not say.

    NO_COLOR leaves no codes at all: rich alone would still write bold and dim.
    """
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else 120
    return Console(highlight=False, width=width, color_system=None if os.environ.get("NO_COLOR") else "auto")


out = console()

RunsDir = Annotated[Path, typer.Option("--runs-dir", help="Where run directories are kept.")]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", envvar="DATA_DIR", help="Folder of the data sets (else Keras's own cache).")
]
Settings = Annotated[list[str] | None, typer.Option("--set", help="key=value, a path into the Config; repeatable.")]
Source = Annotated[str, typer.Argument(help="A catalog name, or the path of your own experiment file.")]
WorkerCount = Annotated[int, typer.Option("--workers", min=1, help="Runs side by side, each in its own process.")]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler", metavar="ADDRESS", help="Train on an existing Dask cluster: tcp://HOST:PORT or tls://…"
    ),
]
JobTimeout = Annotated[
    float | None,
    typer.Option("--job-timeout", min=1, metavar="SECONDS", help="Kill a run that takes longer; it counts as failed."),
]
TrustCode = Annotated[
    bool,
    typer.Option("--trust-code", help="Run the code kept with a run, though you did not write it on this machine."),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


@contextlib.contextmanager
def bad_input(debug: bool) -> Iterator[None]:
    """Around everything before training: report bad input in one line and exit with 2."""
    try:
        yield
    except (ValueError, OSError, MemoryError) as error:
        if debug:
            raise
        reason = message_of(error)
        complain(f"not enough memory ({reason}): ask for less" if isinstance(error, MemoryError) else reason)
        raise typer.Exit(2) from None


def complain(line: str, kind: str = "error") -> None:
    """Print one line about what is wrong on stderr."""
    print(f"{kind}: {one_line(line)}", file=sys.stderr)


@contextlib.contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show a spinner on a terminal; elsewhere a line for each minute that it takes."""
    if can_be_redrawn(out):
        with out.status(f"{what} …"):
            yield
    else:
        with LiveLine(out, lambda: Text(f"{what} …")):
            yield


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Around all training: exit with 130 if interrupted, and with 2 if another process uses the folder.

    A problem of the machine and not of a run, as a full disk, is reported in one line, with exit code 1.
    """
    try:
        yield
    except KeyboardInterrupt:
        out.print("Interrupted; what was trained is kept: run the same command again to continue.")
        raise typer.Exit(130) from None
    except BlockingIOError as error:
        complain(message_of(error))
        raise typer.Exit(2) from None
    except (OSError, Stopped) as error:
        complain(f"{message_of(error)}; then run the same command again to continue")
        raise typer.Exit(1) from None


def given(context: typer.Context, besides: Sequence[str]) -> list[str]:
    """Return the options that were typed, except for the parameters named in `besides`."""
    return [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name and parameter.name not in besides
        if (source := context.get_parameter_source(parameter.name)) and source.name == "COMMANDLINE"
    ]


def typed() -> str:
    """Return the command as a person would type it again."""
    words = shlex.join(["keras-suite", *sys.argv[1:]])
    return words.encode("utf-8", "surrogateescape").decode("utf-8", "replace")  # it is recorded as UTF-8
