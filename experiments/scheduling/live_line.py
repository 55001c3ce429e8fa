"""What is under way: a line at the bottom of a terminal, and in files and pipes a line every minute.

A log that says nothing for an hour cannot be told from one of a command that hangs.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

REFRESH_SECONDS = 0.5
LOG_SECONDS = 55.0  # so that with what a line takes there is one at least every minute


def can_be_redrawn(console: Console) -> bool:
    """Return whether a line may be written over: on a terminal that takes codes, where nobody asked for none."""
    return console.is_terminal and not console.is_dumb_terminal and not os.environ.get("NO_COLOR")


class LiveLine:
    """Show a line in a block, from a thread: refreshed twice a second, or printed every minute where it cannot be.

    Args:
        console: Where to print.
        line: Returns the line as of now. An OSError or ValueError, as of files that are just being written, skips it.
    """

    def __init__(self, console: Console, line: Callable[[], Text]) -> None:
        self._console, self._line = console, line
        self._redrawn = can_be_redrawn(console)
        self._done = threading.Event()
        self._live = Live(Text(""), console=console, auto_refresh=False, transient=True)
        self._thread = threading.Thread(target=self._refresh if self._redrawn else self._log, daemon=True)

    def __enter__(self) -> Self:
        if self._redrawn:
            self._live.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        if self._redrawn:
            self._live.stop()

    def _refresh(self) -> None:
        while not self._done.wait(REFRESH_SECONDS):
            with contextlib.suppress(OSError, ValueError):
                self._live.update(self._line(), refresh=True)

    def _log(self) -> None:
        while not self._done.wait(LOG_SECONDS):
            with contextlib.suppress(OSError, ValueError):
                self._console.print(Text(f"{time.strftime('%H:%M')} ").append_text(self._line()), soft_wrap=True)
