"""What can be proposed is printed, and what cannot be meant is refused, before the first trial."""

from typing import Any

import pytest

from keras_suite.experiments.tuning import space_audit
from keras_suite.experiments.tuning.space import all_hyperparameters
from keras_suite.experiments.tuning.space_audit import audit
from keras_suite.experiments.tuning.steps import reaching_ends


def audited(space: Any) -> list[str]:
    return audit(space, reaching_ends(all_hyperparameters(space)))


def good(hp: Any) -> dict[str, Any]:
    hp.Float("rate", 1e-4, 1e-2, sampling="log")
    hp.Float("dropout", 0.1, 0.3, step=0.1)
    hp.Int("units", 8, 20, step=8)
    hp.Int("many", 1, 10**12)
    hp.Choice("batch", [32])
    hp.Fixed("depth", 3)
    hp.Boolean("flip")
    with hp.conditional_scope("flip", [True]):
        hp.Choice("kind", ["a", "b"])
    return {}


def test_the_values_of_every_hyperparameter_are_in_words() -> None:
    assert audited(good) == [
        "  rate: 0.0001 to 0.01, logarithmic",
        "  dropout: 0.1, 0.2, 0.3",
        "  units: 8, 16, never 20",
        "  many: 1, 2, 3 … 1000000000000 (1,000,000,000,000 values)",
        "  batch: always 32, a constant that needs no hyperparameter",
        "  depth: always 3, a constant that needs no hyperparameter",
        "  flip: false, true",
        "  kind: a, b; active at flip = true",
    ]


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        (lambda hp: hp.Float("x", 0.0, 1.0, step=0.3), "never reach 1, only 0, 0.3, 0.6, 0.9: end the range at 0.9"),
        (lambda hp: hp.Float("x", 0.1, 1.0, step=3, sampling="log"), "never reach 1, only 0.1, 0.3, 0.9"),
        (lambda hp: hp.Float("x", 0.0, 1.0, default=5.0), "default 5, outside its range of 0 to 1"),
        (lambda hp: hp.Int("x", 1, 4, default=9), "default 9, outside its range of 1 to 4"),
        (lambda hp: hp.Float("x", 0.0, 0.4, step=0.2, default=0.3), "none of its values .*take default=0"),
        (lambda hp: hp.Choice("x", [16, 32, 16]), "the value 16 2 times"),
        (lambda hp: hp.Choice("x", [1, 2.5]), "only one type"),
        (lambda hp: hp.Float("x", 0.0, float("inf")), "expected finite numbers"),
        (lambda hp: (hp.Float("x", 0.0, 1.0), hp.Float("x", 0.0, 0.5)), "declares 'x' twice"),
        (lambda hp: (hp.Int("x", 0, 1), hp.Choice("x", [0, 1])), "declares 'x' twice"),
    ],
)
def test_what_cannot_be_meant_is_refused(declare: Any, said: str) -> None:
    def space(hp: Any) -> dict[str, Any]:
        declare(hp)
        return {}

    with pytest.raises(ValueError, match=said):
        audited(space)


def test_one_declaration_asked_for_twice_is_one_hyperparameter() -> None:
    def space(hp: Any) -> dict[str, Any]:
        return {"a": hp.Int("x", 0, 1), "b": hp.Int("x", 0, 1)}

    assert audited(space) == ["  x: 0, 1"]


def test_a_slow_space_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space_audit, "SLOW_SECONDS", -1.0)
    assert "space(hp) takes 0 s, and each trial calls it" in audited(good)[-1]
