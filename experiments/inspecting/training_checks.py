"""`check training`: the classic sanity checks of a network, its loss and its data, before a long training.

Each is a question with a known answer: what a network that knows nothing loses, whether a few images can be learned by
heart, whether the images matter at all. Source: Karpathy 2019, "A Recipe for Training Neural Networks"; CS231n.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.experiments.config import override, use
from keras_suite.experiments.training.job import Job
from keras_suite.experiments.training.phases import PreparedPhase, phases_of, prepare_phase
from keras_suite.experiments.training.prepared_run import prepare
from keras_suite.tasks.classes import CLASSES

FEW, SHOWN, OTHERS = 16, 256, 256  # images: learned by heart, trained on, and measured on
STEPS_OF_FEW, STEPS = 200, 100
RATES = (1.0, 10.0, 0.1)  # times the Config's learning rate: few steps may ask for another one than a whole run
LEARNED = 0.1  # of the initial loss: as much is left of what was learned by heart
NEAR = 0.5  # of ln C: so far may the initial loss be from it
BETTER = 0.9  # of the loss of a network whose targets were shuffled
LARGE = 20.0  # numbers that a layer's initial weights are not made for


@dataclass(frozen=True)
class Check:
    """One sanity check: whether it passed (None: it does not apply), and what was measured, in a line."""

    name: str
    passed: bool | None
    evidence: str


class Trial:
    """A run's first phase as it is trained, back at its initial weights whenever it is asked for."""

    def __init__(self, job: Job) -> None:
        self.run = prepare(dataclasses.replace(job, config=override(job.config, {"schedule": use("constant")})))
        self.run.fresh_session()
        first = phases_of(self.run.config)[0]
        assert first.learning_rate is not None
        self.rate: float = first.learning_rate
        self.phase: PreparedPhase = prepare_phase(self.run, self.run.build_model(), first)
        self.trainee = self.phase.trainee
        self.trainee.optimizer.build(self.trainee.trainable_variables)
        self._variables = [*self.phase.model.variables, *self.trainee.optimizer.variables]
        self._initial = [np.array(variable) for variable in self._variables]
        self.inputs, self.targets = self._images(self.run.probe(SHOWN))
        self.other_inputs, self.other_targets = self._images(next(iter(self.run.validation_batches())))

    def _images(self, batch: Any) -> tuple[Any, Any]:
        inputs, targets = batch if isinstance(batch, tuple) else (batch.inputs, batch.targets)
        inputs, targets = (
            keras.tree.map_structure(lambda each: np.asarray(each)[:OTHERS], t) for t in (inputs, targets)
        )
        extractor = self.phase.cached_extractor
        return (np.asarray(extractor(inputs, training=False)) if extractor else inputs), targets

    def begin(self) -> None:
        """Put the initial weights back."""
        for variable, value in zip(self._variables, self._initial, strict=True):
            variable.assign(value)

    def losses(self, inputs: Any, targets: Any) -> tuple[float, float]:
        """Return the loss with penalties and without, as the network is measured."""
        found = self.trainee.test_on_batch(inputs, targets, return_dict=True)
        return float(found["loss"]), float(found["unpenalised_loss"])

    def train(self, inputs: Any, targets: Any, steps: int, rate: float, enough: float = 0.0) -> list[float]:
        """Train from the initial weights.

        Args:
            rate: Times the Config's learning rate.
            enough: The share of the first loss at which it ends before all steps are done.

        Returns:
            Each step's loss without penalties.
        """
        self.begin()
        self.trainee.optimizer.learning_rate = rate * self.rate
        losses: list[float] = []
        size, count = min(self.run.batch_size, count_of(inputs)), count_of(inputs)
        for step in range(steps):
            rows = np.arange(step * size, (step + 1) * size) % count
            found = self.trainee.train_on_batch(rows_of(inputs, rows), rows_of(targets, rows), return_dict=True)
            losses.append(float(found["unpenalised_loss"]))
            if losses[-1] <= enough * losses[0] or not np.isfinite(losses[-1]):
                break
        return losses


def rows_of(tensors: Any, rows: np.ndarray) -> Any:
    """Return some images' inputs or targets."""
    return keras.tree.map_structure(lambda each: each[rows], tensors)


def count_of(tensors: Any) -> int:
    """Return the number of images that inputs or targets are of."""
    return len(keras.tree.flatten(tensors)[0])


def training_checks(job: Job) -> Iterator[Check]:
    """Make every check of a job's first phase, in the order that they build on each other; nothing is written."""
    trial = Trial(job)
    for check in CHECKS:
        trial.begin()
        yield check(trial)


def _range_of_pixels(trial: Trial) -> Check:
    name, inputs = "range of the pixels", trial.inputs
    first = _first_with_weights(trial.phase.network, inputs) if isinstance(inputs, np.ndarray) else None
    if first is None:
        return Check(name, None, "the network has several inputs, or no weights")
    layer, seen = first
    if seen is None:
        return Check(name, None, f"layer {layer.name} is not given one tensor")
    low, high = float(seen.min()), float(seen.max())
    passed = max(-low, high) <= LARGE and low < high
    mend = "" if passed else ": begin with keras.layers.Rescaling(1 / 255)" if low < high else ": all pixels are equal"
    given = (
        f"images are {inputs.min():.4g} to {inputs.max():.4g}, and layer {layer.name} is given {low:.3g} to {high:.3g}"
    )
    return Check(name, passed, given + mend)


