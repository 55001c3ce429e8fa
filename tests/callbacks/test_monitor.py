import pytest

from keras_suite.callbacks.monitor import also_measured, mode, monitored, refuse_useless_pair
from keras_suite.tasks.task import own_metric

MONITOR = "val_unpenalised_loss"


def stopping(patience, monitor=MONITOR):
    return {"patience": patience, "monitor": monitor}


def plateau(patience, cooldown=0, monitor=MONITOR):
    return {"patience": patience, "cooldown": cooldown, "monitor": monitor}


@pytest.mark.parametrize(("patience", "cuts", "cooldown"), [(3, 3, 0), (2, 3, 0), (5, 3, 2), (1, 1, 0)])
def test_stopping_before_a_cut_could_help_is_refused_in_one_line(patience, cuts, cooldown):
    with pytest.raises(
        ValueError, match=rf"early_stopping.patience={patience} .* set it to {cuts + cooldown + 1}"
    ) as e:
        refuse_useless_pair(stopping(patience), plateau(cuts, cooldown))
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(("patience", "cuts", "cooldown"), [(4, 3, 0), (6, 3, 2), (8, 3, 0)])
def test_a_longer_patience_is_allowed(patience, cuts, cooldown):
    refuse_useless_pair(stopping(patience), plateau(cuts, cooldown))


def test_callbacks_that_watch_different_things_are_allowed():
    refuse_useless_pair(stopping(1, "val_accuracy"), plateau(5))


def test_accuracies_are_to_rise_and_losses_to_fall():
    assert [mode(name) for name in ("val_accuracy", "top_5_accuracy", "loss", MONITOR)] == ["max", "max", "min", "min"]


def test_a_value_that_was_not_measured_is_an_error():
    assert monitored({"loss": 0.5}, "loss") == 0.5
    with pytest.raises(
        ValueError, match=r"monitor='val_top_5_accuracy' was not measured \(there are: accuracy, loss\)"
    ):
        monitored({"loss": 0.5, "accuracy": 0.8}, "val_top_5_accuracy")


def test_a_users_own_metric_is_known_where_it_is_measured():
    own = own_metric({"name": "margin", "direction": "max"})
    with also_measured([own]):
        assert [mode(name) for name in ("margin", "val_margin", "loss")] == ["max", "max", "min"]
    with pytest.raises(ValueError, match="unknown monitor 'val_margin'"):
        mode("val_margin")
