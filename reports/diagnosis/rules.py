"""All rules of diagnosis in the order of the report, with a remedy for each, and the variants that break them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras_suite.reports.diagnosis.curves import (
    cut_too_late,
    never_cut,
    oscillating,
    overfitting,
    slow,
    softmax_twice,
    stopped_too_early,
    underfitting,
)
from keras_suite.reports.diagnosis.layers import dead_units, exploding, saturated, vanishing
from keras_suite.reports.diagnosis.phase_history import PhaseHistory, last_phase
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.variant_numbers import VariantNumbers


@dataclass(frozen=True)
class Rule:
    """A rule: its title, a remedy, and the function that returns the evidence in a run, or None."""

    title: str
    advice: str
    check: Callable[[PhaseHistory], str | None]


RULES = (
    Rule(
        "Training diverges.",
        "Try a smaller learning rate, smaller initial weights or another activation, and check the gradient if the "
        "layers are your own.",
        exploding,
    ),
    Rule(
        "The gradient vanishes on its way back.",
        "Try larger initial weights (he_normal for relu), another activation, batch normalisation or residual "
        "connections, and a larger learning rate.",
        vanishing,
    ),
    Rule(
        "It hardly learns.",
        "Try a larger learning rate first, then larger initial weights, another activation or residual connections.",
        slow,
    ),
    Rule(
        "The loss gets probabilities where it expects logits.",
        "Take the softmax off the network's end: the loss has one of its own. Two in a row flatten the gradient.",
        softmax_twice,
    ),
    Rule(
        "The loss swings up and down.",
        "Look at the data and the labels first; see whether the loss gets logits where it expects them and not what a "
        "softmax made of them; then try Adam, or a smaller learning rate.",
        oscillating,
    ),
    Rule(
        "It overfits.",
        "Try the remedies of the overfitting ladder: augmentation, dropout, L1 and L2 penalties, batch normalisation, "
        "a smaller network, early stopping; or more images.",
        overfitting,
    ),
    Rule(
        "It underfits.",
        "Try a larger network, smaller penalties, less dropout and less augmentation.",
        underfitting,
    ),
    Rule(
        "The learning rate was cut too late.",
        "Give reduce_lr_on_plateau less patience, or use a schedule.",
        cut_too_late,
    ),
    Rule(
        "The learning rate was never cut.",
        "Cut it when the loss stands still (reduce_lr_on_plateau), or use a schedule.",
        never_cut,
    ),
    Rule(
        "Training stopped too early.",
        "Train for more epochs, or give early stopping more patience.",
        stopped_too_early,
    ),
    Rule(
        "Most units of a layer are dead.",
        "Try a smaller learning rate, smaller initial weights, leaky_relu or elu, or batch normalisation before the "
        "activation.",
        dead_units,
    ),
    Rule(
        "Activations are saturated.",
        "Try smaller initial weights, batch normalisation before the activation, or relu.",
        saturated,
    ),
)


def advice(numbers: Numbers) -> list[dict[str, Any]]:
    """Return the rules that most runs of a variant break.

    Args:
        numbers: The experiment's numbers; only runs with a diagnosis.csv count.

    Returns:
        A dict for each broken rule with `title`, `advice` and `evidence`. Each evidence has `variant`, `seed` (of the
        first run that breaks the rule), `what` that run shows, and `runs`, as "3 of 4 runs".
    """
    histories = {variant.name: _histories(variant) for variant in numbers.variants}
    suggestions = []
    for rule in RULES:
        evidence = []
        for name, runs in histories.items():
            shown = {seed: what for seed, run in runs.items() if (what := rule.check(run)) is not None}
            if len(shown) > len(runs) / 2:
                seed, what = next(iter(shown.items()))
                evidence.append(
                    {"variant": name, "seed": seed, "what": what, "runs": f"{len(shown)} of {len(runs)} runs"}
                )
        if evidence:
            suggestions.append({"title": rule.title, "advice": rule.advice, "evidence": evidence})
    return suggestions


def _histories(variant: VariantNumbers) -> dict[int, PhaseHistory]:
    return {run.seed: history for run in variant.runs if run.source and (history := last_phase(run.source)) is not None}
