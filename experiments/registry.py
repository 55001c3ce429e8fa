"""The component registry: from a part's name to the function that builds it, and a Config with all options resolved.

A builder takes its context first (positional only) and its options as keyword-only parameters with annotations and
defaults, or as the TypedDict of a group of options that several builders share: `**shared: Unpack[SplitOptions]`, with
the defaults in its fields. Those annotations are what is checked, so an option is declared in one place.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

import pydantic

from keras_suite.callbacks import CALLBACKS
from keras_suite.callbacks.monitor import also_measured
from keras_suite.data_pipeline import AUGMENTATIONS, DATASETS
from keras_suite.experiments.config import LIST_FIELDS, PART_FIELDS, Config, Part, to_json
from keras_suite.experiments.config.part import instead_of_none
from keras_suite.experiments.own_parts.metrics import ON_REQUEST, check_metric_names, further_metrics
from keras_suite.experiments.own_parts.names import is_own, listed_as, short
from keras_suite.experiments.own_parts.options import signature_of
from keras_suite.experiments.own_parts.parts import OwnPart, locate
from keras_suite.models import LOSSES, NETWORKS, OPTIMIZERS, PHASES, SCHEDULES
from keras_suite.tasks import training_metrics
from keras_suite.tasks.task import Metric, load
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.shown import shown

TABLES: dict[str, Mapping[str, str]] = {
    "dataset": DATASETS,
    "model": NETWORKS,
    "augmentation": AUGMENTATIONS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "callbacks": CALLBACKS,
    "phases": PHASES,
    "metrics": {name: metric.keras for name, metric in ON_REQUEST.items()},  # a task measures others anyway
}
ONE_OF = {"callbacks": "callback", "phases": "phase", "metrics": "metric"}


def check_name(kind: str, part: Part, root: str = "") -> None:
    """Raise ValueError if no such part exists. Imports nothing, so the answer comes at once.

    Args:
        kind: The field of the Config that the part stands in.
        part: The part.
        root: The folder that the files of own parts are named from.
    """
    if is_own(part.name):
        locate(part.name, root)
    elif kind == "metrics" and part.name in training_metrics() and part.name not in ON_REQUEST:
        raise ValueError(
            f"metrics names {shown(part.name)}: the task's metrics are measured anyway; give a function or class of "
            "your own, use(my_metric, direction='max')"
        )
    elif part.name not in TABLES[kind]:
        own = "; or give your own, use(my_metric, direction='max')" if kind == "metrics" else ""
        raise ValueError(
            unknown(ONE_OF.get(kind, kind), part.name, TABLES[kind]) + own + instead_of_none(kind, part.name)
        )


def check_names(config: Config) -> None:
    """Check the name of every part of a Config, as `check_name` does of one."""
    for kind in PART_FIELDS:
        check_name(kind, getattr(config, kind), config.root)
    for kind in LIST_FIELDS:
        for part in getattr(config, kind):
            check_name(kind, part, config.root)


def builder(kind: str, name: str) -> Callable[..., Any]:
    """Return the function that builds the suite's part `name`. Imports its module, and with most of them TensorFlow."""
    check_name(kind, Part(name))
    return load(TABLES[kind][name])


