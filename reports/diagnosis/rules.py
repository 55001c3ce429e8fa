"""All rules of diagnosis in the order in which the report gives them, with what to do about each."""

from collections.abc import Callable
from dataclasses import dataclass

from keras_suite.reports.diagnosis.course import Course
from keras_suite.reports.diagnosis.layers import dead_units, exploding, saturated, vanishing
from keras_suite.reports.diagnosis.learning_rate import cut_too_late, never_cut, stopped_too_early
from keras_suite.reports.diagnosis.loss import oscillating, overfitting, slow, softmax_twice, underfitting


@dataclass(frozen=True)
class Rule:
    """What is wrong, in a few words, what to do about it, and the function that sees it in a run."""

    title: str
    advice: str
    seen: Callable[[Course], str | None]


RULES = (
    Rule(
        "The numbers explode.",
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
