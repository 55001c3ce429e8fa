"""A Dask cluster of our own: worker processes of this machine, each watched by a nanny in this one."""

import contextlib
import multiprocessing
import os
import time
from collections.abc import Iterator

from distributed import Client, LocalCluster, Nanny, Status

from keras_suite.experiments.scheduling.unstarted_jobs import BEGIN_SECONDS
from keras_suite.experiments.scheduling.workers import Stopped

SETTINGS = {
    "distributed.scheduler.allowed-failures": 2,
    # A local cluster gives a worker up that is not there 15 s after it was lost, also one that was lost again meanwhile
    # (1 of 22 replaced workers never came back).
    "distributed.deploy.lost-worker-timeout": "30 days",
    # The profiler calls `sys._current_frames()` 100 times a second, and in CPython 3.11 up to 3.11.8 that hangs for
    # ever if it sets off a garbage collection that frees a `threading.local`, as TensorFlow's graphs hold
    # (python/cpython issue 106883; 1 of 69 pairs of workers hung).
    "distributed.worker.profile.enabled": False,
}
ASK_SECONDS = 10.0


@contextlib.contextmanager
def local(count: int, start_timeout: float = BEGIN_SECONDS) -> Iterator[Client]:
    """Worker processes of this machine, reached from it alone. No limits of Dask's: it would kill honest jobs.

    Dask waits for ever for one that hangs before it has joined: after `start_timeout` seconds it is killed, and all are
    started once more. Stopped if that does not help.
    """
    import dask

    with dask.config.set(SETTINGS):
        for _ in range(2):
            others = set(multiprocessing.active_children())
            with (
                LocalCluster(
                    n_workers=0,
                    threads_per_worker=1,
                    processes=True,
                    memory_limit=0,
                    dashboard_address="127.0.0.1:0",  # any free port: two sweeps may run at once
                    host="127.0.0.1",
                    silence_logs="CRITICAL",
                ) as cluster,
                Client(cluster) as client,
            ):
                cluster.scale(count)  # unlike `n_workers` it does not wait
                if _all_join(client, count, start_timeout):
                    yield client
                    return
                joined = set[int]()
                with contextlib.suppress(OSError):
                    joined |= set(client.run(os.getpid, callback_timeout=ASK_SECONDS).values())
                for process in set(multiprocessing.active_children()) - others:
                    if process.pid not in joined:
                        process.kill()
    raise Stopped("worker processes end or hang while they start: use fewer --workers")


def _all_join(client: Client, count: int, timeout: float) -> bool:
    ends = time.monotonic() + timeout
    while len(client.nthreads()) < count:
        if time.monotonic() > ends or any(nanny.status == Status.failed for nanny in _nannies(client)):
            return False
        time.sleep(0.05)
    return True


def starting(client: Client) -> set[int]:
    """The processes of a cluster of our own that are to become workers and have not joined yet."""
    processes = [nanny.process for nanny in _nannies(client)]
    found = [each.pid for each in processes if each is not None and each.status == Status.starting]
    return {pid for pid in found if pid is not None}


def _nannies(client: Client) -> list[Nanny]:
    return list(getattr(client.cluster, "workers", {}).values())
