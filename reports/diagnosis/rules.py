"""All rules of diagnosis in the order of cause, with a remedy for each; and what most runs of a variant suffer from.

A variant is given the advice of the first rule alone: what later ones see is a consequence, or is looked at better once
the cause is gone, and their remedies could contradict. A large network does not help one whose units are dead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keras_suite.reports.diagnosis.curves import (
    cut_too_late,
    large_dropout,
    large_penalty,
    never_cut,
    overfitting,
    stopped_too_early,
    underfitting,
)
from keras_suite.reports.diagnosis.data import constant_inputs, softmax_twice, unscaled_inputs, wrong_labels
from keras_suite.reports.diagnosis.layers import (
    dead_units,
    equal_weights,
    exploding,
    large_weights,
    saturated,
    vanishing,
)
from keras_suite.reports.diagnosis.phase_history import PhaseHistory, last_phase
from keras_suite.reports.diagnosis.rates import leaps, oscillating, slow
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.variant_numbers import VariantNumbers


@dataclass(frozen=True)
class Rule:
    """A rule: what it is about, its title, a remedy, and the function that returns the evidence in a run, or None."""

    cause: str
    title: str
    advice: str
    check: Callable[[PhaseHistory], str | None]


@dataclass(frozen=True)
class Finding:
    """What a run suffers from: the first rule that speaks, with its evidence, and those that speak after it."""

    rule: Rule
    what: str
    after: tuple[Rule, ...]


# In the order of cause. What is read off inputs, outputs and options comes before what is concluded from how training
# went: that labels are wrong is told from a network that could learn.
RULES = (
    Rule(
        "inputs",
        "All images are alike to the network.",
        "Look at the images as the network gets them (keras-suite data NAME) and at how they are read and scaled.",
        constant_inputs,
    ),
    Rule(
        "inputs",
        "The inputs are not scaled.",
        "Begin the network with keras.layers.Rescaling(1 / 255) for pixels of 0 to 255, once and not twice.",
        unscaled_inputs,
    ),
    Rule(
        "output",
        "The loss gets probabilities where it expects logits.",
        "Take the softmax or sigmoid off the network's end: the loss has one of its own. Two in a row flatten the "
        "gradient.",
        softmax_twice,
    ),
    Rule(
        "initial",
        "All units of a layer began with equal weights.",
        "Take a random initializer (he_normal for relu, glorot_uniform for tanh): equal units get equal gradients and "
        "stay one unit.",
        equal_weights,
    ),
    Rule(
        "initial",
        "The initial weights are too large.",
        "Take an initializer that counts a unit's inputs (he_normal for relu, glorot_uniform for tanh), or batch "
        "normalisation before the activation.",
        large_weights,
    ),
    Rule(
        "large rate",
        "Training diverges.",
        "Try a smaller learning rate first, then smaller initial weights or another activation, and check the gradient "
        "if the layers are your own.",
        exploding,
    ),
    Rule(
        "regularization",
        "The penalties outweigh the loss.",
        "Take a tenth of the L1 or L2 penalty, or none, and come back to it once the training images are fitted.",
        large_penalty,
    ),
    Rule(
        "regularization",
        "The dropout is too high.",
        "Drop at most half of the units, and fewer in convolutions.",
        large_dropout,
    ),
    Rule(
        "large rate",
        "The steps are far too large.",
        "Take a learning rate of a tenth, or of a hundredth where units have died of it.",
        leaps,
    ),
    Rule(
        "labels",
        "The labels say little of the images.",
        "Look at the images with their labels before anything else: some or all labels are wrong, or in another order "
        "than the images.",
        wrong_labels,
    ),
    Rule(
        "dead",
        "Most units of a layer are dead.",
        "Begin with biases of 0 and he_normal weights, or try leaky_relu, elu, or batch normalisation before the "
        "activation; if they died in training, a smaller learning rate.",
        dead_units,
    ),
    Rule(
        "vanishing",
        "The gradient vanishes on its way back.",
        "Try relu with he_normal weights, batch normalisation, residual connections, or fewer layers.",
        vanishing,
    ),
    Rule(
        "saturated",
        "Activations are saturated.",
        "Try smaller initial weights, batch normalisation before the activation, or relu.",
        saturated,
    ),
    Rule(
        "large rate",
        "The loss swings up and down.",
        "Try a smaller learning rate, or a schedule that ends in one; then Adam, or larger batches.",
        oscillating,
    ),
    Rule(
        "small rate",
        "It hardly learns.",
        "Try a learning rate ten times as large, and again (keras-suite find-lr looks for one).",
        slow,
    ),
    Rule(
        "epochs",
        "The learning rate was cut too late.",
        "Give reduce_lr_on_plateau less patience, or use a schedule.",
        cut_too_late,
    ),
    Rule(
        "epochs",
        "The learning rate was never cut.",
        "Cut it when the loss stands still (reduce_lr_on_plateau), or use a schedule.",
        never_cut,
    ),
    Rule(
        "epochs",
        "Training stopped too early.",
        "Train for more epochs, or give early stopping more patience.",
        stopped_too_early,
    ),
    Rule(
        "overfitting",
        "It overfits.",
        "Try the remedies of the overfitting ladder: augmentation, dropout, L1 and L2 penalties, batch normalisation, "
        "a smaller network, early stopping; or more images.",
        overfitting,
    ),
    Rule(
        "capacity",
        "It underfits.",
        "Try a larger network, and less augmentation.",
        underfitting,
    ),
)


def finding(run: PhaseHistory) -> Finding | None:
    """Return what a run suffers from first; None where no rule speaks."""
    speaking = [(rule, what) for rule in RULES if (what := rule.check(run)) is not None]
    if not speaking:
        return None
    (rule, what), *after = speaking
    return Finding(rule, what, tuple(later for later, _ in after))


def advice(numbers: Numbers) -> list[dict[str, Any]]:
    """Return for each variant the first rule, in the order of cause, that most of its runs break.

    Args:
        numbers: The experiment's numbers; only runs with a diagnosis.csv count.

    Returns:
        A dict for each broken rule with `title`, `advice` and `evidence`. Each evidence has `variant`, `seed` (of the
        first run that breaks the rule), `what` that run shows, `runs`, as "3 of 4 runs", and `after`, the titles of the
        later rules that most of the runs break, too.
    """
    firsts = {variant.name: _first(_histories(variant)) for variant in numbers.variants}
    suggestions = []
    for rule in RULES:
        evidence = [
            {"variant": name, **seen}
            for name, found in firsts.items()
            if found is not None and found[0] is rule
            for seen in (found[1],)
        ]
        if evidence:
            suggestions.append({"title": rule.title, "advice": rule.advice, "evidence": evidence})
    return suggestions


def _first(runs: Mapping[int, PhaseHistory]) -> tuple[Rule, dict[str, Any]] | None:
    """Return the first rule that most of these runs, by seed, break, and the evidence."""
    broken = []
    for rule in RULES:
        shown = {seed: what for seed, run in runs.items() if (what := rule.check(run)) is not None}
        if len(shown) > len(runs) / 2:
            broken.append((rule, shown))
    if not broken:
        return None
    (rule, shown), *later = broken
    seed, what = next(iter(shown.items()))
    after = [each.title.rstrip(".") for each, _ in later]
    return rule, {"seed": seed, "what": what, "runs": f"{len(shown)} of {len(runs)} runs", "after": after}


def _histories(variant: VariantNumbers) -> dict[int, PhaseHistory]:
    return {run.seed: history for run in variant.runs if run.source and (history := last_phase(run.source)) is not None}
