"""Dask clusters: one of our own on this machine, or one that exists, whose workers are checked before they train."""

import contextlib
import dataclasses
import importlib.util
import logging
import multiprocessing
import os
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from distributed import Client, LocalCluster, Nanny, Status
from distributed.utils import get_mp_context

from keras_suite.experiments.scheduling import fork_server, worker
from keras_suite.experiments.scheduling.workers import BEGIN_SECONDS, Stopped, Workers

CONNECT_SECONDS = 10.0
DESCRIBE_SECONDS = 60.0
LOCAL_SETTINGS = {
    "distributed.scheduler.allowed-failures": 2,
    # A local cluster gives a worker up that is not there 15 s after it was lost, also one that was lost again meanwhile
    # (1 of 22 replaced workers never came back).
    "distributed.deploy.lost-worker-timeout": "30 days",
    # The profiler calls `sys._current_frames()` 100 times a second, and in CPython 3.11 up to 3.11.8 that hangs for
    # ever if it sets off a garbage collection that frees a `threading.local`, as TensorFlow's graphs hold
    # (python/cpython issue 106883; 1 of 69 pairs of workers hung).
    "distributed.worker.profile.enabled": False,
}


@contextlib.contextmanager
def start_local(count: int, start_timeout: float = BEGIN_SECONDS) -> Iterator[Client]:
    """Start worker processes on this machine, reachable from it alone.

    They are forked where that is possible, else spawned. Dask's memory limits are off: they would kill jobs that only
    need much memory. Dask waits for ever for a process that hangs before it has joined. After `start_timeout` seconds
    such a process is killed, and all are started once more, spawned.

    Raises:
        Stopped: If the second start fails, too.
    """
    import dask

    start = fork_server.start_method(start_timeout)
    if start.why_not:
        print(f"warning: workers are spawned, which takes seconds more: {start.why_not}", file=sys.stderr)
    for method in (start.method, "spawn"):
        others = set(multiprocessing.active_children())
        with dask.config.set({**LOCAL_SETTINGS, "distributed.worker.multiprocessing-method": method}):
            if method == "forkserver":
                get_mp_context()  # the first call replaces what the fork server preloads, should it be started again
                fork_server.begin()
            with (
                LocalCluster(
                    n_workers=0,
                    threads_per_worker=1,
                    processes=True,
                    memory_limit=0,
                    dashboard_address="127.0.0.1:0",  # any free port: two sweeps may run at once
                    host="127.0.0.1",
                    silence_logs="CRITICAL",
                    env=dict(os.environ),  # that of the fork server may be an older one
                ) as cluster,
                Client(cluster) as client,
            ):
                cluster.scale(count)  # unlike `n_workers` it does not wait
                if _all_join(client, count, start_timeout):
                    yield client
                    return
                joined = set[int]()
                with contextlib.suppress(OSError):
                    joined |= set(client.run(os.getpid, callback_timeout=CONNECT_SECONDS).values())
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
    """Return the processes of a cluster of our own that have been started as workers and have not joined yet."""
    processes = [nanny.process for nanny in _nannies(client)]
    pids = [each.pid for each in processes if each is not None and each.status == Status.starting]
    return {pid for pid in pids if pid is not None}


def _nannies(client: Client) -> list[Nanny]:
    return list(getattr(client.cluster, "workers", {}).values())


@contextlib.contextmanager
def connected(address: str) -> Iterator[Client]:
    """Connect to the cluster of the scheduler at `address`; ValueError or ConnectionError if that is not possible."""
    scheme, _, place = address.partition("://")
    if scheme not in ("tcp", "tls") or not place.rpartition(":")[2].isdigit() or not place.rpartition(":")[0]:
        raise ValueError(f"--scheduler {address} is no address: expected tcp://HOST:PORT or tls://HOST:PORT")
    for name in ("distributed", "distributed.client"):  # a lost scheduler is reported in one line
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other versions: `check_workers` names the process and the package
            client = Client(address, timeout=CONNECT_SECONDS)
    except TypeError:
        raise ValueError(
            f"--scheduler {address} needs certificates, and Dask's settings name none: set "
            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …CLIENT__CERT and …CLIENT__KEY, as docs/cluster.md shows"
        ) from None
    except OSError as error:
        raise ConnectionError(
            f"no Dask scheduler answers at {address} within {CONNECT_SECONDS:.0f} s: start it, or give another "
            f"--scheduler ({str(error).splitlines()[0]})"
        ) from None
    with client:
        yield client


def check_workers(workers: Workers, address: str, threads: int, runs_dir: Path, data_dir: Path | None) -> Workers:
    """Check all workers of the cluster at `address`; nothing is written.

    Returns:
        The workers with their number and device.

    Raises:
        ValueError, ConnectionError: With the first worker that could not train as this process would.
    """
    with connected(address) as client, _token(runs_dir) as token:
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise ConnectionError(f"no worker has joined the scheduler at {address}: start some") from None
        for name, about in _workers_of(client).items():
            _refuse_settings(name, about)
        specs = client.run(importlib.util.find_spec, "keras_suite.experiments", on_error="return")
        for name, spec in specs.items():
            if not isinstance(spec, ModuleSpec):  # it would not survive a task of ours
                raise ValueError(
                    f"worker {name} does not find the suite: start it in a Python environment in which the suite is "
                    "installed, as it is in this command's"
                )
        setting = (threads, Path.cwd(), token, data_dir and data_dir.absolute())
        descriptions = _describe(client, setting)
        ours = worker.versions()
        outdated = {
            name: each.process
            for name, each in descriptions.items()
            if each.versions != ours or each.why_not == worker.OTHER_THREADS
        }
        if outdated:  # they served an earlier command, perhaps before an edit; idle, or they had not answered
            replace_workers(client, outdated)
            client.wait_for_workers(len(descriptions), timeout=DESCRIBE_SECONDS)
            descriptions = _describe(client, setting)
        return dataclasses.replace(workers, count=len(descriptions), device=_same_device(descriptions))


