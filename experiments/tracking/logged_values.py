"""What of a run directory a tracker is told: parameters, the metrics of each epoch and of the test images, and tags."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keras_suite.reports.elsewhere import mlflow_runs as tags
from keras_suite.reports.elsewhere.told import SHARE
from keras_suite.reports.results.run_numbers import task_of_run
from keras_suite.reports.run_directory import Run
from keras_suite.tasks.wording.shown import one_line

LONGEST, LONGEST_TAG = 500, 5_000  # letters of a parameter, of a tag; servers of before take no more
KEY, EXPERIMENT, IDENTITY = "keras_suite.run", "keras_suite.experiment", "keras_suite.identity"
COMMIT, ERROR = "keras_suite.commit", "keras_suite.error"
NO_METRICS = ("epoch", "phase")
OF_RUN = ("epochs", "best_epoch", "parameters", "train_seconds")


@dataclass(frozen=True)
class Value:
    """A metric's value, with the epoch and the time in milliseconds that it is of: the same whenever it is logged."""

    name: str
    value: float
    step: int
    timestamp: int


@dataclass(frozen=True)
class Asked:
    """What the experiment asks, which no run's directory knows.

    Attributes:
        question: What its variants are compared for.
        variants: In its order, the baseline first.
        against: The pairs that it compares, as "variant=other"; none for each variant with the baseline.
    """

    question: str = ""
    variants: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


NOTHING = Asked()


@dataclass(frozen=True)
class Logged:
    """What is logged of a run.

    Attributes:
        key: Tells the run from all others, and from the same one trained anew.
        name: As its directory is called, "wide/seed-1".
        begun: When, in milliseconds.
        ended: The same.
        finished: Whether it was completed; else it failed.
    """

    key: str
    name: str
    begun: int
    ended: int
    finished: bool
    parameters: Mapping[str, str]
    values: tuple[Value, ...]
    tags: Mapping[str, str]


def logged(run: Run, asked: Asked = NOTHING) -> Logged:
    """Return what is logged of a run that was completed or failed."""
    record, begun = run.record, _milliseconds(run.record["started"])
    epochs = _epochs(run, begun)
    ended = begun + round(1000 * float(record.get("seconds") or 0))
    ended = max([ended, *(value.timestamp for value in epochs)])
    metric = task_of_run(run).score
    told = {
        KEY: _key(run),
        EXPERIMENT: run.experiment,
        tags.VARIANT: run.variant,
        tags.SEED: str(run.seed),
        IDENTITY: record["identity"],
        tags.METRIC: f"test_{metric.key}",
        tags.DIRECTION: metric.direction,
        tags.UNIT: SHARE if metric.scale == 100 else metric.unit.strip(),
        tags.QUESTION: asked.question,
        tags.POSITION: str(asked.variants.index(run.variant)) if run.variant in asked.variants else "",
        tags.AGAINST: _others(run.variant, asked.against),
        COMMIT: (record.get("commit") or "") + (" with uncommitted changes" if record.get("dirty") else ""),
        ERROR: one_line(str((record.get("error") or {}).get("message") or "")),
    }
    return Logged(
        key=told[KEY],
        name=f"{run.variant}/seed-{run.seed}",
        begun=begun,
        ended=ended,
        finished=run.status == "completed",
        parameters={"seed": str(run.seed), **_flat(run.config)},
        values=(*epochs, *_last(run, ended)),
        tags={name: text[:LONGEST_TAG] for name, text in told.items() if text},
    )


def _others(variant: str, against: tuple[str, ...]) -> str:
    """Return the variants that this one is compared with, as JSON; "" for none, and for more than a tag holds."""
    others = [pair.partition("=")[2] for pair in against if pair.partition("=")[0] == variant]
    text = json.dumps(others) if others else ""
    return text if len(text) <= LONGEST_TAG else ""


def _key(run: Run) -> str:
    about = (run.experiment, run.variant, run.record["identity"], run.seed, run.record["started"])
    return hashlib.sha256("\n".join(map(str, about)).encode()).hexdigest()[:32]


def _milliseconds(time: str) -> int:
    return round(1000 * datetime.fromisoformat(time).timestamp())


def _epochs(run: Run, begun: int) -> list[Value]:
    """Return the values of history.csv, at the times that its epochs took."""
    values, elapsed = [], 0.0
    for epoch, row in enumerate(run.history, 1):
        elapsed += row.get("seconds", 0.0)
        time = begun + round(1000 * elapsed)
        values += [Value(name, value, epoch, time) for name, value in row.items() if name not in NO_METRICS]
    return values


def _last(run: Run, time: int) -> list[Value]:
    """Return what was measured once: the scores of the test images, and what the run took."""
    metrics = run.metrics or {}
    found = {f"test_{name}": value for name, value in (metrics.get("test") or {}).items()}
    found |= {name: metrics[name] for name in OF_RUN if name in metrics}
    step = len(run.history)
    return [
        Value(name, float(value), step, time)
        for name, value in found.items()
        if isinstance(value, int | float) and not math.isnan(value)
    ]


def _flat(config: Mapping[str, Any]) -> dict[str, str]:
    """Return a Config's settings by path, as `--set` names them: {"model": "mlp", "model.units": "[8]"}."""
    found: dict[str, str] = {}
    for name, value in config.items():
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, Mapping) and "name" in part for part in parts):
            found[name] = str(value)
            continue
        for number, part in enumerate(parts):
            path = f"{name}.{number}" if isinstance(value, list) else name
            found[path] = str(part["name"])
            found |= {f"{path}.{option}": str(setting) for option, setting in (part.get("options") or {}).items()}
    return {name: text[:LONGEST] for name, text in found.items() if text not in ("", "[]")}
