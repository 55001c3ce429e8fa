"""A long sweep whose command or one of whose workers is killed again and again, and what is then to be found.

The command is started anew whenever it has been killed. How much memory each of its processes holds is noted all the
time, in memory.csv, with how many trials had ended by then.
"""

import contextlib
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from keras_suite.experiments.tuning import journal
from tests.end_to_end.sweeps import ONE_RATE, sweep_folder, workers_of

SHORT = ONE_RATE.replace("units=[16]", "units=[8]").replace("limit=300, test_limit=100", "limit=150, test_limit=50")
SHORT = SHORT.replace("epochs=2", "epochs=1")
OPTIONS = ("--tuner", "random", "--objective", "val_unpenalised_loss", "--threads", "1", "--full-trials")
SAMPLE_SECONDS = 2.0
WARM_TRIALS = 10  # by then both workers have built their graphs, and the command has loaded what it needs
MEBIBYTE = 2**20
INTERRUPTED = 130


@dataclass
class Soak:
    """What was seen.

    Attributes:
        trials: How many the sweep has.
        memory: Of each process, "command" or "worker" with its number, (trials that have ended, bytes held).
        kills: What was killed: "command" or "worker".
        starts: How often the command was started.
        seconds: How long it took from the first start to the last end.
    """

    trials: int
    memory: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    kills: list[str] = field(default_factory=list)
    starts: int = 0
    seconds: float = 0.0

    def growth(self) -> dict[str, float]:
        """MiB by which each process that saw twice as many trials end as warm it has grown since, at most.

        What the command takes for the report, when all trials have ended, is not counted.
        """
        grown = {}
        for name, all_samples in self.memory.items():
            samples = [(trials, held) for trials, held in all_samples if trials <= self.trials]  # the base ends, too
            warm = [held for trials, held in samples if trials >= samples[0][0] + WARM_TRIALS]
            if samples and samples[-1][0] >= samples[0][0] + 2 * WARM_TRIALS:
                grown[name] = (max(warm) - warm[0]) / MEBIBYTE
        return grown

    def said(self) -> str:
        """In one line: the starts, the kills, the memory."""
        most = {
            kind: max(
                (held for name, of in self.memory.items() if name.startswith(kind) for _, held in of),
                default=0,
            )
            for kind in ("command", "worker")
        }
        held = ", ".join(f"{kind} at most {size / MEBIBYTE:.0f} MiB" for kind, size in most.items())
        grown = sorted(self.growth().values())
        growth = f"{len(grown)} processes grew by {grown[0]:.0f} to {grown[-1]:.0f} MiB" if grown else "none grew old"
        killed = f"{self.kills.count('command')} commands and {self.kills.count('worker')} workers killed"
        return f"{self.trials} trials, {self.starts} starts, {killed} in {self.seconds:.0f} s; {held}; {growth}"


def soak(folder: Path, trials: int, minutes: float, every: float, seed: int, most_minutes: float) -> Soak:
    """Run the sweep of `width.py` in `folder`; for so many minutes something is killed, `every` seconds after a trial.

    The seconds count from when the first trial since the last kill has ended: on a busy machine a start takes longer.

    Then it is left alone. After `most_minutes` it is asked to end, and ends what is under way alone: its trials are
    then as many as its journal has.
    """
    seen, chance, began = Soak(trials), random.Random(seed), time.monotonic()
    while True:
        asked = ("tune", "width.py", "--trials", str(seen.trials), "--workers", "2", *OPTIONS)
        process, next_kill, before = _start(folder, asked), math.inf, ended(folder)
        seen.starts += 1
        command = f"command {seen.starts}"
        while process.poll() is None:
            _note_memory(seen, command, process, folder)
            now = time.monotonic()
            if next_kill == math.inf and ended(folder) > before:
                next_kill = now + every
            if now >= next_kill and now - began < 60 * minutes:
                next_kill, before, seen.seconds = math.inf, ended(folder), now - began
                what = _kill(process, chance)
                seen.kills.append(what)
                _say(f"{now - began:.0f} s: killed a {what} after {before} trials; {seen.said()}")
            if now - began > 60 * most_minutes and seen.trials == trials:
                process.terminate()
                process.wait()
                seen.trials = sum(e["event"] == "created" for e in journal.read(sweep_folder(folder) / journal.NAME))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SAMPLE_SECONDS)
        if process.returncode not in (-signal.SIGKILL, INTERRUPTED):
            break
    seen.seconds = time.monotonic() - began
    assert process.returncode == 0, (folder / "said.txt").read_text(encoding="utf-8")[-2000:]
    return seen


def ended(folder: Path) -> int:
    """How many trials have ended, the base among them."""
    path = sweep_folder(folder) / journal.NAME
    return path.read_bytes().count(b'"event": "ended"') if path.exists() else 0


def _start(folder: Path, asked: Sequence[str]) -> subprocess.Popen[str]:
    with (folder / "said.txt").open("a", encoding="utf-8") as said:
        command = [sys.executable, "-m", "keras_suite.experiments", *asked]
        return subprocess.Popen(command, cwd=folder, stdout=said, stderr=said, text=True)


def _kill(process: subprocess.Popen[str], chance: random.Random) -> str:
    """SIGKILL the command or one of its workers, if it has any yet."""
    workers = workers_of(process)
    if workers and chance.random() < 0.5:
        os.kill(chance.choice(workers).pid, signal.SIGKILL)
        return "worker"
    process.kill()
    process.wait()
    return "command"


def _note_memory(seen: Soak, command: str, process: subprocess.Popen[str], folder: Path) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        trials = ended(folder)
        named = [(command, psutil.Process(process.pid))]
        named += [(f"worker {worker.pid} of {command}", worker) for worker in workers_of(process)]
        with (folder / "memory.csv").open("a", encoding="utf-8") as file:
            for name, each in named:
                seen.memory[name].append((trials, each.memory_info().rss))
                file.write(f"{time.time():.0f},{name},{trials},{seen.memory[name][-1][1]}\n")


def _say(line: str) -> None:
    print(line, flush=True)
