"""What a command selects: the Configs of an experiment's variants under --set, the variants, seeds and threads."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_suite.experiments import registry
from keras_suite.experiments.config import LIST_FIELDS, PART_FIELDS, Config, Experiment, override
from keras_suite.experiments.own_parts.names import is_own, short
from keras_suite.reports import run_directory
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.shown import shown

SMOKE = {"epochs": 1, "dataset.limit": 200, "dataset.test_limit": 100}


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """Parse `--set key=value` pairs; values are JSON where they are JSON, else text."""
    parsed: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise ValueError(f"--set {shown(setting)} is no setting: write key=value, for example --set epochs=3")
        parsed[key] = _value(key, value)
        if key.endswith(".name") or key in PART_FIELDS:
            parsed[key] = _from_here(parsed[key])
    return parsed


def _from_here(name: Any) -> Any:
    """Return an own part's name with the absolute path of its file, where that was typed as seen from this folder."""
    if not isinstance(name, str) or not is_own(name):
        return name
    place, _, function = name.rpartition(":")
    return f"{Path(place).absolute().as_posix()}:{function}" if place.endswith(".py") and Path(place).exists() else name


def _value(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
    except RecursionError:
        raise ValueError(f"--set {key}=… holds lists that are nested too deeply: flatten them") from None
    except ValueError:  # more digits than Python converts
        raise ValueError(f"--set {key}={shown(text)} is a number of {len(text):,} digits: give a smaller one") from None


def configs(experiment: Experiment, settings: Mapping[str, Any], smoke: bool = False) -> dict[str, Config]:
    """Return each variant's Config under `--set`.

    The base is changed, then the variant, where it replaced what was set. An option of a callback or phase is set in
    the variants that have it.

    Raises:
        ValueError: If a setting leads nowhere, or to a callback or phase that no variant has; or if two variants are
            the same.
    """
    settings = {**(_smoke(experiment) if smoke else {}), **settings}
    base, _ = _set(experiment.base, settings)
    experiment = dataclasses.replace(experiment, base=base)
    changed: dict[str, Config] = {}
    missed: dict[str, list[ValueError]] = {}
    for name in experiment.variants:
        changed[name], misses = _set(experiment.config(name), settings)
        for key, error in misses.items():
            missed.setdefault(key, []).append(error)
    for errors in missed.values():
        if len(errors) == len(changed):
            raise errors[0]
    for config in changed.values():
        registry.check_names(config)
    if not smoke:  # variants that differ in the number of images only are the same in a smoke run
        _refuse_equal(changed)
    return changed


def _smoke(experiment: Experiment) -> dict[str, Any]:
    phases = {short(part.name) for name in experiment.variants for part in experiment.config(name).phases}
    return {**SMOKE, **{f"phases.{name}.epochs": 1 for name in phases}}


def _set(config: Config, settings: Mapping[str, Any]) -> tuple[Config, dict[str, ValueError]]:
    """Return the Config with these settings, and by key the errors of those that lead to no callback or phase of it."""
    missed: dict[str, ValueError] = {}
    possible = dict(settings)
    for key, value in settings.items():
        try:
            override(config, {**_whole_parts(settings), key: value})
        except ValueError as error:
            if not key.startswith(tuple(f"{name}." for name in LIST_FIELDS)):
                raise
            missed[key] = error
            del possible[key]
    return override(config, possible), missed


def _whole_parts(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that replace or rename a part; whether the options of the others exist depends on them."""
    return {key: value for key, value in settings.items() if "." not in key or key.endswith(".name")}


def _refuse_equal(variants: Mapping[str, Config]) -> None:
    """Refuse variants that are the same: compared with themselves, they would turn out equivalent."""
    first: dict[Config, str] = {}
    for name, config in variants.items():
        if first.setdefault(config, name) != name:
            raise ValueError(
                f"variants {first[config]!r} and {name!r} are the same Config: let them differ in something, and do "
                "not --set what they differ in"
            )


def chosen_variants(experiment: Experiment, variants: Sequence[str]) -> list[str]:
    """Return the variants to run: those named, or all."""
    for name in variants:
        if name not in experiment.variants:
            raise ValueError(unknown("variant", name, experiment.variants))
    return [name for name in experiment.variants if not variants or name in variants]


def seed_count(configs: Mapping[str, Config], requested: int | None, default: int) -> int:
    """Return how many runs each variant gets: as requested, else `default`; with K folds a multiple of K, else K."""
    folds = {_folds(config) for config in configs.values()}
    if len(folds) > 1:
        raise ValueError("some variants have dataset.folds and others another or none: give all of them the same")
    count = folds.pop()
    return requested or default if count is None else _of_all_folds(requested, count)


def seeds_of_folds(seeds: int | None, folds: int | None) -> tuple[int, dict[str, Any]]:
    """Return how many runs each trial gets, and what `--folds` overrides of the base.

    Raises:
        ValueError: If the seeds would leave some folds out.
    """
    if folds is None:
        return seeds or 1, {}
    return _of_all_folds(seeds, folds), {"dataset.validation_folds": folds}


def _of_all_folds(requested: int | None, folds: int) -> int:
    """Return how many runs cover all folds; ValueError where those requested leave some out."""
    if requested is not None and requested % folds:
        raise ValueError(
            f"--seeds {requested} with {folds} folds would leave some folds out: give a multiple of {folds}, each "
            f"further {folds} for another partition"
        )
    return requested or folds


def _folds(config: Config) -> int | None:
    folds = config.dataset.options.get("folds")
    if folds is None or (isinstance(folds, int) and not isinstance(folds, bool) and folds >= 2):
        return folds
    raise ValueError(f"dataset.folds={shown(folds)} is not possible: expected a whole number from 2 up")


def thread_count(folder: Path, requested: int | None, default: int, fresh: bool = False) -> int:
    """Return the threads of the experiment's runs so far (not if `fresh`), else those requested, else `default`.

    Weights are bit-identical at an equal count only, so an experiment that grows keeps its count.
    """
    used = set() if fresh else run_directory.recorded_threads(folder)
    return _kept_count(folder, "thread", used, requested) or default


def device_count(folder: Path, requested: int | None, fresh: bool = False) -> int:
    """Return on how many devices each run is trained: as those so far (not if `fresh`), else as requested, else one."""
    used = set() if fresh else run_directory.recorded_devices(folder)
    return _kept_count(folder, "device", used, requested) or 1


def _kept_count(folder: Path, what: str, used: set[int], requested: int | None) -> int | None:
    """Return the largest count that runs used so far, else the one requested; ValueError if that is another one."""
    if not used:
        return requested
    if requested is not None and used != {requested}:
        so_far = " and ".join(map(str, sorted(used)))
        raise ValueError(
            f"the runs in {folder} used {so_far} {what if used == {1} else f'{what}s'}, and runs with --{what}s "
            f"{requested} could not be compared with them: leave --{what}s out, or start anew with --fresh"
        )
    return max(used)
