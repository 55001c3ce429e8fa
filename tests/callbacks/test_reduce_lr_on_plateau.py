import json

import keras
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keras_suite.callbacks.reduce_lr_on_plateau import reduce_lr_on_plateau
from tests.callbacks.conftest import compiled, live_through

RULES = ["best", "cumulative", "successive", "ratio"]
SEESAW = [1.0, 1.3] * 10


def rates(values, cut=None, **options):
    """The learning rate after each epoch, from 1.0; the run may be cut after an epoch and go on from its state."""
    options = {"min_lr": 0.0, **options}
    learning_rates = []

    def live(callback, **how):
        live_through(callback, model, seen=lambda: learning_rates.append(float(model.optimizer.learning_rate)), **how)

    model, callback = compiled(keras.optimizers.SGD(1.0)), reduce_lr_on_plateau(**options)
    if cut is None:
        live(callback, values=values)
        return learning_rates
    live(callback, values=values[:cut])
    state, rate = json.loads(json.dumps(callback.get_state())), float(model.optimizer.learning_rate)
    model = compiled(keras.optimizers.SGD(rate))  # the checkpoint brings the optimizer's variables
    live(reduce_lr_on_plateau(**options), values=values, start=cut, state=state)
    return learning_rates


def test_it_cuts_after_patience_epochs_without_improvement():
    assert rates([1.0, 0.9, 0.9, 0.9, 0.9, 0.8], patience=2) == [1, 1, 1, 0.5, 0.5, 0.5]


def test_successive_cuts_after_patience_changes_of_at_most_min_delta():
    assert rates([1.0, 0.9, 0.9, 0.9, 0.9, 0.9], patience=2, rule="successive") == [1, 1, 1, 0.5, 0.5, 0.25]


def test_successive_never_cuts_on_a_seesaw_where_the_best_rule_does():
    assert set(rates(SEESAW, rule="successive", patience=2)) == {1.0}
    assert min(rates(SEESAW, rule="best", patience=2)) < 0.01


def test_successive_starts_its_count_anew_at_a_larger_change():
    assert rates([1, 1, 0.5, 0.5, 0.5], patience=2, rule="successive") == [1, 1, 1, 1, 0.5]


def test_successive_counts_a_flat_stretch_above_the_best_value():
    assert rates([0.5, 1.0, 1.0, 1.0], patience=2, rule="successive") == [1, 1, 1, 0.5]


@pytest.mark.parametrize(("change", "last"), [(0.2, 1.0), (0.1, 0.5), (-0.1, 0.5), (-0.2, 1.0)])
def test_successive_takes_a_change_of_exactly_min_delta_for_flat(change, last):
    assert rates([1.0, 1.0 + change], patience=1, rule="successive", min_delta=0.1000001)[-1] == last


def test_cumulative_goes_on_counting_after_an_improvement_where_the_best_rule_starts_anew():
    falling_by_steps = [1.0, 1.0, 0.5, 0.5, 0.2, 0.2]
    assert rates(falling_by_steps, patience=2, rule="best") == [1] * 6
    assert rates(falling_by_steps, patience=2, rule="cumulative") == [1, 1, 1, 0.5, 0.5, 0.5]
    assert rates([*falling_by_steps, 0.2], patience=2, rule="cumulative")[-1] == 0.25


def test_cumulative_cuts_in_no_epoch_that_improves():
    assert set(rates([1.0, 0.9, 0.8, 0.7, 0.6], patience=1, rule="cumulative")) == {1.0}


def test_a_ratio_judges_small_losses_and_large_ones_alike():
    flat = [1.0, 0.99, 0.98]
    for size in (1.0, 100.0, 0.001):
        values = [size * value for value in flat]
        assert rates(values, patience=2, rule="ratio", min_delta=0.02)[-1] == 0.5
    assert rates([100.0, 99.0, 98.0], patience=2, rule="successive", min_delta=0.02)[-1] == 1.0


@pytest.mark.parametrize(("last", "rate"), [(1.2, 1.0), (1.05, 0.5), (0.95, 0.5), (0.8, 1.0)])
def test_a_ratio_near_one_counts_above_and_below(last, rate):
    assert rates([1.0, last], patience=1, rule="ratio", min_delta=0.1)[-1] == rate


@pytest.mark.parametrize("rule", RULES)
def test_epochs_of_the_cooldown_do_not_count(rule):
    flat = [1.0] * 9
    assert rates(flat, patience=2, rule=rule) == [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625]
    assert rates(flat, patience=2, cooldown=2, rule=rule) == [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]


@pytest.mark.parametrize("rule", RULES)
def test_the_learning_rate_does_not_fall_below_min_lr(rule):
    assert rates([1.0] * 6, patience=1, factor=0.1, min_lr=0.05, rule=rule)[-1] == pytest.approx(0.05)


def test_an_accuracy_is_better_when_higher():
    assert rates([0.5, 0.6, 0.7, 0.8], patience=1, monitor="val_accuracy") == [1, 1, 1, 1]
    assert rates([0.8, 0.7, 0.6], patience=1, monitor="val_accuracy") == [1, 0.5, 0.25]


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@example(values=[1.0] * 5, cut=2, rule="best", patience=2, cooldown=0)
@example(values=[1.0] * 5, cut=3, rule="successive", patience=2, cooldown=2)
@example(values=[1.0, 1.0, 0.5, 0.5], cut=2, rule="cumulative", patience=2, cooldown=0)
@given(
    values=st.lists(st.sampled_from([0.2, 0.5, 0.50005, 1.0]), min_size=4, max_size=10),
    cut=st.integers(1, 3),
    rule=st.sampled_from(RULES),
    patience=st.integers(1, 2),
    cooldown=st.integers(0, 2),
)
def test_a_run_interrupted_after_any_epoch_continues_as_if_it_had_not_been(values, cut, rule, patience, cooldown):
    options = {"rule": rule, "patience": patience, "cooldown": cooldown}
    assert rates(values, cut, **options) == rates(values, **options)


def test_a_scheduled_learning_rate_is_refused():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 100)
    callback = reduce_lr_on_plateau()
    callback.set_model(compiled(keras.optimizers.SGD(schedule)))
    with pytest.raises(ValueError, match=r"set schedule.name=constant, or leave the callback out"):
        callback.on_train_begin()


def test_it_works_under_the_loss_scaling_of_mixed_float16():
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1.0))
    model = compiled(scaled)
    live_through(reduce_lr_on_plateau(patience=1), model, [1.0, 1.0])
    assert float(model.optimizer.learning_rate) == 0.5


@pytest.mark.parametrize("rule", RULES)
def test_what_was_not_measured_cannot_be_monitored(rule, model):
    callback = reduce_lr_on_plateau(rule=rule)
    callback.set_model(model)
    callback.on_train_begin()
    with pytest.raises(ValueError, match=r"monitor='val_unpenalised_loss' was not measured \(there are: loss\)"):
        callback.on_epoch_end(0, {"loss": 1.0})
