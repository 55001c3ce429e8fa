"""TensorFlow as a run needs it: a fixed number of threads, deterministic kernels, and no chatter on the terminal."""

import contextlib
import functools
import gc
import hashlib
import importlib
import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import psutil

CHATTER = re.compile(rb"[IWE]\d{4} \d\d|\d{4}-\d\d-\d\d [\d:.]+: [IWE] |WARNING: All log|To enable the following in")


IMPORT_SECONDS = 4.3  # that TensorFlow takes on a 2-core machine with nothing else to do


@dataclass(frozen=True)
class MemoryAtStart:
    """Bytes of a process, and those of them that other processes with the same libraries share (told on Linux only)."""

    resident: int
    shared: int


def start_tensorflow(threads: int, devices: int = 1) -> None:
    """Import TensorFlow with `threads` intra- and inter-op threads and deterministic kernels.

    Weights are bit-identical at equal numbers of threads and devices only, and TensorFlow fixes both with its first
    operation. Where there is no GPU, several devices are logical ones of the processor.

    Raises:
        RuntimeError: If this process already computes with other numbers.
        ValueError: If there are fewer devices.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with quiet_stderr():
        seconds_to_import()
        import keras
        import tensorflow as tf

        threading = tf.config.threading
        if (threading.get_intra_op_parallelism_threads(), threading.get_inter_op_parallelism_threads()) != (
            threads,
        ) * 2:
            threading.set_intra_op_parallelism_threads(threads)
            threading.set_inter_op_parallelism_threads(threads)
        missing = _take_devices(devices)
        tf.config.experimental.enable_op_determinism()
        tf.zeros(1) + 1  # the first operation initialises the devices, with another few lines of chatter
    if missing:
        raise ValueError(missing)
    _freeze_imports()
    # A warm process trains model after model, and each has its graph traced: nothing to warn of.
    tf.get_logger().setLevel("ERROR")
    keras.utils.disable_interactive_logging()
    memory_at_start()


@functools.cache  # once: afterwards it is imported
def seconds_to_import() -> float:
    """Import TensorFlow and Keras, and return the seconds that it took this process; `IMPORT_SECONDS` if it had."""
    if "tensorflow" in sys.modules:
        return IMPORT_SECONDS
    began = time.monotonic()
    for library in ("keras", "tensorflow"):
        importlib.import_module(library)
    return time.monotonic() - began


def _take_devices(count: int) -> str:
    """Give TensorFlow as many devices as a run is trained on; return a line where there are fewer, else ""."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        few = f"--devices {count} asks for more GPUs than the {len(gpus)} that TensorFlow sees: give fewer"
        return few if count > len(gpus) else ""
    most = max(2, available_cores())
    if count > most:
        return f"--devices {count} asks for more devices than the {most} of this machine: give fewer"
    [processor, *_] = tf.config.list_physical_devices("CPU")
    now = tf.config.get_logical_device_configuration(processor)
    if count != (len(now) if now else 1):
        tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * count)
    return ""


@functools.cache  # once: what the process holds later has networks and images in it
def memory_at_start() -> MemoryAtStart:
    """Return the memory that this process held when TensorFlow had been started in it, before any network."""
    now = psutil.Process().memory_info()
    return MemoryAtStart(int(now.rss), int(getattr(now, "shared", 0)))


@functools.cache  # once: what becomes garbage later must be found
def _freeze_imports() -> None:
    """Keep what was imported out of the garbage collector's sight: `fresh_session` collects before each run."""
    gc.collect()
    gc.freeze()


@contextlib.contextmanager
def quiet_stderr(shown_after_errors: bool = True) -> Iterator[None]:
    """Hold back what C++ writes to file descriptor 2, whatever TensorFlow's log level; shown if it ends badly."""
    with tempfile.TemporaryFile() as captured:
        try:
            with _stderr_into(captured):
                yield
        except BaseException:
            captured.seek(0)
            if shown_after_errors:
                sys.stderr.write(captured.read().decode(errors="replace"))
            raise


@contextlib.contextmanager
def without_chatter() -> Iterator[None]:
    """Leave TensorFlow's own lines out of what a user's file writes to file descriptor 2 while it is imported."""
    if "tensorflow" in sys.modules:
        yield
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with tempfile.TemporaryFile() as captured:
        try:
            with _stderr_into(captured):
                yield
        finally:
            captured.seek(0)
            for line in captured:
                if not CHATTER.match(line):
                    os.write(2, line)


@contextlib.contextmanager
def _stderr_into(captured: IO[bytes]) -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(2)
    os.dup2(captured.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


def available_cores() -> int:
    """Return how many processor cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def versions() -> dict[str, str]:
    """Return the versions that a run's numbers depend on."""
    packages = ("tensorflow", "keras", "numpy", "opencv-python-headless")
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in packages}}


def use_xla() -> bool | str:
    """Return the value of `compile(jit_compile=…)`. On CPU XLA is several times slower than TensorFlow."""
    import tensorflow as tf

    return "auto" if tf.config.list_physical_devices("GPU") else False


def device() -> str:
    """Return the device that TensorFlow computes on: a GPU's name, or the processor's kind."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        return str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU"))
    return f"CPU {processor()}"


def processor() -> str:
    """Return the processor's model name where the system tells it, else its architecture."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@functools.cache
def suite() -> str:
    """Return 8 hex digits that stand for the suite's code."""
    root, rooms = Path(__file__).parents[2], ("callbacks", "data_pipeline", "experiments", "models", "reports", "tasks")
    digest = hashlib.sha256()
    for path in sorted(path for room in rooms for path in (root / room).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


def source_state() -> dict[str, Any]:
    """Return the suite's commit and whether it has uncommitted changes; None of both outside a git checkout."""

    def git(*arguments: str) -> str | None:
        folder = Path(__file__).parent
        try:
            done = subprocess.run(
                ["git", "--no-optional-locks", *arguments], cwd=folder, capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            return None
        return done.stdout.strip()

    commit = git("rev-parse", "HEAD")
    changes = git("status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "dirty": None if commit is None else bool(changes)}


class PeakMemory:
    """Sample this process's resident memory while the block runs; `bytes` is the largest seen, `expected` the stated.

    The operating system's own peak belongs to the whole process, and several runs share one warm process.
    """

    def __init__(self, every_seconds: float = 0.25) -> None:
        self._process = psutil.Process()
        self._every_seconds = every_seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.bytes = self.expected = 0

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
