"""The rules at their limits, on made-up histories and probes; tests/end_to_end/test_advice.py trains real networks."""

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from keras_suite.reports.diagnosis.curves import cut_too_late, overfitting
from keras_suite.reports.diagnosis.data import softmax_twice
from keras_suite.reports.diagnosis.layers import dead_units, exploding
from keras_suite.reports.diagnosis.phase_history import PhaseHistory
from keras_suite.reports.diagnosis.rates import oscillating, slow
from keras_suite.reports.diagnosis.rules import RULES, advice
from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns


def probe(layer: str, **values: float | None) -> dict[str, Any]:
    columns = ("weight_norm", "gradient_norm", "output_gradient_norm", "update_ratio", "dead", "saturated")
    return {"layer": layer, **dict.fromkeys(columns), **values}


def chain(factor: float, layers: int = 20) -> tuple[dict[str, Any], ...]:
    """What comes back through hidden layers of this factor, and the logits behind them."""
    hidden = [
        probe(f"dense_{k}", output_gradient_norm=factor ** (layers - k), gradient_norm=1.0) for k in range(layers)
    ]
    return (*hidden, probe("logits", output_gradient_norm=1.0, gradient_norm=1.0))


def made(
    loss: Sequence[float],
    accuracy: float = 0.9,
    *,
    val: Sequence[float] | None = None,
    val_accuracy: float = 0.88,
    rates: Sequence[float] | None = None,
    probes: dict[int, tuple[dict[str, Any], ...]] | None = None,
    failure: str | None = None,
    scheduled: bool = False,
) -> PhaseHistory:
    """A run with this training loss; accuracies are those of its last epochs."""
    val, rates = val or [1.0] * len(loss), rates or [0.01] * len(loss)
    rows = tuple(
        {
            "epoch": k + 1,
            "unpenalised_loss": loss[k],
            "val_unpenalised_loss": val[k],
            "accuracy": accuracy,
            "val_accuracy": val_accuracy * (1 if k > len(loss) - 3 else 0.9),
            "learning_rate": rates[k],
        }
        for k in range(len(loss))
    )
    return PhaseHistory(rows, probes or {0: (probe("dense_1"), probe("logits"))}, failure, scheduled)


def speaking(run: PhaseHistory) -> list[str]:
    return [rule.check.__name__ for rule in RULES if rule.check(run) is not None]


FALLING = [2.0, 1.2, 0.8, 0.6, 0.5, 0.43, 0.38, 0.34, 0.31, 0.29, 0.27, 0.26]
BARELY = [2.30, 2.29, 2.28, 2.28, 2.27, 2.27, 2.26, 2.26, 2.25]


def test_a_falling_loss_with_a_small_gap_is_healthy() -> None:
    assert speaking(made(FALLING)) == []


@pytest.mark.parametrize("epochs", [0, 1, 2, 3])
def test_a_run_of_few_epochs_breaks_no_rule(epochs: int) -> None:
    assert speaking(made(FALLING[:epochs], failure=None if epochs else "loss became nan in epoch 1")) == (
        [] if epochs else ["exploding"]
    )


@pytest.mark.parametrize(
    ("factor", "layers", "expected"),
    [
        (1.1, 20, ["exploding"]),
        (0.9, 20, ["vanishing"]),
        (1.02, 20, []),
        (0.98, 20, []),
        (1.1, 10, []),  # 2.4 over 9 steps
        (0.25, 5, ["vanishing"]),  # 0.004 over 4
        (0.25, 4, []),  # 0.016 over 3
        (6.0, 4, ["exploding"]),
    ],
)
def test_gradients_are_judged_by_the_product_of_their_factors(factor: float, layers: int, expected: list[str]) -> None:
    assert speaking(made(FALLING, probes={0: chain(factor, layers), 5: chain(factor, layers)})) == expected


def test_what_few_probes_show_of_the_gradient_is_not_reported() -> None:
    assert speaking(made(FALLING, probes={0: chain(0.5), 5: chain(1.0), 9: chain(1.0)})) == []


def test_gradients_that_go_up_and_down_from_layer_to_layer_are_no_power_of_a_factor() -> None:
    rows = chain(0.8)
    shuffled = (*rows[10:20], *rows[:10], rows[-1])
    uneven = tuple(row for pair in zip(shuffled[::2], shuffled[1::2], strict=False) for row in reversed(pair))
    assert speaking(made(FALLING, probes={0: uneven})) == []


def test_a_network_that_fits_its_images_gets_no_advice_on_gradients() -> None:
    assert speaking(made(FALLING, 0.99, val_accuracy=0.97, probes={0: chain(0.5)})) == []


def test_a_gradient_of_nothing_at_all_vanishes() -> None:
    rows = chain(0.5, 6)
    rows[0]["output_gradient_norm"] = 0.0
    assert speaking(made(BARELY, 0.1, val_accuracy=0.1, probes={0: rows})) == ["vanishing"]


def test_a_run_that_diverged_says_when_and_how_large_the_gradient_was() -> None:
    rows = (probe("dense_1", gradient_norm=7e5), probe("logits", gradient_norm=3.0))
    said = exploding(made([], probes={0: rows}, failure="loss became nan in epoch 1"))
    assert said == (
        "loss became nan in epoch 1; the largest gradient was dense_1's, of norm 700,000 (before the first epoch)"
    )


def test_norms_that_are_no_numbers_explode() -> None:
    assert speaking(made(FALLING, probes={3: (probe("dense_1", weight_norm=math.inf),)})) == ["exploding"]


