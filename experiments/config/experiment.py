"""`Experiment`, a question as variants of a Config."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from keras_suite.experiments.config.overrides import override, plain_overrides
from keras_suite.experiments.config.part import Part
from keras_suite.experiments.config.settings import Config
from keras_suite.experiments.config.values import MOST_RUNS, check_variants, check_whole, pairs_of, whole
from keras_suite.experiments.own_parts import names as own_names
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.shown import shown


@dataclass(frozen=True)
class Experiment:
    """A question's base Config and its variants: each a few overrides of the base, the first the baseline.

    Attributes:
        base: The Config that variants override.
        variants: Overrides of the base by the variant's name.
        against: The pairs that the report compares, as "variant=other"; by default each variant with the first.
        seeds: Runs of each variant where the command does not say.
    """

    base: Config
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"base": {}})
    against: tuple[str, ...] = ()
    seeds: int = 5

    def __post_init__(self) -> None:
        if not isinstance(self.base, Config):
            raise ValueError(f"base={shown(self.base)} is no Config: expected Config(dataset=use(…), model=use(…))")
        check_variants(self.variants)
        plain_variants = {name: plain_overrides(overrides) for name, overrides in self.variants.items()}
        object.__setattr__(self, "variants", plain_variants)
        object.__setattr__(self, "against", pairs_of(self.against, self.variants))
        object.__setattr__(self, "seeds", whole(self.seeds))
        check_whole(self.seeds, "seeds", MOST_RUNS)

    def rooted(self, folder: str) -> "Experiment":
        """Return the experiment with the files of its own parts named from this folder."""

        def named(value: Any, path: str) -> Any:
            if isinstance(value, Part):
                return Part(own_names.within(value.name, folder), value.options)
            if isinstance(value, tuple):
                return tuple(named(each, path) for each in value)
            return own_names.within(value, folder) if isinstance(value, str) and path.endswith(".name") else value

        variants = {
            name: {path: named(value, path) for path, value in overrides.items()}
            for name, overrides in self.variants.items()
        }
        return dataclasses.replace(self, base=dataclasses.replace(self.base, root=folder), variants=variants)

    def config(self, variant: str) -> Config:
        """Return the Config of one variant."""
        if variant not in self.variants:
            raise ValueError(unknown("variant", variant, self.variants))
        try:
            return override(self.base, self.variants[variant])
        except ValueError as error:
            raise ValueError(f"variant {variant!r}: {error}") from None


Space = Callable[[Any], dict[str, Any]]  # KerasTuner's hp -> overrides of the base