def option_fields(kind: str, name: str) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Return the builder of the suite's part `name`, and pydantic's fields of its options, by their names."""
    return builder(kind, name), dict(_options_model(kind, name).model_fields)


@dataclass(frozen=True)
class ResolvedPart:
    """A part of a Config whose options are checked and complete.

    Attributes:
        kind: The field of the Config that it stands in, as "model" or "callbacks".
        part: As the Config has it; resolved parts are equal where these are.
        options: Every option that the part's builder takes, by name, the defaults filled in.
        own: Where it comes from, if it is the user's own.
    """

    kind: str
    part: Part
    options: Mapping[str, Any] = field(compare=False)
    own: OwnPart | None = None

    @property
    def name(self) -> str:
        """The part's name, without the file of an own one."""
        return short(self.part.name)

    def build(self, *context: Any, **replaced: Any) -> Any:
        """Call the part's builder.

        Args:
            *context: What the builder takes before its options, as the shape of the images.
            **replaced: Values in place of options, as a schedule object for a learning rate.
        """
        if self.own is not None:
            from keras_suite.experiments.own_parts.building import build  # which imports TensorFlow

            return build(self.kind, self.own, {**self.options, **replaced}, context)
        return builder(self.kind, self.name)(*context, **{**self.options, **replaced})

    def canonical(self) -> dict[str, Any]:
        """Return the part as JSON values, without the options that equal their defaults.

        Of an own part the source takes the file's place, and all options that were given count: its defaults are
        source, too.
        """
        if self.own is not None:
            return canonical_own(self.part, self.own.fingerprint)
        fields = _options_model(self.kind, self.name).model_fields
        defaults = Part(self.name, {key: f.default for key, f in fields.items() if not f.is_required()}).options
        options = sorted(Part(self.name, self.options).options.items())
        kept = {key: value for key, value in options if key not in defaults or defaults[key] != value}
        return {"name": self.name, "options": kept}


@dataclass(frozen=True)
class ResolvedConfig:
    """A Config with every part resolved. The fields have the Config's names; `config` is the Config itself."""

    config: Config
    dataset: ResolvedPart
    model: ResolvedPart
    augmentation: ResolvedPart
    loss: ResolvedPart
    optimizer: ResolvedPart
    schedule: ResolvedPart
    callbacks: tuple[ResolvedPart, ...]
    phases: tuple[ResolvedPart, ...]
    metrics: tuple[ResolvedPart, ...]

    @property
    def further_metrics(self) -> tuple[Metric, ...]:
        """What is measured in every epoch because the Config names it."""
        return further_metrics((part.part.name, part.options) for part in self.metrics)

    @property
    def own_metrics(self) -> tuple[Metric, ...]:
        """Those of them that are the user's own."""
        return tuple(metric for metric in self.further_metrics if metric.own)

    def build_callbacks(self) -> list[Any]:
        """Build the callbacks, which may monitor further metrics."""
        with also_measured(self.further_metrics):
            return [part.build() for part in self.callbacks]

    @property
    def own_parts(self) -> tuple[ResolvedPart, ...]:
        """The parts that are the user's own."""
        return tuple(part for kind in KINDS for part in self.of(kind) if part.own is not None)

    def canonical(self) -> dict[str, Any]:
        """Return the Config as JSON values without options that equal their defaults.

        A run's identity is computed from it, so that a new option with a default orphans no finished run.
        """
        return _canonical(self.config, {kind: [part.canonical() for part in self.of(kind)] for kind in KINDS})

    def of(self, kind: str) -> tuple[ResolvedPart, ...]:
        """Return the parts of a kind."""
        return getattr(self, kind) if kind in LIST_FIELDS else (getattr(self, kind),)


KINDS = PART_FIELDS + LIST_FIELDS


def canonical_of(config: Config, sources: Mapping[str, str]) -> dict[str, Any]:
    """Return what `ResolvedConfig.canonical` returns, without running own parts.

    Args:
        config: The Config.
        sources: The fingerprints of its own parts' source, by the parts' names.

    Raises:
        ValueError: If an option is unknown or not possible, or an own part has no fingerprint.
    """

    def canonical(kind: str, part: Part) -> dict[str, Any]:
        if not is_own(part.name):
            return resolve_part(kind, part).canonical()
        if part.name not in sources:
            raise ValueError(f"there is no fingerprint of the source of {part.name}")
        return canonical_own(part, sources[part.name])

    with also_measured(further_metrics((part.name, part.options) for part in config.metrics)):
        return _canonical(config, {kind: [canonical(kind, part) for part in _parts(config, kind)] for kind in KINDS})