def _workers_of(client: Client) -> dict[str, dict[str, Any]]:
    return dict(client.scheduler_info(n_workers=-1)["workers"])


def _refuse_settings(name: str, about: dict[str, Any]) -> None:
    """Raise ValueError if a worker was not started as training needs it."""
    if about["nthreads"] != 1:
        raise ValueError(
            f"worker {name} takes {about['nthreads']} jobs at a time, which would share one TensorFlow: start it with "
            "--nthreads 1, and as many workers as jobs"
        )
    if about["nanny"] is None:
        raise ValueError(f"worker {name} has no nanny, which could replace it: start it without --no-nanny")
    if about["memory_limit"]:
        raise ValueError(
            f"worker {name} would be paused and killed near {about['memory_limit'] / 2**30:.1f} GiB: start it with "
            "--memory-limit 0; workers that have grown are replaced between jobs"
        )


def _describe(client: Client, setting: tuple[Any, ...]) -> dict[str, worker.Description]:
    """Return each worker's description of itself by its address; ValueError if one does not answer."""
    futures = {
        name: client.submit(worker.describe, *setting, workers=[name], key=f"describe-{name}-{time.time()}", pure=False)
        for name in _workers_of(client)
    }
    descriptions = {}
    for name, future in futures.items():
        try:
            descriptions[name] = future.result(timeout=DESCRIBE_SECONDS)
        except TimeoutError:
            raise ValueError(f"worker {name} is busy or hangs: end what it does, or use another cluster") from None
        except Exception as error:
            raise ValueError(
                f"worker {name} cannot load the suite ({type(error).__name__}: {error}): start it in the Python "
                "environment in which this command is typed"
            ) from None
    return descriptions


def _same_device(descriptions: dict[str, worker.Description]) -> str:
    """Return the device of all workers; ValueError if one cannot train, or not with the same numbers."""
    ours = worker.versions()
    for name, each in descriptions.items():
        if each.why_not:
            raise ValueError(f"worker {name} {each.why_not}: a cluster's machines must share a file system")
        differing = [f"{key} {each.versions[key]}, here {ours[key]}" for key in ours if each.versions[key] != ours[key]]
        if differing:
            raise ValueError(f"worker {name} has other versions ({'; '.join(differing)}): install the same everywhere")
    devices = sorted({each.device for each in descriptions.values()})
    if len(devices) > 1:
        raise ValueError(
            f"the workers compute on different devices ({'; '.join(devices)}), and runs on them could not be compared: "
            "start workers on machines of one kind"
        )
    return devices[0]


def replace_workers(client: Client, processes: Mapping[str, int]) -> None:
    """Kill workers, given by address and process. Their nannies start new ones, perhaps before this returns.

    Dask's own restart asks a worker to end, waits for that and for the new one: 5 to 8 s instead of 0.1 s.
    """
    for address, process in processes.items():
        with contextlib.suppress(OSError, KeyError):  # it is gone already
            client.run(worker.kill, process, workers=[address], nanny=True)
    ends = time.monotonic() + DESCRIBE_SECONDS
    while processes.keys() & client.nthreads().keys() and time.monotonic() < ends:
        time.sleep(0.05)


def replace_hung(client: Client, address: str) -> bool:
    """Kill a worker of which only the address is known.

    Returns:
        Whether its nanny killed it. Otherwise, as on a machine that is suspended, the scheduler drops the worker.
    """
    try:
        client.run(worker.kill_own, address, workers=[address], nanny=True, callback_timeout=CONNECT_SECONDS)
        ends = time.monotonic() + DESCRIBE_SECONDS
    except Exception:  # a nanny of a foreign cluster may fail in any way
        ends = time.monotonic()
    while address in client.nthreads():
        if time.monotonic() >= ends:
            scheduler: Any = client.scheduler
            client.sync(scheduler.unregister, address=address, stimulus_id=f"hung-{time.time()}")
            return False
        time.sleep(0.05)
    return True


@contextlib.contextmanager
def _token(runs_dir: Path) -> Iterator[Path]:
    """Create a file in the folder of runs, for workers to see; it and folders made for it are removed again."""
    made = [path for path in (runs_dir, *runs_dir.parents) if not path.exists()]
    runs_dir.mkdir(parents=True, exist_ok=True)
    token = runs_dir.absolute() / f".seen-by-workers-{time.time_ns()}"
    try:
        token.touch()
        yield token
    finally:
        token.unlink(missing_ok=True)
        for path in made:
            with contextlib.suppress(OSError):
                path.rmdir()
