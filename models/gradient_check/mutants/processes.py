"""Run mutants in processes of their own: one that ends its process, or never ends, is found, and costs no other."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from keras_suite.models.gradient_check.check import Finding
from keras_suite.models.gradient_check.mutants.mutant import Mutant
from keras_suite.models.gradient_check.mutants.suite import Outcome, ops_of, outcome_of

LONGEST = 600.0  # seconds of one mutant
ENDED, ENDLESS = "it ends the process", f"it does not end within {LONGEST:.0f} s"


def outcomes(mutants: Sequence[Mutant], processes: int, start: Callable[[], None]) -> Iterator[Outcome]:
    """Yield how each mutant ends, in the order given.

    Args:
        mutants: They.
        processes: How many run at a time.
        start: Called in each process first, to start TensorFlow; a function of a module.
    """
    workers = [_Worker(start) for _ in range(processes)]
    free = list(workers)

    def run(mutant: Mutant) -> Outcome:
        worker = free.pop()
        try:
            return worker.outcome_of(mutant)
        finally:
            free.append(worker)

    try:
        with ThreadPoolExecutor(processes) as threads:
            yield from threads.map(run, mutants)
    finally:
        for worker in workers:
            worker.end()


@dataclass
class _Worker:
    start: Callable[[], None]
    _process: Any = None
    _end: Connection | None = None

    def outcome_of(self, mutant: Mutant) -> Outcome:
        """Have a mutant run; a process that it ends is replaced for the next one."""
        end = self._end or self._begin()
        end.send(mutant)
        try:
            if end.poll(LONGEST):
                outcome: Outcome = end.recv()
                return outcome
            said = ENDLESS
        except EOFError:
            said = ENDED
        self.end()
        return Outcome(mutant, "default", Finding(f"process: {said}", None, float("inf")), ops_of(mutant)[0])

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._end = None

    def _begin(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._end, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self.start), daemon=True)
        self._process.start()
        theirs.close()
        assert self._end.recv() == "ready"  # starting TensorFlow is none of a mutant's time
        return self._end


def _work(end: Connection, start: Callable[[], None]) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where TensorFlow says at length why it ends the process
    start()
    end.send("ready")
    while True:
        end.send(outcome_of(end.recv()))
