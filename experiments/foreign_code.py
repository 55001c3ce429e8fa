"""The boundary to code that is not the suite's: experiment files, and whatever else users write.

Whatever happens beyond it, exits and interrupts of its own included, becomes one ForeignCodeError, whose line begins
with the user's file and the innermost line number in it. Only the person's own Ctrl-C stays an interrupt. What the
code changed of the process (its folder, warnings, streams, signals, the style of figures) is restored.

    file = ForeignFile(Path("my_question.py"))
    with file.calling("loading it"):
        ...
    space = file.function(module.space, "space(hp)")
"""

import contextlib
import functools
import os
import re
import signal
import site
import sys
import sysconfig
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keras_suite.experiments.training import interruption
from keras_suite.tasks.wording.shown import message_of

SUITE = Path(__file__).resolve().parents[1]
_PATHS = [sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
ROOMS = tuple(str(SUITE / room) for room in ("callbacks", "data_pipeline", "experiments", "models", "reports", "tasks"))
LIBRARIES = tuple({os.path.realpath(folder) for folder in (*_PATHS, *site.getsitepackages(), *ROOMS)})
STREAMS = ("stdin", "stdout", "stderr", "excepthook", "displayhook", "exit")


class ForeignCodeError(ValueError):
    """What went wrong in a user's own code: file and line, what was called, the error. Its cause is that error."""


@dataclass(frozen=True)
class ForeignFile:
    """A file of the user's own.

    Attributes:
        path: Absolute.
        folder: Below which files are the user's own, too; the file's own folder where that is None.
        style: What it set of matplotlib's style when it was loaded; it holds while its functions are called.
    """

    path: Path
    style: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    folder: Path | None = None

    @contextlib.contextmanager
    def calling(self, what: str, *, keep_style: bool = False) -> Iterator[None]:
        """Around a call of the user's code.

        Args:
            what: What is called, as "space(hp)" or "loading it".
            keep_style: Whether what it sets of matplotlib's style is to hold in later calls.

        Raises:
            ForeignCodeError: Whatever the code raised.
            KeyboardInterrupt: If the person interrupted, even where the code caught that.
        """
        try:
            with _process_restored(self.style, keep_style):
                yield
        except BaseException as error:
            if interruption.requested():
                raise KeyboardInterrupt from None
            if isinstance(error, ForeignCodeError):  # of a boundary inside, which knows better what was called
                raise
            raise ForeignCodeError(self.line(what, error)) from error
        if interruption.requested():
            raise KeyboardInterrupt

    def function(
        self,
        function: Callable[..., Any],
        what: str,
        checked: Callable[[Any], Any] | None = None,
        *,
        defined: Callable[..., Any] | None = None,
    ) -> "ForeignFunction":
        """Return a function that is called through the boundary.

        Args:
            function: Calls the user's code, or is it.
            what: What is called, as "space(hp)".
            checked: Takes what it returns; WrongResult says why that cannot be used.
            defined: The user's function or class, whose line a WrongResult names; None for `function` itself.
        """
        return ForeignFunction(self, function, what, checked, defined)

    def line(self, what: str, error: BaseException) -> str:
        """Return the line that says where and why a call failed."""
        name, number, in_suite = self._place(error)
        place = f"{name} line {number}" if number else name
        if in_suite and type(error) in (ValueError, OSError, FileNotFoundError):  # words of the suite's own
            return f"{place}: {message_of(error)}"
        if isinstance(error, SyntaxError):
            return f"{place}: no valid Python: {error.msg}"
        message = _gist(message_of(error))
        return f"{place}: {what} failed: {type(error).__name__}" + (f": {message}" if message else "")

    def concerns(self, error: BaseException) -> bool:
        """Return whether an error passed through a file of the user's."""
        return any(self.holds(frame.f_code.co_filename) for frame, _ in traceback.walk_tb(error.__traceback__))

    def _place(self, error: BaseException) -> tuple[str, int | None, bool]:
        """Return the name and line of the innermost place in the user's files, and whether the suite raised."""
        own: tuple[str, int | None] = (self.path.name, None)
        innermost = ""
        for frame, number in traceback.walk_tb(error.__traceback__):
            innermost = frame.f_code.co_filename
            if self.holds(innermost):
                own = Path(innermost).name, number
        if isinstance(error, SyntaxError) and error.filename and self.holds(error.filename):
            own = Path(error.filename).name, error.lineno
        return *own, _is_suites(innermost)

    def holds(self, file: str) -> bool:
        """Return whether a file that code comes from is the user's: this one, or one beside it."""
        if _real(file) == str(self.path):
            return True
        folder = str(self.folder or self.path.parent)
        beside = not file.startswith("<") and _below(file, folder)  # "<string>" is nobody's file
        return beside and not any(_below(file, folder) for folder in LIBRARIES)


@dataclass(frozen=True)
class ForeignFunction:
    """A function of a user's file, called through the boundary."""

    file: ForeignFile
    function: Callable[..., Any]
    what: str
    checked: Callable[[Any], Any] | None = None
    defined: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Call it.

        Raises:
            ForeignCodeError: If it fails, or returns what it must not.
        """
        with self.file.calling(self.what):
            try:
                result = self.function(*arguments)
                return result if self.checked is None else self.checked(result)  # here: it may hold code, too
            except WrongResult as error:
                raise ForeignCodeError(f"{self.file.path.name}{self._line()}: {self.what} {error}") from None

    def _line(self) -> str:
        defined = self.defined or self.function
        code = getattr(defined, "__code__", None) or getattr(getattr(defined, "__init__", None), "__code__", None)
        return f" line {code.co_firstlineno}" if code and self.file.holds(code.co_filename) else ""


class WrongResult(ValueError):
    """Why a function's result cannot be used, as "returned None: expected …"."""


def _gist(message: str) -> str:
    """Return what an error says without what Keras and TensorFlow put around it."""
    inside = re.search(r"Exception encountered when calling [^\ufffd]*\ufffd\[1m(.*?)\ufffd\[0m", message)
    message = inside[1] if inside else message
    return re.sub(r"^in user code:.*?\b\w+(?:Error|Exception): ", "", message)


@functools.lru_cache(maxsize=4096)  # endless recursion has a thousand frames of one file
def _real(file: str) -> str:
    return os.path.realpath(file)


def _is_suites(file: str) -> bool:
    """Return whether a file is the suite's: of its rooms, since users' own files may lie in its folder."""
    return any(_below(file, room) for room in ROOMS)


def _below(file: str, folder: str) -> bool:
    return _real(file).startswith(f"{folder}{os.sep}")


@contextlib.contextmanager
def _process_restored(style: dict[str, Any], keep_style: bool) -> Iterator[None]:
    """Restore what the code in this block changes of the process, as far as that is cheap."""
    folder, arguments, recursion = _current_folder(), list(sys.argv), sys.getrecursionlimit()
    streams = {name: getattr(sys, name) for name in STREAMS}
    numbers = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
    handlers = {number: signal.getsignal(number) for number in numbers}
    figures = _figure_settings()
    if style:
        dict.update(sys.modules["matplotlib"].rcParams, style)
    numpy = sys.modules.get("numpy")
    floats = numpy.geterr() if numpy else None
    try:
        with warnings.catch_warnings():
            yield
    finally:
        if folder is not None and _current_folder() != folder:
            os.chdir(folder)
        sys.argv[:] = arguments
        for name, value in streams.items():
            setattr(sys, name, value)
        if sys.getrecursionlimit() != recursion:
            sys.setrecursionlimit(recursion)
        for number, handler in handlers.items():
            if signal.getsignal(number) is not handler and handler is not None and _in_main_thread():
                signal.signal(number, handler)
        if floats is not None and numpy is not None:
            numpy.seterr(**floats)
        _restore_figure_settings(figures, style if keep_style else None)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _current_folder() -> str | None:
    try:
        return os.getcwd()
    except FileNotFoundError:  # it was removed
        return None


def _figure_settings() -> dict[str, Any] | None:
    """Return all of matplotlib's settings; None where it has not been imported."""
    matplotlib = sys.modules.get("matplotlib")
    return None if matplotlib is None else dict(dict.items(matplotlib.rcParams))


def _restore_figure_settings(before: dict[str, Any] | None, changed: dict[str, Any] | None) -> None:
    """Restore matplotlib's settings, and note in `changed` those that were others."""
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is None or not hasattr(matplotlib, "rcParamsOrig"):
        return
    original = dict(dict.items(matplotlib.rcParamsOrig)) if before is None else before
    now = dict(dict.items(matplotlib.rcParams))
    if changed is not None:
        changed |= {key: value for key, value in now.items() if value != original.get(key, value) and key != "backend"}
    dict.clear(matplotlib.rcParams)
    dict.update(matplotlib.rcParams, original)
