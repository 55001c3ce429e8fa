"""A command that kills itself just before the n-th time that it changes the disk: each moment of it, one after another.

The kinds of change are those that Python reports to audit hooks (a rename, a removal, a folder, a file opened to be
written), and each fsync. Between two of them nothing becomes durable, so these are all the moments that differ.
"""

import csv
import io
import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from keras_suite.experiments import cli
from keras_suite.reports import run_directory
from keras_suite.tasks.atomic_files import temporaries
from tests.end_to_end import forked

SAID = "said.txt"  # beside the folder of a command, not in it
CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate")
TIMED = ("seconds", "images_per_second", "peak_memory")
WITH_TIMES = ("log.txt", ".lock", "run.json", "status.json", "by-seconds.svg", "by-seconds.png")
NEVER = 10**9


def run(folder: Path, arguments: Sequence[str], kill_at: int = NEVER) -> tuple[int | None, int]:
    """Run a command in a folder, killed at that change of the disk if it comes so far.

    Returns:
        The exit code, negative if it was killed, and how many changes it made, if it ended.
    """
    said = folder.with_name(f"{folder.name}-{SAID}")
    counted = folder.with_name(f"{folder.name}-changes")
    counted.unlink(missing_ok=True)
    process: ForkServerProcess = forked.fork(said, _type, folder, counted, tuple(arguments), kill_at)
    process.join(240)
    if process.is_alive():
        process.kill()
        raise AssertionError(f"it hangs: {said.read_text(encoding='utf-8')}")
    return process.exitcode, len(counted.read_text(encoding="utf-8").splitlines()) if counted.exists() else 0


def leave_alone_for_days(folder: Path) -> None:
    """Let what a kill left look as if nobody had written to it for days: then every command removes it."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            for left in temporaries(path):
                os.utime(left, (0, 0))


def said(folder: Path) -> str:
    """All that the commands in a folder have printed."""
    return folder.with_name(f"{folder.name}-{SAID}").read_text(encoding="utf-8")


def _type(folder: Path, counted: Path, arguments: Sequence[str], kill_at: int) -> None:
    os.chdir(folder)
    changes = _count_changes(folder, kill_at)
    sys.argv = ["experiments", *arguments]
    try:
        cli.app()
    finally:
        counted.write_text("\n".join(changes), encoding="utf-8")


def _count_changes(folder: Path, kill_at: int) -> list[str]:
    """Note each change of the folder from now on, and kill the process just before number `kill_at`, from 1 up."""
    inside, changes, fsync = str(folder.resolve()), list[str](), os.fsync

    def count(what: str) -> None:
        if len(changes) + 1 >= kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        changes.append(what)

    def hook(event: str, values: tuple[Any, ...]) -> None:
        if event != "open" and event not in CHANGES:
            return
        path = values[0]
        if not isinstance(path, (str, Path)) or not os.path.abspath(path).startswith(inside):
            return
        if event == "open":
            changes_it = isinstance(values[2], int) and values[2] & (os.O_CREAT | os.O_TRUNC)
        else:
            changes_it = os.path.exists(path) != (event == "os.mkdir")
        if changes_it:
            count(f"{event} {path}")

    def counted_fsync(handle: int) -> None:
        count("fsync")
        fsync(handle)

    os.fsync = counted_fsync
    sys.addaudithook(hook)
    return changes


def outcome(folder: Path) -> dict[str, Any]:
    """All in a folder that must not depend on kills: which files there are, and what they say but for times."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if ".set-aside" in name:  # what a kill left is set aside with the rest
            continue
        if path.is_dir():
            found |= {left.relative_to(folder).as_posix(): "left behind" for left in temporaries(path)}
        elif path in temporaries(path.parent) or path.name in WITH_TIMES:
            continue
        elif path.suffix == ".csv":
            found[name] = _untimed(path.read_text(encoding="utf-8"))
        elif path.suffix in (".npz", ".npy") or path.name in ("config.json", "experiment.json", "looks.json"):
            found[name] = path.read_bytes()
        elif path.name == "metrics.json":
            metrics = run_directory.read_run(path.parent, needs=()).metrics
            assert metrics is not None
            found[name] = {key: metrics.get(key) for key in ("epochs", "model_epoch", "validation", "test", "stopped")}
        else:
            found[name] = "there"
    return found


def _untimed(text: str) -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(text))
    return [{key: value for key, value in row.items() if not key.startswith(TIMED)} for row in rows]
