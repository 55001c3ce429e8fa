"""From a command's settings to the Configs of all variants, and the thread count that an experiment keeps."""

from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.experiments.scheduling.selection import (
    configs,
    device_count,
    parse_settings,
    seeds_of_folds,
    thread_count,
)
from keras_suite.reports import run_directory

EXPERIMENT = Experiment(
    Config(dataset=use("digits", image_size=[8, 8]), model=use("mlp"), epochs=4),
    {
        "small": {},
        "large": {"dataset.image_size": [16, 16]},
        "cnn": {"model": use("pattern_cnn"), "callbacks": (use("early_stopping"),)},
    },
)


def test_values_are_json_where_they_are_json_else_text() -> None:
    assert parse_settings(["epochs=3", "dataset.path=photos/", "model.units=[8, 4]", "model.l1=null"]) == {
        "epochs": 3,
        "dataset.path": "photos/",
        "model.units": [8, 4],
        "model.l1": None,
    }


def test_a_setting_reaches_every_variant_also_one_that_replaces_the_part() -> None:
    variants = configs(EXPERIMENT, {"model.dropout": 0.4, "epochs": 1})
    assert {config.model.options["dropout"] for config in variants.values()} == {0.4}
    assert {config.epochs for config in variants.values()} == {1}


def test_another_dataset_keeps_what_a_variant_sets_in_it() -> None:
    variants = configs(EXPERIMENT, {"dataset.name": "image_folder", "dataset.path": "photos", "dataset.channels": 1})
    assert variants["small"].dataset == use("image_folder", path="photos", channels=1)
    assert variants["large"].dataset == use("image_folder", path="photos", channels=1, image_size=[16, 16])


def test_a_callbacks_option_is_set_in_the_variants_that_have_it() -> None:
    variants = configs(EXPERIMENT, {"callbacks.early_stopping.patience": 3})
    assert variants["cnn"].callbacks == (use("early_stopping", patience=3),)
    assert variants["small"].callbacks == ()
    with pytest.raises(ValueError, match="holds no 'plateau'"):
        configs(EXPERIMENT, {"callbacks.plateau.patience": 3})


def test_settings_that_make_variants_equal_are_refused() -> None:
    with pytest.raises(ValueError, match="'small' and 'large' are the same Config"):
        configs(EXPERIMENT, {"dataset.image_size": [8, 8]})


def test_a_smoke_run_is_small_but_a_setting_still_wins() -> None:
    assert configs(EXPERIMENT, {}, smoke=True)["cnn"].epochs == 1
    assert configs(EXPERIMENT, {"epochs": 2}, smoke=True)["cnn"].epochs == 2


def test_an_experiment_keeps_the_threads_of_its_runs(tmp_path: Path) -> None:
    assert thread_count(tmp_path, None, 2) == 2
    assert thread_count(tmp_path, 1, 2) == 1
    variant = run_directory.Variant("a", "a-1", {})
    run_directory.write_experiment(tmp_path, name="e", question="", command="", variants=[variant])
    directory = tmp_path / "a-1" / "seed-1"
    record = {"experiment": "e", "variant": "a", "seed": 1, "identity": "0" * 16}
    run_directory.begin(directory, {**record, "threads": 3}, {})
    assert thread_count(tmp_path, None, 2) == 3
    assert thread_count(tmp_path, 3, 2) == 3
    assert thread_count(tmp_path, 1, 2, fresh=True) == 1
    with pytest.raises(ValueError, match="used 3 threads, and runs with --threads 1"):
        thread_count(tmp_path, 1, 2)
    (tmp_path / "experiment.json").write_text("{", encoding="utf-8")
    assert thread_count(tmp_path, None, 2) == 3, "the runs tell, where the list of variants is damaged"
    run_directory.update(directory, threads=1)
    with pytest.raises(ValueError, match="used 1 thread, and runs with --threads 2"):
        thread_count(tmp_path, 2, 2)


def test_an_experiment_keeps_the_devices_of_its_runs(tmp_path: Path) -> None:
    assert device_count(tmp_path, None) == 1 and device_count(tmp_path, 2) == 2
    run_directory.write_experiment(
        tmp_path, name="e", question="", command="", variants=[run_directory.Variant("a", "a-1", {})]
    )
    record = {"experiment": "e", "variant": "a", "seed": 1, "identity": "0" * 16, "threads": 1}
    run_directory.begin(tmp_path / "a-1" / "seed-1", record, {})
    assert device_count(tmp_path, None) == 1, "runs of before say nothing of devices"
    with pytest.raises(ValueError, match="used 1 device, and runs with --devices 2 could not be compared with them"):
        device_count(tmp_path, 2)
    run_directory.update(tmp_path / "a-1" / "seed-1", devices=2)
    assert device_count(tmp_path, None) == device_count(tmp_path, 2) == 2
    assert device_count(tmp_path, 1, fresh=True) == 1


@pytest.mark.parametrize(
    ("seeds", "folds", "found"),
    [(None, None, (1, {})), (3, None, (3, {})), (None, 5, (5, {"dataset.validation_folds": 5})), (10, 5, (10, ...))],
)
def test_each_trial_has_a_run_for_each_fold(seeds: int | None, folds: int | None, found: Any) -> None:
    runs, overrides = seeds_of_folds(seeds, folds)
    assert (runs, overrides if found[1] is not ... else ...) == found


def test_seeds_that_leave_folds_out_are_refused() -> None:
    with pytest.raises(ValueError, match="--seeds 7 with 5 folds would leave some folds out: give a multiple of 5"):
        seeds_of_folds(7, 5)
