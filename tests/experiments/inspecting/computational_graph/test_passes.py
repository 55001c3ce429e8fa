"""Both passes against the lectures' numbers and TensorFlow's autodiff."""

import math

import pytest
import tensorflow as tf

from keras_suite.experiments.inspecting.computational_graph.examples import EXAMPLES, LOGISTIC, TWO_LAYERS
from keras_suite.experiments.inspecting.computational_graph.expression import FUNCTIONS, nodes_of
from keras_suite.experiments.inspecting.computational_graph.passes import after_a_step, computed


def gradients(text: str, **values: float) -> dict[str, float]:
    nodes = nodes_of(text, values)
    return {node.name: gradient for node, gradient in zip(nodes, computed(nodes).gradients, strict=True) if node.name}


def test_the_sum_and_product_of_the_lecture() -> None:
    assert gradients("q = x + y; f = q * z", x=-2, y=5, z=-4) == {"x": -4, "y": -4, "q": -4, "z": 3, "f": 1}


def test_the_neuron_of_the_lecture() -> None:
    example = EXAMPLES["neuron"]
    found = gradients(example.text, **example.values)
    expected = {"w0": -0.20, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.20}
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=0.005)


def test_the_two_layers_and_their_training_step_have_mazurs_numbers() -> None:
    nodes = nodes_of(TWO_LAYERS.text, TWO_LAYERS.values)
    passes = computed(nodes)
    assert passes.values[-1] == pytest.approx(0.298371109, abs=1e-9)
    moved = after_a_step(nodes, passes, TWO_LAYERS.learning_rate, TWO_LAYERS.trained)
    weights = {node.name: node.value for node in moved if node.name in TWO_LAYERS.trained}
    assert weights == pytest.approx(
        {
            **{"w1": 0.149780716, "w2": 0.19956143, "w3": 0.24975114, "w4": 0.29950229},
            **{"w5": 0.35891648, "w6": 0.408666186, "w7": 0.511301270, "w8": 0.561370121},
        },
        abs=1e-8,
    )
    # The article prints 0.291027924; with the weights that it prints the error is this.
    assert computed(moved).values[-1] == pytest.approx(0.291027774, abs=1e-9)
    assert next(node.value for node in moved if node.name == "b1") == 0.35


def test_logistic_regressions_gradient_is_the_error_times_the_input() -> None:
    found = gradients(LOGISTIC.text, **LOGISTIC.values)
    p = 1 / (1 + math.exp(-0.1))
    assert [found[name] for name in ("w1", "w2", "b")] == pytest.approx([(p - 1) * 2, p - 1, p - 1])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_tensorflows_gradient(name: str) -> None:
    theirs = {"log": tf.math.log, "square": tf.square, "exp": tf.exp, "sqrt": tf.sqrt, "maximum": tf.maximum}
    function = theirs.get(name) or getattr(tf.nn, name)
    arguments = "x, y" if name == "maximum" else "x * y"
    x, y = (tf.constant(value, tf.float64) for value in (0.7, 0.4))
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        result = function(x, y) if name == "maximum" else function(x * y)
    expected = [0.0 if each is None else float(each) for each in tape.gradient(result, [x, y])]
    found = gradients(f"f = {name}({arguments})", x=0.7, y=0.4)
    assert [found["x"], found["y"]] == pytest.approx(expected)


def test_where_a_value_is_none_the_op_is_named() -> None:
    with pytest.raises(ValueError, match="log of -1 is nan"):
        computed(nodes_of("log(x)", {"x": -1}))
    with pytest.raises(ValueError, match="divide of 1, 0 is inf"):
        computed(nodes_of("1 / x", {"x": 0}))
