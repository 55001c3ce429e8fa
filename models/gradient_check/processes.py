"""Call a function with one thing after another in processes of their own: one that ends its process costs no other."""

import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

LONGEST = 600.0  # seconds of one call


@dataclass(frozen=True)
class Ended:
    """What stands for a result where the process ended, or had to be."""

    reason: str


def results(
    function: Callable[[T], R], things: Sequence[T], processes: int, start: Callable[[], None]
) -> Iterator[R | Ended]:
    """Yield what the function returns for each thing, in the order given.

    Args:
        function: A function of a module, or a `functools.partial` of one.
        things: What it is called with.
        processes: How many calls run at a time.
        start: Called in each process first, to start TensorFlow; like `function`.
    """
    workers = [_Worker(function, start) for _ in range(processes)]
    free = list(workers)

    def run(thing: T) -> R | Ended:
        worker = free.pop()
        try:
            return worker.result_of(thing)
        finally:
            free.append(worker)

    try:
        with ThreadPoolExecutor(processes) as threads:
            yield from threads.map(run, things)
    finally:
        for worker in workers:
            worker.end()


@dataclass
class _Worker(Generic[T, R]):
    function: Callable[[T], R]
    start: Callable[[], None]
    _process: Any = None
    _end: Connection | None = None

    def result_of(self, thing: T) -> R | Ended:
        """Have the function called; a process that this ends is replaced for the next call."""
        end = self._end or self._begin()
        end.send(thing)
        try:
            if end.poll(LONGEST):
                result: R = end.recv()
                return result
            ended = Ended(f"it does not end within {LONGEST:.0f} s")
        except EOFError:
            ended = Ended("it ends the process")
        self.end()
        return ended

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._end = None

    def _begin(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._end, theirs = context.Pipe()
        called = pickle.dumps((self.function, self.start))
        self._process = context.Process(target=_work, args=(theirs, called), daemon=True)
        self._process.start()
        theirs.close()
        assert self._end.recv() == "ready"  # starting TensorFlow is none of a call's time
        return self._end


def _work(end: Connection, called: bytes) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where TensorFlow says at length why it ends the process
    function, start = pickle.loads(called)  # which imports TensorFlow, with another few lines
    start()
    end.send("ready")
    while True:
        end.send(function(end.recv()))
