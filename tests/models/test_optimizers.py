import keras
import numpy as np
import pytest

from keras_suite.models import OPTIMIZERS, optimizers, schedules


def step(optimizer, value, gradient, steps=1):
    """The variable's value after some steps with the same gradient."""
    variable = keras.Variable(np.asarray(value, "float32"))
    for _ in range(steps):
        optimizer.apply([np.asarray(gradient, "float32")], [variable])
    return np.asarray(variable.value)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_every_optimizer_walks_down_a_bowl(name):
    optimizer = getattr(optimizers, name)()
    variable = keras.Variable(np.array([3.0, -2.0], "float32"))
    for _ in range(20):
        optimizer.apply([2 * variable.value], [variable])
    assert (np.abs(np.asarray(variable.value)) < [3.0, 2.0]).all()


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_every_optimizer_takes_a_schedule_for_its_learning_rate(name):
    schedule = schedules.one_cycle(0.01, 10)
    optimizer = getattr(optimizers, name)(learning_rate=schedule)
    rates = []
    for _ in range(3):
        rates.append(float(optimizer.learning_rate))
        step(optimizer, [1.0], [1.0]) if not optimizer.built else optimizer.apply([np.ones(1, "float32")])
    assert rates == pytest.approx([float(schedule(i)) for i in range(3)])


def test_sgd_takes_one_step_down_the_gradient():
    assert step(optimizers.sgd(learning_rate=0.1), [1.0], [2.0]) == pytest.approx([0.8])


def test_momentum_adds_up_earlier_steps():
    # v1 = -0.2, v2 = 0.9 * -0.2 - 0.2 = -0.38
    assert step(optimizers.momentum(learning_rate=0.1), [1.0], [2.0], 2) == pytest.approx([1 - 0.2 - 0.38])


def test_nesterov_looks_ahead():
    # w <- w + 0.9 v - 0.2 with v1 = -0.2
    ahead = optimizers.momentum(learning_rate=0.1, nesterov=True)
    assert step(ahead, [1.0], [2.0]) == pytest.approx([1 - 0.18 - 0.2])


def test_adagrad_divides_by_the_root_of_the_summed_squares():
    steps = 0.5 * 2 / np.sqrt(0.1 + 4) + 0.5 * 2 / np.sqrt(0.1 + 8)
    assert step(optimizers.adagrad(learning_rate=0.5), [1.0], [2.0], 2) == pytest.approx([1 - steps])


def test_rmsprop_divides_by_the_root_of_the_running_mean_square():
    assert step(optimizers.rmsprop(learning_rate=0.1, rho=0.75), [1.0], [2.0]) == pytest.approx([0.8], rel=1e-5)


def test_adam_moves_by_its_learning_rate_whatever_the_size_of_the_gradient():
    for gradient in (1e-3, 1.0, 1e3):
        assert step(optimizers.adam(learning_rate=0.1), [1.0], [gradient]) == pytest.approx([0.9], abs=1e-3)


def test_two_default_learning_rates_differ_from_those_of_keras():
    assert float(optimizers.adadelta().learning_rate) == 1.0
    assert float(optimizers.adagrad().learning_rate) == pytest.approx(0.01)


def test_adamw_shrinks_kernels_only():
    inputs = keras.Input((4,))
    hidden = keras.layers.BatchNormalization()(keras.layers.Dense(3)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2)(hidden))
    for variable in model.trainable_variables:
        variable.assign(np.ones(variable.shape))
    optimizer = optimizers.adamw(learning_rate=0.1, weight_decay=0.5)
    optimizer.apply([np.zeros(v.shape, "float32") for v in model.trainable_variables], model.trainable_variables)
    for variable in model.trainable_variables:
        left = 1 - 0.1 * 0.5 if variable.name == "kernel" else 1.0
        assert variable.numpy() == pytest.approx(np.full(variable.shape, left)), variable.path
