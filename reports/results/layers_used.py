"""Which layers of the runs' networks are hand-derived ones in the place of Keras's, and what was measured of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_suite.reports.run_directory import Run
from keras_suite.reports.run_directory.layer_choices import LayerChoice, in_words, read_choices
from keras_suite.tasks.wording.quantities import counted, listed


def layers_used(runs: Sequence[Run]) -> str:
    """Return what stands beside the runs' environment; "" where all have the layers that they always had."""
    of_folder: dict[Path, Sequence[LayerChoice] | str] = {}
    used = Counter(_of_run(run, of_folder) for run in runs)
    if {*used} <= {""}:
        return ""
    named = {what or "Keras's": count for what, count in used.items()}
    if len(named) == 1:
        return next(iter(named))
    return listed([f"{what} ({counted(count, 'run')})" for what, count in named.items()])


def _of_run(run: Run, of_folder: dict[Path, Sequence[LayerChoice] | str]) -> str:
    kinds = _kinds(run.config)
    folder = run.path.parent.parent
    if folder not in of_folder:
        of_folder[folder] = _choices(folder)
    choices = of_folder[folder]
    network = _network(run.config)
    choice = None if isinstance(choices, str) else next((each for each in choices if each.network == network), None)
    if choice is not None and choice.layers == kinds:
        return in_words(choice)
    damage = f" ({choices})" if isinstance(choices, str) else ""
    return f"hand-derived {listed(kinds)}{damage}" if kinds else ""


def _choices(folder: Path) -> Sequence[LayerChoice] | str:
    """Return the choices kept in an experiment's folder, or what is wrong with them."""
    try:
        return read_choices(folder)
    except (ValueError, OSError) as error:
        return str(error)


def _kinds(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the kinds of layers that a run's Config names; what an own network's option `layers` is, is not known."""
    model = config.get("model") or {}
    layers = (model.get("options") or {}).get("layers")
    named = isinstance(layers, list) and ":" not in str(model.get("name"))
    return tuple(map(str, layers)) if named and layers else ()


def _network(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a choice belongs to, as `LayerChoice.network` has it."""
    model = config.get("model") or {}
    options = {key: value for key, value in (model.get("options") or {}).items() if key != "layers"}
    return {**{key: config.get(key) for key in ("dataset", "batch_size")}, "model": {**model, "options": options}}
