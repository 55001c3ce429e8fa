"""Which layers of an experiment's networks are hand-derived ones: layers.json, measured once and never again.

Runs of one experiment may be trained on several days and machines, and a choice that was measured anew could be another
one. So it is kept beside the runs, one entry for each network, and whoever plans runs takes it from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_suite.reports.run_directory.checking import NUMBER, Fields, check_fields
from keras_suite.tasks.files.damaged import DamagedFile
from keras_suite.tasks.files.sealed_json import read_sealed, write_sealed
from keras_suite.tasks.wording.quantities import counted, listed

CHOICES = "layers.json"
MEND = (
    "restore it from a copy, or --set model.layers to the kinds that config.json of a run names, or start anew with "
    "--fresh, which measures again"
)
_FILE: Fields = {"networks": list}
_CHOICE: Fields = {
    "network": dict,
    "layers": list,
    "ratios": list,
    "processor": str,
    "threads": int,
    "versions": dict,
}
_RATIO: Fields = {"layers": list, "median": NUMBER, "low": NUMBER, "high": NUMBER, "pairs": int}


@dataclass(frozen=True)
class TimeRatio:
    """The time of a training step with hand-derived layers of these kinds, as a part of that with Keras's.

    Attributes:
        layers: The kinds.
        median: Of the ratios of steps that were timed in turn.
        low, high: Its 95 % interval.
        pairs: How many such ratios.
    """

    layers: tuple[str, ...]
    median: float
    low: float
    high: float
    pairs: int


@dataclass(frozen=True)
class LayerChoice:
    """What was measured of a network, and what follows.

    Attributes:
        network: What tells it from others: parts of its Config as JSON.
        layers: The kinds of layers that are hand-derived ones from now on.
        ratios: All that was measured.
        processor: Of the machine that measured.
        threads: TensorFlow's.
        versions: By package.
    """

    network: Mapping[str, Any]
    layers: tuple[str, ...]
    ratios: tuple[TimeRatio, ...]
    processor: str
    threads: int
    versions: Mapping[str, str]

    @property
    def chosen(self) -> TimeRatio | None:
        """What was measured of the kinds that were chosen; None where none were."""
        return next((ratio for ratio in self.ratios if self.layers and ratio.layers == self.layers), None)


def in_words(choice: LayerChoice) -> str:
    """Return what was chosen and measured, in a line."""
    on = f"measured once on {choice.processor} with {counted(choice.threads, 'thread')}"
    ratio = choice.chosen
    if ratio is None:
        return f"Keras's: no hand-derived ones were faster beyond doubt ({on})"
    return (
        f"hand-derived {listed(choice.layers)}: a training step takes {ratio.median:.2f} of the time that it takes "
        f"with Keras's (95 % interval {ratio.low:.2f} to {ratio.high:.2f}, {counted(ratio.pairs, 'pair')}, {on})"
    )


def read_choices(folder: Path) -> tuple[LayerChoice, ...]:
    """Return the choices kept in the folder of an experiment or sweep, none where there is no such file.

    Raises:
        DamagedFile: If it is damaged: measured anew, the runs to come might differ from those that are there.
        NewerSchema: If a newer version of the suite wrote it.
    """
    path = folder / CHOICES
    if not path.exists():
        return ()
    content = read_sealed(path, MEND)
    check_fields(path, content, _FILE, MEND)
    return tuple(_choice(path, each) for each in content["networks"])


def keep_choices(folder: Path, measured: Sequence[LayerChoice]) -> None:
    """Add what was measured to the choices kept in a folder, which the caller has locked.

    Raises:
        ValueError: If another command has measured one of the networks meanwhile, and chosen otherwise.
    """
    if not measured:
        return
    kept = list(read_choices(folder))
    for choice in measured:
        before = next((each for each in kept if each.network == choice.network), None)
        if before is None:
            kept.append(choice)
        elif before.layers != choice.layers:
            raise ValueError(
                f"another command has measured the layers of {folder} meanwhile, and chosen others: run the same "
                "command again, which takes those"
            )
    write_sealed(folder / CHOICES, {"networks": [_to_json(each) for each in kept]})


def _to_json(choice: LayerChoice) -> dict[str, Any]:
    ratios = [{**vars(each), "layers": list(each.layers)} for each in choice.ratios]
    return {**vars(choice), "layers": list(choice.layers), "ratios": ratios}


def _choice(path: Path, found: Any) -> LayerChoice:
    check_fields(path, found, _CHOICE, MEND)
    for each in found["ratios"]:
        check_fields(path, each, _RATIO, MEND)
    if not all(isinstance(kind, str) for kind in found["layers"]):
        raise DamagedFile(f"{path} is damaged: its layers are no names", MEND)
    ratios = tuple(
        TimeRatio(tuple(each["layers"]), each["median"], each["low"], each["high"], each["pairs"])
        for each in found["ratios"]
    )
    return LayerChoice(
        network=found["network"],
        layers=tuple(found["layers"]),
        ratios=ratios,
        processor=found["processor"],
        threads=found["threads"],
        versions=found["versions"],
    )
