"""The runs of an experiment on an MLflow server, as a table of scores."""

import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from keras_suite.reports.elsewhere.mlflow_server import asking, connect
from keras_suite.reports.elsewhere.scored_runs import Chosen, FoundRun, scored_table
from keras_suite.reports.elsewhere.table import Table
from keras_suite.reports.elsewhere.told import Told
from keras_suite.tasks.reading.text import shortened
from keras_suite.tasks.wording.quantities import counted, listed

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

# What `run --mlflow` calls its tags, so that its own runs need no options.
VARIANT, SEED, METRIC = "keras_suite.variant", "keras_suite.seed", "keras_suite.metric"
DIRECTION, UNIT, QUESTION = "keras_suite.direction", "keras_suite.unit", "keras_suite.question"
POSITION, AGAINST = "keras_suite.position", "keras_suite.against"  # among the variants; which others, as JSON
MOST_RUNS = 100_000
PAGE = 1_000  # runs of one request
FINISHED = "FINISHED"


def mlflow_table(uri: str, experiment: str, chosen: Chosen, told: Told, filter: str = "") -> tuple[Table, Told]:
    """Return the finished runs of an experiment, and what is told of their scores.

    Args:
        uri: The server's address.
        experiment: The experiment's name.
        chosen: Which parameters or tags are the variant and the seed, and which metric the score: its last value.
        told: What a user says of the scores.
        filter: Runs to take, in MLflow's own words: "params.optimizer = 'adam'".

    Raises:
        ValueError, OSError: With what is wrong, in one line.
    """
    client = connect(uri)
    source = f"MLflow experiment {shortened(experiment)}"
    found = _runs(client, uri, experiment, filter)
    if not found:
        which = f"no run that {filter!r} takes" if filter else "no run"
        raise ValueError(f"{source} has {which}")
    _require_finished(source, found)
    if not all({VARIANT, SEED, METRIC} <= {*run.data.tags} for run in found):
        return scored_table(source, [_found(run) for run in found], chosen, told)
    found = _in_order(found)
    by, told = _of_own(source, found, chosen, told)
    table, told = scored_table(source, [_found(run) for run in found], by, told)
    return (table if chosen.variant else dataclasses.replace(table, against=_pairs(source, found))), told


def _runs(client: "MlflowClient", uri: str, experiment: str, filter: str) -> list[Any]:
    """Return all runs that are not deleted and that the filter takes, those that began first first."""
    with asking(uri):
        known = client.get_experiment_by_name(experiment)
        if known is None or known.lifecycle_stage != "active":
            there = [each.name for each in client.search_experiments(max_results=PAGE)]
            named = listed([shortened(name) for name in there[:8]]) + (" and others" if len(there) > 8 else "")
            raise ValueError(f"{uri} has no experiment {shortened(experiment)}: expected one of {named}")
        found: list[Any] = []
        token: str | None = None
        while len(found) < MOST_RUNS:
            page = client.search_runs(
                [known.experiment_id],
                filter,
                max_results=PAGE,
                order_by=["attributes.start_time ASC"],
                page_token=token,
            )
            found += page
            token = page.token
            if not token:
                return found
    raise ValueError(
        f"MLflow experiment {shortened(experiment)} has more than {MOST_RUNS:,} runs: choose with --filter"
    )


def _require_finished(source: str, runs: Sequence[Any]) -> None:
    others = [run for run in runs if run.info.status != FINISHED]
    if others:
        counts = Counter(run.info.status.lower() for run in others)
        kinds = listed([f"{count} {status}" for status, count in counts.items()])
        raise ValueError(
            f"{source}: {counted(len(others), 'run')} did not finish ({kinds}; {_name(others[0])}): wait for them, "
            f"delete them, or leave them out with --filter \"attributes.status = '{FINISHED}'\""
        )


def _of_own(source: str, runs: Sequence[Any], chosen: Chosen, told: Told) -> tuple[Chosen, Told]:
    """Return what is compared, and what is told, with what the tags say of runs that the suite logged."""
    chosen = Chosen(chosen.variant or (VARIANT,), chosen.seed or SEED, chosen.metric)
    tags = runs[0].data.tags
    told = dataclasses.replace(told, question=told.question or tags.get(QUESTION) or None)
    if chosen.metric is not None:
        return chosen, told
    metrics = {run.data.tags[METRIC] for run in runs}
    if len(metrics) > 1:
        raise ValueError(f"{source}: its runs have several scores ({listed(sorted(metrics))}): name one with --metric")
    direction: Literal["max", "min"] = "min" if tags.get(DIRECTION) == "min" else "max"
    return dataclasses.replace(chosen, metric=metrics.pop()), dataclasses.replace(
        told, direction=told.direction or direction, unit=told.unit or tags.get(UNIT) or None
    )


def _in_order(runs: list[Any]) -> list[Any]:
    """Return the runs that the suite logged in its experiment's order of variants: they may have begun in any."""
    positions = [run.data.tags.get(POSITION, "") for run in runs]
    if not all(text.isdecimal() for text in positions):
        return runs  # logged before positions were
    return [run for _, run in sorted(zip(positions, runs, strict=True), key=lambda each: int(each[0]))]


def _pairs(source: str, runs: Sequence[Any]) -> tuple[str, ...]:
    """Return the pairs that the experiment compares, as "variant=other"; none for each variant with the first."""
    of = dict.fromkeys((run.data.tags[VARIANT], run.data.tags[AGAINST]) for run in runs if AGAINST in run.data.tags)
    try:
        named = [(variant, json.loads(text)) for variant, text in of]
    except ValueError:
        named = [("", None)]
    if not all(isinstance(others, list) and all(isinstance(each, str) for each in others) for _, others in named):
        raise ValueError(f"{source}: a tag {AGAINST} was edited: name the pairs with --against A=B")
    return tuple(f"{variant}={other}" for variant, others in named for other in others)


def _found(run: Any) -> FoundRun:
    """Return a run with its parameters and tags; MLflow's own tags name nothing of the user's."""
    tags = {name: value for name, value in run.data.tags.items() if not name.startswith("mlflow.")}
    return FoundRun(_name(run), dict(run.data.params), dict(run.data.metrics), tags)


def _name(run: Any) -> str:
    return f"{shortened(run.info.run_name or 'unnamed')} ({run.info.run_id[:8]})"
