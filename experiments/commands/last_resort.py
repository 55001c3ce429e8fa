"""The outermost boundary of the command line: whatever a command raises ends in one line and an exit code."""

import contextlib
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from keras_suite.experiments.commands.command_line import complain, out
from keras_suite.experiments.commands.streams import lasting_streams
from keras_suite.experiments.training import interruption
from keras_suite.tasks.wording.shown import message_of, one_line

HELP = "NoArgsIsHelpError"  # what typer raises where a command without arguments shows its help


class WithoutOptions(TyperCommand):
    """A command that takes nothing but --help."""

    def get_help_option(self, context: Any) -> Any:
        """Return the option --help, with False where it is not given."""
        return _given_or_not(super().get_help_option(context))


def _given_or_not(option: Any) -> Any:
    """Give a flag a default: typer imports pydantic to convert a value that is not there, a fifth of `list`."""
    if option is not None and option.default is None:
        option.default = False
    return option


class CommandLine(TyperGroup):
    """The command line with its outermost boundary. A traceback is shown with `--debug` only."""

    def get_help_option(self, context: Any) -> Any:
        """Return the option --help, with False where it is not given."""
        return _given_or_not(super().get_help_option(context))

    def main(self, args: Sequence[str] | None = None, *more: Any, **options: Any) -> Any:
        """Run a command, and exit with its code; return it where `standalone_mode` is False, as Click does."""
        arguments = list(sys.argv[1:] if args is None else args)
        standalone = options.pop("standalone_mode", True)
        options["standalone_mode"] = False
        debug = "--debug" in arguments
        with lasting_streams(), interruption.listening(), _threads_in_one_line(debug):
            try:
                code = super().main(arguments, *more, **options)
            except BaseException as error:
                code = answer(error, debug)
        code = code if isinstance(code, int) else 0
        if not standalone:
            return code
        sys.exit(code)

    def invoke(self, context: Any) -> Any:
        """Run the command that was chosen; interrupted before it trained, it says so."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            out.print("Interrupted.")
            raise typer.Exit(130) from None


@contextlib.contextmanager
def _threads_in_one_line(debug: bool) -> Iterator[None]:
    """Print what a thread of an experiment file raises in one line; the command goes on."""
    before = threading.excepthook
    if not debug:
        threading.excepthook = _say_of_thread
    try:
        yield
    finally:
        threading.excepthook = before


def _say_of_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is None or failed.exc_type is SystemExit:
        return
    frames = traceback.extract_tb(failed.exc_traceback)
    place = f" in {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else ""
    complain(f"a thread failed{place}: {failed.exc_type.__name__}: {message_of(failed.exc_value)}", kind="warning")


def answer(error: BaseException, debug: bool = False) -> int:
    """Print what is wrong, and return the exit code: 2 for words that cannot be understood, else 1."""
    if hasattr(error, "format_message"):  # typer's, of an option or an argument
        return _answer_to_words(error)
    if debug:
        traceback.print_exception(error)
        return 1
    if isinstance(error, MemoryError):
        complain(f"out of memory ({message_of(error) or 'no more could be had'}): make room, or ask for less")
        return 1
    kind = type(error).__name__
    message = message_of(error)
    complain(f"{kind}{': ' if message else ''}{message} (this is a fault of the suite: {_keep(error)})")
    return 1


def _answer_to_words(error: Any) -> int:
    if type(error).__name__ == HELP:
        error.show()
        return int(error.exit_code)
    context = getattr(error, "ctx", None)
    message = one_line(error.format_message()).rstrip(".")
    separator = "" if message.endswith("?") else ";"  # it asks "Did you mean …?"
    where = f"{separator} {context.command_path} --help shows what is possible" if context is not None else ""
    complain(f"{message[:1].lower()}{message[1:]}{where}")
    return int(error.exit_code)


def _keep(error: BaseException) -> str:
    """Write the traceback into the system's folder of temporary files, and return where it is."""
    with contextlib.suppress(OSError):
        handle, path = tempfile.mkstemp(prefix="keras-suite-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{' '.join(sys.argv)}\n")
            traceback.print_exception(error, file=file)
        return f"the traceback is in {path}"
    return "its traceback could not be written; --debug shows it"