def _first_with_weights(network: keras.Model, inputs: np.ndarray) -> tuple[keras.Layer, np.ndarray | None] | None:
    """Return the layer with weights that is called first, and what it is given; None if it is no tensor.

    Models and classes of the user's own are looked into, and what is inside is in the order of calls.
    """
    leaves = [layer for layer in network._flatten_layers() if layer.trainable_weights and not _holds_layers(layer)]
    calls: list[tuple[keras.Layer, Any]] = []
    originals = {layer: layer.call for layer in leaves}

    def noted(layer: keras.Layer) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            calls.append((layer, arguments[0] if arguments else None))
            return originals[layer](*arguments, **options)

        return call

    try:
        for layer in leaves:
            layer.call = noted(layer)
        network(inputs, training=False)
    finally:
        for layer, original in originals.items():
            layer.call = original
    if not calls:
        return None
    layer, given = calls[0]
    return layer, np.asarray(given) if tf.is_tensor(given) else None


def _holds_layers(layer: keras.Layer) -> bool:
    known = type(layer).__module__.partition(".")[0] in ("keras", "keras_suite")
    return isinstance(layer, keras.Model) or bool(layer._layers and not known)


def _initial_loss(trial: Trial) -> Check:
    name, config, classes = "initial loss", trial.run.config, trial.run.targets.outputs
    _, loss = trial.losses(trial.inputs, trial.targets)
    if not np.isfinite(loss):
        return Check(name, False, f"the loss is {loss}")
    if trial.run.dataset.task != CLASSES.name or config.loss.name != "cross_entropy" or classes < 2:
        return Check(name, None, f"{loss:.3f}; what it should be is known of cross-entropy over classes only")
    if trial.run.weights is not None or config.model.options.get("weights", "random") != "random":
        return Check(name, None, f"{loss:.3f}; the network does not begin with random weights")
    expected = math.log(classes)
    return Check(
        name,
        abs(loss - expected) <= NEAR * expected,
        f"{loss:.3f}, and ln {classes} = {expected:.3f}: the loss of a network that knows nothing",
    )


def _penalties(trial: Trial) -> Check:
    with_penalties, without = trial.losses(trial.inputs, trial.targets)
    if not trial.trainee.losses:
        return Check("regularization", None, "no layer has a penalty")
    return Check(
        "regularization", with_penalties > without, f"raises the loss from {without:.4f} to {with_penalties:.4f}"
    )


def _gradients(trial: Trial) -> Check:
    """Compute the gradients of the initial weights: a layer without any is dead from the start."""
    name, trainee = "dead layers", trial.trainee
    with tf.GradientTape() as tape:
        outputs = trainee(trial.inputs, training=False)
        loss = trainee.compute_loss(trial.inputs, trial.targets, outputs, training=False)
    weights = trainee.trainable_variables
    found = tape.gradient(loss, [weight.value for weight in weights])
    sizes = [0.0 if g is None else float(tf.norm(tf.convert_to_tensor(g))) for g in found]
    dead = [weight.path for weight, size in zip(weights, sizes, strict=True) if size == 0.0]
    if dead:
        return Check(name, False, f"{len(dead)} of {len(weights)} weights have no gradient: {', '.join(dead[:3])}")
    return Check(
        name,
        bool(np.all(np.isfinite(sizes))),
        f"all {len(sizes)} weights have gradients, of norms {min(sizes):.2g} to {max(sizes):.2g}",
    )


def _learned_by_heart(trial: Trial) -> Check:
    count, said = min(FEW, count_of(trial.inputs)), []
    few = rows_of(trial.inputs, np.arange(count)), rows_of(trial.targets, np.arange(count))
    for rate in RATES:
        losses = trial.train(*few, STEPS_OF_FEW, rate, LEARNED)
        last = min(losses[-1], trial.losses(*few)[1])  # in training dropout adds to it, else young moving statistics
        said.append(f"{losses[0]:.3f} to {last:.3f} in {len(losses)} steps at a rate of {rate * trial.rate:.2g}")
        if last <= LEARNED * losses[0]:
            return Check("a few images learned by heart", True, f"the loss of {count} images fell from {said[-1]}")
    return Check("a few images learned by heart", False, f"the loss of {count} images went from {'; from '.join(said)}")


def _uses_its_input(trial: Trial) -> Check:
    """Compare with the same network trained on targets that belong to other images."""
    name = "the images matter"
    if not isinstance(trial.inputs, np.ndarray):
        return Check(name, None, "the network has several inputs")
    order = np.random.default_rng(0).permutation(count_of(trial.inputs))
    measured = []
    for targets in (trial.targets, rows_of(trial.targets, order)):
        trial.train(trial.inputs, targets, STEPS, 1.0)
        measured.append(trial.losses(trial.other_inputs, trial.other_targets)[1])
    own, shuffled = measured
    return Check(
        name,
        bool(own < BETTER * shuffled),
        f"after {STEPS} steps on {count_of(trial.inputs)} images the loss of other images is {own:.3f}; where the "
        f"targets were shuffled among the images {shuffled:.3f}",
    )


CHECKS = (_range_of_pixels, _initial_loss, _penalties, _gradients, _learned_by_heart, _uses_its_input)
