"""A pool of Dask workers that train one job each: jobs are started, waited for, and killed when their time is over.

A worker killed with -9 is replaced, and its run resumes from its checkpoint. A worker that does not begin the job that
was dispatched to it is replaced, too, and another worker begins the job.
"""

import contextlib
import itertools
import queue
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from distributed import Client, Future, KilledWorker

from keras_suite.experiments.scheduling import cluster, worker
from keras_suite.experiments.scheduling.workers import Stopped, Workers
from keras_suite.experiments.training.identity import directory_of
from keras_suite.experiments.training.job import Job, Outcome
from keras_suite.reports import run_directory
from keras_suite.tasks.wording.quantities import rough_duration

TICK_SECONDS = 1.0
NO_WORKER_SECONDS = 300.0  # after so long without any worker, the command gives up
WORKERS_KILLED = "its worker process was killed again and again (out of memory?): use fewer --workers"


@contextlib.contextmanager
def open_pool(workers: Workers) -> Iterator["WorkerPool"]:
    """Open a pool of workers.

    When the block is left, none of its jobs keeps running, and runs that had not ended are recorded as interrupted.
    """
    pool: WorkerPool | None = None
    if workers.scheduler is None:
        client_of = cluster.start_local(workers.count, workers.begin_timeout)
    else:
        client_of = cluster.connected(workers.scheduler)
    try:
        with client_of as client:
            pool = WorkerPool(client, workers)
            try:
                yield pool
            finally:
                if workers.scheduler is not None:  # a cluster of our own ends with its workers
                    pool.end_all()
    except BaseException:
        for directory in map(directory_of, pool.running if pool else ()):
            with contextlib.suppress(OSError, ValueError):
                if run_directory.read_run(directory, needs=()).status == "running":
                    run_directory.interrupt(directory)
        raise


@dataclass(frozen=True)
class Begun:
    """A job that a worker trains: where, and since when by this process's monotonic clock."""

    worker: str
    process: int
    at: float


@dataclass(frozen=True)
class Unstarted:
    """A job that was dispatched to a worker which does not begin it, and for how many seconds that was observed."""

    worker: str
    seconds: float = 0.0