def test_a_loss_that_hardly_falls_is_slow_and_nothing_else() -> None:
    steps = {9: (probe("dense_1", update_ratio=2e-6),)}
    assert speaking(made(BARELY, 0.15, val_accuracy=0.14, probes=steps)) == ["slow"]
    said = slow(made(BARELY, 0.15, probes=steps))
    assert (
        said == "training loss 2.3 in epoch 1, still 2.25 in epoch 9; a step changed the weights by 2e-06 of their size"
    )


def test_an_oscillating_loss_is_distinguished_from_a_noisy_one() -> None:
    swinging, trembling = [1.0, 0.5] * 6, [1.0, 0.97] * 6
    assert speaking(made(swinging, 0.7, val_accuracy=0.69)) == ["oscillating", "never_cut"]
    assert oscillating(made(trembling, 0.7)) is None
    assert oscillating(made(swinging, 0.99)) is None


@pytest.mark.parametrize(
    ("known", "others", "last", "expected"),
    [(1.0, 0.94, 0.5, True), (1.0, 0.96, 0.5, False), (1.0, 0.94, 0.41, False), (1.0, 0.89, 0.4, True)],
)
def test_overfitting_is_a_gap_and_a_validation_loss_that_turned_or_a_wide_gap(
    known: float, others: float, last: float, expected: bool
) -> None:
    run = made(FALLING, known, val_accuracy=others / (0.9 + 0.2 / 3), val=[1.0, 0.7, 0.5, 0.4, *[last] * 8])
    assert (overfitting(run) is not None) == expected


def test_a_loss_that_settles_high_without_a_gap_underfits() -> None:
    settled = [2.0, 1.5, 1.3, 1.2, 1.15, 1.14, 1.13, 1.13, 1.13, 1.13, 1.13, 1.13]
    assert "underfitting" in speaking(made(settled, 0.6, val_accuracy=0.6, scheduled=True))
    assert speaking(made(settled, 0.6, val_accuracy=0.6, scheduled=True)) == ["underfitting"]
    assert "underfitting" not in speaking(made(FALLING, 0.6, val_accuracy=0.6))


def test_a_cut_that_pays_off_after_a_long_wait_was_late() -> None:
    val = [1.0, 0.5, *[0.55] * 6, 0.36, 0.39, 0.39, 0.39]
    rates = [0.1] * 8 + [0.01] * 4
    assert speaking(made(FALLING, val=val, rates=rates)) == ["cut_too_late"]
    said = cut_too_late(made(FALLING, val=val, rates=rates))
    assert said is not None and "after 6 epochs" in said and "for epoch 9" in said
    assert cut_too_late(made(FALLING, val=val, rates=rates, scheduled=True)) is None
    soon = [1.0, 0.6, 0.55, 0.52, 0.5, 0.55, 0.55, 0.55, 0.4, 0.38, 0.38, 0.38]
    assert cut_too_late(made(FALLING, val=soon, rates=rates)) is None


def test_a_constant_rate_at_which_the_loss_stands_still_was_never_cut() -> None:
    standing = [1.0, 0.6, 0.4, 0.35, 0.33, 0.32, 0.33, 0.32, 0.33, 0.32, 0.33, 0.32]
    assert speaking(made(standing)) == ["never_cut"]
    assert speaking(made(standing, scheduled=True)) == []
    assert speaking(made(standing, rates=[0.1] * 6 + [0.05] * 6)) == []


def test_a_validation_loss_that_falls_to_the_last_epoch_wants_more_of_them() -> None:
    still = [2.0 * 0.9**k for k in range(12)]
    assert speaking(made(FALLING, val=still)) == ["stopped_too_early"]
    annealed = [0.1 * 0.5**k for k in range(12)]
    assert speaking(made(FALLING, val=still, rates=annealed, scheduled=True)) == []


def test_dead_units_and_saturated_outputs_are_reported_of_the_worst_layer() -> None:
    rows = (probe("a", dead=0.6), probe("b", dead=0.9), probe("c", saturated=0.7), probe("d", dead=0.4))
    run = made(FALLING, probes={0: (probe("a", dead=1.0),), 12: rows})
    assert speaking(run) == ["dead_units", "saturated"]
    assert dead_units(run) == (
        "in b 90 % of the units are zero for every image looked at, and most in 1 other layer (after epoch 12)"
    )


@pytest.mark.parametrize(("loss", "accuracy", "spoken"), [(1.53, 0.94, True), (1.5, 0.94, False), (1.6, 0.89, False)])
def test_a_loss_above_the_maximum_of_probabilities_hints_at_two_softmaxes(loss, accuracy, spoken):
    ten_classes = dataclasses.replace(
        made([2.3, 1.8, *[loss] * 3], accuracy), floor=math.log(1 + 9 / math.e), classes=10
    )
    said = softmax_twice(ten_classes)
    assert (said is not None) == spoken
    if said:
        assert said == (
            "94.0 % of the training images right, and yet a training loss of 1.53: no softmax of probabilities comes "
            "below 1.46"
        )


def test_other_losses_have_no_such_floor():
    assert softmax_twice(made([1.6] * 5, 0.99)) is None


def test_runs_from_before_the_diagnosis_are_given_no_advice(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs(seeds=2)
    assert advice(experiment_numbers(runs)) == []
    written = write_report(runs, tmp_path)
    for name in ("report.html", "report.md"):
        assert "Suggestions" not in (tmp_path / name).read_text(encoding="utf-8")
    assert written.html.exists()
