"""Sweeps' folders: journals as `tune` writes them, and run directories of real classifiers for some of their trials."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.reports.sweep.reading import Sweep, read_sweep
from tests.reports.conftest import run_record, write_run


def number(
    name: str, low: float, high: float, sampling: str = "linear", conditions: Sequence[Any] = ()
) -> dict[str, Any]:
    """A hyperparameter as KerasTuner describes it."""
    config = {"name": name, "default": None, "conditions": list(conditions), "min_value": low, "max_value": high}
    return {"class_name": "Float", "config": {**config, "step": None, "sampling": sampling}}


def choice(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """One of some values."""
    return {
        "class_name": "Choice",
        "config": {"name": name, "default": values[0], "conditions": [], "values": list(values), "ordered": False},
    }


IF_MOMENTUM = {"class_name": "Parent", "config": {"name": "optimizer", "values": ["momentum"]}}
SPACE = [
    number("learning_rate", 1e-4, 1e-1, "log"),
    choice("optimizer", ["adam", "momentum"]),
    number("momentum", 0.5, 0.99, conditions=[IF_MOMENTUM]),
    choice("batch_size", [16, 32, 64]),
]


def drawn(number: int) -> dict[str, Any]:
    """The values of a trial of random search."""
    random = np.random.default_rng(number)
    values = {
        "learning_rate": float(10 ** random.uniform(-4, -1)),
        "optimizer": str(random.choice(["adam", "momentum"])),
        "batch_size": int(random.choice([16, 32, 64])),
    }
    return values | ({"momentum": float(random.uniform(0.5, 0.99))} if values["optimizer"] == "momentum" else {})


def score_of(values: Mapping[str, Any], seed: int = 1) -> float:
    """Best at a learning rate of 0.01, whatever else; the seeds scatter."""
    far = math.log10(values["learning_rate"]) + 2
    return 0.9 - 0.15 * far**2 + 0.01 * math.sin(7 * seed + 1000 * values["learning_rate"])


MakeSweep = Callable[..., Sweep]


def write_events(folder: Path, events: Sequence[Mapping[str, Any]]) -> Path:
    """A journal of these events."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "journal.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    return path


@pytest.fixture
def make_sweep(tmp_path: Path) -> MakeSweep:
    """make_sweep(trials=20, ...) writes a sweep's folder and reads it back."""
    return sweeps_in(tmp_path)


def sweeps_in(parent: Path) -> MakeSweep:
    """Makes sweeps in the runs folder of `parent`."""

    def make(
        trials: int = 20,
        *,
        tuner: str = "random",
        seeds: int = 1,
        objective: str = "val_accuracy",
        failed: Mapping[int, str] | None = None,
        running: int = 0,
        values: Sequence[Mapping[str, Any]] | None = None,
        scores: Mapping[int, float] | None = None,
        base: float | None = 0.8,
        planned: int | None = None,
        state: str = "done",
        space: Sequence[Mapping[str, Any]] = SPACE,
        with_runs: bool = False,
        costs: Mapping[int | None, float] | None = None,
        name: str = "digits_tuning",
        **terms: Any,
    ) -> Sweep:
        folder = parent / "runs" / f"{name}.tune" / tuner
        given = values if values is not None else [drawn(k) for k in range(trials)]
        told = {"tuner": tuner, "objective": objective, "seed": 1, "seeds": seeds, "threads": 1, "space": list(space)}
        events: list[dict[str, Any]] = [
            {
                "event": "begun",
                "terms": {**told, "versions": {"keras-tuner": "1.4.8"}, **terms},
                "question": "Which settings read <b>digits</b> best?",
                "command": f"keras-suite tune {name} --trials {len(given)} --threads 1",
            }
        ]
        if base is not None:
            events.append(_ended(folder, None, {s: base for s in range(1, seeds + 1)}, "", with_runs))
        for k, own in enumerate(given):
            overrides = {"optimizer.learning_rate": own["learning_rate"]}
            events.append({"event": "created", "trial": k, "values": dict(own), "overrides": overrides})
            if k >= len(given) - running:
                continue
            reason = (failed or {}).get(k, "")
            of_seed = {s: (scores or {}).get(k, score_of(own, s)) for s in range(1, seeds + 1)}
            events.append(_ended(folder, k, of_seed, reason, with_runs))
        for event in events if costs else []:
            if event["event"] == "ended" and costs and event["trial"] in costs:
                event["cost"] = costs[event["trial"]]
                event["runs"] = [{**each, "cost": event["cost"]} for each in event["runs"]]
        write_events(folder, events)
        done = len(given) - running - len(failed or {})
        status = {
            "state": state,
            "planned": planned if planned is not None else len(given),
            "completed": done,
            "failed": len(failed or {}),
        }
        (folder / "status.json").write_text(json.dumps(status), encoding="utf-8")
        return read_sweep(folder)

    return make


def _ended(
    folder: Path, trial: int | None, scores: Mapping[int, float], reason: str, with_runs: bool
) -> dict[str, Any]:
    name = "base" if trial is None else f"trial-{trial:04d}"
    runs = []
    for seed, score in scores.items():
        directory = f"{name}-01234567/seed-{seed}"
        if with_runs:
            write_run(folder, f"{name}-01234567", _record(name, seed, reason), c=0.01)
        own = {"seed": seed, "score": None if reason else score, "reason": reason, "epochs": 5, "seconds": 2.0}
        runs.append({**own, "directory": directory})
    mean = None if reason else float(np.mean(list(scores.values())))
    return {"event": "ended", "trial": trial, "score": mean, "reason": reason, "runs": runs}


def _record(name: str, seed: int, reason: str) -> dict[str, Any]:
    failed = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": reason}} if reason else {}
    return run_record("digits_tuning.tune/random", name, seed, **failed)
