"""Configs that ask for the fastest layers become Configs that name them, before anything is planned. No TensorFlow."""

import pickle
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from keras_suite.experiments.config import Config, Part, to_json
from keras_suite.experiments.own_parts.names import is_own
from keras_suite.experiments.training.job import RunOptions
from keras_suite.reports.run_directory.layer_choices import LayerChoice, in_words, read_choices
from keras_suite.tasks.wording.quantities import listed

FASTEST = "fastest"
_CHILD = "import sys; from keras_suite.experiments.fastest_layers.measuring import answer; answer(sys.argv[1])"
REQUEST, ANSWER = "request.pickle", "answer.pickle"


@dataclass(frozen=True)
class Chosen:
    """Configs that name their layers, and what has to be kept of how they came to that.

    Attributes:
        configs: By variant; those that did not ask are as they were.
        measured: What was measured now and is in no file yet.
        choices: What each variant that asked goes by.
    """

    configs: Mapping[str, Config]
    measured: tuple[LayerChoice, ...] = ()
    choices: Mapping[str, LayerChoice] | None = None

    @property
    def lines(self) -> list[str]:
        """A line on each choice."""
        of_choice: dict[str, list[str]] = {}
        for variant, choice in (self.choices or {}).items():
            of_choice.setdefault(in_words(choice), []).append(variant)
        several = len(of_choice) > 1
        return [f"Layers{f' of {listed(names)}' if several else ''}: {words}" for words, names in of_choice.items()]


def asks(config: Config) -> bool:
    """Return whether a Config asks for the fastest layers; what an own network's options mean is its own affair."""
    return config.model.options.get("layers") == FASTEST and not is_own(config.model.name)


def choose_layers(configs: Mapping[str, Config], folder: Path, options: RunOptions, fresh: bool = False) -> Chosen:
    """Return the Configs with the layers that are kept in the folder, or else measured now. Writes nothing.

    Args:
        configs: By variant.
        folder: Of the experiment, or of the sweep.
        options: What all runs have in common.
        fresh: Whether what the folder holds is to be set aside.

    Raises:
        ValueError, OSError: If a network cannot be measured, or the choices kept are damaged; or if a variant becomes
            the same as another.
    """
    asking = {name: config for name, config in configs.items() if asks(config)}
    if not asking:
        return Chosen(configs)
    for name, config in asking.items():
        _check(name, config)
    kept = () if fresh else read_choices(folder)
    networks = {name: network_of(config) for name, config in asking.items()}
    missing: list[Config] = []
    for name, config in asking.items():
        if networks[name] not in [each.network for each in kept] + [network_of(each) for each in missing]:
            missing.append(config)
    measured = measured_apart(missing, options) if missing else ()
    known = (*kept, *measured)
    choices = {name: next(each for each in known if each.network == network) for name, network in networks.items()}
    named = {name: with_choice(config, choices[name].layers) for name, config in asking.items()}
    result = {**configs, **named}
    _refuse_equal(result, named)
    return Chosen(result, measured, choices)


def network_of(config: Config) -> dict[str, Any]:
    """Return what a choice belongs to, as JSON: the network, and what decides on the shapes that it computes with."""
    parts = to_json(replace(config, model=_without(config.model)))
    return {key: parts[key] for key in ("model", "dataset", "batch_size")}


def with_choice(config: Config, layers: Sequence[str]) -> Config:
    """Return the Config with hand-derived layers of these kinds; without any it is one that never asked."""
    model = _without(config.model)
    return replace(config, model=Part(model.name, {**model.options, "layers": list(layers)}) if layers else model)


def measured_apart(configs: Sequence[Config], options: RunOptions) -> tuple[LayerChoice, ...]:
    """Measure each network in a process of its own, which alone computes: workers may still be forked from this one.

    Raises:
        ValueError: With the line that says why it could not be measured.
    """
    with tempfile.TemporaryDirectory() as folder:
        request, answer = Path(folder) / REQUEST, Path(folder) / ANSWER
        request.write_bytes(pickle.dumps((tuple(configs), options, list(sys.path))))
        done = subprocess.run([sys.executable, "-c", _CHILD, folder], capture_output=True, text=True, errors="replace")
        if not answer.exists():
            how = "was killed (out of memory?)" if done.returncode < 0 else f"failed: {_last_line(done.stderr)}"
            raise ValueError(
                f"measuring the layers of model {configs[0].model.name!r} {how}; give model.layers=[] for Keras's"
            )
        found = pickle.loads(answer.read_bytes())
    if isinstance(found, str):
        raise ValueError(found)
    return tuple(found)


def _without(model: Part) -> Part:
    return Part(model.name, {key: value for key, value in model.options.items() if key != "layers"})


def _check(name: str, config: Config) -> None:
    """Refuse what a whole network's training step in float32 does not stand for."""
    if config.phases:
        raise ValueError(
            f"variant {name!r}: model.layers=fastest measures networks that are trained as a whole, and this one has "
            "phases: give kinds of layers, or leave one of the two out"
        )
    if config.precision != "float32":
        raise ValueError(
            f"variant {name!r}: model.layers=fastest is for float32, and precision={config.precision}: leave one of "
            "the two out"
        )


def _refuse_equal(configs: Mapping[str, Config], named: Mapping[str, Config]) -> None:
    """Refuse a variant that the choice made the same as another: it would be compared with itself."""
    for name, config in named.items():
        same = next((other for other in configs if other != name and configs[other] == config), None)
        if same is not None:
            raise ValueError(
                f"variants {same!r} and {name!r} are the same now: no hand-derived layers of {name!r} were faster "
                "beyond doubt on this processor: leave it out, or give it kinds of layers"
            )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it ended without a word"
