"""The largest memory that a process and the runs in it held."""

import threading
from types import TracebackType

import psutil


class PeakMemory:
    """Samples this process's resident memory while the block runs; `bytes` is the largest seen.

    The operating system's own peak belongs to the whole process, and several runs share one warm process.
    """

    def __init__(self, every_seconds: float = 0.25) -> None:
        self._process = psutil.Process()
        self._every_seconds = every_seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.bytes = 0

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            self.bytes = max(self.bytes, self._process.memory_info().rss)
            if self._done.wait(self._every_seconds):
                return
