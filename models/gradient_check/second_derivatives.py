"""Second derivatives: what a tape makes of a hand-derived backward pass, beside difference quotients of that pass.

Gradient penalties and the sharpness of a minimum differentiate twice. The backward pass consists of operations that
TensorFlow differentiates; what is checked is that nothing which it takes from the forward pass counts as a constant.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import STEP, Case, Finding, all_of

RELATIVE, ABSOLUTE = 1e-6, 1e-8  # of the product with the Hessian, and of the largest gradient


def check_second_derivative(case: Case, seed: int = 0) -> list[Finding]:
    """Compare the product of a case's Hessian with random directions, eagerly and in a graph.

    With g the gradient of sum(dy * y), and u and v directions in the space of all tensors that have one,
    d (v . g) / du by a tape is compared with (v . g(x + h u) - v . g(x - h u)) / 2h, in float64.

    Returns:
        A finding for each way; none on kinks and ties, where there is no second derivative.
    """
    if not case.differences:
        return []
    random = np.random.default_rng(seed)
    given = [None if tensor is None else tf.constant(tensor) for tensor in case.tensors]
    places = [i for i, tensor in enumerate(given) if tensor is not None and i not in case.constant]
    sources: list[tf.Tensor] = [given[i] for i in places]
    dy = tf.constant(random.normal(size=all_of(case.op(*given, **case.options))[0].shape))
    u, v = ([tf.constant(random.normal(size=each.shape)) for each in sources] for _ in range(2))

    def along_v(*moved: tf.Tensor) -> tf.Tensor:
        """Return v . g at other tensors in the places of those that have a gradient."""
        tensors = dict(zip(places, moved, strict=True))
        with tf.GradientTape() as tape:
            tape.watch(moved)
            y = all_of(case.op(*(tensors.get(i, each) for i, each in enumerate(given)), **case.options))[0]
        gradients = tape.gradient(y, moved, dy, unconnected_gradients="zero")
        return tf.add_n([tf.reduce_sum(a * b) for a, b in zip(v, gradients, strict=True)])

    def hessian_times_v(*moved: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(moved)
            product = along_v(*moved)
        return list(tape.gradient(product, moved, unconnected_gradients="zero"))

    quotient = (_at(along_v, sources, u, STEP) - _at(along_v, sources, u, -STEP)) / (2 * STEP)
    largest = abs(float(along_v(*sources)))
    ways: dict[str, Callable[..., list[tf.Tensor]]] = {"eager": hessian_times_v, "graph": tf.function(hessian_times_v)}
    return [
        Finding(f"second derivative {way}", None, _share(run(*sources), u, quotient, largest))
        for way, run in ways.items()
    ]


def _at(f: Callable[..., tf.Tensor], sources: list[tf.Tensor], u: list[tf.Tensor], step: float) -> float:
    return float(f(*(x + step * along for x, along in zip(sources, u, strict=True))))


def _share(products: list[tf.Tensor], u: list[tf.Tensor], quotient: float, largest: float) -> float:
    """Return how far the tape's product is from the quotient, as a share of what is allowed."""
    pairs = list(zip(products, u, strict=True))
    product = float(tf.add_n([tf.reduce_sum(a * b) for a, b in pairs]))
    size = float(tf.add_n([tf.norm(a) * tf.norm(b) for a, b in pairs]))
    return abs(product - quotient) / (RELATIVE * max(size, abs(quotient)) + ABSOLUTE * (1 + largest))
