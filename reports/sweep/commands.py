"""The commands that repeat a sweep, go on with it, and train what it found."""

import json
import shlex

from keras_suite.reports.sweep.confirmation import Confirmation
from keras_suite.reports.sweep.reading import Sweep, Trial

CONFIRM = 3


def whole_command(sweep: Sweep, confirmation: Confirmation | None) -> str:
    """Return the command that repeats all that was done: as many trials as there came to be, and their confirmation."""
    typed = confirmation.numbers.command if confirmation is not None else sweep.command
    words = [word for word in _words(sweep, typed) if word != "--fresh"]
    if sweep.planned is not None and sweep.tuner in ("random", "bayesian"):
        words = _with(words, "--trials", str(sweep.planned))
    return shlex.join(words)


def next_command(sweep: Sweep, confirmation: Confirmation | None) -> tuple[str, str] | None:
    """(command, what it does): goes on with an unfinished sweep, or confirms the best of a finished one."""
    best = next(iter(sweep.best()), None)
    if not sweep.finished:
        return whole_command(sweep, confirmation), "goes on from where it stopped"
    if confirmation is not None or best is None:
        return None
    return f"{whole_command(sweep, None)} --confirm {CONFIRM}", "trains the best and the base on fresh seeds"


def training_command(sweep: Sweep, trial: Trial) -> str:
    """Return the command that trains a trial's settings as a run of its own, and scores the test set."""
    words = _words(sweep, sweep.command)
    name = words[words.index("tune") + 1] if "tune" in words[:-1] else sweep.experiment
    most = {"epochs": sweep.terms["max_epochs"]} if sweep.terms.get("max_epochs") else {}
    given = {**most, **trial.overrides}
    asked = [word for key, value in given.items() for word in ("--set", f"{key}={_typed(value)}")]
    kept = [word for k in range(len(words) - 1) if words[k] == "--set" for word in words[k : k + 2]]
    threads = ["--threads", str(sweep.terms["threads"])] if sweep.terms.get("threads") else []
    return shlex.join(["keras-suite", "run", name, *threads, *kept, *asked])


def _words(sweep: Sweep, command: str) -> list[str]:
    return shlex.split(command) or ["keras-suite", "tune", sweep.experiment, "--tuner", sweep.tuner]


def _with(words: list[str], option: str, value: str) -> list[str]:
    """Return the words with this option at this value, where it stood or at the end."""
    if option in words:
        place = words.index(option)
        return [*words[: place + 1], value, *words[place + 2 :]]
    if any(word.startswith(f"{option}=") for word in words):
        return [f"{option}={value}" if word.startswith(f"{option}=") else word for word in words]
    return [*words, option, value]


def _typed(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
