"""Reports written in several processes side by side; what each prints appears as if one were written after another."""

import contextlib
import io
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from keras_suite.experiments.commands.command_line import out

if TYPE_CHECKING:
    from keras_suite.reports.page.index import Entry

Item = TypeVar("Item")
Write = Callable[[Item], "Entry"]

# Measured on 2 cores: a report takes 1.2 s and 0.02 s for each run with 10,000 test images; a process starts in 1.5 s.
SECONDS_A_REPORT, SECONDS_A_RUN, WORTH_STARTING = 1.2, 0.02, 6.0
# Each takes 0.4 GiB for 200 runs of 10,000 test images, and 1,000 runs are promised to take 1 GiB at most in all.
MOST_PROCESSES = 2
BYTES_A_PROCESS = 1 << 30  # that must be available


@dataclass(frozen=True)
class Failure:
    """Why there is no report."""

    error: ValueError | OSError


@dataclass(frozen=True)
class _Printed:
    outcome: "Entry | Failure"
    stdout: str
    stderr: str


def processes_for(folders: Sequence[Path]) -> int:
    """Return how many processes write the reports of these folders soonest: 1 where starting more takes longer."""
    import psutil

    from keras_suite.experiments.training.runtime import available_cores

    runs = sum(1 for folder in folders for _ in folder.glob("*/seed-*"))
    if len(folders) < 2 or SECONDS_A_REPORT * len(folders) + SECONDS_A_RUN * runs < WORTH_STARTING:
        return 1
    return max(1, min(MOST_PROCESSES, available_cores(), psutil.virtual_memory().available // BYTES_A_PROCESS))


def outcomes(items: Sequence[Item], write: Write[Item], processes: int) -> Iterator["Entry | Failure"]:
    """Yield what each call returned or why it failed, in the order of the items, once what it printed is printed.

    This process writes, too, from the last item on, while others, which take seconds to start, do from the first on.

    Args:
        items: What reports are written of, picklable.
        write: Writes and prints one; a function of a module, or a `partial` of one.
        processes: How many write, this one among them.
    """
    if processes == 1:
        yield from (_outcome(write, item) for item in items)
        return
    left = deque(range(len(items)))
    futures: list[Future[_Printed]] = [Future() for _ in items]
    # Spawned, as forks of a process with threads may hang.
    pool = ProcessPoolExecutor(processes - 1, multiprocessing.get_context("spawn"), _end_with_the_first)
    for _ in range(processes - 1):
        threading.Thread(target=_written_by_others, args=(pool, write, items, left, futures), daemon=True).start()
    try:
        for item, future in zip(items, futures, strict=True):
            while not future.done() and left:
                with contextlib.suppress(IndexError):  # the others were quicker
                    place = left.pop()
                    futures[place].set_result(_printed(write, items[place], out.width))
            yield _shown(future, write, item)
    finally:
        left.clear()
        pool.shutdown(cancel_futures=True)


def _written_by_others(
    pool: ProcessPoolExecutor,
    write: Write[Item],
    items: Sequence[Item],
    left: deque[int],
    futures: Sequence["Future[_Printed]"],
) -> None:
    """Have a process of the pool write one item after another, from the first that is left."""
    with contextlib.suppress(IndexError):
        while True:
            place = left.popleft()
            try:
                futures[place].set_result(pool.submit(_printed, write, items[place], out.width).result())
            except BaseException as error:  # whoever waits for this future raises it
                futures[place].set_exception(error)
                return


def _shown(future: "Future[_Printed]", write: Write[Item], item: Item) -> "Entry | Failure":
    try:
        printed = future.result()
    except BrokenProcessPool:  # a process was killed, as where memory ran out: this one goes on alone
        return _outcome(write, item)
    out.file.write(printed.stdout)
    out.file.flush()
    sys.stderr.write(printed.stderr)
    return printed.outcome


def _printed(write: Write[Item], item: Item, width: int) -> _Printed:
    out.width = width
    with out.capture() as stdout, contextlib.redirect_stderr(io.StringIO()) as stderr:
        outcome = _outcome(write, item)
    if isinstance(outcome, Failure):
        outcome = Failure(ValueError(str(outcome.error)))  # not every error can be pickled
    return _Printed(outcome, stdout.get(), stderr.getvalue())


def _outcome(write: Write[Item], item: Item) -> "Entry | Failure":
    try:
        return write(item)
    except (ValueError, OSError) as error:
        return Failure(error)


def _end_with_the_first() -> None:
    """Have this process end when it is interrupted, without a traceback, and when the one that started it has ended."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    first = multiprocessing.parent_process()
    assert first is not None

    def wait() -> None:
        multiprocessing.connection.wait([first.sentinel])
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