def _canonical(config: Config, parts: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    canonical = to_json(config) | {kind: parts[kind][0] for kind in PART_FIELDS}
    canonical |= {kind: parts[kind] for kind in LIST_FIELDS}
    without = [kind for kind in ("phases", "metrics") if not canonical[kind]]  # the first runs could have neither
    return {key: value for key, value in canonical.items() if key not in without}


def canonical_own(part: Part, fingerprint: str) -> dict[str, Any]:
    """Return an own part as JSON values: its function's name, the fingerprint of its source, and its options."""
    return {"name": short(part.name), "source": fingerprint, "options": dict(sorted(part.options.items()))}


def resolve(config: Config) -> ResolvedConfig:
    """Check the options of every part of a Config and fill in the defaults. Imports TensorFlow with most parts.

    Raises:
        ValueError: If an option is unknown or not possible; one line says what was given and expected.
    """
    parts = [part for kind in KINDS for part in _parts(config, kind)]
    return _resolved(config, tuple(locate(part.name, config.root).fingerprint for part in parts if is_own(part.name)))


@functools.lru_cache(maxsize=512)  # a run's directory is asked for often, and follows from its resolved Config
def _resolved(config: Config, sources: tuple[str, ...]) -> ResolvedConfig:
    def resolved(kind: str) -> list[ResolvedPart]:
        return [resolve_part(kind, part, config.root) for part in _parts(config, kind)]

    check_metric_names(config.metrics)
    metrics = resolved("metrics")
    with also_measured(further_metrics((part.part.name, part.options) for part in metrics)):
        parts = {kind: resolved(kind) for kind in KINDS if kind != "metrics"} | {"metrics": metrics}
    of_field: dict[str, Any] = {kind: parts[kind][0] for kind in PART_FIELDS}
    of_field |= {kind: tuple(parts[kind]) for kind in LIST_FIELDS}
    return ResolvedConfig(config, **of_field)


def _parts(config: Config, kind: str) -> tuple[Part, ...]:
    return getattr(config, kind) if kind in LIST_FIELDS else (getattr(config, kind),)


def resolve_part(kind: str, part: Part, root: str = "") -> ResolvedPart:
    """Check the options of one part, as `resolve` does of all."""
    check_name(kind, part, root)
    own = locate(part.name, root) if is_own(part.name) else None
    model = signature_of(kind, part.name, own.load()).options if own else _options_model(kind, part.name)
    label = f"{kind}.{listed_as(kind, part.name, part.options)}" if kind in LIST_FIELDS else kind
    for option in part.options:
        if option not in model.model_fields:
            raise ValueError(f"{part.name}: " + unknown("option", option, model.model_fields))
    try:
        return ResolvedPart(kind, part, MappingProxyType(dict(model(**part.options))), own)
    except pydantic.ValidationError as error:
        raise ValueError("; ".join(_sentence(label, each) for each in error.errors())) from None


@functools.cache
def _options_model(kind: str, name: str) -> type[pydantic.BaseModel]:
    """Create a pydantic model of the builder's keyword-only parameters."""
    fields: dict[str, Any] = {}
    for p in inspect.signature(builder(kind, name), eval_str=True).parameters.values():
        if p.kind is p.KEYWORD_ONLY:
            fields[p.name] = (p.annotation, ... if p.default is p.empty else p.default)
        elif p.kind is p.VAR_KEYWORD:  # Unpack[a TypedDict], whose fields hold their defaults
            fields |= get_type_hints(get_args(p.annotation)[0], include_extras=True)
    strict = pydantic.ConfigDict(extra="forbid", allow_inf_nan=False, protected_namespaces=())
    return pydantic.create_model(f"{name} options", __config__=strict, **fields)


def _sentence(label: str, error: Any) -> str:
    """Say one pydantic error in a line: `model.dropout=1.5 is not possible: input should be less than 1`."""
    path = ".".join(str(step) for step in error["loc"][:1])
    missing = error["type"] == "missing"
    if missing and len(error["loc"]) == 1:
        return f"{label}.{path} is needed: set it, for example --set {label}.{path}=…"
    message = "it has too few values" if missing else error["msg"][0].lower() + error["msg"][1:]
    if error["type"] in ("tuple_type", "list_type"):
        example = shown(error["input"]) if isinstance(error["input"], int | float) else "32"
        message = f"expected several values in brackets, such as [{example}, {example}]"
    return f"{label}.{path}={shown(error['input'])} is not possible: {message}"
