"""The commands as functions, for scripts and notebooks: `run`, `tune` and `load`, and what they return.

from keras_suite.experiments import Config, Experiment, run, use

result = run(Experiment(Config(use("digits"), use("mlp"), epochs=3), {"base": {}, "wide": {"model.units": [64]}}),
             name="wider", seeds=6)
result.answer, result.table, result.runs, result.figures
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_suite.experiments.config import Experiment
from keras_suite.experiments.result import Result, load

if TYPE_CHECKING:
    from keras_suite.experiments.catalog import Entry
    from keras_suite.experiments.tuning.open_sweep import OpenSweep

INTERRUPTED = 130  # the exit code


def run(
    experiment: Experiment | str | Path,
    *,
    name: str = "",
    question: str = "",
    variants: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
    seeds: int | None = None,
    until_decided: bool = False,
    max_seeds: int | None = None,
    workers: int = 1,
    threads: int | None = None,
    devices: int | None = None,
    fresh: bool = False,
    runs_dir: str | Path = "runs",
    data_dir: str | Path | None = None,
    checkpoint_seconds: float = 30.0,
) -> Result:
    """Train an experiment's variants and compare them, as `keras-suite run` does; what is finished is left alone.

    Args:
        experiment: An Experiment, the name of one of the catalog, or the path of a file.
        name: Names the folder of an Experiment's runs; files and the catalog have a name.
        question: Stands above the report of an Experiment.
        variants: Those to run; all if empty.
        overrides: Of every variant, by path, for example {"epochs": 3}.
        seeds: Runs of each variant; None for the experiment's own number.
        until_decided: Whether seeds are added where the answer is open until it stands; `seeds` are the first look's.
        max_seeds: The most seeds of a variant then; None for 48.
        workers: Runs side by side, each in its own process.
        threads: TensorFlow's threads of each run; None for those of earlier runs, else as the command has it.
        devices: How many devices share every batch of a run; None for as many as earlier runs had, else one.
        fresh: Whether earlier runs are set aside first.
        runs_dir: The folder of the experiments' folders.
        data_dir: The folder of data sets; None for the environment's DATA_DIR, else Keras's own cache.
        checkpoint_seconds: The least time between two checkpoints.

    Raises:
        ValueError, OSError: With what is wrong, before anything trains.
        RuntimeError: If training could not go on, as with a full disk.
    """
    from keras_suite.experiments.commands import plan_run
    from keras_suite.experiments.commands import until_decided as rounds
    from keras_suite.experiments.scheduling.workers import Workers

    if max_seeds is not None and not until_decided:
        raise ValueError(f"max_seeds={max_seeds} is for until_decided=True: add that, or give seeds={max_seeds}")
    entry = _entry(experiment, name, question)
    request = plan_run.RunRequest(
        entry=entry,
        variants=tuple(variants),
        overrides=dict(overrides or {}),
        seeds=seeds,
        workers=Workers(workers),
        threads=threads,
        fresh=fresh,
        runs_dir=Path(runs_dir),
        data_dir=_data_dir(data_dir),
        command=_call(
            "run", experiment, name, seeds=seeds, variants=list(variants) or None, until_decided=until_decided
        ),
        checkpoint_seconds=checkpoint_seconds,
        devices=devices,
    )
    with _as_a_function():
        if until_decided:
            rounds.train_rounds(rounds.begin_rounds(request, max_seeds), request, max_seeds, debug=True)
        else:
            begun = plan_run.begin(request)
            plan_run.train(begun.plan, begun.workers, request.folder, begun.seconds)
    return load(request.folder)


def tune(
    experiment: Experiment | str | Path,
    space: Callable[[Any], Mapping[str, Any]] | None = None,
    *,
    trials: int,
    tuner: str | None = None,
    name: str = "",
    question: str = "",
    seeds: int | None = None,
    folds: int | None = None,
    objective: str | Sequence[str] | None = None,
    earlier: Sequence[str | Path] = (),
    tries: Sequence[Mapping[str, Any]] = (),
    workers: int = 1,
    threads: int | None = None,
    fresh: bool = False,
    runs_dir: str | Path = "runs",
    data_dir: str | Path | None = None,
) -> "OpenSweep":
    """Search for a better Config, as `keras-suite tune` does, and return the sweep: `frame()`, `best()`, models.

    Args:
        experiment: As for `run`.
        space: KerasTuner's hp to overrides of the base; None for the `space` of the experiment's file.
        trials: How many.
        tuner: bayesian, random, hyperband or grid; None for the one that suits the trials, or the sweep that is there.
        seeds: Runs of each trial; by default 1, or one for each fold.
        folds: In how many folds each trial is validated; None for the dataset's own validation images.
        objective: The metric of the history that is searched for, None for the task's own; a cost (parameters, seconds,
            latency); or one of each, for the front of trials that no other beats in both.
        earlier: Folders of sweeps whose trials are taken over, as `--from` does.
        tries: Trials to begin with, as `--try` does: values of hyperparameters by name, the others at their defaults.
        fresh: Whether the sweep that is there is set aside first.
        name, question, workers, threads, runs_dir, data_dir: As for `run`.

    Raises:
        ValueError, OSError: With what is wrong, before anything trains.
    """
    from keras_suite.experiments.commands.tune import search
    from keras_suite.experiments.scheduling.selection import seeds_of_folds
    from keras_suite.experiments.scheduling.workers import Workers
    from keras_suite.experiments.tuning.open_sweep import open_sweep

    entry = _entry(experiment, name, question)
    if space is not None:
        entry = replace(entry, space=_own_space(space))
    with _as_a_function():
        runs, folding = seeds_of_folds(seeds, folds)
        asked = (objective,) if isinstance(objective, str) else tuple(objective or ())
        _, request = search(
            entry,
            tuner=tuner,
            trials=trials,
            seeds=runs,
            overrides=folding,
            objectives=asked,
            earlier=tuple(map(Path, earlier)),
            tries=tuple(_typed(values) for values in tries),
            workers=Workers(workers),
            threads=threads,
            fresh=fresh,
            runs_dir=Path(runs_dir),
            data_dir=_data_dir(data_dir),
            command=_call(
                "tune",
                experiment,
                name,
                trials=trials,
                folds=folds,
                objective=objective and list(asked),
                earlier=list(map(str, earlier)),
                tries=list(map(dict, tries)),
            ),
        )
    return open_sweep(request.folder)


def _entry(experiment: Experiment | str | Path, name: str, question: str) -> "Entry":
    from keras_suite.experiments import catalog

    if not isinstance(experiment, Experiment):
        if name or question:
            raise ValueError("name and question are those of the file: give them with an Experiment only")
        return catalog.load(str(experiment))
    if not name:
        raise ValueError("an Experiment has no name: give one for the folder of its runs, name='my_question'")
    catalog.check_name(name, f"name={name!r}")
    return catalog.Entry(name, name, question, question, experiment.rooted(os.getcwd()), None, None, None)


def _call(function: str, experiment: Experiment | str | Path, name: str, **options: Any) -> str:
    """Return a call as a page shows it, in the place of a command."""
    first = [f"experiment, name={name!r}" if isinstance(experiment, Experiment) else repr(str(experiment))]
    return f"{function}({', '.join([*first, *(f'{key}={value}' for key, value in options.items() if value)])})"


def _typed(values: Mapping[str, Any]) -> str:
    """Return a trial as it is typed after `--try`."""
    if not isinstance(values, Mapping) or not values:
        raise ValueError(f"tries holds {values!r}: expected a dict of hyperparameters, as {{'learning_rate': 0.01}}")
    return ",".join(f"{name}={value}" for name, value in values.items())


def _own_space(space: Callable[[Any], Mapping[str, Any]]) -> Any:
    from keras_suite.experiments import catalog
    from keras_suite.experiments.foreign_code import ForeignFile

    code = getattr(space, "__code__", None)
    file = ForeignFile(Path(code.co_filename if code else "space").absolute())
    return file.function(space, *catalog.FUNCTIONS["space"])


@contextlib.contextmanager
def _as_a_function() -> Iterator[None]:
    """Raise Python's errors where a command would exit; what it printed says why."""
    import typer

    try:
        yield
    except typer.Exit as end:
        if end.exit_code == INTERRUPTED:
            raise KeyboardInterrupt from None
        raise RuntimeError("training could not go on: the line above says why") from None
    except RuntimeError as error:
        if "modified after" not in str(error):
            raise
        raise ValueError(
            "TensorFlow computes in this process already, with other threads or devices than the runs are to have, or "
            "with as many as it chose: restart the process, and call this before anything else uses TensorFlow"
        ) from None


def _data_dir(given: str | Path | None) -> Path | None:
    named = given if given is not None else os.environ.get("DATA_DIR")
    return Path(named) if named else None
