"""Optimizers on known gradients, and learning-rate schedules by their formulas."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_suite.models import OPTIMIZERS, SCHEDULES, optimizers
from keras_suite.models import optimizers as schedules


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


def values(schedule, steps):
    return np.array([float(schedule(step)) for step in range(steps)])


def half_wave(x):
    return (1 - np.cos(np.pi * x)) / 2


def test_constant_is_the_number_itself():
    assert schedules.constant(0.03, 100) == 0.03


def test_cosine_falls_along_half_a_wave():
    steps = np.arange(100)
    expected = 0.3 * (1 + np.cos(np.pi * steps / 100)) / 2
    assert values(schedules.cosine(0.3, 100), 100) == pytest.approx(expected, abs=1e-7)


def test_cosine_ends_at_the_final_fraction():
    schedule = schedules.cosine(0.3, 100, final_fraction=0.1)
    expected = 0.3 * (0.1 + 0.9 * (1 + np.cos(np.pi * np.arange(101) / 100)) / 2)
    assert values(schedule, 101) == pytest.approx(expected, abs=1e-7)
    assert float(schedule(1000)) == pytest.approx(0.03)


def test_cosine_warms_up_along_a_line_that_starts_above_0():
    got = values(schedules.cosine(0.3, 100, warmup_fraction=0.1), 100)
    assert got[:11] == pytest.approx(0.3 * np.arange(1, 12) / 11)
    assert got[10:] == pytest.approx(0.3 * (1 + np.cos(np.pi * np.arange(90) / 90)) / 2, abs=1e-7)


def test_one_cycle_rises_to_the_learning_rate_and_falls_to_almost_nothing():
    got = values(schedules.one_cycle(0.3, 101), 101)
    up, down = np.arange(26) / 25, np.arange(76) / 75
    assert got[:26] == pytest.approx(0.012 + (0.3 - 0.012) * half_wave(up), rel=1e-5)
    assert got[25:] == pytest.approx(3e-6 + (0.3 - 3e-6) * (1 - half_wave(down)), abs=1e-7)


def test_one_cycle_has_the_requested_start_peak_and_end():
    options = {"warmup_fraction": 0.5, "start_fraction": 0.1, "final_fraction": 0.01}
    schedule = schedules.one_cycle(2.0, 201, **options)
    assert [float(schedule(step)) for step in (0, 100, 200, 5000)] == pytest.approx([0.2, 2.0, 0.02, 0.02], rel=1e-5)


def test_one_cycle_without_a_warmup_starts_at_the_peak():
    assert float(schedules.one_cycle(2.0, 100, warmup_fraction=0.0)(0)) == 2.0


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(["cosine", "one_cycle"]),
    total=st.integers(1, 500),
    warmup=st.floats(0, 0.99),
    final=st.floats(0, 1),
)
def test_every_schedule_stays_between_0_and_the_learning_rate(name, total, warmup, final):
    schedule = getattr(schedules, name)(0.1, total, warmup_fraction=warmup, final_fraction=final)
    got = np.array([float(schedule(step)) for step in {0, 1, total // 3, total // 2, total - 1, total, 2 * total}])
    assert np.isfinite(got).all()
    assert (got >= 0).all() and (got <= 0.1 * (1 + 1e-6)).all()


@pytest.mark.parametrize("name", ["cosine", "one_cycle"])
def test_a_schedule_has_the_same_values_inside_the_graph_of_a_training_step(name):
    schedule = getattr(schedules, name)(0.1, 20, warmup_fraction=0.3)
    in_graph = tf.function(schedule)
    steps = np.arange(25, dtype=np.int64)  # Keras counts its steps in int64
    assert [float(in_graph(tf.constant(step))) for step in steps] == pytest.approx(values(schedule, 25), rel=1e-6)


@pytest.mark.parametrize("name", sorted(set(SCHEDULES) - {"constant"}))
def test_a_schedule_survives_saving(name):
    schedule = getattr(schedules, name)(0.1, 50, warmup_fraction=0.2, final_fraction=0.1)
    kind = keras.optimizers.schedules
    assert np.array_equal(values(kind.deserialize(kind.serialize(schedule)), 50), values(schedule, 50))
