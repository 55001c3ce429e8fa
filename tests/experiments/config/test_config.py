"""Parts, settings, overrides, experiments, JSON: plain data that comes back equal; wrong paths are named in a line."""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_suite.experiments.config import Config, Experiment, Part, from_json, override, to_json, use

BASE = Config(
    dataset=use("mnist", limit=100),
    model=use("mnist_demo_net", dropout=0.2),
    callbacks=(use("reduce_lr_on_plateau", patience=2), use("early_stopping")),
)

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
options = st.dictionaries(st.text(min_size=1), values | st.lists(values, max_size=3), max_size=4)
parts = st.builds(Part, st.text(min_size=1, max_size=100), options)


@given(parts, parts, st.lists(parts, max_size=3, unique_by=lambda part: part.name), st.integers(1, 1000))
def test_a_config_becomes_json_and_comes_back_equal(
    dataset: Part, model: Part, callbacks: list[Part], epochs: int
) -> None:
    config = Config(dataset=dataset, model=model, callbacks=tuple(callbacks), epochs=epochs)
    back = from_json(json.loads(json.dumps(to_json(config))))
    assert back == config
    assert hash(back) == hash(config)
    assert pickle.loads(pickle.dumps(config)) == config


def test_overrides_reach_fields_options_and_list_entries() -> None:
    changed = override(
        BASE, {"epochs": 3, "model.dropout": 0.5, "callbacks.reduce_lr_on_plateau.patience": 4, "optimizer": use("sgd")}
    )
    assert (changed.epochs, changed.model.options["dropout"], changed.optimizer) == (3, 0.5, use("sgd"))
    assert changed.callbacks == (use("reduce_lr_on_plateau", patience=4), use("early_stopping"))
    assert override(BASE, {}) == BASE


@pytest.mark.parametrize("order", [1, -1])
def test_another_name_drops_the_old_options_whatever_the_order(order: int) -> None:
    pairs = [("dataset.name", "image_folder"), ("dataset.path", "photos/")][::order]
    assert override(BASE, dict(pairs)).dataset == use("image_folder", path="photos/")


@pytest.mark.parametrize("order", [1, -1])
def test_a_whole_part_is_set_before_its_options_whatever_the_order(order: int) -> None:
    pairs = [("model", use("mlp", units=8)), ("model.dropout", 0.1)][::order]
    assert override(BASE, dict(pairs)).model == use("mlp", units=8, dropout=0.1)


def test_the_same_name_keeps_the_options() -> None:
    assert override(BASE, {"dataset.name": "mnist"}).dataset == BASE.dataset


def test_lists_and_tuples_are_the_same_option_value() -> None:
    assert use("mnist", image_size=(8, 8)) == use("mnist", image_size=[8, 8])


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"epoch": 3}, "did you mean 'epochs'"),
        ({"dropout": 0.1}, "model.dropout"),
        ({"callbacks.early_stoping.patience": 3}, "it holds: reduce_lr_on_plateau, early_stopping"),
        ({"epochs.more": 3}, "expected epochs"),
        ({"model.a.b": 3}, "expected model.<option>"),
        ({"epochs": 0}, "whole number from 1 up"),
        ({"epochs": 2.5}, "whole number from 1 up"),
        ({"batch_size": True}, "whole number from 1 up"),
        ({"precision": "float8"}, "known: float32"),
        ({"model": 7}, "model=7 is no part"),
        ({"augmentation": None}, "'standard' without options augments nothing"),
        ({"callbacks": "early_stopping"}, "is no list of parts"),
        ({"callbacks": None}, "() for none"),
        ({"callbacks": ["early_stopping", "early_stopping"]}, "twice"),
        ({"model.dropout": float("nan")}, "expected a number, text, None or a list"),
        ({"model.dropout": object()}, "expected a number, text, None or a list"),
    ],
)
def test_a_wrong_override_is_answered_in_one_line(overrides: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError) as error:
        override(BASE, overrides)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"dataset": "mnist"}, "without 'model'"),
        ({"dataset": "mnist", "model": "mlp", "optimiser": "sgd"}, "did you mean 'optimizer'"),
        ({"dataset": "mnist", "model": {"nme": "mlp"}}, "is no part"),
    ],
)
def test_json_that_is_no_config_is_refused(value: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        from_json(value)


def test_an_experiment_gives_each_variant_its_config() -> None:
    experiment = Experiment(BASE, {"plain": {}, "sgd": {"optimizer": use("sgd", learning_rate=0.1)}})
    assert experiment.config("plain") == BASE
    assert experiment.config("sgd").optimizer == use("sgd", learning_rate=0.1)
    with pytest.raises(ValueError, match="did you mean 'plain'"):
        experiment.config("plan")


@pytest.mark.parametrize("names", [[], ["a/b"], [""], ["a", "A"], ["../up"]])
def test_variants_that_cannot_name_a_folder_are_refused(names: list[str]) -> None:
    with pytest.raises(ValueError, match=r"variant"):
        Experiment(BASE, {name: {} for name in names})


def test_an_experiment_file_imports_its_words_from_the_room_itself() -> None:
    from keras_suite import experiments

    assert (experiments.Config, experiments.Experiment, experiments.use) == (Config, Experiment, use)
