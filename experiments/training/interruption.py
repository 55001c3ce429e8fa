"""Interrupts of the person: Ctrl-C, SIGTERM, and SIGHUP of a terminal that is closed.

A KeyboardInterrupt may also be raised by an experiment file's own code. Only these signals set the flag that
`requested` returns, so the two are told apart.
"""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

_requested = False


def signals() -> list[signal.Signals]:
    """Return the signals that interrupt. A command started with `nohup` goes on when its terminal is closed."""
    found = [signal.SIGINT, signal.SIGTERM]  # a shell's background jobs start with SIGINT ignored
    hangup = getattr(signal, "SIGHUP", None)  # not on Windows
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        found.append(hangup)
    return found


@contextlib.contextmanager
def listening() -> Iterator[None]:
    """Let the signals raise KeyboardInterrupt in this block, and forget earlier ones."""
    global _requested
    _requested = False
    if threading.current_thread() is not threading.main_thread():  # other threads receive no signals
        yield
        return
    before = {number: signal.signal(number, _interrupt) for number in signals()}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, signal.SIG_DFL if former is None else former)


def requested() -> bool:
    """Return whether the person has interrupted the command."""
    return _requested


def _interrupt(number: int, frame: Any) -> None:
    global _requested
    _requested = True
    raise KeyboardInterrupt
