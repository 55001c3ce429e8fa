"""The rules on causes: each has its case, the cause comes before what follows from it, and one run gets one advice."""

import dataclasses
import math
from typing import Any

import pytest

from keras_suite.reports.diagnosis.phase_history import PhaseHistory
from keras_suite.reports.diagnosis.rules import RULES, finding
from keras_suite.reports.diagnosis.wrong_answers import WrongAnswers
from tests.reports.diagnosis.test_diagnosis import BARELY, FALLING, made, probe

GUESSING = [2.31, 2.305, 2.3, 2.302, 2.301, 2.303, 2.3, 2.302, 2.301]
WHOLE: dict[str, Any] = {
    "input_scale": 0.4,
    "input_spread": 0.25,
    "output_spread": 0.1,
    "within_0_1": 0.5,
    "sum_to_1": 0.0,
    "loss": 2.4,
    "right": 0.1,
    "wrong_rank": 0.5,
    "hidden": 2.0,
    "alike": 0.0,
    "zero": 0.0,
}
DEAD = {0: (probe("dense_1", dead=0.1), probe("logits")), 9: (probe("dense_1", dead=1.0), probe("logits"))}


def run(history: PhaseHistory | None = None, /, start: dict[str, Any] | None = None, **changes: Any) -> PhaseHistory:
    """A run of ten classes; `start` changes what the network as a whole shows before the first epoch and later."""
    whole = {**WHOLE, **(start or {})}
    of_classes = {"classes": 10, "floor": math.log(1 + 9 / math.e), "whole": {0: whole, 9: whole}}
    return dataclasses.replace(history or made(FALLING), **{**of_classes, **changes})


def guessed(**options: Any) -> PhaseHistory:
    return made(GUESSING, 0.1, val=[2.303] * 9, val_accuracy=0.1, **options)


CASES: dict[str, tuple[PhaseHistory, str | None]] = {
    "nothing": (run(), None),
    "one picture": (run(guessed(probes=DEAD), {"input_spread": 1e-8}), "constant_inputs"),
    "pixels to 255": (run(made(FALLING), {"input_scale": 120.0}), "unscaled_inputs"),
    "scaled twice": (run(guessed(probes=DEAD), {"input_scale": 0.002, "input_spread": 0.001}), "unscaled_inputs"),
    "pixels that other weights expect": (run(made(FALLING), {"input_scale": 70.0}, transferred=True), None),
    "softmax": (run(made(BARELY, 0.3), {"sum_to_1": 1.0, "within_0_1": 1.0}), "softmax_twice"),
    "sigmoid": (run(made(BARELY, 0.3), {"within_0_1": 1.0}), "softmax_twice"),
    "zeros": (run(guessed(probes=DEAD), {"alike": 2.0, "zero": 2.0, "output_spread": 0.0}), "equal_weights"),
    "one constant": (run(made(BARELY, 0.25, val_accuracy=0.25), {"alike": 1.0}), "equal_weights"),
    "at the bounds before anything": (
        run(made(FALLING, probes={0: (probe("dense_1", saturated=0.9), probe("logits"))})),
        "large_weights",
    ),
    "certain of nothing": (run(made(FALLING), {"loss": 80.0}), "large_weights"),
    "labels anywhere": (run(made(FALLING, 0.6, val_accuracy=0.6), wrong=WrongAnswers(300, 100, 0.48)), "wrong_labels"),
    "labels that look alike": (run(made(FALLING, 0.6, val_accuracy=0.6), wrong=WrongAnswers(300, 100, 0.2)), None),
    "too few to say": (run(made(FALLING, 0.9), wrong=WrongAnswers(300, 8, 0.6)), None),
    "learnt by heart": (run(made(FALLING, 0.9, val=[2.31] * 12, val_accuracy=0.1)), "wrong_labels"),
    "penalties": (
        run(dataclasses.replace(guessed(probes=DEAD), rows=tuple({**row, "loss": 9.0} for row in guessed().rows))),
        "large_penalty",
    ),
    "dropout": (run(made(BARELY, 0.3, val_accuracy=0.5), dropout=0.9), "large_dropout"),
    "dropout of half": (run(made(FALLING, 0.7, val_accuracy=0.72), dropout=0.5), None),
    "died of a large step": (
        run(guessed(probes={**DEAD, 1: (probe("dense_1", dead=1.0, update_ratio=0.1), probe("logits"))})),
        "leaps",
    ),
    "driven to the bounds": (
        run(
            made(
                BARELY,
                0.5,
                val_accuracy=0.5,
                probes={
                    0: (probe("dense_1", saturated=0.0), probe("logits")),
                    9: (probe("dense_1", saturated=0.9, update_ratio=0.1), probe("logits")),
                },
            )
        ),
        "leaps",
    ),
    "dead from the start": (
        run(guessed(probes={k: (probe("dense_1", dead=1.0), probe("logits")) for k in (0, 9)}), {"output_spread": 0.0}),
        "dead_units",
    ),
    "forgotten on the way": (run(made(BARELY, 0.3, val_accuracy=0.3), {"output_spread": 1e-5}), "vanishing"),
    "small steps": (
        run(made(BARELY, 0.15, val_accuracy=0.15, probes={9: (probe("dense_1", update_ratio=2e-6),)})),
        "slow",
    ),
    "three epochs": (
        run(made(FALLING[:3], 0.5, val=[2.0, 1.5, 1.2], val_accuracy=0.5)),
        "stopped_too_early",
    ),
    "small for its images": (
        run(made(FALLING, 0.6, val_accuracy=0.6, rates=[0.01 * 0.5**k for k in range(12)], scheduled=True)),
        "underfitting",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_run_is_told_its_cause_first(case: str) -> None:
    history, expected = CASES[case]
    found = finding(history)
    assert (found and found.rule.check.__name__) == expected


def test_outputs_that_began_small_are_no_cause_where_the_network_then_learned() -> None:
    """As with a scale before the logits: 96 % of the augmented training images were right in the end."""
    assert finding(run(made(FALLING, 0.96, val_accuracy=0.95), {"output_spread": 1e-5})) is None


def test_what_follows_from_the_cause_is_said_without_advice() -> None:
    found = finding(CASES["scaled twice"][0])
    assert found is not None and [rule.check.__name__ for rule in found.after] == ["dead_units", "underfitting"]


def test_rules_have_titles_of_their_own_and_one_place_in_the_order() -> None:
    assert len({rule.title for rule in RULES}) == len({rule.check for rule in RULES}) == len(RULES)


def test_every_rule_of_a_cause_has_a_case_here_or_in_the_other_tests() -> None:
    spoken = {expected for _, expected in CASES.values()}
    elsewhere = {"exploding", "saturated", "oscillating", "cut_too_late", "never_cut", "overfitting"}
    assert {rule.check.__name__ for rule in RULES} == (spoken - {None}) | elsewhere


def test_runs_from_before_the_evidence_are_read_as_they_were() -> None:
    before = made(BARELY, 0.15, val_accuracy=0.14, probes={9: (probe("dense_1", update_ratio=2e-6),)})
    found = finding(before)
    assert found is not None and found.rule.check.__name__ == "slow"
