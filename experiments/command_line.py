"""What every command shares: the console, the answer to bad input, a spinner."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)

RunsDir = Annotated[Path, typer.Option("--runs-dir", help="Where run directories are kept.")]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", envvar="DATA_DIR", help="Where data lie (else Keras's own cache).")
]
Settings = Annotated[list[str] | None, typer.Option("--set", help="key=value, a path into the Config; repeatable.")]
Source = Annotated[str, typer.Argument(help="A catalog name, or the path of your own experiment file.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


@contextlib.contextmanager
def bad_input(debug: bool) -> Iterator[None]:
    """Around all that happens before training: what is wrong is said in one line, with exit code 2."""
    try:
        yield
    except (ValueError, OSError) as error:
        if debug:
            raise
        line = " ".join(str(error).split())
        print(f"error: {line}", file=sys.stderr)
        raise typer.Exit(2) from None


@contextlib.contextmanager
def waiting(what: str) -> Iterator[None]:
    """A spinner on a terminal, nothing elsewhere."""
    if out.is_terminal:
        with out.status(f"{what} …"):
            yield
    else:
        yield