class WorkerPool:
    """The jobs that run on the workers of a cluster, at most one on each.

    Args:
        client: A client of the cluster.
        workers: How many jobs run at once, and when a worker is replaced.
    """

    def __init__(self, client: Client, workers: Workers) -> None:
        self._client, self._workers = client, workers
        self._futures: dict[str, tuple[Job, Future]] = {}
        self._begun: dict[str, Begun] = {}
        self._killed_before: set[str] = set()
        self._unstarted: dict[str, Unstarted] = {}
        self._starting: dict[int, float] = {}  # for how many seconds processes have not joined
        self._checked_at = time.monotonic()
        self._hung: set[str] = set()  # jobs that a worker did not begin in time
        self._dropped: list[str] = []  # workers that hung, and whose nannies did not answer
        self._messages: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._topic = f"jobs of {client.id}"
        self._numbers = itertools.count()
        self._without_worker_since: float | None = None
        client.subscribe_topic(self._topic, lambda event: self._messages.put(("began", event[1])))

    @property
    def running(self) -> list[Job]:
        """The jobs that were dispatched and have not ended."""
        return [job for job, _ in self._futures.values()]

    def free(self) -> int:
        """Return how many more jobs may start; while no worker is connected, one may wait for it."""
        slots = self._workers.count if self._workers.scheduler is None else max(1, self._connected())
        return max(0, slots - len(self._futures))

    def start(self, job: Job) -> None:
        """Dispatch a job to a worker."""
        directory = directory_of(job)
        key = f"{job.variant} seed {job.seed} ({self._client.id}, {next(self._numbers)})"
        if _was_killed(directory):
            self._killed_before.add(key)
        future = self._client.submit(worker.train, job, Path.cwd(), directory, self._topic, key=key, pure=False)
        self._futures[key] = job, future
        future.add_done_callback(lambda done: self._messages.put(("ended", done.key)))

    def next_ended(self) -> tuple[Job, Outcome]:
        """Wait until a job ends, or kill one whose time is over, and return it with its outcome.

        Raises:
            Stopped: If no worker is left that could train.
        """
        while True:
            with contextlib.suppress(queue.Empty):
                kind, content = self._messages.get(timeout=TICK_SECONDS)
                if kind == "ended" and content in self._futures:
                    return self._result_of(content)
                self._record_begin(kind, content)
            overdue = self._overdue()
            if overdue is not None:
                return self._kill(overdue)
            self._replace_hung_workers()
            self._require_workers()

    def _record_begin(self, kind: str, content: Any) -> None:
        if kind == "began" and content["key"] in self._futures:
            self._begun[content["key"]] = Begun(content["worker"], content["process"], time.monotonic())

    def _result_of(self, key: str) -> tuple[Job, Outcome]:
        job, future = self._futures[key]
        try:
            done: worker.Done = future.result()
        except KilledWorker:
            outcome = self._lost(key, job)
        except CancelledError:
            raise Stopped("the scheduler is gone: start it again") from None
        else:
            outcome = done.outcome
            begun = self._begun.get(key)
            if begun is not None and done.memory > self._memory_share(begun.worker):
                self._replace(begun)
        del self._futures[key]
        self._begun.pop(key, None)  # a worker may have died before it could begin
        return job, outcome

    def _lost(self, key: str, job: Job) -> Outcome:
        """Return the outcome of a job whose workers died one after another: the first time that blames the machine."""
        if key in self._hung:
            reason = (
                f"its workers did not begin within {rough_duration(self._workers.begin_timeout)}, one after another"
            )
            return replace(_recorded(job, "WorkerTimeout", f"{reason}: use fewer --workers"), blame="machine")
        outcome = _recorded(job, KilledWorker.__name__, WORKERS_KILLED)
        return outcome if key in self._killed_before else replace(outcome, blame="machine")

    def _memory_share(self, address: str) -> float:
        """Return the share of its machine's memory that a worker may hold after a job."""
        connected = dict(self._client.scheduler_info(n_workers=-1)["workers"])
        on_host = Counter(each["host"] for each in connected.values())
        return self._workers.memory_share / (on_host[connected[address]["host"]] if address in connected else 1)

    def _overdue(self) -> str | None:
        limit, now = self._workers.job_timeout, time.monotonic()
        late = (key for key, begun in self._begun.items() if limit is not None and now - begun.at > limit)
        return next(late, None)

    def _kill(self, key: str) -> tuple[Job, Outcome]:
        (job, future), begun = self._futures.pop(key), self._begun.pop(key)
        self._client.cancel([future], force=True)  # else another worker would train it from the checkpoint on
        self._replace(begun)
        assert self._workers.job_timeout is not None
        return job, _recorded(job, "JobTimeout", f"it took longer than --job-timeout {self._workers.job_timeout:g} s")

    def _replace(self, *begun: Begun) -> None:
        cluster.replace_workers(self._client, {each.worker: each.process for each in begun})

    def _replace_hung_workers(self) -> None:
        """Once a second, kill workers that did not begin a job in time; Dask dispatches their jobs to others.

        Processes that have not become workers in time are killed, too: their nannies start others.
        """
        now = time.monotonic()
        if now - self._checked_at < TICK_SECONDS:
            return
        passed, limit = min(now - self._checked_at, 2 * TICK_SECONDS), self._workers.begin_timeout
        self._checked_at = now
        processing: dict[str, list[str]] = {}
        with contextlib.suppress(OSError, TimeoutError):
            processing = {address: list(keys) for address, keys in self._client.processing().items()}
        ours = {key: self._begun[key].worker if key in self._begun else None for key in self._futures}
        self._unstarted = unstarted_jobs(self._unstarted, processing, ours, passed)
        late = {key: each for key, each in self._unstarted.items() if each.seconds > limit}
        self._hung |= late.keys()
        for address in {each.worker for each in late.values()}:
            if not cluster.replace_hung(self._client, address):
                self._dropped.append(address)
        self._starting = {pid: self._starting.get(pid, 0.0) + passed for pid in cluster.starting(self._client)}
        for pid in [pid for pid, seconds in self._starting.items() if seconds > limit]:
            worker.kill(pid)

    def _connected(self) -> int:
        with contextlib.suppress(OSError, TimeoutError):
            return len(self._client.nthreads())
        return 0

    def _require_workers(self) -> None:
        if self._connected():
            self._without_worker_since = None
            return
        now = time.monotonic()
        self._without_worker_since = self._without_worker_since or now
        if now - self._without_worker_since > NO_WORKER_SECONDS:
            hung = f" ({' and '.join(self._dropped)} hung and could not be killed)" if self._dropped else ""
            raise Stopped(f"no worker has been connected for {rough_duration(NO_WORKER_SECONDS)}{hung}: start some")

    def end_all(self) -> None:
        """End all jobs that still run."""
        if not self._futures or self._client.status != "running":
            return
        with contextlib.suppress(queue.Empty):
            while True:
                self._record_begin(*self._messages.get_nowait())
        self._client.cancel([future for _, future in self._futures.values()], force=True)
        self._replace(*self._begun.values())


def unstarted_jobs(
    before: Mapping[str, Unstarted],
    processing: Mapping[str, Collection[str]],
    begun: Mapping[str, str | None],
    seconds: float,
) -> dict[str, Unstarted]:
    """Return the dispatched jobs that their workers do not begin.

    A worker that trains one of our jobs, or works for another command, need not begin the next yet. Time is added up
    from check to check: what passes while this process and its workers are stopped does not count.

    Args:
        before: The result of the last check.
        processing: The jobs that the scheduler has dispatched to each worker, including those that wait there.
        begun: Our jobs, each with the worker that last reported that it began it.
        seconds: The time since the last check.
    """
    unstarted = {}
    for address, jobs in processing.items():
        if any(job not in begun or begun[job] == address for job in jobs):
            continue
        for job in jobs:
            last = before.get(job)
            waited = last.seconds + seconds if last and last.worker == address else 0.0
            unstarted[job] = Unstarted(address, waited)
    return unstarted


def _was_killed(directory: Path) -> bool:
    """Return whether the run's last record is that its worker processes were killed."""
    with contextlib.suppress(OSError, ValueError):
        error = run_directory.read_run(directory, needs=()).record.get("error") or {}
        return error.get("type") == KilledWorker.__name__
    return False


def _recorded(job: Job, kind: str, reason: str) -> Outcome:
    from keras_suite.experiments.training.run import record_killed

    try:
        return record_killed(job, kind, reason)
    except BlockingIOError:
        raise Stopped(f"a worker that trains {directory_of(job)} could not be killed: end it by hand") from None
