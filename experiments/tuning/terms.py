"""What must stay as it was for a sweep to go on: with anything else it would be another sweep."""

from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

from keras_suite.experiments.training import runtime

_WORDS = {
    "data": "data",
    "base": "base Config",
    "space": "space",
    "versions": "versions",
    "seed": "--seed",
    "seeds": "--seeds",
    "tuner": "--tuner",
    "objective": "--objective",
    "threads": "--threads",
    "max_epochs": "--max-epochs",
    "iterations": "--iterations",
    "points": "--max-points",
}


@dataclass(frozen=True)
class Terms:
    """All that decides which trials a sweep proposes and what they score; JSON values throughout.

    `base` and `space` are described as JSON, `data` is the content's fingerprint.
    """

    tuner: str
    objective: str
    seed: int
    seeds: int
    threads: int
    space: list[dict[str, Any]]
    base: dict[str, Any]
    data: str
    versions: dict[str, str]
    max_epochs: int | None = None
    iterations: int | None = None
    points: int | None = None


def to_json(terms: Terms) -> dict[str, Any]:
    """The terms as the journal's first line holds them."""
    return asdict(terms)


def versions() -> dict[str, str]:
    """The versions that trials and proposals depend on."""
    return {**runtime.versions(), **{name: metadata.version(name) for name in ("keras-tuner", "scikit-learn", "scipy")}}


def refuse_other_terms(before: dict[str, Any], now: dict[str, Any], folder: object) -> None:
    """ValueError that says in what a sweep that is there differs from the one that is asked for."""
    differing = [_difference(key, before.get(key), now[key]) for key in now if before.get(key) != now[key]]
    if differing:
        raise ValueError(
            f"the sweep in {folder} was begun otherwise ({'; '.join(differing)}): restore that, or set it aside and "
            "start another one with --fresh"
        )


def _difference(key: str, before: Any, now: Any) -> str:
    if key == "space":
        names = sorted(_differing(_by_name(before), _by_name(now)))
        return f"another space: {', '.join(names) or 'another order'}"
    if isinstance(now, dict) and isinstance(before, dict):
        return f"another {_WORDS[key]}: " + ", ".join(
            f"{name} was {before.get(name)}, is {now.get(name)}" for name in sorted(_differing(before, now))
        )
    return f"{_WORDS[key]} was {before}, is {now}"


def _by_name(space: Any) -> dict[str, Any]:
    return {each["config"]["name"]: each for each in space or []}


def _differing(before: dict[str, Any], now: dict[str, Any]) -> set[str]:
    return {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}
