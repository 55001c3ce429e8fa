"""Trials picked by hand, and another space's values moved into this one."""

from typing import Any

import pytest
from keras_tuner import HyperParameters

from keras_suite.experiments.tuning.space import all_hyperparameters
from keras_suite.experiments.tuning.starting_points import nearest, picked_by_hand, reaches
from keras_suite.experiments.tuning.steps import reaching_ends


def mixed(hp: Any) -> dict[str, Any]:
    hp.Float("rate", 1e-4, 1e-1, sampling="log", default=1e-3)
    hp.Float("dropout", 0.1, 0.3, step=0.1)
    hp.Int("epochs", 1, 9)
    hp.Int("width", 1, 10**6)
    hp.Choice("kind", ["mlp", "cnn"])
    with hp.conditional_scope("kind", ["cnn"]):
        hp.Choice("filters", [4, 8])
    hp.Boolean("flip")
    return {}


@pytest.fixture(scope="module")
def known() -> HyperParameters:
    return reaching_ends(all_hyperparameters(mixed))


DEFAULTS = {"rate": 1e-3, "dropout": 0.1, "epochs": 1, "width": 1, "kind": "mlp", "flip": False}


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        ("rate=0.05", {"rate": 0.05}),
        ("dropout = 0.3, epochs=9", {"dropout": 0.3, "epochs": 9}),
        ("flip=true,width=123456", {"flip": True, "width": 123456}),
        ("filters=8", {"filters": 8, "kind": "cnn"}),
    ],
)
def test_what_is_not_named_is_at_its_default_and_active(text: str, differs: dict, known: HyperParameters) -> None:
    assert picked_by_hand(text, known) == {**DEFAULTS, **differs}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rate", "expected name=value"),
        ("rate=", "expected name=value"),
        ("rat=0.05", "unknown hyperparameter 'rat'; did you mean 'rate'"),
        ("rate=0.05,rate=0.06", "gives rate twice"),
        ("rate=5", "rate has no value '5', only 0.0001 to 0.1"),
        ("rate=nan", "rate has no value 'nan'"),
        ("rate=fast", "rate has no value 'fast'"),
        ("dropout=0.25", "dropout has no value '0.25', only 0.1, 0.2, 0.3"),
        ("epochs=2.5", "epochs has no value '2.5', only 1, 2, 3"),
        ("width=1e99", "width has no value '1e99', only 1 to 1000000"),
        ("flip=1", "flip has no value '1', only false, true"),
        ("kind=mlp,filters=8", "filters is inactive there, it needs kind=cnn"),
    ],
)
def test_what_the_space_does_not_have_is_one_line(text: str, said: str, known: HyperParameters) -> None:
    with pytest.raises(ValueError, match=said) as error:
        picked_by_hand(text, known)
    assert "\n" not in str(error.value)


def test_values_of_another_space_are_moved_to_the_nearest(known: HyperParameters) -> None:
    theirs = {"rate": 0.5, "dropout": 0.24, "epochs": 40, "kind": "vit", "depth": 3}
    assert nearest(known, theirs) == {**DEFAULTS, "rate": 0.1, "dropout": 0.2, "epochs": 9}


def test_a_space_reaches_its_own_values_only(known: HyperParameters) -> None:
    assert reaches(known, {"rate": 0.05, "dropout": 0.3, "kind": "cnn"})
    assert not any(reaches(known, each) for each in ({"rate": 0.5}, {"dropout": 0.25}, {"depth": 3}, {"kind": "vit"}))
