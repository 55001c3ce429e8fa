"""Dask clusters that exist, to train on: their workers are looked at first, and replaced where they have to be."""

import contextlib
import dataclasses
import importlib.util
import logging
import time
import warnings
from collections.abc import Iterator, Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from distributed import Client

from keras_suite.experiments.scheduling import worker
from keras_suite.experiments.scheduling.workers import Workers

CONNECT_SECONDS = 10.0
DESCRIBE_SECONDS = 60.0


@contextlib.contextmanager
def connected(address: str) -> Iterator[Client]:
    """The cluster of the scheduler at `address`; ValueError or ConnectionError says why it cannot be had."""
    scheme, _, place = address.partition("://")
    if scheme not in ("tcp", "tls") or not place.rpartition(":")[2].isdigit() or not place.rpartition(":")[0]:
        raise ValueError(f"--scheduler {address} is no address: expected tcp://HOST:PORT or tls://HOST:PORT")
    for name in ("distributed", "distributed.client"):  # what it tells of a lost scheduler is said in one line
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions that differ: `checked` says in which process, and which
            client = Client(address, timeout=CONNECT_SECONDS)
    except TypeError:
        raise ValueError(
            f"--scheduler {address} needs certificates, and Dask's settings name none: set "
            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …CLIENT__CERT and …CLIENT__KEY, as the README shows"
        ) from None
    except OSError as error:
        raise ConnectionError(
            f"no Dask scheduler answers at {address} within {CONNECT_SECONDS:.0f} s: start it, or give another "
            f"--scheduler ({str(error).splitlines()[0]})"
        ) from None
    with client:
        yield client


def checked(workers: Workers, address: str, threads: int, runs_dir: Path, data_dir: Path | None) -> Workers:
    """Looks at all workers of the cluster at `address`, and counts them.

    ValueError or ConnectionError names the first that could not train as this process would. Nothing is written.
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
        asked = (threads, Path.cwd(), token, data_dir and data_dir.absolute())
        found = _described(client, asked)
        ours = worker.versions()
        others = {
            name: each.process
            for name, each in found.items()
            if each.versions != ours or each.why_not == worker.OTHER_THREADS
        }
        if others:  # warm from an earlier command, perhaps before an edit: idle, or they had not answered
            replace_workers(client, others)
            client.wait_for_workers(len(found), timeout=DESCRIBE_SECONDS)
            found = _described(client, asked)
        return dataclasses.replace(workers, count=len(found), device=_same_device(found))


def _workers_of(client: Client) -> dict[str, dict[str, Any]]:
    return dict(client.scheduler_info(n_workers=-1)["workers"])


def _refuse_settings(name: str, about: dict[str, Any]) -> None:
    """How a worker must have been started."""
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


def _described(client: Client, asked: tuple[Any, ...]) -> dict[str, worker.Description]:
    """What each worker says of itself; ValueError if one cannot."""
    futures = {
        name: client.submit(worker.describe, *asked, workers=[name], key=f"describe-{name}-{time.time()}", pure=False)
        for name in _workers_of(client)
    }
    found = {}
    for name, future in futures.items():
        try:
            found[name] = future.result(timeout=DESCRIBE_SECONDS)
        except TimeoutError:
            raise ValueError(f"worker {name} is busy, or hangs: give it free, or take another cluster") from None
        except Exception as error:
            raise ValueError(
                f"worker {name} cannot load the suite ({type(error).__name__}: {error}): start it in the Python "
                "environment in which this command is typed"
            ) from None
    return found


def _same_device(found: dict[str, worker.Description]) -> str:
    """The device of all; ValueError if a worker cannot train, or its numbers would be others."""
    ours = worker.versions()
    for name, each in found.items():
        if each.why_not:
            raise ValueError(f"worker {name} {each.why_not}: a cluster's machines must share a file system")
        differing = [f"{key} {each.versions[key]}, here {ours[key]}" for key in ours if each.versions[key] != ours[key]]
        if differing:
            raise ValueError(f"worker {name} has other versions ({'; '.join(differing)}): install the same everywhere")
    devices = sorted({each.device for each in found.values()})
    if len(devices) > 1:
        raise ValueError(
            f"the workers compute on different devices ({'; '.join(devices)}), and runs on them could not be compared: "
            "start workers on machines of one kind"
        )
    return devices[0]


def replace_workers(client: Client, processes: Mapping[str, int]) -> None:
    """Kills workers, given as address and process: their nannies start new ones, also before this returns.

    Dask's own restart asks a worker to end, waits for that and for the new one: 5 to 8 s instead of 0.1 s.
    """
    for address, process in processes.items():
        with contextlib.suppress(OSError, KeyError):  # it is gone already
            client.run(worker.kill, process, workers=[address], nanny=True)
    ends = time.monotonic() + DESCRIBE_SECONDS
    while processes.keys() & client.nthreads().keys() and time.monotonic() < ends:
        time.sleep(0.05)


def replace_hung(client: Client, address: str) -> bool:
    """Kills a worker of which nothing but its address is known.

    False if its nanny does not answer either, as on a machine that stands still: then the scheduler does without it.
    """
    try:
        client.run(worker.kill_own, address, workers=[address], nanny=True, callback_timeout=CONNECT_SECONDS)
        ends = time.monotonic() + DESCRIBE_SECONDS
    except Exception:  # whatever a nanny cannot do that nobody here started
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
    """A file in the folder of runs, for others to see, and then nothing again."""
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
